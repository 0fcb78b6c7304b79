import type { JSX } from "preact";
import type { Shape } from "../electron/protocol/headline.ts";

/** A mark that is told apart by its shape. The words beside it say the same. */
export const Mark = ({ shape }: { readonly shape: Shape }): JSX.Element => (
  <svg class={`mark ${shape}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    {drawings[shape]}
  </svg>
);

const ring = { cx: 8, cy: 8, r: 6.25, fill: "none", stroke: "currentColor" };

const drawings: Readonly<Record<Shape, JSX.Element>> = {
  "signed-in": (
    <path
      fill="currentColor"
      fill-rule="evenodd"
      d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm3.2 3.9L7 9.1 4.9 7 3.6 8.3 7 11.7l5.5-5.5Z"
    />
  ),
  attention: (
    <path
      fill="currentColor"
      fill-rule="evenodd"
      d="M6.7 1.8a1.5 1.5 0 0 1 2.6 0l6 10.6a1.5 1.5 0 0 1-1.3 2.2H2a1.5 1.5 0 0 1-1.3-2.2ZM7.1 5.4v4.4h1.8V5.4Zm0 5.6v1.8h1.8V11Z"
    />
  ),
  offline: <circle {...ring} stroke-width="1.8" stroke-dasharray="2.9 2" />,
  "signing-in": (
    <>
      <circle {...ring} stroke-width="1.5" />
      <circle cx="4.9" cy="8" r="1.1" fill="currentColor" />
      <circle cx="8" cy="8" r="1.1" fill="currentColor" />
      <circle cx="11.1" cy="8" r="1.1" fill="currentColor" />
    </>
  ),
  idle: <circle {...ring} stroke-width="1.5" />,
};
