import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Program, unknownCaller } from "../../electron/core/caller.ts";
import { openMachine } from "../../electron/platform/callers.ts";
import { type Machine, ProcessCallers } from "../../electron/server/callers.ts";
import { MemoryLog } from "../fakes/log.ts";
import { builtPeer } from "../platform/peer.ts";
import { makeDirectory } from "./rig.ts";

const python = realpathSync("/usr/bin/python3");
const connects = "import socket,sys; s = socket.create_connection(('127.0.0.1', sys.argv[1]))\n";

/** The accepted end of a connection that this Python program makes. */
const acceptFrom = async (
  script: string,
  uid = process.getuid!(),
): Promise<{ readonly socket: Socket; readonly child: ChildProcess; readonly file: string }> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const file = join(await makeDirectory(), "client.py");
  writeFileSync(file, script);
  const words = uid === process.getuid!() ? [file] : ["-c", script];
  const child = spawn(python, [...words, String(port)], {
    uid,
    cwd: "/",
    stdio: ["pipe", "ignore", "inherit"],
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => {
    socket.destroy();
    child.kill();
    server.close();
  });
  return { socket, child, file };
};

const addon = await builtPeer();

const callersOn = (more: Partial<Machine> = {}): ProcessCallers => {
  const log = new MemoryLog();
  const machine = openMachine(join(dirname(addon), "evercred"), log);
  return new ProcessCallers({ ...machine, ...more }, log);
};

const program: Program = { name: "agent", path: "/agent", identity: "/agent", parents: [] };
const told: Machine = {
  peerOf: () => ({ pid: 7, uid: process.getuid!() }),
  hasEnded: () => false,
  programOf: (pid) => (pid === 7 ? program : undefined),
  holderOf: () => Promise.resolve(undefined),
  holds: () => false,
};

describe.skipIf(process.platform !== "linux")("at a loopback port", () => {
  test("a program of ours is told by its script", async () => {
    const { socket, file } = await acceptFrom(`${connects}sys.stdin.read()`);
    expect(await callersOn().ofLoopback(socket)).toMatchObject({
      kind: "program",
      program: { name: "client.py", path: python, identity: `${python}\0${file}` },
    });
  });

  test("what has opened the connection counts, not a child that was left it", async () => {
    const { socket, file } = await acceptFrom(
      `import os\n${connects}s.set_inheritable(True)
if os.fork() == 0: os.execv("/bin/cat", ["cat"])
s.send(b"x")\nsys.stdin.read()`,
    );
    // The child is there.
    await once(socket, "data");
    expect(await callersOn().ofLoopback(socket)).toMatchObject({
      program: { identity: `${python}\0${file}` },
    });
  });

  test("nobody is told where the other end is gone, is another user's, or was given up meanwhile", async () => {
    const { socket } = await acceptFrom(`${connects}sys.stdin.read()`);
    expect(await callersOn({ holds: () => false }).ofLoopback(socket)).toEqual(unknownCaller);
    expect(await callersOn({ programOf: () => undefined }).ofLoopback(socket)).toEqual(
      unknownCaller,
    );
    socket.destroy();
    await once(socket, "close");
    expect(await callersOn().ofLoopback(socket)).toEqual(unknownCaller);
    if (process.getuid?.() !== 0) return;
    const other = await acceptFrom(`${connects}sys.stdin.read()`, 65_534);
    const toldAll = { ...told, holderOf: () => Promise.resolve(7), holds: () => true };
    expect(await callersOn(toldAll).ofLoopback(other.socket)).toEqual(unknownCaller);
  });
});

describe("at a socket, as the machine tells", () => {
  const withHandle = (handle: unknown): Socket => ({ _handle: handle }) as unknown as Socket;
  const socketAt = (fd: unknown): Socket => withHandle({ fd });
  const unknown = { kind: "ours", caller: unknownCaller };
  const throwing = (): never => {
    throw new Error("EBADF");
  };

  test.each<readonly [string, Partial<Machine>, Socket, unknown]>([
    ["a program", {}, socketAt(3), { kind: "ours", caller: { kind: "program", program } }],
    ["another user", { peerOf: () => ({ pid: 7, uid: 4_711 }) }, socketAt(3), { kind: "stranger" }],
    ["one that has ended", { hasEnded: () => true }, socketAt(3), unknown],
    ["one that cannot be told", { programOf: () => undefined }, socketAt(3), unknown],
    ["nobody, where nothing is told", { peerOf: () => undefined }, socketAt(3), unknown],
    ["nobody, of a socket without a descriptor", {}, socketAt(undefined), unknown],
    ["nobody, of a socket that is closed", {}, socketAt(-1), unknown],
    ["nobody, of one without a handle", {}, withHandle(null), unknown],
    ["nobody, where the system fails", { peerOf: throwing }, socketAt(3), unknown],
  ])("%s", (_what, more, socket, peer) => {
    expect(new ProcessCallers({ ...told, ...more }, new MemoryLog()).of(socket)).toEqual(peer);
  });

  test("what fails is logged once", () => {
    const log = new MemoryLog();
    const callers = new ProcessCallers({ ...told, peerOf: throwing }, log);
    for (let time = 0; time < 3; time += 1) callers.of(socketAt(3));
    expect(log.lines.map(({ event }) => event)).toEqual(["server: a caller could not be told"]);
  });
});
