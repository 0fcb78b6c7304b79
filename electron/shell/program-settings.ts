import { EvercredError } from "../core/errors.ts";
import { shownSentence } from "../protocol/shown.ts";
import { isTexts } from "./settings-view.ts";

/** Asks a person whether a command may be run from now on. */
export type AskProgram = (command: string) => Promise<boolean>;

type Run = (args: readonly string[]) => Promise<unknown>;

/**
 * Runs verbs, but asks before one sets a program that is run later: the page alone, whoever has got hold of it, is to
 * have nothing run. Rejects with `cancelled` where the answer is no.
 */
export const askingForPrograms =
  (run: Run, ask: AskProgram): Run =>
  async (args) => {
    const command = programIn(args);
    if (command !== undefined && !(await ask(shownSentence(command.join(" "))))) {
      throw new EvercredError("cancelled");
    }
    return run(args);
  };

/** The program that a verb sets; undefined where it sets none. */
const programIn = ([family, verb, name = "", written]: readonly string[]):
  readonly string[] | undefined => {
  if (family !== "config" || verb !== "set" || written === undefined) return undefined;
  const value = JSON.parse(written) as unknown;
  const command = /(?:^|\.)browser$/.test(name) ? value : browserIn(value);
  return isTexts(command) ? command : undefined;
};

const browserIn = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "browser" in value ? value.browser : undefined;
