import { setBackMs } from "./policy.ts";
import type { Memo } from "./store.ts";
import { type Clock, earlier, type Instant, instantOf, plus } from "./time.ts";

/** Nobody is left alone for longer at a stretch, in milliseconds. */
const longestMs = 7 * 24 * 60 * 60_000;

/** Under which name it outlives the daemon. */
const factName = "quiet";

interface Spell {
  readonly since: Instant;
  readonly until: Instant;
}

/** A person does not want to be asked for anything until a time of their choice. It ends by itself, and outlives the daemon. */
export class Quiet {
  readonly #clock: Clock;
  readonly #memo: Memo;
  readonly #listeners = new Set<() => void>();
  #disarm: () => void = () => undefined;

  constructor(clock: Clock, memo: Memo) {
    this.#clock = clock;
    this.#memo = memo;
    this.#arm();
  }

  /** Until when nobody is to be asked; undefined where people may be. */
  get until(): Instant | undefined {
    const spell = this.#spell();
    if (spell === undefined) return undefined;
    const now = this.#clock.now();
    // A clock that was set back must not make it longer.
    return plus(spell.since, -setBackMs) <= now && now < spell.until ? spell.until : undefined;
  }

  /** Leaves the person alone until then, a week at most; undefined, or what is past, ends it. */
  set(until: Instant | undefined): void {
    const since = this.#clock.now();
    const endOf = (asked: Instant): number => Math.ceil(earlier(asked, plus(since, longestMs)));
    const spell = until === undefined ? undefined : `${String(since)} ${String(endOf(until))}`;
    this.#memo.set(factName, spell);
    this.#arm();
    this.#tell();
  }

  /** Calls `listener` after each beginning, change and end, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#disarm();
    this.#listeners.clear();
  }

  #arm(): void {
    this.#disarm();
    const { until } = this;
    this.#disarm =
      until === undefined
        ? () => undefined
        : this.#clock.alarm(until, () => {
            this.#memo.set(factName, undefined);
            this.#tell();
          });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #spell(): Spell | undefined {
    const noted = /^(\d+) (\d+)$/.exec(this.#memo.get(factName) ?? "");
    if (noted === null) return undefined;
    return { since: instantOf(Number(noted[1])), until: instantOf(Number(noted[2])) };
  }
}
