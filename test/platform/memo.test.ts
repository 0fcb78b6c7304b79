import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MemoFile } from "../../electron/platform/memo.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";

const log = new MemoryLog();

const open = (file: string, its = log): MemoFile => new MemoFile({ file, log: its });

test("a fact outlives the process, and is gone when it was taken back", () => {
  const file = join(temporaryFolder(), "state", "memo.json");
  const memo = open(file);
  memo.set("held-back:corp", "yes");
  memo.set("gone", "x");
  memo.set("gone", undefined);
  memo.close();
  const again = open(file);
  expect(again.get("held-back:corp")).toBe("yes");
  expect(again.get("gone")).toBeUndefined();
  expect(again.get("toString")).toBeUndefined();
});

test("it is written soon, without close, whole, and for its owner only", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "memo.json");
  const memo = open(file);
  onTestFinished(() => memo.close());
  memo.set("a", "1");
  memo.set("b", "2");
  await expect.poll(() => open(file).get("b"), { timeout: 10_000 }).toBe("2");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["memo.json"]);
});

test("what is engraved is on the disk at once, with all that was set before it", () => {
  const file = join(temporaryFolder(), "memo.json");
  const memo = open(file);
  memo.set("a", "1");
  memo.engrave("b", "2");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ version: 1, a: "1", b: "2" });
  memo.engrave("b", undefined);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ version: 1, a: "1" });
});

test("what did not change is not written", () => {
  const file = join(temporaryFolder(), "memo.json");
  const memo = open(file);
  memo.set("a", undefined);
  memo.close();
  expect(() => statSync(file)).toThrow("ENOENT");
});

test.each(["{", "[]", '{"a":1}', "null", "\0"])(
  "a broken file (%s) is an empty one, and logged",
  (text) => {
    const file = join(temporaryFolder(), "memo.json");
    writeFileSync(file, text);
    const its = new MemoryLog();
    const memo = open(file, its);
    expect(memo.get("a")).toBeUndefined();
    expect(its.lines.map(({ event }) => event)).toEqual(["memo: not read"]);
    memo.set("a", "1");
    memo.close();
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ version: 1, a: "1" });
  },
);

test("a file that cannot be written is logged, and the facts go on", () => {
  const folder = join(temporaryFolder(), "state");
  mkdirSync(folder);
  const file = join(folder, "memo.json");
  mkdirSync(file);
  chmodSync(folder, 0o700);
  const its = new MemoryLog();
  const memo = open(file, its);
  memo.set("a", "1");
  memo.close();
  expect(memo.get("a")).toBe("1");
  expect(its.lines.at(-1)?.event).toBe("memo: not written");
  expect(readdirSync(folder)).toEqual(["memo.json"]);
});

test("what was written without a version is read as it was", () => {
  const file = join(temporaryFolder(), "memo.json");
  writeFileSync(file, '{"published:corp": "yes", "version": "a fact of that name"}');
  const memo = open(file);
  expect([memo.get("published:corp"), memo.troubles]).toEqual(["yes", []]);
});

test("what a newer Evercred has saved stays as it is, and that is said", () => {
  const file = join(temporaryFolder(), "memo.json");
  const text = '{"version": 2, "facts": {}}';
  writeFileSync(file, text);
  const its = new MemoryLog();
  const memo = open(file, its);
  memo.engrave("a", "1");
  memo.close();
  expect(memo.get("a")).toBe("1");
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(its.lines).toMatchObject([
    { event: "memo: not read", fields: { reason: "saved-by-newer" } },
  ]);
  expect(memo.troubles).toMatchObject([
    {
      code: "saved-by-newer",
      remedy: `Install the newer Evercred again, or move it away and run: evercred daemon restart`,
    },
  ]);
  expect(memo.troubles[0]?.sentence).toContain(`${file} was saved by a newer Evercred (version 2;`);
});
