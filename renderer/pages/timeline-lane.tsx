import type { JSX } from "preact";
import type { SpanView, TimelineRow, TimelineView } from "../../electron/protocol/timeline-view.ts";
import { percent, placeOf, ticksOf } from "./timeline-axis.ts";
import { Shape, type ShapeName, thickness } from "./timeline-shape.tsx";

/** The height of a lane, and its middle, in pixels. */
const height = 24;
const middle = height / 2;

type Day = Pick<TimelineView, "from" | "now" | "to">;

/** One source's day: bars for what it was and will be, shapes for what happens. */
export const Lane = ({
  row,
  day,
}: {
  readonly row: TimelineRow;
  readonly day: Day;
}): JSX.Element => {
  const placed = (at: number): string => percent(placeOf(at, day));
  return (
    <svg class="lane" width="100%" height={height}>
      {ticksOf(day.from, day.to).map(({ at }) => (
        <line key={at} class="hour" x1={placed(at)} x2={placed(at)} y1="0" y2={height} />
      ))}
      {row.spans
        .flatMap((span) => cutAt(span, day.now))
        .map((span) => (
          <Span key={`${span.kind} ${String(span.from)}`} span={span} day={day} />
        ))}
      <line class="now" x1={placed(day.now)} x2={placed(day.now)} y1="0" y2={height} />
      {shapesOf(row, day).map(({ name, at, isAhead }) => (
        <svg key={`${name} ${String(at)}`} x={placed(at)} y={middle} overflow="visible">
          <g class={isAhead ? "ahead" : "behind"}>
            <Shape name={name} />
          </g>
        </svg>
      ))}
    </svg>
  );
};

/** What is ahead is drawn otherwise than what is behind. */
const cutAt = (span: SpanView, now: number): readonly SpanView[] =>
  span.from < now && now < span.to
    ? [
        { ...span, to: now },
        { ...span, from: now },
      ]
    : [span];

const Span = ({ span, day }: { readonly span: SpanView; readonly day: Day }): JSX.Element => {
  const { kind, from, to } = span;
  const start = placeOf(from, day);
  const end = placeOf(to, day);
  const look = `span is-${kind} ${from < day.now ? "behind" : "ahead"}`;
  const thick = thickness[kind];
  if (thick === 0) {
    return <line class={look} x1={percent(start)} x2={percent(end)} y1={middle} y2={middle} />;
  }
  return (
    <rect
      class={look}
      x={percent(start)}
      width={percent(end - start)}
      y={middle - thick / 2}
      height={thick}
    />
  );
};

interface Placed {
  readonly name: ShapeName;
  readonly at: number;
  readonly isAhead: boolean;
}

/** What happened and what is to come within this day. */
export const shapesOf = ({ marks, next }: TimelineRow, { now, to }: Day): readonly Placed[] => {
  const coming: readonly (readonly [ShapeName, number | undefined])[] = [
    ["renewed", next.renewAt],
    ["ask", next.askAt],
    ["end", next.neededAt],
  ];
  return [
    ...marks.map(({ kind, at }) => ({ name: kind, at, isAhead: false })),
    ...coming.flatMap(([name, at]) =>
      at === undefined || at < now || at > to ? [] : [{ name, at, isAhead: true }],
    ),
  ];
};
