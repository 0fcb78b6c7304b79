import type { JSX } from "preact";
import { sourceLine } from "../../electron/protocol/headline.ts";
import { askLabel } from "../../electron/protocol/labels.ts";
import type { SourceView, Trouble } from "../../electron/protocol/view.ts";
import { focus } from "../sheet.tsx";
import { TroubleNote } from "../trouble.tsx";
import { useWords } from "../words-context.ts";
import { FirstRunStep } from "./first-run-step.tsx";

export interface FirstRunSignInProps {
  readonly sources: readonly SourceView[];
  readonly now: number;
  readonly isCurrent: boolean;
  readonly trouble: Trouble | undefined;
  readonly onSignIn: (source: string) => void;
  readonly onAdd: () => void;
}

/** What there is to sign in to, and whether that is done. */
export const FirstRunSignIn = (props: FirstRunSignInProps): JSX.Element => {
  const { sources, now, isCurrent, trouble, onSignIn, onAdd } = props;
  const words = useWords();
  const { firstRun } = words.texts;
  const isDone = isAnySignedIn(sources);
  const next = sources.find((source) => !isIn(source) && !source.unattended);
  return (
    <FirstRunStep number={1} title={firstRun.signIn} isDone={isDone} isCurrent={isCurrent}>
      {sources.length === 0 ? (
        <p>{firstRun.nothing}</p>
      ) : (
        <ul class="found">
          {sources.map((source) => (
            <li key={source.id}>
              <span>{firstRun.found({ title: source.title, profiles: profilesOf(source) })}</span>{" "}
              <span class="muted">{sourceLine(source, now, words)}</span>
            </li>
          ))}
        </ul>
      )}
      {trouble !== undefined && (
        <div role="alert">
          <TroubleNote {...trouble} />
        </div>
      )}
      <div class="buttons">
        {next !== undefined && (
          <button
            key={`sign-in-${String(isCurrent)}`}
            type="button"
            class={isCurrent ? "primary" : undefined}
            ref={isCurrent ? focus : null}
            onClick={() => onSignIn(next.id)}
          >
            {askLabel(next, words)}
          </button>
        )}
        <button
          key={`add-${String(isCurrent && next === undefined)}`}
          type="button"
          class={isCurrent && next === undefined ? "primary" : "quiet"}
          ref={isCurrent && next === undefined ? focus : null}
          onClick={onAdd}
        >
          {firstRun.add}
        </button>
      </div>
    </FirstRunStep>
  );
};

const isIn = ({ standing }: SourceView): boolean => standing.kind !== "signed-out";

/** Whether somebody is signed in somewhere. */
export const isAnySignedIn = (sources: readonly SourceView[]): boolean => sources.some(isIn);

const profilesOf = ({ offers }: SourceView): number =>
  offers.filter(({ target }) => target.startsWith("aws:")).length;
