import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { clockTime } from "../electron/protocol/times.ts";
import type { SourceView, Trouble } from "../electron/protocol/view.ts";
import type { Words } from "../electron/protocol/words.ts";
import { focus } from "./sheet.tsx";
import { TroubleNote } from "./trouble.tsx";
import { useWords } from "./words-context.ts";

/** How long good news stands there, in milliseconds. */
export const newsMs = 3_000;

/** What is said where a sign-in has ended well: `Signed in as dev@example.com until about 22:00.` */
export const doneLine = ({ account, neededAt }: SourceView, now: number, words: Words): string => {
  const { headline, signIn } = words.texts;
  const untilLine = neededAt?.exact === true ? headline.until : headline.untilAbout;
  const until = neededAt && untilLine({ time: clockTime(neededAt.at, now, words) });
  return signIn.done({ account, until });
};

export interface SignedInProps {
  readonly line: string;
  readonly onClose: () => void;
}

/** A sign-in that has ended well: it is taken note of, and goes by itself. */
export const SignedIn = ({ line, onClose }: SignedInProps): JSX.Element => {
  const { signIn } = useWords().texts;
  useEffect(() => {
    const timer = setTimeout(onClose, newsMs);
    return () => {
      clearTimeout(timer);
    };
    // The timer of the first drawing counts, whatever is drawn anew meanwhile.
  }, []);
  return (
    <>
      <p class="done">{line}</p>
      <div class="buttons stacked">
        <button type="button" class="quiet" ref={focus} onClick={onClose}>
          {signIn.close}
        </button>
      </div>
    </>
  );
};

export interface NotSignedInProps {
  readonly trouble: Trouble;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

/** A sign-in that has come to nothing: why, and the way to another one. */
export const NotSignedIn = ({ trouble, onAgain, onClose }: NotSignedInProps): JSX.Element => {
  const { signIn } = useWords().texts;
  return (
    <>
      <div role="alert">
        <TroubleNote {...trouble} />
      </div>
      <div class="buttons stacked">
        <button type="button" class="primary" ref={focus} onClick={onAgain}>
          {signIn.tryAgain}
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          {signIn.close}
        </button>
      </div>
    </>
  );
};
