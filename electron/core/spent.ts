import type { Grant } from "./credential.ts";
import type { EvercredError } from "./errors.ts";
import type { Facts } from "./facts.ts";

/**
 * Which grants the provider may have spent, although we have nothing to show for it. A grant is marked before it is
 * presented, and the mark goes once its successor is saved or the provider has left it as it was: a mark that is found
 * later means that the outcome was lost, with the reply or with us before the save.
 */
export class Spent {
  readonly #facts: Facts;
  readonly #bySignIn: () => boolean;

  /** `bySignIn`: what is found again of a sign-in has the times of its beginning, whatever came of it since. */
  constructor(facts: Facts, bySignIn: () => boolean) {
    this.#facts = facts;
    this.#bySignIn = bySignIn;
  }

  /** Whether an earlier presentation of this grant has had no outcome that we know of. */
  mayBe(grant: Grant): boolean {
    return this.#presented.includes(nameOf(grant));
  }

  /** It is about to be presented. Holds even if we die at once. */
  mark(grant: Grant): void {
    // Until a save succeeds the keychain has the first one: what came between is in no place where it could be found.
    const [saved] = this.#presented;
    const names = new Set([...(saved === undefined ? [] : [saved]), nameOf(grant)]);
    this.#facts.engrave("presented", [...names].join(" "));
  }

  /** The provider has left it as it was. */
  unmark(grant: Grant): void {
    // Of two at the most, see `mark`.
    const [left] = this.#presented.filter((name) => name !== nameOf(grant));
    this.#facts.set("presented", left);
  }

  /** This one is what was kept: marks of others are left over from before a save that we did not live to note. */
  found(grant: Grant): void {
    const isMarked = this.#bySignIn()
      ? this.#presented.some((name) => name.startsWith(signInOf(grant)))
      : this.mayBe(grant);
    this.#facts.set("presented", isMarked ? nameOf(grant) : undefined);
  }

  /** This one is saved: none before it is ever presented again. It may itself have been presented already. */
  settle(grant: Grant): void {
    this.#facts.set("presented", this.mayBe(grant) ? nameOf(grant) : undefined);
    this.#facts.set("over", undefined);
  }

  /** These are over, even if they turn up again where they could not be erased. Holds even if we die at once. */
  end(...grants: readonly Grant[]): void {
    this.#facts.engrave("over", [...new Set(grants.map(nameOf))].join(" "));
  }

  /** Whether its sign-in is over: so is then what came of it, and what it came from. */
  isOver(grant: Grant): boolean {
    const over = this.#facts.get("over")?.split(" ") ?? [];
    return over.some((name) => name.startsWith(signInOf(grant)));
  }

  get #presented(): readonly string[] {
    return this.#facts.get("presented")?.split(" ") ?? [];
  }
}

/** A name that no other grant of the same source has. */
const nameOf = ({ signedInAt, issuedAt, expiresAt }: Grant): string =>
  [signedInAt, issuedAt, expiresAt].join(":");

/** A name that all grants of a sign-in begin theirs with, and those of no other do. */
const signInOf = ({ signedInAt }: Grant): string => `${String(signedInAt)}:`;

/** Whether an exchange that failed so may have been carried out all the same. */
export const mayHaveSpent = ({ code, unanswered }: EvercredError): boolean =>
  unanswered ||
  code === "reply-invalid" ||
  code === "provider-unavailable" ||
  code === "timed-out" ||
  code === "internal";
