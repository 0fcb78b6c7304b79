import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { ActivityRow } from "../../electron/protocol/activity.ts";
import { activityLine } from "../../electron/protocol/gate-words.ts";
import { clockTime, dayLine, hourLine } from "../../electron/protocol/times.ts";
import type { Words } from "../../electron/protocol/words.ts";
import { Mark } from "../mark.tsx";
import { useWords } from "../words-context.ts";
import { useGrowing } from "./use-growing.ts";

export interface ActivityRowsProps {
  /** The newest first. */
  readonly rows: readonly ActivityRow[];
  readonly now: number;
}

/** What was recorded, day by day. It is drawn anew only where it, or the day, is another one. */
export const ActivityRows = ({ rows, now }: ActivityRowsProps): JSX.Element => {
  const words = useWords();
  const today = dayOf(now);
  const [most, end] = useGrowing(rows.length);
  const days = useMemo(
    () =>
      daysOf(rows.slice(0, most)).map((day) => {
        const title = titleOf(day, today, words);
        return (
          <section key={day.date} aria-label={title}>
            <h2>{title}</h2>
            <ul class="records">
              {day.rows.map((row) => (
                <Row key={row} row={row} />
              ))}
            </ul>
          </section>
        );
      }),
    [rows, most, today, words],
  );
  return (
    <>
      {days}
      <div ref={end} />
    </>
  );
};

interface Day {
  readonly date: string;
  readonly rows: ActivityRow[];
}

const dayOf = (at: number): string => new Date(at).toDateString();

const daysOf = (rows: readonly ActivityRow[]): readonly Day[] => {
  const days: Day[] = [];
  for (const row of rows) {
    const date = dayOf(row.at);
    const last = days.at(-1);
    if (last?.date === date) last.rows.push(row);
    else days.push({ date, rows: [row] });
  }
  return days;
};

const titleOf = ({ date, rows: [first] }: Day, today: string, words: Words): string =>
  date === today || first === undefined
    ? words.texts.activity.today
    : dayLine(first.at, Date.parse(today), words);

/** What did not come about is marked. */
const failures: ReadonlySet<string> = new Set([
  "refused",
  "policy-refused",
  "sign-in-failed",
  "renewal-failed",
]);

/** A line stays as it is, however many come before it. */
const Row = ({ row }: { readonly row: ActivityRow }): JSX.Element => {
  const words = useWords();
  return useMemo(() => {
    const details = detailsOf(row, words);
    return (
      <li>
        <time dateTime={new Date(row.at).toISOString()}>{hourLine(row.at, words)}</time>
        <div>
          <p>
            {failures.has(row.event) && <Mark shape="attention" />}
            <bdi>{activityLine(row, words)}</bdi>
          </p>
          {details !== "" && <p class="muted">{details}</p>}
        </div>
      </li>
    );
  }, [row, words]);
};

const detailsOf = ({ verb, count, expiresAt, at }: ActivityRow, words: Words): string => {
  const { activity } = words.texts;
  return [
    ...(verb === undefined ? [] : [verb]),
    ...(count === 1 ? [] : [activity.count({ count })]),
    ...(expiresAt === undefined
      ? []
      : [activity.goodUntil({ time: clockTime(expiresAt, at, words) })]),
  ].join(" · ");
};
