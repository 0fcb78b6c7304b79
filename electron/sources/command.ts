import { spawn } from "node:child_process";
import { join } from "node:path";

/** A program and its arguments. */
export type Argv = readonly [string, ...string[]];

/** What a program is run with. */
export interface ProgramOptions {
  /** Left out: ours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where it is run. Left out: where we are. */
  readonly cwd?: string;
  /** Whether its arguments make up the command line as they are, on Windows, where they else are quoted. */
  readonly isVerbatim?: boolean;
  /** Takes what it prints. What this throws ends the program. */
  readonly take: (chunk: Buffer, from: "stdout" | "stderr") => void;
}

/** A program that was started. Both promises reject with what ended it from here, or why it could not be started. */
export interface RunningProgram {
  /** Its exit code, null where a signal ended it. Others may still hold its output. */
  readonly exited: Promise<number | null>;
  /** Likewise, once all that was printed has been taken. */
  readonly ended: Promise<number | null>;
  /** Takes nothing any more: what others still print goes nowhere. */
  release(): void;
  /** Likewise, and leaves: who still prints finds nobody at the other end. */
  close(): void;
}

/**
 * Starts a program without a shell, with nothing on its stdin. It and what it has started are killed when the
 * signal aborts.
 */
export const startProgram = (
  [program, ...args]: Argv,
  { env, cwd, isVerbatim = false, take }: ProgramOptions,
  signal: AbortSignal,
): RunningProgram => {
  // A group of its own: its children end with it.
  const detached = process.platform !== "win32";
  const child = spawn(program, args, {
    ...(env !== undefined && { env }),
    ...(cwd !== undefined && { cwd }),
    windowsVerbatimArguments: isVerbatim,
    stdio: ["ignore", "pipe", "pipe"],
    detached,
    windowsHide: true,
  });
  const { stdout, stderr } = child;
  let fail: (reason: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let isReleased = false;
  const release = (): void => {
    isReleased = true;
    signal.removeEventListener("abort", abort);
  };
  const close = (): void => {
    release();
    stdout.destroy();
    stderr.destroy();
  };
  const end = (reason: Error): void => {
    if (child.pid !== undefined) killTree(child.pid);
    // Somebody who has left the group may hold the other ends.
    close();
    fail(reason);
  };
  const abort = (): void => {
    end(signal.reason as Error);
  };
  const pass = (from: "stdout" | "stderr") => (chunk: Buffer) => {
    if (isReleased) return;
    try {
      take(chunk, from);
    } catch (thrown) {
      end(thrown as Error);
    }
  };
  signal.addEventListener("abort", abort, { once: true });
  stdout.on("data", pass("stdout"));
  stderr.on("data", pass("stderr"));
  child.once("error", (thrown) => {
    release();
    fail(thrown);
  });
  child.once("close", release);
  const codeAt = (event: "exit" | "close"): Promise<number | null> => {
    const came = new Promise<number | null>((resolve) => {
      child.once(event, resolve);
    });
    const code = Promise.race([came, failed]);
    // Not everybody waits for both.
    code.catch(() => undefined);
    return code;
  };
  return { exited: codeAt("exit"), ended: codeAt("close"), release, close };
};

/** What a program that was run to its end has left. */
export interface CommandOutput {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** Its first line only. */
  readonly complaint: string;
}

/** What comes out of a program that prints more than it may. */
export class TooMuchOutput extends Error {
  override readonly name = "TooMuchOutput";
}

const maxComplaint = 4_096;

/** How a command is run. */
export interface CommandOptions extends Omit<ProgramOptions, "take"> {
  /** Waits for its end. Left out: until all that was printed has been taken. */
  readonly wait?: (running: RunningProgram) => Promise<number | null>;
}

/**
 * Runs a program without a shell, with nothing on its stdin. It and what it has started are killed when the
 * signal aborts, and where it prints more than `maxBytes`. Rejects with the signal's reason, with TooMuchOutput,
 * or with the system's error where it cannot be started.
 */
export const runCommand = async (
  argv: Argv,
  maxBytes: number,
  signal: AbortSignal,
  { wait = ({ ended }) => ended, ...options }: CommandOptions = {},
): Promise<CommandOutput> => {
  signal.throwIfAborted();
  const chunks: Buffer[] = [];
  const words = new TextDecoder();
  let length = 0;
  let complaint = "";
  const take: ProgramOptions["take"] = (chunk, from) => {
    if (from === "stderr") {
      if (complaint.length < maxComplaint) complaint += words.decode(chunk, { stream: true });
      return;
    }
    length += chunk.length;
    if (length > maxBytes) throw new TooMuchOutput();
    chunks.push(chunk);
  };
  const code = await wait(startProgram(argv, { ...options, take }, signal));
  const [first = ""] = complaint.trimStart().split(/\r?\n/, 1);
  return { code, stdout: Buffer.concat(chunks).toString("utf8"), complaint: first };
};

const killTree = (pid: number): void => {
  if (process.platform === "win32") {
    const taskkill = join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "taskkill.exe");
    spawn(taskkill, ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true }).once(
      "error",
      () => undefined,
    );
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
};
