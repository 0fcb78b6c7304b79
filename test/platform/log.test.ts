import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import { type LogFile, type LogOptions, openLog } from "../../electron/platform/log.ts";
import { temporaryFolder } from "./folder.ts";

function opened(options: Partial<LogOptions> = {}): {
  readonly log: LogFile;
  readonly file: string;
} {
  const file = join(temporaryFolder(), "state", "evercred.log");
  const log = openLog({ file, level: "info", ...options });
  onTestFinished(() => log.close());
  return { log, file };
}

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("a line is JSON with time, level, event and fields, for its owner only", () => {
  const { log, file } = opened();
  log.warn("session: not renewed", { source: "corp", attempt: 2, known: true, none: undefined });
  const [line] = linesOf(file);
  expect(Date.now() - Date.parse(String(line?.["at"]))).toBeLessThan(5_000);
  expect(line).toEqual({
    at: line?.["at"],
    level: "warn",
    event: "session: not renewed",
    source: "corp",
    attempt: 2,
    known: true,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("only lines of the level and above are written, and the level can change", () => {
  const { log, file } = opened({ level: "warn" });
  for (const level of ["debug", "info", "warn", "error"] as const) log[level](level);
  log.setLevel("debug");
  log.debug("later");
  expect(linesOf(file).map((line) => line["event"])).toEqual(["warn", "error", "later"]);
});

test("whatever is in a field, a line is one line that cannot steer a terminal", () => {
  const { log, file } = opened();
  const nasty = "a\nb\r\u001b[2J\u0000\u007f\u009b31m\u2028\u202e\u2066x";
  log.info("test", { nasty });
  const text = readFileSync(file, "utf8");
  expect(text.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
  expect(linesOf(file)[0]?.["nasty"]).toBe(nasty);
});

test("a field cannot pose as time, level or event", () => {
  const { log, file } = opened();
  log.info("true", { event: "false", level: "error", at: "never" });
  expect(linesOf(file)[0]).toMatchObject({ event: "true", level: "info" });
  expect(linesOf(file)[0]?.["at"]).not.toBe("never");
});

test("a secret that gets into a field prints as [secret]", () => {
  const { log, file } = opened();
  log.info("test", { it: new Secret("hush") as never });
  expect(readFileSync(file, "utf8")).toContain('"it":"[secret]"');
});

test("files are put aside by size, the last three are kept, and no line is lost in them", () => {
  const { log, file } = opened({ maxBytes: 1_000 });
  for (let i = 0; i < 100; i++) log.info("test", { i });
  const files = [`${file}.2`, `${file}.1`, file];
  expect(readdirSync(join(file, "..")).length).toBe(3);
  for (const each of files) {
    expect(statSync(each).size).toBeLessThanOrEqual(1_000);
    expect(statSync(each).mode & 0o777).toBe(0o600);
  }
  const numbers = files.flatMap(linesOf).map((line) => line["i"]);
  expect(numbers).toEqual(numbers.map((_, index) => 100 - numbers.length + index));
  expect(numbers.length).toBeGreaterThan(20);
});

test("what was there before is kept, and counts for the size", () => {
  const { log, file } = opened({ maxBytes: 1_000 });
  mkdirSync(join(file, ".."));
  writeFileSync(file, `${"x".repeat(990)}\n`);
  log.info("test");
  expect(readFileSync(`${file}.1`, "utf8")).toContain("xxx");
  expect(linesOf(file)).toHaveLength(1);
});

test("a file that somebody has removed is made anew", () => {
  const { log, file } = opened();
  log.info("one");
  rmSync(file);
  log.info("two");
  expect(linesOf(file).map((line) => line["event"])).toEqual(["two"]);
});

test("a file that cannot be written is no reason to fail, and is written once it can be", () => {
  const { log, file } = opened();
  mkdirSync(file, { recursive: true });
  log.info("one");
  rmSync(file, { recursive: true });
  log.info("two");
  expect(linesOf(file).map((line) => line["event"])).toEqual(["two"]);
});

test("a link in place of the file is not followed", () => {
  const { log, file } = opened();
  const other = join(temporaryFolder(), "other");
  writeFileSync(other, "");
  mkdirSync(join(file, ".."));
  symlinkSync(other, file);
  log.info("one");
  expect(readFileSync(other, "utf8")).toBe("");
});

test("a listener gets each line until it is called off", () => {
  const { log } = opened();
  const lines: unknown[] = [];
  const stop = log.tap((line) => lines.push(line));
  log.info("one", { a: 1 });
  log.debug("hidden");
  stop();
  log.info("two");
  expect(lines).toEqual([
    { at: expect.any(String), level: "info", event: "one", fields: { a: 1 } },
  ]);
});

test("people read short lines on stderr where that is wanted", () => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const { log } = opened({ stderr: true });
  log.info("session: state", { source: "corp", state: "a\nb\u001b" });
  expect(written.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d info session: state source="corp" state="a\\nb\\u001b"\n$/,
    ),
  ]);
});

test("after close nothing is written", () => {
  const { log, file } = opened();
  log.close();
  log.info("one");
  expect(existsSync(file)).toBe(false);
});
