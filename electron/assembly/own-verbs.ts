import { run } from "../commands/run.ts";
import type { Context, Reply } from "../commands/verb.ts";
import type { Audit } from "../core/audit.ts";
import { EvercredError } from "../core/errors.ts";
import { WatchedGate } from "../core/gate.ts";
import { type OwnPlace, ownRequest, type ShellVariables } from "./own-request.ts";

/** What a verb came to. */
export interface VerbOutcome {
  readonly code: number;
  /** The lines of its payload, without secrets. */
  readonly lines: readonly string[];
  /** What it said to people. */
  readonly said: readonly string[];
}

export interface OwnVerbs {
  /**
   * Runs a verb for the person at the window, as `evercred` does for one at a terminal: with the same checks, the same
   * words and the same record. `lines` is what the person types where it asks; `inShell`: it sees what the user's login
   * shell has in its variables, as in a terminal. Secrets stay out of it: in JSON they are
   * `[secret]`, and a verb that prints them in another form fails.
   * Rejects with its EvercredError where it fails so; a code other than 0 without one is an outcome.
   */
  run(
    args: readonly string[],
    options?: {
      readonly lines?: readonly string[];
      readonly signal?: AbortSignal;
      readonly inShell?: boolean;
    },
  ): Promise<VerbOutcome>;
}

const needTerminal = (): never => {
  throw new EvercredError("usage", "That needs a terminal.", { remedy: "Run it in one." });
};

/** The person has clicked: it need not be asked whether Evercred itself may have what it wants. */
const noConsent = { admit: () => Promise.resolve() };

export const openOwnVerbs = (
  context: Context,
  audit: Audit,
  place: OwnPlace,
  shellVariables: ShellVariables,
): OwnVerbs => {
  const gate = new WatchedGate(noConsent, audit);
  return {
    run: async (args, options = {}) => {
      const { lines: typed = [], signal = new AbortController().signal, inShell = false } = options;
      const lines: string[] = [];
      const said: string[] = [];
      const input = [...typed];
      let failure: EvercredError | undefined;
      const reply: Reply = {
        print: (line) => void lines.push(line),
        printJson: (document) => void lines.push(JSON.stringify(document)),
        printForm: () => {
          throw new EvercredError("policy-refused", "That is a secret: no window shows it.", {
            remedy: "Ask for it in a terminal.",
          });
        },
        say: (line) => void said.push(line),
        ask: () => Promise.resolve(input.shift()),
        variables: (names) => (inShell ? shellVariables(names) : Promise.resolve(undefined)),
        run: needTerminal,
        runScript: needTerminal,
      };
      const code = await run(
        ownRequest(args, place, signal, input.length > 0),
        reply,
        { ...context, gate },
        (error) => {
          failure = error;
        },
      );
      if (failure !== undefined) throw failure;
      return { code, lines, said };
    },
  };
};
