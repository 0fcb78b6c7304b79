/** The provider's clock: real time plus an offset that tests move, so that tokens expire without waiting. */
export class Clock {
  #offsetMs: number;

  constructor(skewMs: number) {
    this.#offsetMs = skewMs;
  }

  /** The provider's time in epoch ms. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Moves the provider's time by `ms`. */
  advance(ms: number): void {
    this.#offsetMs += ms;
  }
}
