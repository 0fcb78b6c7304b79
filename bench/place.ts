import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { electronPath } from "../scripts/electron-dist.mjs";
import { type House, type HouseOptions, openHouse } from "../test/e2e/house.ts";
import { exampleOrganisation, type OrganisationOptions } from "../test/fakes/cloud/organisation.ts";
import { requestOf } from "./load.ts";

export const project = process.cwd();
export const exportWords = ["aws", "export", "--profile", "p"] as const;
export const run = promisify(execFile);

const closers: (() => Promise<unknown>)[] = [];

/** Opens a house that is closed with all others by `closeAll`. */
export const placeFor = async (options: HouseOptions = {}): Promise<House> => {
  const house = await openHouse(options);
  closers.push(() => house.close());
  return house;
};

/** Closes whatever was opened, the last first. */
export const closeAll = async (): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close().catch(() => undefined);
};

/** Has this done by `closeAll` at the latest. */
export const later = (close: () => Promise<unknown>): void => {
  closers.push(close);
};

/** A program of ours that goes on running. */
export interface Serving {
  readonly pid: number;
  stop(): Promise<void>;
}

export const socketOf = (house: House): string => join(house.runtime, "evercred", "daemon.sock");

/** Starts the daemon under plain Node; `words` are for Node. */
export const startHeadless = async (
  house: House,
  words: readonly string[] = [],
): Promise<Serving> => {
  const daemon = begin(headlessWords(words), house.env);
  await listens(socketOf(house), daemon.ended);
  return daemon;
};

export const headlessWords = (words: readonly string[] = []): readonly string[] => [
  process.execPath,
  ...words,
  join(project, "dist", "headless.cjs"),
];

/** What starts the app, as a program would: without a window. */
export const appWords = async (): Promise<readonly string[]> => [
  ...(await electronWords(project)),
  "--background",
];

/** What starts an empty tray app with the same Electron. */
export const emptyWords = (): Promise<readonly string[]> =>
  electronWords(join(project, "bench", "empty-tray"));

const electronWords = async (folder: string): Promise<readonly string[]> => [
  await electronPath(),
  "--no-sandbox",
  "--disable-gpu",
  folder,
];

/** The environment of a desktop's programs in this house. */
export const desktopEnv = (house: House): Readonly<Record<string, string>> => ({
  ...house.env,
  DISPLAY: process.env["DISPLAY"] ?? "",
  XAUTHORITY: process.env["XAUTHORITY"] ?? "",
  NO_AT_BRIDGE: "1",
});

interface Begun extends Serving {
  readonly child: ChildProcess;
  /** Resolves when it ends. */
  readonly ended: Promise<unknown>;
}

/** Starts a program whose first line of output can be waited for. */
export const begin = (
  [program = "", ...words]: readonly string[],
  env: Readonly<Record<string, string>>,
): Begun => {
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "exit");
  child.stdout.resume();
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
    child.kill("SIGKILL");
    await ended;
  };
  later(() => ((child.exitCode ?? child.signalCode) === null ? stop() : Promise.resolve()));
  return { pid: child.pid ?? 0, child, ended, stop };
};

/** Resolves once somebody listens there. Rejects where the program ends first. */
const listens = async (socket: string, ended: Promise<unknown>): Promise<void> => {
  const over = ended.then(() => {
    throw new Error("The daemon ended before it listened.");
  });
  over.catch(() => undefined);
  while (!(await answersAt(socket))) await Promise.race([sleep(2), over]);
};

const answersAt = (socket: string): Promise<boolean> =>
  existsSync(socket)
    ? new Promise((resolve) => {
        const end = connect(socket, () => {
          end.destroy();
          resolve(true);
        });
        end.on("error", () => {
          resolve(false);
        });
      })
    : Promise.resolve(false);

/**
 * Asks at a socket, again and again from before it is there, until something is handed out. Resolves to the instant of that
 * on the clock of `performance.now`.
 */
export const firstCredential = async (socket: string): Promise<number> => {
  const lastAt = performance.now() + 30_000;
  while (performance.now() < lastAt) {
    if (existsSync(socket) && (await isServed(socket))) return performance.now();
    await sleep(1);
  }
  throw new Error("No credential within half a minute.");
};

const isServed = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    const end = connect(socket, () => end.end(requestOf(exportWords)));
    end.on("data", (part) => parts.push(part));
    end.on("error", () => {
      resolve(false);
    });
    end.on("close", () => {
      resolve(Buffer.concat(parts).subarray(-6).toString("latin1") === "X\0\0\0\x010");
    });
  });

/** Signs in to all sources of a house by its shim. Rejects with what the shim says. */
export const signIn = async (house: House, ...words: readonly string[]): Promise<void> => {
  const { code, stderr } = await house.evercred("login", ...words);
  if (code !== 0) throw new Error(stderr);
};

/** As many organisations: a session is one's sign-in. */
export const organisations = (count: number): readonly OrganisationOptions[] =>
  Array.from({ length: count }, (_, at) => ({ ...exampleOrganisation, startUrl: startUrl(at) }));

const startUrl = (at: number): string =>
  `https://d-${String(1_234_567_890 + at)}.awsapps.com/start`;

/** An AWS configuration with so many profiles, `p` and `p1` on, over so many sign-ins. */
export const awsConfig = (profiles: number, sessions: number): string => {
  const lines: string[] = [];
  for (let at = 0; at < sessions; at += 1) {
    lines.push(
      `[sso-session ${sessionName(at)}]`,
      `sso_start_url = ${startUrl(at)}`,
      "sso_region = us-east-1",
      "sso_registration_scopes = sso:account:access",
    );
  }
  for (let at = 0; at < profiles; at += 1) {
    lines.push(
      `[profile ${at === 0 ? "p" : `p${String(at)}`}]`,
      `sso_session = ${sessionName(at % sessions)}`,
      "sso_account_id = 111122223333",
      "sso_role_name = Developer",
      "region = us-east-1",
    );
  }
  return `${lines.join("\n")}\n`;
};

const sessionName = (at: number): string => (at === 0 ? "corp" : `corp${String(at)}`);
