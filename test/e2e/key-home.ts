import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { House, Outcome } from "./house.ts";

/** What a program has on its stdin, and otherwise than this user's programs. */
export interface Given {
  readonly input?: string;
  readonly cwd?: string;
  /** All of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. */
export const runWith = async (
  house: House,
  program: string,
  args: readonly string[],
  { input = "", cwd = house.home, env = house.env }: Given,
): Promise<Outcome> => {
  const begin = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  // Who reads nothing may have gone already.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr, tookMs: performance.now() - begin };
};

/** Runs the shim with this on its stdin. */
export const fed = (house: House, input: string, ...args: readonly string[]): Promise<Outcome> =>
  runWith(house, house.shim, args, { input });

/** Keeps this secret for a key that there is. */
export const enterKey = async (house: House, name: string, secret: string): Promise<void> => {
  expect(await fed(house, secret, "api-key", "set", name)).toMatchObject({ code: 0 });
};

/** Asks for a key; all that is printed is compared, but for a word on a daemon that is slow to start. */
export const keyOf = async (
  house: House,
  name: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => {
  const { code, stdout, stderr } = await house.evercred("api-key", name);
  return { code, stdout, stderr: stderr.replace("Starting Evercred…\n", "") };
};

/** What is printed where this is the key. */
export const printed = (key: string) => ({ code: 0, stdout: `${key}\n`, stderr: "" });

/** Evercred's configuration. */
export const configFileOf = ({ home }: House): string =>
  join(home, ".config", "evercred", "config.json");

/** A key as `api-key list --json` has it. */
export interface KeyFacts {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly source?: string;
  readonly credentialExpiresAt?: string;
}

/** The keys as `api-key list --json` has them. */
export const keysOf = async (house: House): Promise<readonly KeyFacts[]> => {
  const { stdout } = await house.evercred("api-key", "list", "--json");
  return (JSON.parse(stdout) as { readonly keys: readonly KeyFacts[] }).keys;
};

/** All that anybody could read of this user's files and of the daemon's command line and environment. */
export const allTexts = async (house: House): Promise<readonly string[]> => {
  const pid = String(await house.daemonPid());
  const entries = await readdir(house.home, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    [...files, `/proc/${pid}/cmdline`, `/proc/${pid}/environ`].map((file) =>
      readFile(file, "latin1"),
    ),
  );
};
