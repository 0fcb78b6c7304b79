import type { EvercredError } from "./errors.ts";
import { isTheirFault, putOffTo, type Random } from "./policy.ts";
import { type Instant, later } from "./time.ts";

/**
 * The patience of one session with its provider. While that has a fault, or asks for patience, one request at a time finds out
 * whether it is over: all else that nobody waits for comes after it.
 */
export class Patience {
  readonly #random: Random;
  #until: Instant | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A request has failed, and is made again at `until`. */
  failed(error: EvercredError, until: Instant): void {
    if (isTheirFault(error)) this.#until = later(until, this.#until ?? until);
  }

  /** The provider has given what it was asked for. */
  eased(): void {
    this.#until = undefined;
  }

  /** When to do what is due now, and renews what ends at `expiresAt`; undefined: now. */
  putOff(now: Instant, expiresAt: Instant): Instant | undefined {
    if (this.#until === undefined || now >= this.#until) return undefined;
    const at = putOffTo(this.#until, expiresAt, this.#random);
    return at > now ? at : undefined;
  }
}
