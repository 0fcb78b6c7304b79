import type { Target } from "./source.ts";
import { type Clock, type Instant, never } from "./time.ts";

/** What a person says of all such questions. */
export type Lasting = "today" | "always" | "never";

/** An answer that is kept: it holds for one program (or bridge) and one target. */
export interface KeptAnswer {
  /** What the program is told from all others by. */
  readonly who: string;
  /** What people call it. */
  readonly name: string;
  readonly target: Target;
  readonly answer: Lasting;
  readonly at: Instant;
  /** `never`: until it is forgotten. */
  readonly until: Instant;
}

/** Where answers outlive the daemon. Never throws: what is lost is asked again. */
export interface AnswerStore {
  load(): readonly KeptAnswer[];
  save(answers: readonly KeptAnswer[]): void;
}

/** The answers that hold, each by program and target. */
export class Answers {
  readonly #store: AnswerStore;
  readonly #clock: Clock;
  readonly #kept: Map<string, KeptAnswer>;

  constructor(store: AnswerStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#kept = new Map(store.load().map((answer) => [keyOf(answer.who, answer.target), answer]));
  }

  /** Those that hold now, as they were given. */
  get all(): readonly KeptAnswer[] {
    return [...this.#kept.values()].filter((answer) => this.#holds(answer));
  }

  find(who: string, target: Target): Lasting | undefined {
    const known = this.#kept.get(keyOf(who, target));
    return known !== undefined && this.#holds(known) ? known.answer : undefined;
  }

  keep(answer: KeptAnswer): void {
    const key = keyOf(answer.who, answer.target);
    this.#kept.delete(key);
    this.#kept.set(key, answer);
    this.#save();
  }

  /** Forgets those that are meant, and gives them. */
  forget(isMeant: (answer: KeptAnswer) => boolean): readonly KeptAnswer[] {
    const meant = this.all.filter(isMeant);
    for (const { who, target } of meant) this.#kept.delete(keyOf(who, target));
    if (meant.length > 0) this.#save();
    return meant;
  }

  #save(): void {
    this.#store.save(this.all);
  }

  /** A clock that was set back to before it was given ends what is for a time, too. */
  #holds({ at, until }: KeptAnswer): boolean {
    const now = this.#clock.now();
    return until === never || (at <= now && now < until);
  }
}

const keyOf = (who: string, target: Target): string => `${who}\n${target}`;
