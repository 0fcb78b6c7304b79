import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClaudeView } from "../electron/protocol/claude-view.ts";
import type { SourceView } from "../electron/protocol/view.ts";
import { evercred } from "./bridge.ts";
import { ClaudeCard } from "./claude-card.tsx";
import { Connect } from "./connect.tsx";
import { useCall } from "./use-call.ts";

export interface ClaudeRowProps {
  readonly claude: ClaudeView;
  readonly sources: readonly SourceView[];
  readonly now: number;
}

/** Whether Claude Code works, and what can be done about it. */
export const ClaudeRow = ({ claude, sources, now }: ClaudeRowProps): JSX.Element => {
  const [task, setTask] = useState<"connect" | "disconnect">();
  const call = useCall();
  const check = (): void => call.run(evercred.checkClaude());
  const { standing } = claude;
  return (
    <>
      <ClaudeCard
        claude={claude}
        now={now}
        checking={call.busy}
        trouble={call.trouble}
        onCheck={check}
        onStop={() => void evercred.stopCheck()}
        onConnect={() => setTask("connect")}
        onDisconnect={() => setTask("disconnect")}
      />
      {task !== undefined && (
        <Connect
          task={task}
          sources={sources}
          provider={standing.kind === "connected" ? standing.provider : undefined}
          onDone={(written) => {
            setTask(undefined);
            if (written && task === "connect") check();
          }}
        />
      )}
    </>
  );
};
