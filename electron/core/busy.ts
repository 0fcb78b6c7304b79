import { type Clock, type Instant, plus } from "./time.ts";

/** So many lines of one are as many as a person reads. */
const readable = 100;

/** For so long lines are counted, in milliseconds; then from the start again. */
const spellMs = 60 * 60_000;

/** There may be any number of programs: of so many it is known how many lines they made. */
const mostKnown = 256;

/** Tells those that make more lines of the record than anybody reads: they could push out all others'. */
export class Busy {
  readonly #clock: Clock;
  readonly #spells = new Map<string, { readonly since: Instant; lines: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One more line is theirs. */
  add(who: string): void {
    const spell = this.#spellOf(who) ?? { since: this.#clock.now(), lines: 0 };
    spell.lines += 1;
    this.#spells.delete(who);
    this.#spells.set(who, spell);
    for (const oldest of this.#spells.keys()) {
      if (this.#spells.size <= mostKnown) break;
      this.#spells.delete(oldest);
    }
  }

  has(who: string): boolean {
    return (this.#spellOf(who)?.lines ?? 0) >= readable;
  }

  #spellOf(who: string): { readonly since: Instant; lines: number } | undefined {
    const spell = this.#spells.get(who);
    if (spell === undefined) return undefined;
    const now = this.#clock.now();
    return spell.since <= now && now < plus(spell.since, spellMs) ? spell : undefined;
  }
}
