import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type {
  ClaudeChangeView,
  ClaudeProviderView,
  ClaudeWish,
} from "../electron/protocol/claude-view.ts";
import type { SourceView } from "../electron/protocol/view.ts";
import { evercred } from "./bridge.ts";
import { usualWish } from "./claude-words.ts";
import { ConnectSheet } from "./connect-sheet.tsx";
import { useCall } from "./use-call.ts";

export interface ConnectProps {
  readonly task: "connect" | "disconnect";
  readonly sources: readonly SourceView[];
  /** The provider that is set up now. */
  readonly provider: ClaudeProviderView | undefined;
  /** `written`: whether something was. */
  readonly onDone: (written: boolean) => void;
}

/** The sheet that connects Claude Code, or disconnects it. */
export const Connect = ({ task, sources, provider, onDone }: ConnectProps): JSX.Element => {
  const usual = provider ?? usualWish(sources)?.provider ?? "bedrock";
  const [chosen, setChosen] = useState<ClaudeProviderView>(usual);
  const [wish, setWish] = useState<ClaudeWish>();
  const [change, setChange] = useState<ClaudeChangeView>();
  const call = useCall();
  const ask = (wanted: ClaudeWish): void => {
    setWish(wanted);
    call.run(evercred.connectClaude(wanted, false), setChange);
  };
  useEffect(() => {
    if (task === "disconnect") call.run(evercred.disconnectClaude(false), setChange);
  }, [task]);
  const write = (): void => {
    const done = (): void => onDone(true);
    if (task === "disconnect") call.run(evercred.disconnectClaude(true), done);
    else if (wish !== undefined) call.run(evercred.connectClaude(wish, true), done);
  };
  return (
    <ConnectSheet
      task={task}
      sources={sources}
      provider={chosen}
      change={change}
      busy={call.busy}
      trouble={call.trouble}
      onProvider={setChosen}
      onShow={ask}
      onWrite={write}
      onBack={() => {
        setChange(undefined);
        call.clear();
      }}
      onCancel={() => onDone(false)}
    />
  );
};
