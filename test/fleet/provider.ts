import { EvercredError } from "../../electron/core/errors.ts";
import { type Instant, plus } from "../../electron/core/time.ts";
import { loadErrorOf } from "../../electron/sources/reply.ts";
import type { Figures } from "./figures.ts";
import type { FleetTime } from "./time.ts";

const host = "identity.example.com";

/** How the one identity provider of a fleet behaves. */
export interface ProviderOptions {
  /** Requests a second that it takes in the long run. */
  readonly capacity: number;
  /** How many it takes at once after a quiet time. */
  readonly burst: number;
  /** What its 429 asks for, where it asks for anything, in seconds. */
  readonly retryAfterS: number;
  /** How long the organisation lets a sign-in last, in milliseconds. */
  readonly sessionMs: number;
  readonly outage: { readonly from: Instant; readonly to: Instant } | undefined;
}

/** Whose request it is. */
export interface Asking {
  /** Whether a caller waits for it. */
  readonly isAwaited: boolean;
  /** A request is on its way. Returns what is called once it is answered. */
  onWay(): () => void;
}

/** One person's sign-in as the provider has it. */
export interface Session {
  readonly signedInAt: Instant;
  readonly endsAt: Instant;
  /** The only refresh token that it takes. */
  refresh: number;
}

export const tokenMs = 60 * 60_000;

/** An identity provider that takes so many requests a second and answers the others with 429. */
export class ThrottledProvider {
  readonly options: ProviderOptions;
  readonly #time: FleetTime;
  readonly #chance: () => number;
  readonly #figures: Figures;
  #left: number;
  #filledAt: Instant;

  constructor(options: ProviderOptions, time: FleetTime, chance: () => number, figures: Figures) {
    this.options = options;
    this.#time = time;
    this.#chance = chance;
    this.#figures = figures;
    this.#left = options.burst;
    this.#filledAt = time.now();
  }

  /** A person has signed in. */
  async signIn(asking: Asking): Promise<Session> {
    await this.#answer(asking);
    const signedInAt = this.#time.now();
    return { signedInAt, endsAt: plus(signedInAt, this.options.sessionMs), refresh: 0 };
  }

  /** Takes a refresh token and gives the next one. A spent one, or one of a session that is over, it rejects. */
  async renew(session: Session, refresh: number, asking: Asking): Promise<number> {
    await this.#answer(asking);
    if (this.isOver(session) || refresh !== session.refresh) {
      throw new EvercredError("grant-rejected");
    }
    session.refresh += 1;
    return session.refresh;
  }

  /** Gives a role's keys for an access token that lives until `tokenEndsAt`. */
  async issue(tokenEndsAt: Instant, asking: Asking): Promise<Instant> {
    await this.#answer(asking);
    if (this.#time.now() >= tokenEndsAt) throw new EvercredError("token-rejected");
    return this.#time.now();
  }

  isOver(session: Session): boolean {
    return this.#time.now() >= session.endsAt;
  }

  /** Resolves once it has answered a request that it took; rejects as the sources do where it did not take it. */
  async #answer(asking: Asking): Promise<void> {
    const refusal = this.#refusal();
    this.#figures.request(this.#time.now(), asking.isAwaited, refusal?.code);
    const answered = asking.onWay();
    // A refusal is quick.
    await this.#time.pass(Math.round(refusal === undefined ? 80 + 240 * this.#chance() : 40));
    answered();
    if (refusal !== undefined) throw refusal;
  }

  #refusal(): EvercredError | undefined {
    const now = this.#time.now();
    const { capacity, burst, outage } = this.options;
    if (outage !== undefined && now >= outage.from && now < outage.to) {
      return loadErrorOf(host, 503, {});
    }
    this.#left = Math.min(burst, this.#left + ((now - this.#filledAt) / 1_000) * capacity);
    this.#filledAt = now;
    if (this.#left < 1) return loadErrorOf(host, 429, this.#patience(now));
    this.#left -= 1;
    return undefined;
  }

  /** A third of its refusals name seconds, a third a date, a third nothing. */
  #patience(now: Instant): Record<string, string> {
    const { retryAfterS } = this.options;
    const which = Math.floor(3 * this.#chance());
    if (which === 0) return {};
    if (which === 1) return { "retry-after": String(retryAfterS) };
    const until = new Date(now + retryAfterS * 1_000).toUTCString();
    return { "retry-after": until, date: new Date(now).toUTCString() };
  }
}
