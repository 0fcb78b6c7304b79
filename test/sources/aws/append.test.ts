import { chmodSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EvercredError } from "../../../electron/core/errors.ts";
import { appendTo } from "../../../electron/sources/aws/append.ts";
import { put } from "./world.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "append-"));
});

afterEach(() => rm(home, { recursive: true }));

const modeOf = async (file: string): Promise<string> =>
  ((await stat(file)).mode & 0o777).toString(8);
const always = (tail: string) => (): string => tail;

test("a file that is not there is made for its owner only, with its folder", async () => {
  const file = join(home, ".aws", "config");
  await appendTo(file, (text) => {
    expect(text).toBe("");
    return "[a]\n";
  });
  expect(await readFile(file, "utf8")).toBe("[a]\n");
  expect([await modeOf(file), await modeOf(join(home, ".aws"))]).toEqual(["600", "700"]);
});

test("not one byte before the end changes, whatever they are", async () => {
  const file = join(home, "config");
  const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => each.filter((byte) => byte !== 0));
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom("", "\uFEFF"), async (each, mark) => {
      const before = Buffer.concat([Buffer.from(mark), each]);
      writeFileSync(file, before);
      await appendTo(file, always("[ü]\r\n"));
      expect(await readFile(file)).toEqual(Buffer.concat([before, Buffer.from("[ü]\r\n")]));
    }),
    { numRuns: 100 },
  );
});

test("a byte order mark is no part of the text", async () => {
  const file = await put(home, "config", "\uFEFF[a]\n");
  const texts: string[] = [];
  await appendTo(file, (text) => (texts.push(text), "b"));
  expect(texts).toEqual(["[a]\n"]);
});

test("nothing to add touches nothing", async () => {
  const file = await put(home, "config", "a");
  const { ino } = await stat(file);
  await appendTo(file, always(""));
  await appendTo(join(home, "other", "config"), always(""));
  expect((await stat(file)).ino).toBe(ino);
  expect(await readdir(home)).toEqual(["config"]);
});

test("the mode is kept, and readers of the old file are not disturbed", async () => {
  const file = await put(home, "config", "a\n");
  chmodSync(file, 0o640);
  const { ino } = await stat(file);
  await appendTo(file, always("b\n"));
  expect(await modeOf(file)).toBe("640");
  expect((await stat(file)).ino).not.toBe(ino);
  expect(await readdir(home)).toEqual(["config"]);
});

test("a link stays a link, and what it leads to is changed", async () => {
  const dotfiles = await put(home, "dotfiles/aws-config", "a\n");
  await mkdir(join(home, ".aws"));
  const file = join(home, ".aws", "config");
  await symlink("../dotfiles/aws-config", file);
  await appendTo(file, always("b\n"));
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await readFile(dotfiles, "utf8")).toBe("a\nb\n");
  expect(await readdir(join(home, ".aws"))).toEqual(["config"]);
  expect(await readdir(join(home, "dotfiles"))).toEqual(["aws-config"]);
});

test("a link to a file that is not there yet makes that one", async () => {
  await mkdir(join(home, "dotfiles"));
  await mkdir(join(home, ".aws"));
  const file = join(home, ".aws", "config");
  await symlink("../dotfiles/aws-config", file);
  await appendTo(file, always("b\n"));
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await readFile(join(home, "dotfiles", "aws-config"), "utf8")).toBe("b\n");
});

test.each([
  ["written", (file: string) => writeFileSync(file, "theirs\n")],
  [
    "replaced",
    (file: string) => {
      writeFileSync(`${file}.x`, "theirs\n");
      renameSync(`${file}.x`, file);
    },
  ],
])("what others have %s meanwhile stays, and is taken into account", async (_, change) => {
  const file = await put(home, "config", "old\n");
  const texts: string[] = [];
  await appendTo(file, (text) => {
    if (texts.push(text) === 1) change(file);
    return `after ${text}`;
  });
  expect(texts).toEqual(["old\n", "theirs\n"]);
  expect(await readFile(file, "utf8")).toBe("theirs\nafter theirs\n");
  expect(await readdir(home)).toEqual(["config"]);
});

test("so does a file that others make, or take away, meanwhile", async () => {
  const file = join(home, "config");
  let asked = 0;
  await appendTo(file, (text) => {
    if (++asked === 1) writeFileSync(file, "theirs\n");
    return `${text}ours\n`;
  });
  expect(await readFile(file, "utf8")).toBe("theirs\ntheirs\nours\n");
  asked = 0;
  await appendTo(file, (text) => {
    if (++asked === 1) unlinkSync(file);
    return `${text}ours\n`;
  });
  expect(await readFile(file, "utf8")).toBe("ours\n");
});

test("one who never stops changing it is left alone", async () => {
  const file = await put(home, "config", "0");
  let asked = 0;
  const appended = appendTo(file, () => {
    writeFileSync(file, String(++asked));
    return "ours";
  });
  await expect(appended).rejects.toMatchObject({ code: "config-invalid" });
  expect(await readFile(file, "utf8")).toBe(String(asked));
  expect(await readdir(home)).toEqual(["config"]);
});

test("what is thrown over the text is passed on, and nothing is written", async () => {
  const file = await put(home, "config", "a");
  const error = new EvercredError("usage");
  const appended = appendTo(file, () => {
    throw error;
  });
  await expect(appended).rejects.toBe(error);
  expect(await readFile(file, "utf8")).toBe("a");
});

test("what cannot be written is said, with the file's name", async () => {
  const utf16 = await put(home, "utf16", Buffer.from("\uFEFF[a]\n", "utf16le"));
  await mkdir(join(home, "folder"));
  await symlink("loop", join(home, "loop"));
  await put(home, "plain", "");
  for (const name of ["utf16", "folder", "loop", "plain/config"]) {
    const file = join(home, name);
    await expect(appendTo(file, always("b")), name).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(file),
      remedy: expect.stringMatching(/\w/),
    });
  }
  expect((await readFile(utf16)).length).toBe(10);
  expect((await readdir(home)).sort()).toEqual(["folder", "loop", "plain", "utf16"]);
});

test.skipIf(process.getuid?.() === 0)(
  "a file that is not for writing is not replaced",
  async () => {
    const file = await put(home, "config", "a");
    chmodSync(file, 0o400);
    await expect(appendTo(file, always("b"))).rejects.toMatchObject({ code: "config-invalid" });
    expect(await readFile(file, "utf8")).toBe("a");
  },
);
