import type { Mark, MarkKind } from "../core/day-book.ts";
import { needsPerson } from "./headline.ts";
import type { SourceView } from "./view.ts";

/** The day behind and the day ahead, source by source. Plain data: it crosses to the renderer. */
export interface TimelineView {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  /** Those that need somebody first, then those in use, the latest use first. */
  readonly rows: readonly TimelineRow[];
}

export interface TimelineRow {
  readonly source: string;
  readonly title: string;
  /** What has happened, the oldest first. */
  readonly marks: readonly MarkView[];
  /** What it was and will be, without a gap from where that is known to the end. */
  readonly spans: readonly SpanView[];
  readonly next: NextView;
}

export interface MarkView {
  readonly kind: MarkKind;
  readonly at: number;
}

/**
 * `signed-in`: nobody is needed. `open`: signed in, and nobody knows for how long. `serving`: it could not be renewed,
 * and what is there is served. `out`: nothing can be had before somebody, or the network, does something.
 */
export type SpanKind = "signed-in" | "open" | "serving" | "out";

export interface SpanView {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number;
}

/** What is to come. */
export interface NextView {
  /** When it is renewed, or that is tried again. */
  readonly renewAt: number | undefined;
  /** When a person is asked ahead of the end. */
  readonly askAt: number | undefined;
  /** Until when nobody is needed. */
  readonly neededAt: number | undefined;
  /** Whether the provider has said so; else it is by experience. */
  readonly exact: boolean;
}

/** So much of the time behind is shown, and so much of that ahead, in milliseconds: the day that a person is in. */
const sideMs = 12 * 60 * 60_000;

/** The day around `now`. `marksOf` gives what befell a source, the oldest first, also before that day. */
export const timelineOf = (
  sources: readonly SourceView[],
  marksOf: (source: string) => readonly Mark[],
  now: number,
): TimelineView => {
  const from = now - sideMs;
  const to = now + sideMs;
  return {
    from,
    to,
    now,
    rows: [...sources]
      .sort((a, b) => rankOf(b) - rankOf(a))
      .map((source) => rowOf(source, marksOf(source.id), { from, now, to })),
  };
};

/** The time of the last use; above all of those that need somebody. */
const rankOf = (source: SourceView): number =>
  needsPerson(source)
    ? Number.MAX_VALUE
    : Math.max(0, ...source.offers.map(({ askedAt = 0 }) => askedAt));

interface Day {
  readonly from: number;
  readonly now: number;
  readonly to: number;
}

const rowOf = (source: SourceView, known: readonly Mark[], day: Day): TimelineRow => {
  // A clock that was set back has left marks ahead.
  const past = known.filter(({ at }) => at <= day.now);
  return {
    source: source.id,
    title: source.title,
    marks: past.filter(({ at }) => at >= day.from).map(({ kind, at }) => ({ kind, at })),
    spans: joined(
      [...behindOf(past, unchanged[source.standing.kind], day), ...aheadOf(source, day)],
      day,
    ),
    next: nextOf(source),
  };
};

/** What a mark has made of a session; undefined where it has changed nothing. */
const kindAfter: Readonly<Record<MarkKind, SpanKind | undefined>> = {
  "signed-in": "signed-in",
  "sign-in-failed": undefined,
  renewed: "signed-in",
  "renewal-failed": "serving",
  "session-ended": "out",
  "signed-out": "out",
};

/** What it has been where nothing has happened. Since when something fails nobody knows then. */
const unchanged: Readonly<Record<SourceView["standing"]["kind"], SpanKind | undefined>> = {
  active: "signed-in",
  failing: undefined,
  "signed-out": "out",
};

/** What is told by the marks up to now; `present` where there are none, for then nothing has changed. */
const behindOf = (
  marks: readonly Mark[],
  present: SpanKind | undefined,
  { from, now }: Day,
): readonly SpanView[] => {
  const turns = marks.flatMap(({ kind, at, until }) => {
    const after = kindAfter[kind];
    return after === undefined ? [] : [{ because: kind, kind: after, at, until }];
  });
  const [first] = turns;
  if (first === undefined) {
    return present === undefined ? [] : [{ kind: present, from, to: now }];
  }
  // Who renews, or ends, was signed in; who signs in may have been either.
  const before: readonly SpanView[] =
    first.because === "signed-in" ? [] : [{ kind: "signed-in", from, to: first.at }];
  const after = turns.flatMap(({ kind, at, until = Infinity }, index): readonly SpanView[] => {
    const end = turns[index + 1]?.at ?? now;
    if (kind !== "serving" || until >= end) return [{ kind, from: at, to: end }];
    const gone = Math.max(at, until);
    return [
      { kind, from: at, to: gone },
      { kind: "out", from: gone, to: end },
    ];
  });
  return [...before, ...after];
};

/** What is to be expected from now on. */
const aheadOf = (source: SourceView, { now, to }: Day): readonly SpanView[] => {
  const { standing, neededAt, unattended } = source;
  const until = (kind: SpanKind, end: number, then: SpanKind): readonly SpanView[] => [
    { kind, from: now, to: Math.max(now, end) },
    { kind: then, from: Math.max(now, end), to },
  ];
  switch (standing.kind) {
    case "signed-out":
      return [{ kind: "out", from: now, to }];
    case "failing":
      return until("serving", standing.expiresAt, "out");
    case "active": {
      if (neededAt !== undefined) return until("signed-in", neededAt.at, "out");
      const end = unattended ? to : (standing.expiresAt ?? to);
      return until("signed-in", end, "open");
    }
  }
};

/** As much of it as belongs to this day, with one span for what goes on. */
const joined = (spans: readonly SpanView[], { from, to }: Day): readonly SpanView[] => {
  const found: SpanView[] = [];
  for (const span of spans) {
    const part = { ...span, from: Math.max(from, span.from), to: Math.min(to, span.to) };
    if (part.from >= part.to) continue;
    const last = found.at(-1);
    if (last?.kind === part.kind && last.to === part.from) {
      found[found.length - 1] = { ...last, to: part.to };
    } else found.push(part);
  }
  return found;
};

const nextOf = ({ standing, askAt, neededAt }: SourceView): NextView => ({
  renewAt: renewalOf(standing),
  askAt,
  neededAt: neededAt?.at,
  exact: neededAt?.exact === true,
});

/** What can only be waited for is looked for anew at its end: that is no renewal. */
const renewalOf = (standing: SourceView["standing"]): number | undefined => {
  if (standing.kind === "failing") return standing.retryAt;
  if (standing.kind === "signed-out" || standing.expiresAt === undefined) return undefined;
  const { renewAt = Infinity, expiresAt } = standing;
  return renewAt < expiresAt ? renewAt : undefined;
};
