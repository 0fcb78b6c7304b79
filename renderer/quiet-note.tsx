import type { JSX } from "preact";
import { clockTime } from "../electron/protocol/times.ts";
import { evercred } from "./bridge.ts";
import { useWords } from "./words-context.ts";

/** Until when the reader is not asked, and the way back. */
export const QuietNote = ({
  until,
  now,
}: {
  readonly until: number;
  readonly now: number;
}): JSX.Element => {
  const words = useWords();
  const { home } = words.texts;
  return (
    <p class="quiet-note">
      <span>{home.quietUntil({ time: clockTime(until, now, words) })}</span>
      <button
        type="button"
        class="small"
        onClick={() => {
          void evercred.askAgainAt(undefined);
        }}
      >
        {home.askAgain}
      </button>
    </p>
  );
};
