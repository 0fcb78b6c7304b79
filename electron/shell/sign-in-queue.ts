import { hasCode } from "../core/errors.ts";
import type { Session } from "../core/session.ts";

/** What came of one sign-in: a person who cancels one wants none of the others either. */
export type Turn = "ended" | "cancelled";

/** Resolves once no sign-in of a session is open any more, to what came of its last one. One that nobody finished is not cancelled. */
export const turnOf = async (
  session: Pick<Session, "signInOpen" | "endedSignIn"> | undefined,
): Promise<Turn> => {
  // Another way to sign in may be chosen meanwhile, which is another one.
  for (let open = session?.signInOpen; open !== undefined; open = session?.signInOpen) {
    await open.outcome;
  }
  const outcome = session?.endedSignIn?.outcome;
  const isCancelled = outcome?.kind === "failed" && hasCode(outcome.error, "cancelled");
  return isCancelled ? "cancelled" : "ended";
};

/** Several sign-ins, one after the other: the next begins once the one before has ended. */
export class SignInQueue {
  readonly #begin: (source: string) => Promise<Turn>;
  readonly #waiting = new Set<string>();
  #isRunning = false;

  /** `begin` settles once that sign-in has ended, and never rejects. */
  constructor(begin: (source: string) => Promise<Turn>) {
    this.#begin = begin;
  }

  add(sources: readonly string[]): void {
    for (const source of sources) this.#waiting.add(source);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      this.#waiting.delete(next);
      if ((await this.#begin(next)) === "cancelled") this.#waiting.clear();
    }
    this.#isRunning = false;
  }
}
