import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type {
  ClaudeChangeView,
  ClaudeView,
  ClaudeWish,
} from "../../electron/protocol/claude-view.ts";
import type { SourceView } from "../../electron/protocol/view.ts";
import { evercred } from "../bridge.ts";
import { CheckNote, HowToInstall } from "../claude-card.tsx";
import { checkLine, claudeLine, usualWish } from "../claude-words.ts";
import { Connect } from "../connect.tsx";
import { Change } from "../connect-sheet.tsx";
import { focus } from "../sheet.tsx";
import { TroubleNote } from "../trouble.tsx";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";
import { FirstRunStep } from "./first-run-step.tsx";

export interface FirstRunClaudeProps {
  readonly claude: ClaudeView;
  readonly sources: readonly SourceView[];
  readonly now: number;
  readonly isCurrent: boolean;
  /** Whether somebody is signed in, so that it can be connected. */
  readonly isReady: boolean;
  readonly checking: boolean;
  readonly onCheck: () => void;
}

/** What would change, and how it is to be connected for that: another profile may come to the front meanwhile. */
interface Shown {
  readonly wish: ClaudeWish;
  readonly change: ClaudeChangeView;
}

/** Whether Claude Code is connected; else how that is done, with what it changes. */
export const FirstRunClaude = (props: FirstRunClaudeProps): JSX.Element => {
  const { claude: view, sources, now, isCurrent, isReady, checking, onCheck } = props;
  const words = useWords();
  const { claude, firstRun } = words.texts;
  const { kind } = view.standing;
  const isConnected = kind === "connected";
  const mayConnect = isReady && kind === "unconnected";
  const wish = usualWish(sources);
  const asked = JSON.stringify(wish);
  const [shown, setShown] = useState<Shown>();
  const [isChoosing, setChoosing] = useState(false);
  const call = useCall();
  useEffect(() => {
    setShown(undefined);
    if (mayConnect && wish !== undefined) {
      call.run(evercred.connectClaude(wish, false), (change) => setShown({ wish, change }));
    }
  }, [mayConnect, asked]);
  return (
    <FirstRunStep number={2} title={firstRun.connect} isDone={isConnected} isCurrent={isCurrent}>
      <p role="status">{claudeLine({ ...view, check: undefined }, false, now, words)}</p>
      {kind === "absent" && <HowToInstall />}
      {kind === "unconnected" && !isReady && <p class="muted">{firstRun.notYet}</p>}
      {mayConnect && shown !== undefined && <Change change={shown.change} />}
      {mayConnect && call.trouble !== undefined && (
        <div role="alert">
          <TroubleNote {...call.trouble} />
        </div>
      )}
      <div class="buttons">
        {mayConnect && shown !== undefined && (
          <button
            type="button"
            class="primary"
            ref={focus}
            disabled={call.busy}
            aria-busy={call.busy}
            onClick={() => call.run(evercred.connectClaude(shown.wish, true), onCheck)}
          >
            {claude.write}
          </button>
        )}
        {kind === "absent" && (
          <button type="button" disabled={checking} onClick={onCheck}>
            {claude.lookAgain}
          </button>
        )}
        {mayConnect && (
          <button
            type="button"
            class="quiet"
            disabled={call.busy}
            onClick={() => setChoosing(true)}
          >
            {firstRun.other}
          </button>
        )}
      </div>
      {isChoosing && (
        <Connect
          task="connect"
          sources={sources}
          provider={undefined}
          onDone={(written) => {
            setChoosing(false);
            if (written) onCheck();
          }}
        />
      )}
    </FirstRunStep>
  );
};

export interface FirstRunCheckProps {
  readonly claude: ClaudeView;
  readonly now: number;
  readonly checking: boolean;
}

/** What a check finds: under the steps, since it comes when somebody may be pressing a button of theirs. */
export const FirstRunCheck = (props: FirstRunCheckProps): JSX.Element | null => {
  const { claude: view, now, checking } = props;
  const words = useWords();
  const line = checkLine(view.check, checking, now, words);
  if (line === undefined) return null;
  return (
    <section aria-labelledby="check">
      <h2 id="check">{words.texts.claude.title}</h2>
      <div class="card">
        <p role="status">{line}</p>
        {!checking && <CheckNote check={view.check} />}
      </div>
    </section>
  );
};
