import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfigFile } from "../../../electron/sources/aws/config-file.ts";
import { put } from "./world.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("a file that is not there is an empty one", async () => {
  const empty = { sections: [], problems: [] };
  expect(readConfigFile(join(folder, "config"))).toEqual(empty);
});

test("a file that cannot be looked at is a problem with its name", async () => {
  const file = join(await put(folder, "file", ""), "config");
  const sentence = `${file} cannot be read.`;
  expect(readConfigFile(file).problems).toMatchObject([{ file, sentence }]);
});

test("problems carry the name of the file", async () => {
  const file = await put(folder, "config", "[profile a]\nnonsense\n");
  const { problems } = readConfigFile(file);
  expect(problems).toMatchObject([{ file, line: 2 }]);
});

test("a folder in place of the file is a problem", async () => {
  const file = join(folder, "config");
  await mkdir(file);
  const { problems } = readConfigFile(file);
  expect(problems).toMatchObject([{ file, line: undefined, sentence: `${file} is not a file.` }]);
});

test("a pipe in place of the file is a problem, and holds nobody up", async () => {
  const file = join(folder, "config");
  spawnSync("mkfifo", [file]);
  expect(readConfigFile(file).problems).toMatchObject([{ file }]);
});

test("a file that is too large is a problem", async () => {
  const file = await put(folder, "config", "#".repeat(9 * 1024 * 1024));
  const { sections, problems } = readConfigFile(file);
  expect(sections).toEqual([]);
  expect(problems).toMatchObject([{ file, sentence: expect.stringContaining("too large") }]);
});

test("a link that leads nowhere but to itself is a problem", async () => {
  const file = join(folder, "config");
  spawnSync("ln", ["-s", "config", file]);
  expect(readConfigFile(file).problems).toMatchObject([{ sentence: `${file} cannot be read.` }]);
});

test("what is not UTF-8 is a problem with its line, and the rest goes on working", async () => {
  const bytes = Buffer.concat([
    Buffer.from("[profile a]\nb = 1\nc = "),
    Buffer.from([0xfc]),
    Buffer.from("\nd = 2\n"),
  ]);
  const file = await put(folder, "config", bytes);
  const { sections, problems } = readConfigFile(file);
  expect(problems).toMatchObject([{ file, line: 3 }]);
  expect(sections[0]?.options.get("d")?.value).toBe("2");
});

test("a replacement character that stands in the file is no problem", async () => {
  const file = await put(folder, "config", "[profile a]\nb = \uFFFD\n");
  expect(readConfigFile(file).problems).toEqual([]);
});

test("a byte order mark is a problem, and what follows it is read", async () => {
  const file = await put(folder, "config", "\uFEFF[profile a]\nb = 1\n");
  const { sections, problems } = readConfigFile(file);
  expect(problems).toMatchObject([{ line: 1, sentence: expect.stringContaining("byte order") }]);
  expect(sections[0]).toMatchObject({ kind: "profile", name: "a" });
});
