import type { Grant } from "./credential.ts";
import type { Facts } from "./facts.ts";
import { askAt } from "./policy.ts";
import { type Instant, instantOf, never, plus } from "./time.ts";

/** When something is expected; `exact` where the provider has said so. */
export interface Expected {
  readonly at: Instant;
  readonly exact: boolean;
}

/** How many past sign-ins count. */
const memory = 3;

/** Nothing is known more exactly than this, in milliseconds; of short sessions than a twentieth of their length. */
const slackMs = 5 * 60_000;

const slackOf = (lengthMs: number): number => Math.min(slackMs, lengthMs / 20);

/** What past sign-ins have taught of when a provider ends its sessions. It promises nothing that it does not know. */
export class Experience {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** Until when nobody is needed; undefined where neither the provider nor experience tells. */
  neededAt(grant: Grant, now: Instant): Expected | undefined {
    if (!grant.renewable) {
      return grant.expiresAt === never ? undefined : { at: grant.expiresAt, exact: true };
    }
    const lengthMs = this.lengthMs;
    if (lengthMs === undefined) return undefined;
    const at = plus(grant.signedInAt, lengthMs);
    // A session that has outlived experience may end at any time, or go on for long.
    return now < at ? { at, exact: false } : undefined;
  }

  /** When to ask a person ahead of the end; undefined where nobody knows it, or where asking early gains nothing. */
  askAt(grant: Grant, now: Instant, beforeMs: number): Instant | undefined {
    const needed = this.neededAt(grant, now);
    if (needed === undefined || this.endIsFixed) return undefined;
    return askAt(grant.signedInAt, needed.at, beforeMs);
  }

  /** Whether a sign-in that was made early ended no later than the one before it would have. */
  get endIsFixed(): boolean {
    return this.#facts.get("fixed-end") !== undefined;
  }

  /** Somebody has signed in; `early` is when the session that was still there would have ended. */
  begun(grant: Grant, early: Instant | undefined): void {
    this.#facts.set("early", early === undefined ? undefined : String(early));
    if (!grant.renewable) {
      this.#compare(grant.expiresAt, slackOf(grant.expiresAt - grant.signedInAt));
    }
  }

  /** The provider has prolonged the session. */
  goesOn(grant: Grant): void {
    const slack = this.#slackMs;
    if (this.#outlasts(grant.issuedAt, slack)) this.#compare(grant.issuedAt, slack);
  }

  /** The provider has ended the session of a grant that could be renewed. */
  ended(grant: Grant, now: Instant): void {
    // It ended at some time after the last exchange; where that was long ago, nothing is learnt.
    if (now > plus(grant.expiresAt, slackMs)) return;
    if (!this.#compare(grant.issuedAt, this.#slackMs)) this.#remember(now - grant.signedInAt);
  }

  /** Another provider, or other people: what was learnt is about somebody else. */
  forget(): void {
    for (const name of ["session-ms", "early", "fixed-end"] as const) {
      this.#facts.set(name, undefined);
    }
  }

  /** How long sessions last: the middle of the last lengths, the shorter of two. One that somebody cut short changes nothing yet. */
  get lengthMs(): number | undefined {
    const lengths = this.#lengths;
    return [...lengths].sort((a, b) => a - b)[(lengths.length - 1) >> 1];
  }

  get #lengths(): readonly number[] {
    return (this.#facts.get("session-ms") ?? "").split(" ").flatMap((text) => Number(text) || []);
  }

  #remember(lengthMs: number): void {
    if (lengthMs <= 0) return;
    const lengths = [...this.#lengths, lengthMs].slice(-memory);
    this.#facts.set("session-ms", lengths.join(" "));
  }

  get #slackMs(): number {
    return slackOf(this.lengthMs ?? Number.POSITIVE_INFINITY);
  }

  #outlasts(lastSeen: Instant, slack: number): boolean {
    const early = this.#early;
    return early !== undefined && lastSeen > plus(early, slack);
  }

  /** Whether a sign-in made early has gained nothing, being last seen alive then. */
  #compare(lastSeen: Instant, slack: number): boolean {
    if (this.#early === undefined) return false;
    const isFixed = !this.#outlasts(lastSeen, slack);
    this.#facts.set("fixed-end", isFixed ? "yes" : undefined);
    return isFixed;
  }

  get #early(): Instant | undefined {
    const early = this.#facts.get("early");
    return early === undefined ? undefined : instantOf(Number(early));
  }
}
