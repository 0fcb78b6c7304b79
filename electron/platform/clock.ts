import { type Clock, type Instant, instantOf } from "../core/time.ts";

/** Timers stand still while the machine sleeps, so no nap is longer than this, in milliseconds. */
const napMs = 60 * 60_000;

interface Alarm {
  readonly at: Instant;
  readonly wake: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** The machine's wall clock. Its alarms are never early on it, and do not keep the process alive. */
export class SystemClock implements Clock {
  readonly #alarms = new Set<Alarm>();

  now(): Instant {
    return instantOf(Date.now());
  }

  alarm(at: Instant, wake: () => void): () => void {
    const alarm: Alarm = { at, wake, timer: undefined };
    this.#alarms.add(alarm);
    this.#nap(alarm);
    return () => {
      clearTimeout(alarm.timer);
      this.#alarms.delete(alarm);
    };
  }

  /** After sleep or a jump of the clock: what is due by the wall clock is run at once. */
  recheck(): void {
    for (const alarm of this.#alarms) this.#nap(alarm);
  }

  #nap(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const leftMs = Math.max(0, alarm.at - this.now());
    alarm.timer = setTimeout(
      () => {
        if (this.now() < alarm.at) this.#nap(alarm);
        else {
          this.#alarms.delete(alarm);
          alarm.wake();
        }
      },
      Math.min(leftMs, napMs),
    );
    alarm.timer.unref();
  }
}
