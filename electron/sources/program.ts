import { homedir } from "node:os";
import { basename } from "node:path";
import { EvercredError } from "../core/errors.ts";
import type { SignInOptions } from "../core/source.ts";
import { type Clock, plus, within } from "../core/time.ts";
import { type Argv, startProgram } from "./command.ts";
import { withDeadline } from "./deadline.ts";
import { findProgram, programsReady } from "./find-program.ts";
import { ProgramOutput } from "./program-output.ts";
import { shown } from "./shown.ts";

export { findProgram, programsReady } from "./find-program.ts";

/** A program that signs in. */
export interface SignInProgram {
  readonly argv: Argv;
  /** How long it may take, in milliseconds. Left out: the usual time, which no setting of its changes. */
  readonly timeoutMs?: number;
  /** Variables of ours that it must not have. */
  readonly unset: readonly string[];
  /** Variables that it has besides ours. */
  readonly set?: Readonly<Record<string, string>>;
  /** Where it is run. Left out: where we are. */
  readonly cwd?: string;
}

/** How long a program may take where nobody says it, in milliseconds: a little less than Claude Code waits for it. */
export const usualTimeoutMs = 165_000;

/** How long is waited for the rest of what a program has printed, in milliseconds: others may hold its output. */
const restMs = 1_000;

/**
 * Runs a program that signs in to its end, once somebody is there. What it prints is said, and the page that it
 * wants to have open is shown. Rejects with `program-missing`, `timed-out`, `sign-in-denied`, or the signal's reason.
 */
export const signInWithProgram = async (
  program: SignInProgram,
  options: Pick<SignInOptions, "attended" | "show" | "say">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  await attendedOr(options.attended, signal);
  await programsReady();
  const { argv, cwd, timeoutMs = usualTimeoutMs } = program;
  const [name, ...args] = argv;
  const env = environmentOf(program);
  const path = findProgram(name, env, homedir());
  if (path === undefined) throw programMissing(name);
  const title = programTitleOf(argv);
  const endsAt = plus(clock.now(), timeoutMs);
  const output = new ProgramOutput(
    {
      say: (line) => options.say(line),
      page: (url) => {
        // There nothing keeps a program from opening its page itself.
        if (process.platform !== "win32") options.show({ flow: "program", url, endsAt });
      },
    },
    clock,
  );
  const sentence = `${title} has not ended within ${timeoutMs / 1000} s.`;
  const late = new EvercredError("timed-out", sentence, {
    remedy:
      program.timeoutMs === undefined
        ? "Start it again, or see in a terminal what it waits for."
        : "Start it again, or raise timeout of this source in the configuration.",
  });
  const code = await withDeadline(clock, endsAt, late, signal, async (inner) => {
    const take = output.take.bind(output);
    const where = cwd === undefined ? {} : { cwd };
    const running = startProgram([path, ...args], { env, ...where, take }, inner);
    const exitCode = await running.exited;
    await within(clock, restMs, running.ended, undefined);
    running.release();
    return exitCode;
  })
    .catch((thrown: unknown) => {
      throw cannotRun(thrown, name);
    })
    .finally(() => output.close());
  if (code !== 0) throw refusal(title, code, output.last);
};

/** Resolves once somebody is there; rejects with the signal's reason where that comes first. */
const attendedOr = (attended: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    void attended.then(resolve);
  });

type Environment = Readonly<Record<string, string | undefined>>;

const environmentOf = ({ unset, set }: SignInProgram): Environment => {
  const ours = Object.entries(process.env).filter(([name]) => !unset.includes(name));
  const env: Environment = { ...Object.fromEntries(ours), ...set };
  if (process.platform === "win32") return env;
  const hasDisplay = displays.some((name) => (env[name] ?? "") !== "");
  return {
    ...env,
    // A program that would open its page itself prints the address instead: which browser, and when, is ours to say.
    BROWSER: "echo",
    // gcloud does not even try without a display. Of these names nobody else looks at this one.
    ...(!hasDisplay && { MIR_SOCKET: "none" }),
  };
};

const displays = ["DISPLAY", "WAYLAND_DISPLAY", "MIR_SOCKET"];

/** Where a program that signs in is; its name where it is not found. */
export const programPathOf = (program: SignInProgram): string => {
  const [name] = program.argv;
  return findProgram(name, environmentOf(program), homedir()) ?? name;
};

/** A program as people know it: its name, without the folder. */
export const programTitleOf = ([name]: Argv): string => shown(basename(name.replaceAll("\\", "/")));

/** What it means that a program is nowhere. */
export const programMissing = (name: string): EvercredError =>
  new EvercredError("program-missing", `The program ${shown(name)} is not found.`, {
    remedy: "Install it, or name its whole path in the configuration.",
  });

/** What came out of a run, in our words where the system could not even start it. */
export const cannotRun = (thrown: unknown, name: string): unknown => {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (thrown instanceof EvercredError || typeof code !== "string") return thrown;
  const sentence = `The program ${shown(name)} cannot be run (${code}).`;
  return new EvercredError("program-missing", sentence, {
    remedy: "Install it anew, or name another one in the configuration.",
    cause: thrown,
  });
};

const refusal = (title: string, code: number | null, last: string): EvercredError => {
  const how = code === null ? "was killed" : `has ended without a sign-in (exit code ${code})`;
  const line = shown(withoutTokens(last)).trim().replace(/\.$/, "");
  const says = line === "" ? "" : ` It says: ${line}.`;
  return new EvercredError("sign-in-denied", `${title} ${how}.${says}`, {
    remedy: "Try again; if it goes on, run the same command in a terminal.",
  });
};

/** A line without what may be a key or a token. */
const withoutTokens = (line: string): string => line.replace(/[\w+/=.-]{40,}/g, "…");
