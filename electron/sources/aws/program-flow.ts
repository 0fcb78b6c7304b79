import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { SharedPlace, SignInOptions } from "../../core/source.ts";
import type { Clock } from "../../core/time.ts";
import { programTitleOf, type SignInProgram, signInWithProgram } from "../program.ts";

/** A shared place that, while a program signs in there, has nothing new for anybody else. */
export class ReservablePlace implements SharedPlace {
  readonly #place: SharedPlace;
  /** By how many: one that is replaced may not have ended yet. */
  #reservations = 0;

  constructor(place: SharedPlace) {
    this.#place = place;
  }

  get writable(): boolean {
    return this.#place.writable;
  }

  look(known: Grant | undefined, keep: boolean): ReturnType<SharedPlace["look"]> {
    if (this.#reservations > 0) return Promise.resolve({ kind: "known" });
    return this.#place.look(known, keep);
  }

  publish(grant: Grant): Promise<boolean> {
    return this.#place.publish(grant);
  }

  withdraw(only: Grant | undefined): Promise<void> {
    return this.#place.withdraw(only);
  }

  /** Does `work` as the only one who sees what is left there meanwhile. */
  async reserve<T>(work: (place: SharedPlace) => Promise<T>): Promise<T> {
    this.#reservations += 1;
    try {
      return await work(this.#place);
    } finally {
      this.#reservations -= 1;
    }
  }
}

/** What a sign-in by a program needs. */
export interface ProgramSignIn {
  /** The source, for the sentences. */
  readonly id: string;
  readonly program: SignInProgram;
  readonly place: ReservablePlace;
  readonly clock: Clock;
}

/** Has a program such as `aws sso login` sign in, and takes what it has left where the AWS tools keep sign-ins. */
export const signInWithAwsProgram = (
  { id, program, place, clock }: ProgramSignIn,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<Grant> =>
  place.reserve(async (files) => {
    await signInWithProgram(program, options, clock, signal);
    // Where we may not write, its refresh token stays in the file, and whoever else reads that may spend it.
    const left = await files.look(options.previous, files.writable);
    if (left.kind === "foreign") return left.grant;
    const sentence = `${programTitleOf(program.argv)} has ended well, but has left no new sign-in to ${id}.`;
    throw new EvercredError("sign-in-denied", sentence, {
      remedy: `See that it signs in to the start URL, region and scopes of ${id}.`,
    });
  });
