import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { frame } from "../electron/protocol/wire.ts";

const run = promisify(execFile);
const project = process.cwd();
const program = join(project, "node_modules", ".cache", "bench", "load");

/** What a load has come to. Times of requests are from the connection, or the start of the process, to the exit code. */
export interface Load {
  readonly requests: number;
  /** How many did not end with exit code 0. */
  readonly failed: number;
  readonly tookMs: number;
  /** How long the generator itself was at work. */
  readonly busyMs: number;
  readonly medianUs: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** Builds the generator. */
export const buildLoad = async (): Promise<void> => {
  await mkdir(dirname(program), { recursive: true });
  await run("cc", ["-O2", "-o", program, join(project, "bench", "load.c")]);
};

/** Asks at a daemon's socket, `callers` at a time, `total` times. Rejects where one request fails. */
export const loadSocket = async (
  socket: string,
  words: readonly string[],
  callers: number,
  total: number,
): Promise<Load> => {
  const request = `${socket}.request`;
  await writeFile(request, requestOf(words));
  return load("socket", socket, request, String(callers), String(total));
};

/** Runs a program, `callers` at a time, `total` times. Rejects where it fails once. */
export const loadProgram = (
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  callers: number,
  total: number,
): Promise<Load> => loadIn(env, "program", "-", "-", String(callers), String(total), ...words);

const load = (...words: readonly string[]): Promise<Load> => loadIn({}, ...words);

const loadIn = async (
  env: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<Load> => {
  const { stdout } = await run(program, words, { env });
  const result = JSON.parse(stdout) as Load;
  if (result.failed > 0) {
    throw new Error(`${String(result.failed)} of ${String(result.requests)} requests failed`);
  }
  return result;
};

/** The bytes of a request, as the shim sends them. */
export const requestOf = (words: readonly string[]): Buffer =>
  Buffer.concat([
    frame("V", "2"),
    ...words.map((word) => frame("A", word)),
    frame("D", "/"),
    frame("T", "- 0"),
    frame("G"),
  ]);
