import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AuditLine } from "../../electron/core/audit.ts";
import { instantOf, never } from "../../electron/core/time.ts";
import { AuditFile, type AuditLimits } from "../../electron/platform/audit.ts";
import { temporaryFolder } from "./folder.ts";

const day = 24 * 60 * 60_000;
const now = Date.UTC(2027, 0, 4, 9);
const limits: AuditLimits = { keep: 30 * day, maxSizeMb: 10 };

const opened = (
  parts: Partial<AuditLimits> = {},
  file = join(temporaryFolder(), "state", "audit.jsonl"),
): AuditFile => {
  const audit = new AuditFile(file, { ...limits, ...parts });
  onTestFinished(() => audit.close());
  return audit;
};

const line = (at: number, parts: Partial<AuditLine> = {}): AuditLine => ({
  at: instantOf(at),
  event: "served",
  ...parts,
});

const linesOf = (file: string): readonly Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text));

/** The times of what can be read, the newest first. */
const timesIn = (audit: AuditFile): readonly number[] =>
  [...audit.newestFirst()].map((stored) => stored.line.at);

describe("a line", () => {
  const full = line(now, {
    target: "aws:dev",
    source: "corp",
    bridge: "box",
    program: "claude",
    path: "/usr/bin/claude",
    parents: ["code", "sh"],
    verb: "aws export",
    exit: 0,
    code: "none",
    answer: "once",
    count: 3,
    since: now - 500,
    expiresAt: now + 60_000,
  });

  test("is JSON with dates, for its owner only", () => {
    const audit = opened();
    audit.write([full]);
    expect(linesOf(audit.file)).toEqual([
      {
        ...full,
        at: "2027-01-04T09:00:00.000Z",
        since: "2027-01-04T08:59:59.500Z",
        expiresAt: "2027-01-04T09:01:00.000Z",
      },
    ]);
    expect(statSync(audit.file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(audit.file)).mode & 0o777).toBe(0o700);
  });

  test("is read as it was written, with its text", () => {
    const audit = opened();
    audit.write([full, line(now + 1)]);
    const stored = [...audit.newestFirst()];
    expect(stored.map((each) => each.line)).toEqual([line(now + 1), full]);
    expect(stored[0]?.text).toBe('{"at":"2027-01-04T09:00:00.001Z","event":"served"}');
  });

  test("is read only where its text may be of use", () => {
    const audit = opened();
    audit.write([line(now, { source: "corp" }), line(now + 1, { target: "aws:source" })]);
    const found = [...audit.newestFirst((text) => text.includes('"source":"'))];
    expect(found.map((each) => each.line)).toEqual([line(now, { source: "corp" })]);
  });

  test("of what has no end names none", () => {
    const audit = opened();
    audit.write([line(now, { expiresAt: never })]);
    expect(linesOf(audit.file)).toEqual([{ at: "2027-01-04T09:00:00.000Z", event: "served" }]);
  });

  test("cannot steer a terminal that it is printed on", () => {
    const audit = opened();
    audit.write([line(now, { program: "a\u001b[2J\u202e\u009b" })]);
    expect(readFileSync(audit.file, "utf8")).not.toMatch(/[\u001b\u202e\u009b]/u);
    expect([...audit.newestFirst()][0]?.line.program).toBe("a\u001b[2J\u202e\u009b");
  });

  test.each(["", "{", "[]", '{"at":"now","event":"served"}', '{"at":"2027-01-04T09:00:00.000Z"}'])(
    "that is none is passed over: %j",
    (text) => {
      const audit = opened();
      audit.write([line(now)]);
      appendFileSync(audit.file, `${text}\n`);
      audit.write([line(now + 1)]);
      expect(timesIn(audit)).toEqual([now + 1, now]);
    },
  );

  test("of a later version is read as far as it is known", () => {
    const audit = opened();
    mkdirSync(dirname(audit.file), { recursive: true });
    appendFileSync(
      audit.file,
      '{"at":"2027-01-04T09:00:00.000Z","event":"served","colour":"red"}\n{"at":"2027-01-04T09:00:01.000Z","event":"painted"}\n',
    );
    expect([...audit.newestFirst()].map((stored) => stored.line)).toEqual([line(now)]);
  });
});

