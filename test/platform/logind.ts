import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * Whose processes they are that ask: of the session on the screen, of a `service` of the person's, of a `terminal`;
 * `locked`: as the first, and it is locked from the start; `nobody`: that person is not logged in.
 */
export type Kind = "screen" | "service" | "terminal" | "locked" | "nobody";

/** A login service with one session on the screen. */
export interface Logind {
  /** Sets properties of the session, and tells of it. */
  set(
    properties: Readonly<Partial<Record<"LockedHint" | "IdleHint" | "Active", boolean>>>,
  ): Promise<void>;
  /** Sends a signal of the session, which changes nothing. */
  signal(name: "Lock" | "Unlock"): Promise<void>;
  /** Tells that the computer goes to sleep, or has woken. */
  sleep(begins: boolean): Promise<void>;
  close(): Promise<void>;
}

const script = join(import.meta.dirname, "..", "e2e", "logind.py");

/** Puts it on a bus; `close` must be called. */
export const openLogind = async (address: string, kind: Kind = "screen"): Promise<Logind> => {
  const child = spawn("/usr/bin/python3", [script, kind], {
    env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  const order = async (what: object): Promise<void> => {
    const done = once(lines, "line");
    child.stdin.write(`${JSON.stringify(what)}\n`);
    await done;
  };
  return {
    set: (properties) => order({ set: properties }),
    signal: (name) => order({ signal: name }),
    sleep: (begins) => order({ sleep: begins }),
    close: async () => {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
};
