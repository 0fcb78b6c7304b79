import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startProgram } from "../../electron/sources/command.ts";

const waiting = { timeout: 10_000 };
let folder: string;
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-"));
  stop = new AbortController();
});

afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const start = (lines: string) =>
  startProgram(["/bin/sh", "-c", lines], { take: () => undefined }, stop.signal);

/** A file, once it is there. */
const there = (file: string): Promise<string> =>
  vi.waitUntil(async () => {
    const text = await readFile(file, "utf8").catch(() => undefined);
    return text?.endsWith("\n") === true && text;
  }, waiting);

/** A program that goes on in the background, and notes when it is asked to end; what else kills it leaves no note. */
const background = (redirections: string): string =>
  `sh -c 'trap "kill \\$!; echo > ${folder}/asked" TERM; sleep 1000 & echo $$ > ${folder}/pid; wait' ${redirections} &`;

const askedToEnd = async (): Promise<void> => {
  process.kill(Number(await there(join(folder, "pid"))));
  await there(join(folder, "asked"));
};

test("what a program has left running is not ours to kill once the program has ended", async () => {
  expect(await start(background("> /dev/null 2>&1")).ended).toBe(0);
  await there(join(folder, "pid"));
  stop.abort(new Error("over"));
  await askedToEnd();
});

test("nor is what holds its output, once it is let go", async () => {
  const running = start(background(""));
  expect(await running.exited).toBe(0);
  await there(join(folder, "pid"));
  running.release();
  stop.abort(new Error("over"));
  await askedToEnd();
});

test("who has left a program's group finds nobody at the other end once it is killed", async () => {
  const [pipe, result] = [join(folder, "pipe"), join(folder, "result")];
  const child = `trap "" PIPE; mkfifo "${pipe}"; read line < "${pipe}"; echo || echo no > "${result}"`;
  const running = start(`setsid sh -c '${child}' & wait`);
  await vi.waitUntil(() => existsSync(pipe), waiting);
  const reason = new Error("over");
  stop.abort(reason);
  await expect(running.ended).rejects.toBe(reason);
  await expect(running.exited).rejects.toBe(reason);
  await writeFile(pipe, "\n");
  await there(result);
});
