import { spawn } from "node:child_process";
import { join } from "node:path";

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

/**
 * Runs a program without a shell, in our environment, with nothing on its stdin. It and what it has started
 * are killed when the signal aborts, and where it prints more than `maxBytes`. Rejects with the signal's
 * reason, with TooMuchOutput, or with the system's error where it cannot be started.
 */
export const runCommand = async (
  [program, ...args]: readonly [string, ...string[]],
  maxBytes: number,
  signal: AbortSignal,
): Promise<CommandOutput> => {
  signal.throwIfAborted();
  // A group of its own: its children end with it.
  const detached = process.platform !== "win32";
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached,
    windowsHide: true,
  });
  const { stdout, stderr } = child;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let complaint = "";
    const end = (reason: Error): void => {
      signal.removeEventListener("abort", abort);
      if (child.pid !== undefined) killTree(child.pid);
      // Somebody who has left the group may hold the other ends.
      stdout.destroy();
      stderr.destroy();
      reject(reason);
    };
    const abort = (): void => {
      end(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
    stdout.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) end(new TooMuchOutput());
      else chunks.push(chunk);
    });
    stderr.setEncoding("utf8").on("data", (chunk: string) => {
      if (complaint.length < maxComplaint) complaint += chunk;
    });
    child.once("error", (thrown) => {
      signal.removeEventListener("abort", abort);
      reject(thrown);
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", abort);
      const [first = ""] = complaint.trimStart().split(/\r?\n/, 1);
      resolve({ code, stdout: Buffer.concat(chunks).toString("utf8"), complaint: first });
    });
  });
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
