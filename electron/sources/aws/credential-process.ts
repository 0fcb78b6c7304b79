import { homedir } from "node:os";
import { basename } from "node:path";
import { EvercredError } from "../../core/errors.ts";
import { type Clock, plus } from "../../core/time.ts";
import { type CommandOutput, runCommand, TooMuchOutput } from "../command.ts";
import type { FoundKeys } from "./aws-keys.ts";
import { shown } from "../shown.ts";
import { findProgram, programsReady } from "../find-program.ts";
import { withDeadline } from "../deadline.ts";
import { readProcessOutput } from "./process-output.ts";
import { wordsOf } from "./section-name.ts";
import { windowsWordsOf } from "./windows-words.ts";

/** How long a program may take, in milliseconds. Some ask a person for a code. */
const limitMs = 60_000;

const maxBytes = 1024 * 1024;

/** A `credential_process` of a profile. */
export interface CredentialProcess {
  /** The profile, for the sentences. */
  readonly name: string;
  /** The line as the file has it. */
  readonly command: string;
}

/** Runs a profile's `credential_process`, as botocore does: no shell, nothing on stdin. `clock` is the provider's. */
export const runCredentialProcess = async (
  { name, command }: CredentialProcess,
  clock: Clock,
  signal: AbortSignal,
): Promise<FoundKeys> => {
  const [program, ...args] = commandWordsOf(command) ?? [];
  if (program === undefined || program === "") {
    throw new EvercredError("config-invalid", `credential_process of ${name} is no command line.`, {
      remedy: "Correct it in ~/.aws/config: every quote needs its end.",
    });
  }
  await programsReady();
  const late = new EvercredError(
    "timed-out",
    `credential_process of ${name} has not ended within ${limitMs / 1000} s.`,
    { remedy: `See whether it waits for somebody, or asks Evercred for ${name} itself.` },
  );
  const output = await withDeadline(clock, plus(clock.now(), limitMs), late, signal, (inner) =>
    runCommand([program, ...args], maxBytes, inner),
  ).catch((thrown: unknown) => {
    throw startErrorOf(thrown, name, program);
  });
  if (output.code !== 0) throw failureOf(output, name);
  return readProcessOutput(output.stdout, name, clock.now());
};

/**
 * The profile that a command line asks Evercred itself for, and undefined where it does not, or does not say
 * which: keys that come from there cannot be what they are made of.
 */
export const askedProfileOf = (command: string): string | undefined => {
  const [program = "", ...args] = commandWordsOf(command) ?? [];
  const isOurs = /^evercred(?:\.exe)?$/i.test(basename(program.replaceAll("\\", "/")));
  if (!isOurs || args[0] !== "aws" || !(args[1] === "process" || args[1] === "export")) {
    return undefined;
  }
  const at = args.findIndex((arg) => arg === "--profile" || arg.startsWith("--profile="));
  const flag = args[at];
  return flag === "--profile" ? args[at + 1] : flag?.slice("--profile=".length);
};

/** Where the program of a command line is; as it is written where it is not found. */
export const processPathOf = (command: string): string => {
  const [program = ""] = commandWordsOf(command) ?? [];
  return findProgram(program, process.env, homedir()) ?? program;
};

/** The words of a command line as botocore splits it on this machine; undefined where a quote stays open. */
const commandWordsOf = (command: string): readonly string[] | undefined =>
  process.platform === "win32" ? windowsWordsOf(command) : wordsOf(command);

const startErrorOf = (thrown: unknown, name: string, program: string): unknown => {
  if (thrown instanceof TooMuchOutput) {
    return new EvercredError("reply-invalid", `credential_process of ${name} prints too much.`, {
      remedy: "Run its command in a terminal and see what it prints.",
    });
  }
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (thrown instanceof EvercredError || typeof code !== "string") return thrown;
  const how = code === "ENOENT" ? "is not there" : `cannot be run (${code})`;
  return new EvercredError(
    "config-invalid",
    `The program ${shown(program)} of ${name}'s credential_process ${how}.`,
    {
      remedy:
        "Install it, or correct credential_process in ~/.aws/config; ~ is not expanded there.",
    },
  );
};

const failureOf = ({ code, complaint }: CommandOutput, name: string): EvercredError => {
  const how = code === null ? "was killed" : `has failed (${code})`;
  const line = shown(withoutKeys(complaint)).trim();
  const says = line === "" ? "" : ` It says: ${line.replace(/\.$/, "")}.`;
  return new EvercredError("provider-unavailable", `credential_process of ${name} ${how}.${says}`, {
    remedy: "Run its command in a terminal and see what it wants.",
  });
};

/** What key ids, secret keys and session tokens look like. */
const keyForms =
  /(?<![\w+/-])(?:A[A-Z]{3}[A-Z0-9]{16}|[A-Za-z0-9/+]{40}|[\w+/=-]{100,})(?![\w+/=-])/g;

/** A line without what may be a key. */
const withoutKeys = (line: string): string => line.replace(keyForms, "…");
