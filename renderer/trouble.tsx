import type { JSX } from "preact";
import type { Trouble } from "../electron/protocol/view.ts";

/** Something wrong: the sentence, and what to do. */
export const TroubleNote = ({ sentence, remedy }: Trouble): JSX.Element => (
  <p class="trouble">
    {sentence} <span class="remedy">{remedy}</span>
  </p>
);