test("who follows hears of each further line, until they have enough", () => {
  const audit = opened();
  audit.write([line(now)]);
  const heard: number[] = [];
  const stop = audit.follow((stored) => heard.push(stored.line.at));
  audit.write([line(now + 1), line(now + 2)]);
  stop();
  audit.write([line(now + 3)]);
  expect(heard).toEqual([now + 1, now + 2]);
});

describe("the size", () => {
  const big = "x".repeat(1_000);

  test("of all of it is bounded, and the newest is kept", () => {
    const audit = opened({ maxSizeMb: 1 });
    for (let count = 0; count < 2_500; count++) audit.write([line(now + count, { verb: big })]);
    const sizes = [audit.file, `${audit.file}.1`].map((file) => statSync(file).size);
    expect(sizes[0]! + sizes[1]!).toBeLessThanOrEqual(1_000_000);
    expect(existsSync(`${audit.file}.2`)).toBe(false);
    const times = timesIn(audit);
    expect(times[0]).toBe(now + 2_499);
    expect(times.length).toBeGreaterThan(450);
    expect(times).toEqual(times.map((_, index) => now + 2_499 - index));
  });

  test("may be another one from now on", () => {
    const audit = opened({ maxSizeMb: 100 });
    for (let count = 0; count < 1_200; count++) audit.write([line(now, { verb: big })]);
    expect(existsSync(`${audit.file}.1`)).toBe(false);
    audit.apply({ ...limits, maxSizeMb: 1 });
    audit.write([line(now)]);
    expect(existsSync(`${audit.file}.1`)).toBe(true);
    expect(statSync(audit.file).size).toBeLessThan(1_000);
  });
});

describe("what is too old", () => {
  const ages = [40, 31, 29, 1, 0].map((days) => now - days * day);

  test("goes, and all else stays as it is", () => {
    const audit = opened();
    audit.write(ages.map((at) => line(at)));
    audit.tidy(now);
    expect(timesIn(audit)).toEqual(ages.slice(2).reverse());
    expect(statSync(audit.file).mode & 0o777).toBe(0o600);
    audit.write([line(now + 1)]);
    expect(timesIn(audit)).toHaveLength(4);
  });

  test("goes with its file where that has nothing else", () => {
    const audit = opened();
    audit.write([line(now)]);
    writeFileSync(`${audit.file}.1`, '{"at":"2020-01-01T00:00:00.000Z","event":"served"}\n');
    audit.tidy(now);
    expect(existsSync(`${audit.file}.1`)).toBe(false);
    expect(timesIn(audit)).toEqual([now]);
  });

  test("is looked for once an hour, and at once where less is to be kept", () => {
    const audit = opened();
    audit.tidy(now);
    audit.write(ages.map((at) => line(at)));
    audit.tidy(now + 60_000);
    expect(timesIn(audit)).toHaveLength(5);
    audit.apply({ ...limits, keep: 2 * day });
    audit.tidy(now + 60_000);
    expect(timesIn(audit)).toHaveLength(2);
    audit.tidy(now + 1.5 * day);
    expect(timesIn(audit)).toEqual([now]);
  });
});

test("what cannot be written is not, nothing is written through a link, and nobody is disturbed", () => {
  const folder = temporaryFolder();
  const victim = join(folder, "victim");
  writeFileSync(victim, "");
  symlinkSync(victim, join(folder, "audit.jsonl"));
  const linked = opened({}, join(folder, "audit.jsonl"));
  linked.write([line(now)]);
  expect([...linked.newestFirst()]).toEqual([]);
  const nowhere = opened({}, join(victim, "below", "audit.jsonl"));
  nowhere.write([line(now)]);
  nowhere.tidy(now);
  expect([...nowhere.newestFirst()]).toEqual([]);
  expect(readFileSync(victim, "utf8")).toBe("");
});
