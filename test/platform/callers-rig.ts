import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Caller, Program } from "../../electron/core/caller.ts";
import { openMachine } from "../../electron/platform/callers.ts";
import { loadPeerAddon, type SeenOnLinux } from "../../electron/platform/peer.ts";
import { linuxProcesses } from "../../electron/platform/process-linux.ts";
import { type Peer, ProcessCallers } from "../../electron/server/callers.ts";
import { MemoryLog } from "../fakes/log.ts";
import { Sandbox } from "../shim/sandbox.ts";
import { builtPeer } from "./peer.ts";

export const isRoot = process.getuid?.() === 0;
export const python = realpathSync("/usr/bin/python3");
export const timeout = realpathSync("/usr/bin/timeout");

const addon = loadPeerAddon(await builtPeer());

/** The processes of this machine. */
export const processes = linuxProcesses((pid) => addon.look(pid) as SeenOnLinux | undefined);

/** Programs that ask, as a text for their interpreter. */
export const asksInPython =
  'import os, subprocess; subprocess.run([os.environ["EVERCRED"], "x"])\n';
export const asksInNode = 'require("child_process").spawnSync(process.env.EVERCRED, ["x"]);\n';
/** The second command keeps the shell from being replaced by the shim. */
export const asksInShell = '"$EVERCRED" x; exit 0\n';

/** A user's machine at whose socket the callers are told, one after the other. */
export class Rig {
  readonly sandbox: Sandbox;
  readonly log = new MemoryLog();
  readonly callers: ProcessCallers;
  readonly #told: Peer[] = [];
  readonly #waiting: ((peer: Peer) => void)[] = [];

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.callers = new ProcessCallers(openMachine(sandbox.shim, this.log), this.log);
  }

  static async make(): Promise<Rig> {
    const sandbox = await Sandbox.make();
    copyFileSync(await builtPeer(), join(sandbox.installed, "peer.node"));
    const rig = new Rig(sandbox);
    const server = createServer((socket: Socket) => {
      socket.on("error", () => undefined);
      const peer = rig.callers.of(socket);
      const next = rig.#waiting.shift();
      if (next === undefined) rig.#told.push(peer);
      else next(peer);
      socket.resume();
      // The shim takes it for the end of its request.
      socket.end(Buffer.from("X\0\0\0\x010", "latin1"));
    });
    server.listen(sandbox.socket);
    await once(server, "listening");
    chmodSync(sandbox.socket, 0o600);
    onTestFinished(() => {
      server.close();
    });
    return rig;
  }

  /** Who asked next. */
  next(): Promise<Peer> {
    const peer = this.#told.shift();
    if (peer !== undefined) return Promise.resolve(peer);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Starts a program; `EVERCRED` is the shim in its environment. */
  start(program: string, ...args: readonly string[]): ChildProcess {
    const child = spawn(program, args, {
      cwd: this.sandbox.home,
      env: { ...this.sandbox.env, EVERCRED: this.sandbox.shim },
      stdio: ["ignore", "inherit", "inherit"],
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    return child;
  }

  /** Who asks, where this is run. */
  async callerOf(program: string, ...args: readonly string[]): Promise<Caller> {
    this.start(program, ...args);
    const peer = await this.next();
    if (peer.kind !== "ours") throw new Error("A stranger has asked.");
    return peer.caller;
  }

  async programOf(program: string, ...args: readonly string[]): Promise<Program> {
    const caller = await this.callerOf(program, ...args);
    if (caller.kind !== "program") throw new Error(`The caller is ${caller.kind}.`);
    return caller.program;
  }

  /** Writes a file in the home. */
  write(name: string, text: string, mode = 0o644): string {
    const file = join(this.sandbox.home, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }

  /** A copy of a program, which is no wrapper by that name: it runs the words that it is given, and waits for them. */
  copy(name: string): string {
    const file = join(this.sandbox.home, name);
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(timeout, file);
    chmodSync(file, 0o755);
    return file;
  }
}
