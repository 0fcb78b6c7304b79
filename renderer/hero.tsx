import type { JSX } from "preact";
import { homeLinesOf } from "../electron/protocol/home-line.ts";
import { iconOf } from "../electron/protocol/headline.ts";
import type { View } from "../electron/protocol/view.ts";
import { Mark } from "./mark.tsx";
import { useWords } from "./words-context.ts";

/** What Home says first, and for whoever listens says again where it changes. */
export const Hero = ({ view }: { readonly view: View }): JSX.Element => {
  const { title, detail } = homeLinesOf(view, useWords());
  return (
    <header class="hero" aria-live="polite">
      <Mark shape={view.sources.length === 0 ? "idle" : iconOf(view)} />
      <div>
        <h1>{title}</h1>
        {detail !== undefined && <p>{detail}</p>}
      </div>
    </header>
  );
};
