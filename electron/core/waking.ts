import { type Clock, type Instant, plus } from "./time.ts";

/** For so long after a computer has woken its network may not be back, in milliseconds. */
export const wakingMs = 30_000;

/** Whether what fails just now does so since the computer has only just woken. */
export class Waking {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #wokeAt: Instant | undefined;
  #disarm: () => void = () => undefined;

  /** `changed` is called once the time is over. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The computer has woken. */
  begin(): void {
    const now = this.#clock.now();
    this.#wokeAt = now;
    this.#disarm();
    this.#disarm = this.#clock.alarm(plus(now, wakingMs), () => {
      this.#wokeAt = undefined;
      this.#changed();
    });
  }

  /** Whether waking may be why something has failed since then. */
  explains(since: Instant): boolean {
    const now = this.#clock.now();
    return (
      this.#wokeAt !== undefined && since >= this.#wokeAt && now < plus(this.#wokeAt, wakingMs)
    );
  }

  close(): void {
    this.#disarm();
  }
}
