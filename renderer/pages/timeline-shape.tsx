import type { JSX } from "preact";
import type { MarkView, SpanKind } from "../../electron/protocol/timeline-view.ts";

/** What stands on a lane: what has happened, and what is to come. */
export type ShapeName = MarkView["kind"] | "ask" | "end";

/** A shape around the origin: each is told from the others without its colour. */
export const Shape = ({ name }: { readonly name: ShapeName }): JSX.Element => (
  <g class={`shape is-${name}`}>{drawings[name]}</g>
);

const drawings: Readonly<Record<ShapeName, JSX.Element>> = {
  "signed-in": (
    <>
      <circle class="paper" r="5.5" />
      <circle class="ink" r="2.25" />
    </>
  ),
  "sign-in-failed": <path class="stroke" d="M-4-4 4 4M4-4-4 4" />,
  renewed: <path class="stroke" d="M0-6V6" />,
  "renewal-failed": <path class="ink" d="M0-6.5 6.5 5.5H-6.5Z" />,
  "session-ended": <path class="ink" d="M-4.5-4.5H4.5V4.5H-4.5Z" />,
  "signed-out": <path class="paper" d="M-4.5-4.5H4.5V4.5H-4.5Z" />,
  ask: <path class="paper" d="M0 5-5-4.5H5Z" />,
  end: <path class="paper" d="M0-6.5 6.5 0 0 6.5-6.5 0Z" />,
};

/** How thick the bar of a span is: thinner, the less can be had. */
export const thickness: Readonly<Record<SpanKind, number>> = {
  "signed-in": 12,
  open: 12,
  serving: 6,
  out: 0,
};
