import { existsSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { EvercredError } from "../../core/errors.ts";
import { shellWord } from "../../core/judging.ts";
import { type Clock, plus, within } from "../../core/time.ts";
import { type Argv, type CommandOutput, runCommand, TooMuchOutput } from "../command.ts";
import { withDeadline } from "../deadline.ts";
import {
  cannotRun,
  findProgram,
  programMissing,
  programsReady,
  programTitleOf,
} from "../program.ts";
import { shown } from "../shown.ts";
import { withoutSecrets } from "./masked.ts";

/** A program that prints a key. */
export interface KeyProgram {
  /** Of the key. */
  readonly name: string;
  /** A text is for the shell. */
  readonly command: Argv | string;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Variables that it has besides ours. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it is run. */
  readonly cwd: string;
}

/** What a program is run on. */
export interface Machine {
  readonly clock: Clock;
  readonly home: string;
  /** Our own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** Four times the longest key that anybody takes. */
const maxBytes = 64 * 1024;

/** How long is waited for the rest of what a program has printed, in milliseconds: others may hold its output. */
const restMs = 1_000;

/** Who prints the key, as the beginning of a sentence. */
export const speakerOf = ({ name, command }: Pick<KeyProgram, "name" | "command">): string =>
  typeof command === "string" ? `The command of ${name}` : programTitleOf(command);

/** Where the program is, as an organisation may have a word on it: by its name where it is not found. */
export const keyProgramPathOf = (
  { command, env }: Pick<KeyProgram, "command" | "env">,
  machine: Pick<Machine, "env" | "home">,
): string => {
  if (typeof command === "string") return shellWord;
  const [program] = command;
  return findProgram(program, { ...machine.env, ...env }, machine.home) ?? program;
};

/** Throws `config-invalid` where there is no such folder to run it in. */
export const checkFolder = ({ name, cwd }: Pick<KeyProgram, "name" | "cwd">): void => {
  if (isFolder(cwd)) return;
  throw new EvercredError("config-invalid", `There is no folder ${shown(cwd)}.`, {
    remedy: `Correct cwd of keys.${name} in the configuration.`,
  });
};

/**
 * Runs a program that prints a key to its end; it may have failed. Rejects with `program-missing`, `config-invalid`
 * where there is no such folder to run it in, `timed-out`, `key-unfit` where it prints too much, or the signal's
 * reason.
 */
export const runKeyProgram = async (
  program: KeyProgram,
  machine: Machine,
  signal: AbortSignal,
): Promise<CommandOutput> => {
  const { name, command, timeoutMs, cwd } = program;
  const { clock, home, platform } = machine;
  await programsReady();
  const env = { ...machine.env, ...program.env };
  const argv =
    typeof command === "string"
      ? shellArgvOf(command, env, platform)
      : foundArgv(command, env, home);
  checkFolder(program);
  const who = speakerOf(program);
  const late = new EvercredError(
    "timed-out",
    `${who} has not ended within ${timeoutMs / 1000} s.`,
    { remedy: `See in a terminal what it waits for, or raise timeout of keys.${name}.` },
  );
  const isVerbatim = platform === "win32" && typeof command === "string";
  return withDeadline(clock, plus(clock.now(), timeoutMs), late, signal, (inner) =>
    runCommand(argv, maxBytes, inner, {
      env,
      cwd,
      isVerbatim,
      wait: async (running) => {
        const code = await running.exited;
        await within(clock, restMs, running.ended, undefined);
        running.close();
        return code;
      },
    }),
  ).catch((thrown: unknown) => {
    if (!(thrown instanceof TooMuchOutput)) throw cannotRun(thrown, argv[0]);
    throw new EvercredError("key-unfit", `${who} prints too much to be a key.`, {
      remedy: "See in a terminal what it prints.",
    });
  });
};

/** A failure of a program that was run: in its own words, as far as they can hold no secret. */
export const failureOf = (
  program: KeyProgram,
  { code, complaint }: CommandOutput,
  platform: NodeJS.Platform,
): EvercredError => {
  const who = speakerOf(program);
  const line = shown(withoutSecrets(stripVTControlCharacters(complaint)))
    .trim()
    .replace(/\.$/, "");
  const says = line === "" ? "" : ` It says: ${line}.`;
  const how = code === null ? "was killed" : `has failed (exit code ${code})`;
  const isShell = typeof program.command === "string" && platform !== "win32";
  if (isShell && (code === 127 || code === 126)) {
    const what = code === 127 ? "not found" : "not to be run";
    return new EvercredError("program-missing", `${who} names a program that is ${what}.${says}`, {
      remedy: "Install it, or name its whole path in the configuration.",
    });
  }
  return new EvercredError("program-failed", `${who} ${how}.${says}`);
};

type Environment = Readonly<Record<string, string | undefined>>;

/** A program where it is found; one that is named by its path and cannot be run is the system's to refuse. */
const foundArgv = ([program, ...args]: Argv, env: Environment, home: string): Argv => {
  const path = findProgram(program, env, home);
  if (path !== undefined) return [path, ...args];
  if (isAbsolute(program) && existsSync(program)) return [program, ...args];
  throw programMissing(program);
};

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

/** The shell that runs a command line: as Node's own `exec` calls it. */
export const shellArgvOf = (command: string, env: Environment, platform: NodeJS.Platform): Argv => {
  if (platform !== "win32") return ["/bin/sh", "-c", command];
  const shell = join(env["SystemRoot"] ?? "C:\\Windows", "System32", "cmd.exe");
  return [shell, "/d", "/s", "/c", `"${command}"`];
};
