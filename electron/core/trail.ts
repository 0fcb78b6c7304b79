import type { Audit, AuditEntry, AuditLine } from "./audit.ts";
import { Busy } from "./busy.ts";
import { type Clock, plus } from "./time.ts";

/** Where lines of the record end up. Never throws. */
export interface AuditLines {
  write(lines: readonly AuditLine[]): void;
}

/** How long after the first of several equal things they are written, in milliseconds. */
const togetherMs = 1_000;

/** As above, of those who do more than anybody reads. */
export const longTogetherMs = 60_000;

/** As many different things as a person cares to look at. */
const recentOnes = 50;

/** What programs do, and may do often: it is written a little later, many times as one line. All else is written at once. */
const frequent: ReadonlySet<string> = new Set([
  "served",
  "refused",
  "policy-refused",
  "consent",
  "consent-on",
  "consent-off",
]);

/** What comes by itself, day and night, and is no news: else it would push out what is. */
const routine: ReadonlySet<string> = new Set(["renewed"]);

/** The record as it is made: what is equal is one line, and nobody waits for the disk. */
export class Trail implements Audit {
  readonly #clock: Clock;
  readonly #busy: Busy;
  /** What was last, the newest at the end. */
  readonly #recent = new Map<string, AuditLine>();
  readonly #soon: Batch;
  readonly #late: Batch;

  /** `before`: what a daemon before this one has written last, the newest first. */
  constructor(clock: Clock, lines: AuditLines, before: Iterable<AuditLine>) {
    this.#clock = clock;
    this.#busy = new Busy(clock);
    this.#soon = new Batch(clock, togetherMs, lines);
    this.#late = new Batch(clock, longTogetherMs, lines);
    const known = new Map<string, AuditLine>();
    for (const line of before) {
      if (known.size === recentOnes) break;
      const key = keyOf(line);
      if (!known.has(key) && !routine.has(line.event)) known.set(key, line);
    }
    for (const [key, line] of [...known].reverse()) this.#recent.set(key, line);
  }

  note(entry: AuditEntry): void {
    const who = whoOf(entry);
    const isFrequent = frequent.has(entry.event);
    const isBusy = isFrequent && this.#busy.has(who);
    const line = { ...(isBusy ? briefly(entry) : entry), at: this.#clock.now() };
    const key = keyOf(line);
    this.#remember(key, line);
    const isOwn = (isBusy ? this.#late : this.#soon).add(key, line);
    if (!isFrequent) this.flush();
    else if (isOwn && !isBusy) this.#busy.add(who);
  }

  /** The last of what was different, the newest first, but for what is routine. */
  get recent(): readonly AuditLine[] {
    return [...this.#recent.values()].reverse();
  }

  /** Writes what is not written yet. */
  flush(): void {
    this.#late.flush();
    this.#soon.flush();
  }

  #remember(key: string, line: AuditLine): void {
    if (routine.has(line.event)) return;
    const latest = folded(this.#recent.get(key), line);
    this.#recent.delete(key);
    this.#recent.set(key, latest);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= recentOnes) break;
      this.#recent.delete(oldest);
    }
  }
}

/** Lines that wait to be written, those that are equal as one. */
class Batch {
  readonly #clock: Clock;
  readonly #afterMs: number;
  readonly #to: AuditLines;
  #lines = new Map<string, AuditLine>();
  #disarm: (() => void) | undefined;

  /** They are written so many milliseconds after the first of them. */
  constructor(clock: Clock, afterMs: number, to: AuditLines) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#to = to;
  }

  /** Gives whether it will be a line of its own. */
  add(key: string, line: AuditLine): boolean {
    const before = this.#lines.get(key);
    this.#lines.set(key, folded(before, line));
    this.#disarm ??= this.#clock.alarm(plus(line.at, this.#afterMs), () => {
      this.flush();
    });
    return before === undefined;
  }

  flush(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    if (this.#lines.size === 0) return;
    const lines = [...this.#lines.values()];
    this.#lines = new Map();
    this.#to.write(lines);
  }
}

/** Those who share one measure. */
const whoOf = ({ bridge, program, path }: AuditEntry): string => [bridge, program, path].join("\n");

/** What is recorded of those who do more than anybody reads: what they got, or that they were refused. */
const briefly = (entry: AuditEntry): AuditEntry => {
  const { event, bridge, program, path, target, answer, expiresAt } = entry;
  const isRefusal = event === "refused" || event === "policy-refused";
  return {
    event,
    ...(bridge !== undefined && { bridge }),
    ...(program !== undefined && { program }),
    ...(path !== undefined && { path }),
    ...(target !== undefined && !isRefusal && { target }),
    ...(answer !== undefined && { answer }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
};

/** Entries of which nothing but times and numbers differ have the same. */
const keyOf = (entry: AuditEntry): string =>
  [
    entry.event,
    entry.target,
    entry.source,
    entry.bridge,
    entry.program,
    entry.path,
    entry.verb,
    entry.code,
    entry.answer,
    entry.of,
  ].join("\n");

/** One line for what a line has told so far, and once more. */
const folded = (before: AuditLine | undefined, line: AuditLine): AuditLine =>
  before === undefined
    ? line
    : { ...line, count: (before.count ?? 1) + 1, since: before.since ?? before.at };
