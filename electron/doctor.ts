import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { lastLines, openInspector } from "./assembly/inspector.ts";
import { currentPlaces, usualStateDir } from "./assembly/ownership.ts";
import { parse } from "./commands/arguments.ts";
import { diagnose, doctor } from "./commands/doctor.ts";
import type { AbsenceFacts } from "./commands/doctor-ports.ts";
import { errorOf, EvercredError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { SystemClock } from "./platform/clock.ts";
import { openConfig } from "./platform/config.ts";
import { openConfigReader } from "./platform/config-reader.ts";
import { keychainService, openKeychain } from "./platform/keychain.ts";
import { openLogReader } from "./platform/log-reader.ts";
import { takeOwnership } from "./platform/owner.ts";
import { openPolicy } from "./platform/policy.ts";
import { systemPolicy } from "./platform/policy-places.ts";
import type { Places } from "./protocol/endpoint.ts";
import { ask } from "./server/ask.ts";
import { answers } from "./server/door.ts";
import { awsFilesOf } from "./sources/aws/index.ts";

/** The daemon's log is the daemon's to write. */
const noLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A daemon that has said nothing to a simple question after this time hangs, in milliseconds. */
const hearingMs = 5_000;

/** What follows `--doctor` on a command line; undefined where that is not asked for. */
export const doctorWords = (argv: readonly string[]): readonly string[] | undefined => {
  const at = argv.indexOf("--doctor");
  return at < 0 ? undefined : argv.slice(at + 1);
};

/**
 * `evercred doctor` where no daemon answers: says why, and examines what can be examined without one. `words` follow
 * the verb. Prints by itself, and resolves to the exit code; never rejects.
 */
export const runDoctor = async (words: readonly string[], shim: string): Promise<number> => {
  // Who reads no further, as `head` does, has read enough.
  process.stdout.on("error", nothing);
  try {
    return await examineAlone(words, shim);
  } catch (thrown) {
    const { code, message, remedy, exit } = errorOf(thrown);
    const asJson = words.includes("--json");
    if (asJson) printer.printJson({ error: { code, message, remedy } });
    else printer.say(`evercred: ${message} ${remedy}`);
    return exit;
  }
};

const nothing = (): void => undefined;

const examineAlone = async (words: readonly string[], shim: string): Promise<number> => {
  const { env } = process;
  const places = currentPlaces();
  const mode = env["EVERCRED_KEYCHAIN"] === "memory" ? "memory" : "os";
  const store = openKeychain({
    service: keychainService(places.stateDir, usualStateDir()),
    mode,
    memoryRefusal: () => undefined,
    log: noLog,
  });
  const configFile = join(places.configDir, "config.json");
  const policy = await openPolicy({ place: systemPolicy(process.platform), log: noLog });
  const config = openConfig({ file: configFile, policy, log: noLog });
  try {
    return await diagnose(
      parse(doctor, words),
      {
        inspector: openInspector({
          places,
          shim,
          store,
          aws: awsFilesOf(env, homedir()),
          providers: () => [],
          networkProblems: () => [],
          refresh: () => Promise.resolve(),
          absence: () => absenceOf(places, shim),
        }),
        clock: new SystemClock(),
        configFile,
        configReader: openConfigReader(configFile, config, policy),
        shim,
        cwd: process.cwd(),
        variables: variablesOf(env),
        only: undefined,
        credentialOf: () => Promise.reject(new EvercredError("sign-in-needed")),
        running: undefined,
      },
      { cwd: process.cwd(), signal: new AbortController().signal },
      printer,
      openLogReader(places.logFile, { tap: () => () => undefined }),
    );
  } finally {
    config.close();
    policy.close();
  }
};

const printer: Parameters<typeof diagnose>[3] = {
  print: (line) => process.stdout.write(`${line}\n`),
  printJson: (document) => process.stdout.write(`${JSON.stringify(document)}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
};

const variablesOf = (env: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** Undefined where somebody answers after all. */
const absenceOf = async (places: Places, shim: string): Promise<AbsenceFacts | undefined> => {
  const { stateDir, socket, stoppedFile, logFile } = places;
  const isWindows = process.platform === "win32";
  const { isAnswered } = isWindows
    ? { isAnswered: await answers(socket) }
    : await ask(socket, ["help"], hearingMs);
  if (isAnswered) return undefined;
  const ownership = await takeOwnership({ stateDir, socket, shim });
  if (ownership.held) ownership.release();
  return {
    isStopped: existsSync(stoppedFile),
    owner: ownership.held ? undefined : ownership.by,
    isSocketThere: process.platform === "win32" || existsSync(socket),
    lastLines: lastLines(logFile, 3),
  };
};
