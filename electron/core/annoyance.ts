import { type Clock, type Instant, plus } from "./time.ts";

/** How long somebody is left alone after the first question that came to nothing, in milliseconds; after each further one twice as long. */
const firstMs = 60_000;

/** The longest that somebody is left alone, in milliseconds. */
const longestMs = 60 * 60_000;

/** Whoever has asked nothing for so long is a stranger again, in milliseconds. */
const forgottenMs = 24 * 60 * 60_000;

/** There may be any number of programs: of so many it is known what they did. */
const mostAsked = 256;

interface Spell {
  readonly times: number;
  readonly since: Instant;
  readonly until: Instant;
}

/** For how long those are not to be heard whose questions came to nothing: longer each time. */
export class Annoyance {
  readonly #clock: Clock;
  readonly #spells = new Map<string, Spell>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A question of theirs came to nothing. */
  add(who: string): void {
    const now = this.#clock.now();
    const before = this.#spells.get(who);
    const isNew = before === undefined || now >= plus(before.until, forgottenMs);
    const times = isNew ? 1 : before.times + 1;
    const lengthMs = Math.min(longestMs, firstMs * 2 ** (times - 1));
    this.#spells.delete(who);
    this.#spells.set(who, { times, since: now, until: plus(now, lengthMs) });
    for (const oldest of this.#spells.keys()) {
      if (this.#spells.size <= mostAsked) break;
      this.#spells.delete(oldest);
    }
  }

  /** Until when they are not to be heard; undefined: they may be. */
  until(who: string): Instant | undefined {
    const spell = this.#spells.get(who);
    if (spell === undefined) return undefined;
    const now = this.#clock.now();
    // A clock that was set back must not make it longer.
    return spell.since <= now && now < spell.until ? spell.until : undefined;
  }

  /** A person has said yes to them. */
  forgive(who: string): void {
    this.#spells.delete(who);
  }
}
