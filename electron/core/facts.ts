import type { SourceId } from "./source.ts";
import type { Memo } from "./store.ts";

/**
 * What is remembered of a source.
 * `published`: our access token was put where other tools look; `gone`: it vanished from there, and the provider knows it.
 * `held-back`: the last sign-in came to nothing. `left`: the user has signed out of a source that others keep.
 * `account`: who signed in. `session-ms`, `early`, `fixed-end`: what sign-ins have taught, see Experience.
 * `presented`, `over`: which grants may be spent, and which ones are, see Spent.
 */
export type FactName =
  | "published"
  | "held-back"
  | "left"
  | "account"
  | "session-ms"
  | "early"
  | "fixed-end"
  | "presented"
  | "over";

/** The small facts about one source that outlive the daemon. */
export class Facts {
  readonly #memo: Memo;
  readonly #id: SourceId;

  constructor(memo: Memo, id: SourceId) {
    this.#memo = memo;
    this.#id = id;
  }

  get(name: FactName): string | undefined {
    return this.#memo.get(`${name}:${this.#id}`);
  }

  set(name: FactName, fact: string | undefined): void {
    this.#memo.set(`${name}:${this.#id}`, fact);
  }

  /** As `set`, for what has to hold even if we die at once. */
  engrave(name: FactName, fact: string | undefined): void {
    this.#memo.engrave(`${name}:${this.#id}`, fact);
  }
}
