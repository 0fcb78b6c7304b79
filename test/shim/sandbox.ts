import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { buildShim } from "../../scripts/build-shim.mjs";
import { type Conversation, listen, type ListeningDaemon, type Place } from "./listening-daemon.ts";

/** What the shim under test prints as help and version. */
export const usage = 'Usage: evercred VERB\n  Quotes "", a \\, a ?? and an é…\n';
export const version = "1.2.3";

/** Tests that make files of another user need root. */
export const isRoot = process.getuid?.() === 0;
export const anotherUser = 65534;

/** How a shim ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shim that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Collects what a process prints until it ends. */
export function follow(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const chunks: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] };
    child.stdout?.on("data", (chunk: Buffer) => chunks.out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.err.push(chunk));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const [stdout, stderr] = [chunks.out, chunks.err].map((all) => Buffer.concat(all).toString());
      resolve({ code, signal, stdout: stdout ?? "", stderr: stderr ?? "" });
    });
  });
}

/** The environment and descriptors that a shim is started with. */
export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: "pipe" | "ignore";
  /** Descriptors 3 and up. */
  readonly more?: readonly ("pipe" | number)[];
}

/** A user's home, runtime and state folders, and an installed shim; gone when the test ends. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "shim-"));
  readonly home = join(this.folder, "home");
  readonly runtime = join(this.folder, "run", "evercred");
  readonly state = join(this.folder, "state", "evercred");
  readonly installed = join(this.folder, "bin");
  readonly shim = join(this.installed, "evercred");
  readonly socket = join(this.runtime, "daemon.sock");
  readonly env: Readonly<Record<string, string>> = {
    HOME: this.home,
    PATH: process.env["PATH"] ?? "",
    XDG_RUNTIME_DIR: join(this.folder, "run"),
    XDG_STATE_HOME: join(this.folder, "state"),
  };

  private constructor(built: string) {
    for (const folder of [this.home, join(this.folder, "run"), this.installed]) mkdirSync(folder);
    mkdirSync(this.runtime, { mode: 0o700 });
    copyFileSync(built, this.shim);
  }

  static async make(): Promise<Sandbox> {
    const outFile = join(import.meta.dirname, "../../node_modules/.cache/shim-under-test/evercred");
    await buildShim({ usage, version, outFile });
    const sandbox = new Sandbox(outFile);
    onTestFinished(() => {
      rmSync(sandbox.folder, { recursive: true, force: true, maxRetries: 5 });
    });
    return sandbox;
  }

  /** Starts the shim. */
  start(args: readonly string[], start: Start = {}): Running {
    const child = spawn(this.shim, args, {
      cwd: start.cwd ?? this.home,
      env: start.env ?? this.env,
      stdio: [start.stdin ?? "ignore", "pipe", "pipe", ...(start.more ?? [])],
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    return { child, ended: follow(child) };
  }

  /** Runs the shim to its end. */
  run(args: readonly string[], start: Start = {}): Promise<Ended> {
    return this.start(args, start).ended;
  }

  /** Serves requests at the place where the shim looks first. */
  async serve(
    answer: (conversation: Conversation) => void | Promise<void>,
    place: Place = this.socket,
  ): Promise<ListeningDaemon> {
    const daemon = await listen(place, answer);
    onTestFinished(() => daemon.close());
    return daemon;
  }

  /** Writes the note of where the daemon listens. */
  writeEndpoint(text: string): string {
    const file = join(this.state, "endpoint");
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    return file;
  }

  /** Writes the launch file: each way a list of words. */
  install(...ways: readonly (readonly string[])[]): string {
    const file = join(this.installed, "evercred.launch");
    writeFileSync(file, ways.map((words) => `${words.join("\t")}\n`).join(""));
    chmodSync(file, 0o644);
    return file;
  }

  /** A way that starts test/shim/small-daemon.mjs, which notes each start. It is ended with the test. */
  smallDaemon(kind: "app" | "headless" = "headless"): readonly string[] {
    const script = join(import.meta.dirname, "small-daemon.mjs");
    onTestFinished(() => {
      for (const { pid } of this.starts()) endProcess(pid);
    });
    return [kind, process.execPath, script, this.socket, this.#notes];
  }

  /** The starts of small daemons so far. */
  starts(): readonly SmallDaemonStart[] {
    if (!existsSync(this.#notes)) return [];
    const lines = readFileSync(this.#notes, "utf8").trimEnd().split("\n");
    return lines.map((line): SmallDaemonStart => JSON.parse(line));
  }

  get #notes(): string {
    return join(this.folder, "starts");
  }
}

/** What a small daemon notes about its own start. */
export interface SmallDaemonStart {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly umask: number;
}

/** Ends a process that a test started, if it still runs. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
