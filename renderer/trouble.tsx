import type { JSX } from "preact";
import type { Trouble } from "../electron/protocol/view.ts";
import { troubleWords } from "../electron/protocol/trouble-words.ts";
import { useWords } from "./words-context.ts";

/** Something wrong: the sentence, and what to do. */
export const TroubleNote = (trouble: Trouble): JSX.Element => {
  const { sentence, remedy } = troubleWords(trouble, useWords());
  return (
    <p class="trouble">
      {sentence} <span class="remedy">{remedy}</span>
    </p>
  );
};
