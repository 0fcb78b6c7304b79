import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { identityOf } from "../../electron/core/caller.ts";
import { openMachine } from "../../electron/platform/callers.ts";
import { Programs } from "../../electron/platform/process-programs.ts";
import { roleOf } from "../../electron/platform/process-role.ts";
import type { Process, Processes } from "../../electron/platform/process.ts";
import { ProcessCallers } from "../../electron/server/callers.ts";
import { MemoryLog } from "../fakes/log.ts";
import { Sandbox } from "../shim/sandbox.ts";
import { asksInShell, isRoot, processes, python, Rig } from "./callers-rig.ts";
import { builtPeer } from "./peer.ts";
import { bundleProgram, runProgram } from "./program.ts";

/** The processes of this machine, one of which is found otherwise at each further look. */
const processesWith = (pid: number, changes: readonly Partial<Process>[]): Processes => {
  let looks = 0;
  return {
    look: (each) => {
      const seen = processes.look(each);
      if (seen === undefined || each !== pid) return seen;
      const { parent, startedAt, stamp, path, file } = seen;
      const words = (): readonly string[] => seen.words();
      const isTyped = (): boolean => seen.isTyped();
      const resolve = (word: string): string | undefined => seen.resolve(word);
      return {
        pid,
        parent,
        startedAt,
        stamp,
        path,
        file,
        words,
        isTyped,
        resolve,
        ...changes[looks++],
      };
    },
  };
};

let rig: Rig;

beforeEach(async () => {
  rig = await Rig.make();
});

afterEach(() => {
  expect(rig.log.lines).toEqual([]);
});

describe("nobody knows who", () => {
  test("has connected and ended since", async () => {
    const script = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
    // Nothing is accepted in the meantime.
    expect(spawnSync(python, ["-c", script, rig.sandbox.socket]).status).toBe(0);
    expect(await rig.next()).toEqual({ kind: "ours", caller: { kind: "unknown" } });
  });

  test.skipIf(!isRoot)("has a number by now that was another's", async () => {
    const connectOnly = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
    const waits = "import sys; sys.stdin.read()";
    for (let tries = 0; tries < 50; tries += 1) {
      const gone = spawnSync(python, ["-c", connectOnly, rig.sandbox.socket]);
      writeFileSync("/proc/sys/kernel/ns_last_pid", String(gone.pid - 1));
      const heir = spawn(python, ["-c", waits], { stdio: ["pipe", "ignore", "ignore"] });
      const peer = await rig.next();
      const isHeir = heir.pid === gone.pid;
      heir.kill("SIGKILL");
      await once(heir, "exit");
      expect(peer).toEqual({ kind: "ours", caller: { kind: "unknown" } });
      if (isHeir) return;
    }
    throw new Error("No number was had twice.");
  });

  test("has become another one while somebody looked", () => {
    const { pid } = rig.start("/bin/sleep", "60");
    const toldBy = (...changes: readonly Partial<Process>[]): string | undefined =>
      new Programs(processesWith(pid!, changes), rig.sandbox.shim).of(pid!)?.name;
    expect(toldBy()).toBe("sleep");
    expect(toldBy({}, { stamp: "another" })).toBeUndefined();
    expect(toldBy({}, { path: "/bin/another" })).toBeUndefined();
  });

  test("has a parent that started after it, with the number of another one", () => {
    const parent = rig.start("/bin/sh", "-c", "kill -STOP $$");
    const sleeping = {
      parent: parent.pid!,
      startedAt: processes.look(parent.pid!)!.startedAt,
    };
    const { pid } = rig.start("/bin/sh", "-c", "kill -STOP $$");
    const toldBy = (change: Partial<Process>): boolean =>
      new Programs(processesWith(pid!, [change]), rig.sandbox.shim).of(pid!) !== undefined;
    expect(toldBy({ ...sleeping, stamp: processes.look(pid!)!.stamp })).toBe(true);
    expect(toldBy({ ...sleeping, startedAt: sleeping.startedAt - 1 })).toBe(false);
  });

  test("has no addon to be told by, which the log says once", async () => {
    const sandbox = await Sandbox.make();
    const log = new MemoryLog();
    const callers = new ProcessCallers(openMachine(sandbox.shim, log), log);
    const server = createServer((socket) => {
      expect(callers.of(socket)).toEqual({ kind: "ours", caller: { kind: "unknown" } });
      socket.destroy();
    });
    server.listen(sandbox.socket);
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
    });
    chmodSync(sandbox.socket, 0o600);
    await sandbox.run(["x"]);
    await sandbox.run(["x"]);
    expect(log.lines.map(({ event }) => event)).toEqual(["callers: nobody is told"]);
  });

  test("is of a number that nobody has", () => {
    const programs = new Programs(processes, rig.sandbox.shim);
    for (const pid of [0, -1, 2 ** 30]) expect(programs.of(pid)).toBeUndefined();
  });

  test.skipIf(!isRoot)("is another user's, whose files are kept from us", async () => {
    const folder = rig.sandbox.home;
    for (const each of [rig.sandbox.folder, folder]) chmodSync(each, 0o755);
    const bundle = await bundleProgram(
      `
      import { loadPeerAddon } from "./electron/platform/peer.ts";
      import { linuxProcesses } from "./electron/platform/process-linux.ts";
      import { Programs } from "./electron/platform/process-programs.ts";
      const addon = loadPeerAddon(${JSON.stringify(await builtPeer())});
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      const programs = new Programs(linuxProcesses((pid) => addon.look(pid)), "/nowhere");
      const { ppid, pid } = process;
      console.log(JSON.stringify([programs.of(ppid) === undefined, programs.of(1) === undefined]));
      `,
      folder,
    );
    const { next } = runProgram(bundle, {});
    expect(await next()).toEqual([true, true]);
  });
});

test.skipIf(!isRoot)(
  "another user is a stranger, also where the socket is open to all",
  async () => {
    for (const each of [rig.sandbox.folder, join(rig.sandbox.folder, "run"), rig.sandbox.runtime]) {
      chmodSync(each, 0o755);
    }
    chmodSync(rig.sandbox.socket, 0o666);
    const script = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
    const child = spawn(python, ["-c", script, rig.sandbox.socket], { uid: 65_534, cwd: "/" });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    expect(await rig.next()).toEqual({ kind: "stranger" });
  },
);

describe("what adopts those whose parent has ended is not told from others", () => {
  test("as the parent of an orphan", async () => {
    // It is not a child of the shell any more when it asks.
    const orphan = `(while kill -0 $$; do :; done 2>/dev/null; ${asksInShell}) & exit 0`;
    expect(identityOf(await rig.callerOf("/bin/sh", "-c", orphan))).toBeUndefined();
  });

  test("process 1 and any systemd", async () => {
    const { pid } = rig.start("/bin/sleep", "60");
    const first = processesWith(pid!, [{ pid: 1 }]).look(pid!);
    expect(roleOf(first!)).toMatchObject({ name: "sleep", identity: undefined });
    const file = rig.copy("systemd");
    expect(await rig.programOf(file, "10", "/bin/sh", "-c", asksInShell)).toMatchObject({
      path: file,
      identity: undefined,
    });
  });
});
