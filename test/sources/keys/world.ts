import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Broker } from "../../../electron/core/broker.ts";
import type { TokenCredential } from "../../../electron/core/credential.ts";
import { tokenOf } from "../../../electron/core/credential.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { Session } from "../../../electron/core/session.ts";
import type { SignInOutcome } from "../../../electron/core/sign-in.ts";
import { type Source, targetOf } from "../../../electron/core/source.ts";
import { type KeysConfig, KeySources } from "../../../electron/sources/keys/index.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** For what waits on real programs. */
export const waiting = { timeout: 20_000, interval: 5 };

/** A signal that never ends anything. */
export const never = new AbortController().signal;

/** Nothing else is issued on the way. */
export const nothing = (): Promise<never> => Promise.reject(new Error("Nothing else is needed."));

/** A machine with a keychain, whose configuration has keys. */
export interface World {
  readonly clock: FakeClock;
  readonly home: string;
  readonly store: MemoryStore;
  readonly log: MemoryLog;
  /** The sources of these keys; fails where there is a problem. */
  sources(keys: KeysConfig["keys"]): readonly Source[];
  /** The daemon's sessions of these keys; again: another configuration comes into force. */
  configure(keys: KeysConfig["keys"]): Promise<void>;
  session(name: string): Session;
  /** What `evercred api-key NAME` gets. */
  issue(name: string, fresh?: boolean): Promise<TokenCredential>;
  /** A person enters a secret. */
  enter(name: string, secret: string): Promise<SignInOutcome>;
  /** The daemon is stopped and started again, on the same keychain. */
  restart(keys: KeysConfig["keys"]): Promise<void>;
  /** Writes a shell script that only its owner can run; gives its path. */
  script(name: string, lines: string): Promise<string>;
  /** The text of a file of the home directory; empty where there is none. */
  read(name: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts a world of its own. */
export async function startWorld(): Promise<World> {
  const clock = new FakeClock();
  const home = await mkdtemp(join(tmpdir(), "keys-"));
  const store = new MemoryStore();
  const memo = new MemoryMemo();
  const log = new MemoryLog();
  const { env, platform } = process;
  const keySources = new KeySources({ clock, home, env, platform });
  let broker = new Broker({ store, memo, clock, random: () => 0, log });
  const sources: World["sources"] = (keys) => {
    const loaded = keySources.load({ keys }, new Set());
    const [problem] = keySources.problems;
    if (problem !== undefined) throw new Error(problem.sentence);
    return loaded;
  };
  const session: World["session"] = (name) => {
    const found = broker.session(name);
    if (found === undefined) throw new Error(`There is no ${name}.`);
    return found;
  };
  const configure: World["configure"] = (keys) => broker.configure(sources(keys));
  return {
    clock,
    home,
    store,
    log,
    sources,
    configure,
    session,
    issue: async (name, fresh) => tokenOf(await broker.issue(targetOf("api-key", name), fresh)),
    enter: async (name, secret) => {
      const { request, outcome } = session(name).signIn(undefined);
      const asked = await request;
      if (asked.flow !== "secret") throw new Error("No secret is asked for.");
      asked.submit(new Secret(secret));
      return outcome;
    },
    restart: async (keys) => {
      await broker.close();
      broker = new Broker({ store, memo, clock, random: () => 0, log });
      await configure(keys);
    },
    script: async (name, lines) => {
      const path = join(home, name);
      await writeFile(path, `#!/bin/sh\n${lines}\n`);
      await chmod(path, 0o700);
      return path;
    },
    read: (name) => readFile(join(home, name), "utf8").catch(() => ""),
    close: async () => {
      await broker.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
