import type { Audit, AuditEntry, AuditEvent, AuditLine } from "./audit.ts";
import { type Clock, type Instant, instantOf, plus } from "./time.ts";
import { longTogetherMs } from "./trail.ts";

const kinds = [
  "signed-in",
  "sign-in-failed",
  "renewed",
  "renewal-failed",
  "session-ended",
  "signed-out",
] as const satisfies readonly AuditEvent[];

/** What befalls a session and changes how its day looks. */
export type MarkKind = (typeof kinds)[number];

/** One such thing, and when it was. */
export interface Mark {
  readonly kind: MarkKind;
  readonly at: Instant;
  /** Of a failed renewal: the end of what is served without it. */
  readonly until: Instant | undefined;
}

/** How long a mark is kept, in milliseconds. */
const dayMs = 24 * 60 * 60_000;

/** Renewals of one source that come so close together, in milliseconds, are one: many tokens live for minutes. */
const renewalGapMs = 10 * 60_000;

/** So many marks of one source are kept: more than fit into a day, but for what flickers. */
const mostMarks = 200;

/**
 * What has befallen each session within the last day. It stands before the record: what it hears goes on there, but for
 * renewals soon after another.
 */
export class DayBook implements Audit {
  readonly #clock: Clock;
  readonly #record: Audit;
  readonly #openedAt: Instant;
  /** The oldest mark first. */
  readonly #marks = new Map<string, readonly Mark[]>();
  #before: (() => Iterable<AuditLine>) | undefined;

  /** `before` gives what was recorded so far, the newest first. It is read once somebody wants to see it. */
  constructor(clock: Clock, record: Audit, before: () => Iterable<AuditLine>) {
    this.#clock = clock;
    this.#record = record;
    this.#openedAt = clock.now();
    this.#before = before;
  }

  note(entry: AuditEntry): void {
    const { source } = entry;
    const mark = markOf({ ...entry, at: this.#clock.now() });
    if (source !== undefined && mark !== undefined) {
      const marks = this.#marks.get(source) ?? [];
      if (isSoonRenewed(marks.at(-1), mark)) return;
      this.#marks.set(source, [...marks, mark].slice(-mostMarks));
    }
    this.#record.note(entry);
  }

  /** What befell this source within the last day, the oldest first. */
  marksOf(source: string): readonly Mark[] {
    this.#readBefore();
    const since = this.#since;
    return (this.#marks.get(source) ?? []).filter(({ at }) => at >= since);
  }

  get #since(): Instant {
    return plus(this.#clock.now(), -dayMs);
  }

  #readBefore(): void {
    const before = this.#before;
    if (before === undefined) return;
    this.#before = undefined;
    for (const [source, marks] of this.#found(before())) {
      const later = this.#marks.get(source) ?? [];
      this.#marks.set(source, [...marks.reverse(), ...later].slice(-mostMarks));
    }
  }

  /** What was there when this was opened, the newest first. */
  #found(lines: Iterable<AuditLine>): ReadonlyMap<string, Mark[]> {
    const found = new Map<string, Mark[]>();
    // A line may stand behind later ones by as long as it was waiting for more of its kind.
    const end = plus(this.#since, -longTogetherMs);
    for (const line of lines) {
      if (line.at < end) break;
      const mark = markOf(line);
      if (line.source === undefined || mark === undefined || line.at >= this.#openedAt) continue;
      const marks = found.get(line.source);
      if (marks === undefined) found.set(line.source, [mark]);
      else marks.push(mark);
    }
    return found;
  }
}

const isKind = (event: AuditEvent): event is MarkKind =>
  (kinds as readonly AuditEvent[]).includes(event);

const markOf = ({ event, at, expiresAt }: AuditLine): Mark | undefined => {
  if (!isKind(event)) return undefined;
  const isUntil = event === "renewal-failed" && expiresAt !== undefined;
  return { kind: event, at, until: isUntil ? instantOf(expiresAt) : undefined };
};

const isSoonRenewed = (before: Mark | undefined, mark: Mark): boolean =>
  mark.kind === "renewed" &&
  before?.kind === "renewed" &&
  // After a clock was set back the one before may be hours ahead.
  Math.abs(mark.at - before.at) < renewalGapMs;
