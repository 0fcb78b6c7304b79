import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type Reach,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
} from "../../core/source.ts";
import { type Clock, type Instant, never, plus } from "../../core/time.ts";
import type { Argv } from "../command.ts";
import {
  programPathOf,
  programTitleOf,
  type SignInProgram,
  signInWithProgram,
} from "../program.ts";
import { isSignedIn } from "./check.ts";

/** A sign-in that is another program's matter from beginning to end. */
export interface CommandDefinition {
  readonly id: string;
  readonly title: string;
  readonly program: SignInProgram;
  /** Exits 0 while somebody is signed in. Undefined: nobody can tell. */
  readonly check: Argv | undefined;
}

/** After this time, in milliseconds, it is checked again. */
const trustMs = 15 * 60_000;

/**
 * A sign-in that another program does and keeps. It hands out nothing: we start it, and know whether it is good. What
 * cannot be checked holds until somebody signs out, or we are started anew.
 */
export class CommandSource implements Source {
  readonly kind = "command";
  readonly unattended = false;
  readonly byProgram = true;
  readonly directory = undefined;
  readonly offers: ReadonlyMap<Target, Offer> = new Map();
  readonly id: SourceId;
  readonly title: string;
  readonly keptBy: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly shared: SharedPlace;
  readonly #definition: CommandDefinition;
  readonly #clock: Clock;

  constructor(definition: CommandDefinition, clock: Clock) {
    const { id, title, program, check } = definition;
    this.#definition = definition;
    this.#clock = clock;
    this.id = sourceIdOf(id);
    this.title = title;
    this.keptBy = programTitleOf(program.argv);
    this.organisation = this.keptBy;
    this.boundTo = JSON.stringify([program.argv, check ?? null]);
    const checked = check === undefined ? [] : [{ argv: check, unset: [] }];
    // It hands out nothing: without its sign-in there is nothing that it is for.
    this.reach = { programs: () => [program, ...checked].map(programPathOf) };
    this.shared = {
      writable: false,
      look: (known) => this.#look(known),
      publish: () => Promise.resolve(true),
      withdraw: () => Promise.resolve(),
    };
  }

  offsetMs(): number {
    return 0;
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { program, check } = this.#definition;
    if (check !== undefined && (await isSignedIn(check, this.#clock, signal))) return this.#grant();
    await signInWithProgram(program, options, this.#clock, signal);
    if (check !== undefined && !(await isSignedIn(check, this.#clock, signal))) {
      const sentence = `${this.keptBy} has ended well, but ${programTitleOf(check)} says that nobody is signed in.`;
      throw new EvercredError("sign-in-denied", sentence, {
        remedy: `Correct signIn or check of sources.${this.id} in the configuration.`,
      });
    }
    return this.#grant();
  }

  async renew(grant: Grant, signal: AbortSignal): Promise<Grant> {
    const { check } = this.#definition;
    if (check === undefined || (await isSignedIn(check, this.#clock, signal))) {
      return this.#grant(grant.signedInAt);
    }
    const sentence = `${programTitleOf(check)} says that nobody is signed in.`;
    throw new EvercredError("grant-rejected", sentence);
  }

  issue(): Promise<never> {
    return Promise.reject(new EvercredError("internal", `${this.id} hands out nothing.`));
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  /** Nobody has said how one signs out of it. */
  revoke(): Promise<void> {
    return Promise.reject(new EvercredError("usage", `${this.keptBy} keeps its own sign-in.`));
  }

  restore(): undefined {
    return undefined;
  }

  /** What is known is asked for when its time has come, and not whenever a file changes. */
  async #look(known: Grant | undefined): ReturnType<SharedPlace["look"]> {
    const { check } = this.#definition;
    if (known !== undefined) return { kind: "known" };
    if (check === undefined) return { kind: "absent" };
    const { signal } = new AbortController();
    // What cannot be asked is found out again, and said, at the next sign-in.
    const answer = await isSignedIn(check, this.#clock, signal).catch(() => false);
    return answer ? { kind: "foreign", grant: this.#grant() } : { kind: "absent" };
  }

  #grant(signedInAt: Instant = this.#clock.now()): Grant {
    const renewable = this.#definition.check !== undefined;
    const issuedAt = this.#clock.now();
    return {
      // There is nothing in it: the program keeps what there is.
      saved: new Secret(""),
      boundTo: this.boundTo,
      signedInAt,
      issuedAt,
      expiresAt: renewable ? plus(issuedAt, trustMs) : never,
      renewable,
    };
  }
}
