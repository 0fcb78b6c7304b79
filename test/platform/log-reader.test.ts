import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type LogFile, type LogOptions, openLog } from "../../electron/platform/log.ts";
import { type LogReader, newestFirst, openLogReader } from "../../electron/platform/log-reader.ts";
import { temporaryFolder } from "./folder.ts";

function opened(options: Partial<LogOptions> = {}): {
  readonly log: LogFile;
  readonly file: string;
  readonly reader: LogReader;
} {
  const file = join(temporaryFolder(), "evercred.log");
  const log = openLog({ file, level: "debug", ...options });
  onTestFinished(() => log.close());
  return { log, file, reader: openLogReader(file, log) };
}

const eventsOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => (JSON.parse(line) as { event: string }).event);

const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `test: ${from + index}`);

test("the newest lines, the newest one last, over all files that there are", () => {
  const { log, file, reader } = opened({ maxBytes: 1_000 });
  for (const event of numbered(1, 200)) log.info(event);
  expect(existsSync(`${file}.2`)).toBe(true);
  expect(eventsOf(reader.last(3, "debug"))).toEqual(numbered(198, 200));
  const all = eventsOf(reader.last(1_000, "debug"));
  expect(all.length).toBeGreaterThan(25);
  expect(all).toEqual(numbered(201 - all.length, 200));
  expect(reader.last(0, "debug")).toEqual([]);
});

test("what is put aside while it is read is found once", () => {
  const { log, file } = opened({ maxBytes: 1_000 });
  for (const event of numbered(1, 20)) log.info(event);
  expect(existsSync(`${file}.1`)).toBe(true);
  const found: string[] = [];
  for (const line of newestFirst(file)) {
    if (found.length === 0) for (const event of numbered(21, 40)) log.info(event);
    if (line !== "") found.push(line);
  }
  expect(eventsOf(found)).toEqual([...numbered(1, 20)].reverse());
});

test("lines of any length and script, wherever a part of the file ends", () => {
  const { log, reader } = opened();
  const texts = Array.from({ length: 60 }, (_, index) => "ä€🙂".repeat(200 + 37 * index));
  for (const text of texts) log.info("test: long", { text });
  const found = reader
    .last(100, "debug")
    .map((line) => (JSON.parse(line) as { text: string }).text);
  expect(found).toEqual(texts);
});

test("only what is so grave, by the line's own level and not by its words", () => {
  const { log, reader } = opened();
  log.debug("test: debug");
  log.info("test: info", { said: '"level":"error"' });
  log.warn("test: warn");
  log.error("test: error");
  expect(eventsOf(reader.last(9, "error"))).toEqual(["test: error"]);
  expect(eventsOf(reader.last(9, "warn"))).toEqual(["test: warn", "test: error"]);
  expect(eventsOf(reader.last(1, "warn"))).toEqual(["test: error"]);
  expect(reader.last(9, "debug")).toHaveLength(4);
});

test("what is no line of the log is left out", () => {
  const { log, file, reader } = opened();
  writeFileSync(
    file,
    '{"at":"2026-11-29T15:51:33.000Z","level":"info","event":"test: cu\nnoise\n\n',
  );
  log.info("test: whole");
  appendFileSync(file, '{"at":"2026-11-29T15:51:33.000Z","level":"loud","event":"test: odd"}\n');
  expect(eventsOf(reader.last(9, "debug"))).toEqual(["test: whole"]);
});

test("a log that is not there has no lines", () => {
  expect(opened().reader.last(9, "debug")).toEqual([]);
});

test("further lines come as they stand in the file, also where it is put aside meanwhile", () => {
  const { log, file, reader } = opened({ maxBytes: 1_000 });
  log.info("test: before");
  const followed: string[] = [];
  const stop = reader.follow("info", (line) => followed.push(line));
  for (const event of numbered(1, 50)) log.info(event, { text: "\u202e" });
  log.debug("test: less grave");
  expect(existsSync(`${file}.1`)).toBe(true);
  expect(eventsOf(followed)).toEqual(numbered(1, 50));
  expect(followed.slice(-5)).toEqual(reader.last(5, "info"));
  stop();
  log.info("test: late");
  expect(followed).toHaveLength(50);
});
