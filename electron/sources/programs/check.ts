import { homedir } from "node:os";
import { EvercredError } from "../../core/errors.ts";
import { type Clock, plus } from "../../core/time.ts";
import { type Argv, startProgram } from "../command.ts";
import { withDeadline } from "../deadline.ts";
import {
  cannotRun,
  findProgram,
  programMissing,
  programsReady,
  programTitleOf,
} from "../program.ts";

/** How long a check may take, in milliseconds. */
const limitMs = 10_000;

/**
 * Whether a program that tells by its exit code says that somebody is signed in. Rejects with `program-missing`,
 * `unreachable` where it does not end, or the signal's reason.
 */
export const isSignedIn = async (
  argv: Argv,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> => {
  await programsReady();
  const [name, ...args] = argv;
  const path = findProgram(name, process.env, homedir());
  if (path === undefined) throw programMissing(name);
  const sentence = `${programTitleOf(argv)} has not said within ${limitMs / 1000} s whether you are signed in.`;
  const late = new EvercredError("unreachable", sentence, {
    remedy: "Run the check of this source in a terminal and see what it waits for.",
  });
  const take = (): void => undefined;
  const code = await withDeadline(
    clock,
    plus(clock.now(), limitMs),
    late,
    signal,
    (inner) => startProgram([path, ...args], { take }, inner).exited,
  ).catch((thrown: unknown) => {
    throw cannotRun(thrown, name);
  });
  return code === 0;
};
