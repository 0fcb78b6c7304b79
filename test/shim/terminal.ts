import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Ended, follow, type Sandbox } from "./sandbox.ts";

/** A shim on a terminal. */
export class Terminal {
  readonly #child: ChildProcess;
  /** What the terminal showed as stdout, and as stderr whether it was left with its echo on. */
  readonly ended: Promise<Ended>;

  constructor(sandbox: Sandbox, args: readonly string[], env = sandbox.env) {
    const helper = join(import.meta.dirname, "terminal.py");
    this.#child = spawn("/usr/bin/python3", [helper, sandbox.shim, ...args], { env });
    onTestFinished(() => {
      this.#child.kill("SIGKILL");
    });
    this.ended = follow(this.#child);
  }

  /** Resolves once the terminal has shown the text. */
  shown(text: string): Promise<void> {
    return new Promise((resolve) => {
      let seen = "";
      this.#child.stdout?.on("data", (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes(text)) resolve();
      });
    });
  }

  /** Types the text at once. */
  type(text: string): void {
    this.#child.stdin?.write(`type ${Buffer.from(text).toString("hex")}\n`);
  }

  /** Types the text once the terminal echoes nothing. */
  typeQuietly(text: string): void {
    this.#child.stdin?.write(`quietly ${Buffer.from(text).toString("hex")}\n`);
  }
}
