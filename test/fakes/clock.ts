import { type Clock, type Instant, instantOf, plus } from "../../electron/core/time.ts";

interface Alarm {
  readonly at: Instant;
  readonly wake: () => void;
}

/** More alarms than this at one instant are no progress but a spin. */
const spin = 1_000;

/** Lets everything run that is ready: promises, and what follows from them. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A wall clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: Instant;
  #fired = 0;
  readonly #alarms = new Set<Alarm>();
  readonly #settle: () => Promise<void>;

  /** `settled` resolves once all that an alarm has begun has come to rest. */
  constructor(
    startsAt: Instant = instantOf(Date.UTC(2027, 0, 4, 9)),
    settled: () => Promise<void> = settle,
  ) {
    this.#now = startsAt;
    this.#settle = settled;
  }

  now(): Instant {
    return this.#now;
  }

  alarm(at: Instant, wake: () => void): () => void {
    const alarm = { at, wake };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** When the alarms that are set go off, the first one first. */
  get pending(): readonly Instant[] {
    return [...this.#alarms].map(({ at }) => at).sort((a, b) => a - b);
  }

  /** How many alarms have gone off. */
  get fired(): number {
    return this.#fired;
  }

  /** Lets `ms` pass: alarms go off in their order, each with all that follows from it. Fails on a spin. */
  async advance(ms: number): Promise<void> {
    const end = plus(this.#now, ms);
    await this.#settle();
    for (let here = 0; ;) {
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      if (next.at > this.#now) {
        this.#now = next.at;
        here = 0;
      }
      if (++here > spin) throw new Error(`Over ${spin} alarms went off at one instant.`);
      this.#alarms.delete(next);
      this.#fired += 1;
      next.wake();
      await this.#settle();
    }
    if (end > this.#now) this.#now = end;
  }

  /** Moves the clock as sleep or a correction does: no alarm goes off before the next `advance`. */
  jump(ms: number): void {
    this.#now = plus(this.#now, ms);
  }

  #next(): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) if (next === undefined || alarm.at < next.at) next = alarm;
    return next;
  }
}
