import type { JSX } from "preact";
import type { ClaudeCheckView, ClaudeView } from "../electron/protocol/claude-view.ts";
import type { Trouble } from "../electron/protocol/view.ts";
import { claudeLine } from "./claude-words.ts";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

export interface ClaudeCardProps {
  readonly claude: ClaudeView;
  readonly now: number;
  readonly checking: boolean;
  /** Why it could not be checked at all. */
  readonly trouble: Trouble | undefined;
  readonly onCheck: () => void;
  readonly onStop: () => void;
  readonly onConnect: () => void;
  readonly onDisconnect: () => void;
}

/** Claude Code: where its models come from, and whether that works. */
export const ClaudeCard = (props: ClaudeCardProps): JSX.Element => {
  const { claude: view, now, checking, trouble } = props;
  const words = useWords();
  const { claude } = words.texts;
  const { standing } = view;
  return (
    <section aria-labelledby="claude">
      <h2 id="claude">{claude.title}</h2>
      <div class="card">
        <p class="state" role="status">
          {claudeLine(view, checking, now, words)}
        </p>
        {standing.kind === "connected" && (
          <p class="host">
            {claude.detail({
              identity: standing.identity,
              where: claude.scopes[standing.scope],
            })}
          </p>
        )}
        {standing.kind === "absent" && <HowToInstall />}
        {trouble !== undefined && (
          <div role="alert">
            <TroubleNote {...trouble} />
          </div>
        )}
        {!checking && <CheckNote check={view.check} />}
        {standing.kind !== "unknown" && <Buttons {...props} />}
      </div>
    </section>
  );
};

/** What a check has found wrong, or could not find out. */
export const CheckNote = ({
  check,
}: {
  readonly check: ClaudeCheckView | undefined;
}): JSX.Element | null => {
  if (check?.trouble === undefined) return null;
  const { sentence, remedy } = check.trouble;
  return check.works === "partly" ? (
    <p class="host">{`${sentence} ${remedy}`}</p>
  ) : (
    <TroubleNote {...check.trouble} />
  );
};

/** What to type where there is no Claude Code. */
export const HowToInstall = (): JSX.Element => {
  const { claude } = useWords().texts;
  return (
    <p>
      {claude.install} <code>{claude.installCommand}</code>
    </p>
  );
};

const Buttons = (props: ClaudeCardProps): JSX.Element => {
  const { claude: view, checking, onCheck, onStop, onConnect, onDisconnect } = props;
  const { claude } = useWords().texts;
  const { kind } = view.standing;
  const isConnected = kind === "connected";
  return (
    <div class="buttons">
      {checking ? (
        <button type="button" onClick={onStop}>
          {claude.stop}
        </button>
      ) : (
        kind !== "unconnected" && (
          <button type="button" onClick={onCheck}>
            {isConnected ? claude.check : claude.lookAgain}
          </button>
        )
      )}
      <button type="button" disabled={checking} onClick={onConnect}>
        {isConnected ? claude.change : claude.connect}
      </button>
      {isConnected && (
        <button type="button" class="quiet" disabled={checking} onClick={onDisconnect}>
          {claude.disconnect}
        </button>
      )}
    </div>
  );
};
