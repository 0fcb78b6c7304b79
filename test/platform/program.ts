import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** Bundles a program that is given as text, with paths from the project's folder, as the product is bundled. */
export async function bundleProgram(text: string, folder: string): Promise<string> {
  const outfile = join(folder, "program.cjs");
  await build({
    stdin: { contents: text, resolveDir: project, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    target: "node18.15",
    format: "cjs",
    external: ["keytar"],
    mainFields: ["module", "main"],
    banner: { js: 'const meta_url=require("url").pathToFileURL(__filename).href;' },
    define: { "import.meta.url": "meta_url" },
    logLevel: "silent",
  });
  return outfile;
}

/** A program that is running; each line it prints is JSON. */
export interface Program {
  readonly child: ChildProcess;
  /** The next line. */
  next(): Promise<unknown>;
  send(message: unknown): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Runs a bundled program. It is ended after the test, if it has not ended by itself. */
export function runProgram(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  node = process.execPath,
): Program {
  const child = spawn(node, [file], {
    env: { PATH: process.env["PATH"], NODE_PATH: join(project, "node_modules"), ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = once(child, "exit").then(([code, signal]) => code ?? signal);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    ended,
    next: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("The program has ended.");
      return JSON.parse(value);
    },
    send: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
  };
}
