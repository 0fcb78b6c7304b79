import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { headlineOf, sourceLine } from "../../electron/protocol/headline.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import type { TimelineRow, TimelineView } from "../../electron/protocol/timeline-view.ts";
import { clockTime, fullHourLine } from "../../electron/protocol/times.ts";
import { useWords } from "../words-context.ts";
import { percent, placeOf, ticksOf } from "./timeline-axis.ts";
import { TimelineKey } from "./timeline-key.tsx";
import { Lane } from "./timeline-lane.tsx";
import { aheadLine, behindLine } from "./timeline-words.ts";

/** So many sources are drawn before somebody asks for all. */
const mostRows = 8;

/** The day behind and the day ahead as a picture; in words for who does not see it. */
export const Timeline = ({ picture }: { readonly picture: Picture }): JSX.Element | null => {
  const words = useWords();
  const [isWhole, setIsWhole] = useState(false);
  const { timeline } = picture;
  const { rows, now, from, to } = timeline;
  if (rows.length === 0) return null;
  const texts = words.texts.timeline;
  const shown = isWhole ? rows : rows.slice(0, mostRows);
  const drawn = new Set(shown.map(({ source }) => source));
  const lines = new Map(
    picture.sources
      .filter(({ id }) => drawn.has(id))
      .map((source) => [source.id, sourceLine(source, now, words)]),
  );
  const summary = texts.summary({
    from: clockTime(from, now, words),
    to: clockTime(to, now, words),
    headline: headlineOf(picture, words),
  });
  return (
    <section class="card timeline" aria-labelledby="timeline">
      <h2 id="timeline" class="heard">
        {texts.title}
      </h2>
      <div role="img" aria-label={summary}>
        <Axis timeline={timeline} />
        {shown.map((row) => (
          <div key={row.source} class="timeline-row">
            <bdi class="timeline-name">{row.title}</bdi>
            <span class="muted">{lines.get(row.source)}</span>
            <Lane row={row} day={timeline} />
          </div>
        ))}
        <TimelineKey rows={shown} day={timeline} />
      </div>
      <InWords rows={shown} now={now} lines={lines} />
      {rows.length > mostRows && (
        <button
          type="button"
          class="quiet"
          aria-expanded={isWhole}
          onClick={() => {
            setIsWhole(!isWhole);
          }}
        >
          {isWhole ? texts.less : texts.more({ count: rows.length })}
        </button>
      )}
    </section>
  );
};

/** An hour that is named so close to now, in percent, would stand in the way of that word. */
const nowRoom = 14;

/** Within this of an edge, in percent, a word stands beside its place and not around it. */
const edgeRoom = 7;

const Axis = ({ timeline }: { readonly timeline: TimelineView }): JSX.Element => {
  const words = useWords();
  const { from, to, now } = timeline;
  const middle = placeOf(now, timeline);
  const named = ticksOf(from, to)
    .filter(({ isNamed }) => isNamed)
    .map(({ at }) => ({ at, place: placeOf(at, timeline) }))
    .filter(({ place }) => Math.abs(place - middle) >= nowRoom);
  return (
    <svg class="axis" width="100%">
      {named.map(({ at, place }) => (
        <text
          key={at}
          class={new Date(at).getHours() % 12 === 0 ? undefined : "between"}
          x={percent(place)}
          y="1em"
          text-anchor={anchorOf(place)}
        >
          {fullHourLine(at, words)}
        </text>
      ))}
      <text class="now" x={percent(middle)} y="1em" text-anchor="middle">
        {words.texts.timeline.now}
      </text>
    </svg>
  );
};

const anchorOf = (place: number): "start" | "middle" | "end" => {
  if (place < edgeRoom) return "start";
  return place > 100 - edgeRoom ? "end" : "middle";
};

interface InWordsProps {
  readonly rows: readonly TimelineRow[];
  readonly now: number;
  /** What is said of each source. */
  readonly lines: ReadonlyMap<string, string>;
}

/** The same for who hears it. */
const InWords = ({ rows, now, lines }: InWordsProps): JSX.Element => {
  const words = useWords();
  const { timeline } = words.texts;
  return (
    <div class="heard">
      <table>
        <thead>
          <tr>
            <th scope="col">{timeline.source}</th>
            <th scope="col">{timeline.state}</th>
            <th scope="col">{timeline.behind}</th>
            <th scope="col">{timeline.ahead}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.source}>
              <th scope="row">{row.title}</th>
              <td>{lines.get(row.source)}</td>
              <td>{behindLine(row, now, words)}</td>
              <td>{aheadLine(row, now, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
