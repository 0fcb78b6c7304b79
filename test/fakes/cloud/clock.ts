/** The provider's clock: this machine's plus an offset that tests move, so that tokens expire without waiting. */
export class Clock {
  #offsetMs: number;
  readonly #machine: () => number;

  /** `machine`: this machine's time, epoch ms. */
  constructor(skewMs: number, machine: () => number = () => Date.now()) {
    this.#offsetMs = skewMs;
    this.#machine = machine;
  }

  /** The provider's time in epoch ms. */
  now(): number {
    return this.#machine() + this.#offsetMs;
  }

  /** Moves the provider's time by `ms`. */
  advance(ms: number): void {
    this.#offsetMs += ms;
  }
}
