import { randomInt } from "node:crypto";

/** What became of an account. */
export type PersonState = "active" | "disabled" | "deleted";

/** Somebody with an account. */
export interface Person {
  readonly email: string;
  /** The account's number, which never changes. */
  readonly sub: string;
  /** The organisation's domain; undefined: a private account. */
  readonly hd: string | undefined;
}

/** All accounts of people. */
export class People {
  readonly #people = new Map<string, Person>();
  readonly #states = new Map<string, PersonState>();

  /** Adds an account. `hd` left out: the domain of the address. */
  add(email: string, hd = email.split("@")[1]): Person {
    const sub = `1${String(randomInt(1e9, 1e10))}${String(randomInt(1e9, 1e10))}`;
    const person = { email, sub, hd: hd === "gmail.com" ? undefined : hd };
    this.#people.set(email, person);
    this.#states.set(email, "active");
    return person;
  }

  /** Disables, deletes or restores an account. */
  setState(email: string, state: PersonState): void {
    this.get(email);
    this.#states.set(email, state);
  }

  /** What became of an account. */
  state({ email }: Person): PersonState {
    return this.#states.get(email) ?? "deleted";
  }

  /** The person of this address, who must be there. */
  get(email: string): Person {
    const person = this.#people.get(email);
    if (person === undefined) throw new Error(`Nobody is called ${email}.`);
    return person;
  }

  /** Whoever can sign in; whoever the hint names comes first. */
  able(hint = ""): readonly Person[] {
    const able = [...this.#people.values()].filter((person) => this.state(person) === "active");
    return [...able].sort((a, b) => Number(b.email === hint) - Number(a.email === hint));
  }
}
