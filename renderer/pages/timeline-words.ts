import type { MarkView, TimelineRow } from "../../electron/protocol/timeline-view.ts";
import { clockTime, whenLine } from "../../electron/protocol/times.ts";
import type { Words } from "../../electron/protocol/words.ts";

/** What has happened, as one line: each kind once, in the order in which it came first. */
export const behindLine = ({ marks }: TimelineRow, now: number, words: Words): string => {
  const kinds = new Map<MarkView["kind"], { count: number; last: number }>();
  for (const { kind, at } of marks) {
    kinds.set(kind, { count: (kinds.get(kind)?.count ?? 0) + 1, last: at });
  }
  const { happened, nothing } = words.texts.timeline;
  const parts = [...kinds].map(([kind, { count, last }]) =>
    happened[kind]({ count, last: clockTime(last, now, words) }),
  );
  return parts.length === 0 ? nothing : parts.join(", ");
};

/** What is to come, as one line. */
export const aheadLine = ({ next }: TimelineRow, now: number, words: Words): string => {
  const { renewal, asked, needed, nothing } = words.texts.timeline;
  const { renewAt, askAt, neededAt, exact } = next;
  const time = (at: number): string => clockTime(at, now, words);
  const parts = [
    ...(isAhead(renewAt, now) ? [renewal({ time: time(renewAt) })] : []),
    ...(isAhead(askAt, now) ? [asked({ time: time(askAt) })] : []),
    ...(isAhead(neededAt, now)
      ? [needed({ when: whenLine({ at: neededAt, exact }, now, words) })]
      : []),
  ];
  return parts.length === 0 ? nothing : parts.join(", ");
};

const isAhead = (at: number | undefined, now: number): at is number =>
  at !== undefined && at >= now;
