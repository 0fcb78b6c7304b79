import type { JSX } from "preact";
import { Spinner } from "./spinner.tsx";
import { useWords } from "./words-context.ts";

/** That a console is being opened, and the way out of it. */
export const ConsoleNote = ({ onStop }: { readonly onStop: () => void }): JSX.Element => {
  const { card, labels } = useWords().texts;
  return (
    <div class="opening" role="status">
      <Spinner />
      <span>{card.openingConsole}</span>
      <button type="button" class="small" onClick={onStop}>
        {labels.cancel}
      </button>
    </div>
  );
};
