import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, openSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadPeerAddon } from "../../electron/platform/peer.ts";
import { knownElectron } from "../../scripts/electron-dist.mjs";
import { temporaryFolder } from "./folder.ts";
import { builtPeer } from "./peer.ts";
import { bundleProgram, runProgram } from "./program.ts";

const electron = knownElectron();

const descriptor = (socket: Socket): number =>
  (socket as unknown as { _handle: { fd: number } })._handle.fd;

/** A Python program that connects to a socket, says so, and ends when its stdin does. */
const connectTo = (path: string, uid = process.getuid!()): ChildProcess => {
  const script =
    "import socket,sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); sys.stdin.read()";
  const child = spawn("/usr/bin/python3", ["-c", script, path], {
    uid,
    cwd: "/",
    stdio: ["pipe", "ignore", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
};

const listen = async (): Promise<{ readonly path: string; readonly next: Promise<Socket> }> => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const path = join(folder, "socket");
  // Its own end stays open, whatever the other one does.
  const server = createServer({ allowHalfOpen: true });
  server.listen({ path, writableAll: true });
  await once(server, "listening");
  const next = once(server, "connection").then(([socket]: Socket[]) => {
    onTestFinished(() => {
      socket!.destroy();
    });
    return socket!;
  });
  onTestFinished(() => {
    server.close();
  });
  return { path, next };
};

test("the kernel names the process at the other end, and says when it has ended", async () => {
  const { peer, ended } = loadPeerAddon(await builtPeer());
  const { path, next } = await listen();
  const child = connectTo(path);
  const socket = await next;
  const fd = descriptor(socket);
  expect(peer(fd)).toEqual({ pid: child.pid, uid: process.getuid!() });
  expect(ended(fd)).toBe(false);
  const gone = once(child, "exit");
  child.stdin?.end();
  await gone;
  // It is the one that has connected, for good.
  expect(peer(fd)).toEqual({ pid: child.pid, uid: process.getuid!() });
  expect(ended(fd)).toBe(true);
});

test.skipIf(process.getuid?.() !== 0)("another user is told by the number", async () => {
  const { peer } = loadPeerAddon(await builtPeer());
  const { path, next } = await listen();
  const child = connectTo(path, 65_534);
  expect(peer(descriptor(await next))).toEqual({ pid: child.pid, uid: 65_534 });
});

test("what is no local connection throws, and nothing else does", async () => {
  const { peer, ended } = loadPeerAddon(await builtPeer());
  const file = openSync("/dev/null", "r");
  onTestFinished(() => closeSync(file));
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const tcp = connect(port, "127.0.0.1");
  await once(tcp, "connect");
  onTestFinished(() => {
    tcp.destroy();
    server.close();
  });
  expect(() => peer(-1)).toThrow(expect.objectContaining({ code: "EBADF" }));
  expect(() => peer(file)).toThrow(expect.objectContaining({ code: "ENOTSOCK" }));
  expect(() => peer(descriptor(tcp))).toThrow(expect.objectContaining({ code: "EPEER" }));
  expect(() => peer("1" as unknown as number)).toThrow(TypeError);
  expect(() => (peer as () => unknown)()).toThrow(TypeError);
  expect(() => (ended as () => unknown)()).toThrow(TypeError);
});

test.skipIf(process.platform !== "linux")(
  "a process is looked at, whatever it calls itself",
  async () => {
    const { look } = loadPeerAddon(await builtPeer());
    // Its name, which the kernel gives before all else, looks like the fields behind it.
    const script =
      "open('/proc/self/comm', 'w').write(') R 1 2 3'); print(flush=True); import sys; sys.stdin.read()";
    const child = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    await once(child.stdout, "data");
    const stat = readFileSync(`/proc/${String(child.pid)}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const stamp = [22, 28, 48].map((field) => BigInt(fields[field - 3]!).toString(16)).join(".");
    expect(look(child.pid!)).toEqual({
      parent: process.pid,
      startedAt: Number(fields[22 - 3]),
      stamp,
      path: realpathSync("/usr/bin/python3"),
    });
    for (const pid of [0, -1, 2 ** 30]) expect(look(pid)).toBeUndefined();
    expect(() => look("1" as unknown as number)).toThrow(TypeError);
  },
);

test("an addon that is missing or is none throws", () => {
  const file = join(temporaryFolder(), "peer.node");
  expect(() => loadPeerAddon(file)).toThrow();
  writeFileSync(file, "no program");
  expect(() => loadPeerAddon(file)).toThrow();
});

test.skipIf(electron === undefined)("the same file works in Electron", async () => {
  const folder = temporaryFolder();
  const program = `
    import { createServer, connect } from "node:net";
    import { loadPeerAddon } from "./electron/platform/peer.ts";
    const { peer, ended } = loadPeerAddon(process.env.ADDON);
    const server = createServer((socket) => {
      const { fd } = socket._handle;
      console.log(JSON.stringify({ ...peer(fd), ended: ended(fd), pidIsOwn: peer(fd).pid === process.pid }));
      socket.destroy();
      server.close();
    }).listen(process.env.SOCKET, () => connect(process.env.SOCKET).on("error", () => undefined));
  `;
  const { child, next, ended } = runProgram(
    await bundleProgram(program, folder),
    {
      ELECTRON_RUN_AS_NODE: "1",
      ADDON: await builtPeer(),
      SOCKET: join(folder, "socket"),
    },
    electron,
  );
  expect(await next()).toEqual({
    pid: child.pid,
    uid: process.getuid!(),
    ended: false,
    pidIsOwn: true,
  });
  expect(await ended).toBe(0);
});
