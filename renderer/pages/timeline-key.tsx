import type { JSX } from "preact";
import type { SpanKind, TimelineRow, TimelineView } from "../../electron/protocol/timeline-view.ts";
import { useWords } from "../words-context.ts";
import { shapesOf } from "./timeline-lane.tsx";
import { Shape, type ShapeName, thickness } from "./timeline-shape.tsx";

/** What the bars and shapes mean that are drawn just now. */
export const TimelineKey = ({
  rows,
  day,
}: {
  readonly rows: readonly TimelineRow[];
  readonly day: TimelineView;
}): JSX.Element => {
  const { key, markKey } = useWords().texts.timeline;
  const spans = new Set(rows.flatMap((row) => row.spans.map(({ kind }) => kind)));
  const shapes = new Set(rows.flatMap((row) => shapesOf(row, day).map(({ name }) => name)));
  return (
    <ul class="timeline-key">
      {[...spans].map((kind) => (
        <li key={kind}>
          <Bar kind={kind} />
          {key[kind]}
        </li>
      ))}
      {[...shapes].map((name) => (
        <li key={name}>
          <Sign name={name} />
          {markKey[name]}
        </li>
      ))}
    </ul>
  );
};

const Bar = ({ kind }: { readonly kind: SpanKind }): JSX.Element => {
  const thick = thickness[kind];
  const look = `span is-${kind} behind`;
  return (
    <svg width="18" height="14" viewBox="0 -7 18 14">
      {thick === 0 ? (
        <line class={look} x1="0" x2="18" y1="0" y2="0" />
      ) : (
        <rect class={look} x="0" width="18" y={-thick / 2} height={thick} />
      )}
    </svg>
  );
};

const Sign = ({ name }: { readonly name: ShapeName }): JSX.Element => (
  <svg width="14" height="14" viewBox="-7 -7 14 14">
    <Shape name={name} />
  </svg>
);
