import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../eventually.ts";
import type { AuditLine } from "../../electron/core/audit.ts";
import { instantOf } from "../../electron/core/time.ts";
import type { ActivityRow, ActivityWish } from "../../electron/protocol/activity.ts";
import { english } from "../../electron/protocol/words.ts";
import { activityText } from "../../electron/shell/activity-text.ts";
import { type Records, recordsOf } from "../../electron/shell/records.ts";
import { FakeAuditReader } from "../fakes/audit-reader.ts";
import { temporaryFolder } from "../platform/folder.ts";
import { at } from "./views.ts";

const all: ActivityWish = { text: "", source: "", program: "", most: 2_000 };

const served = (count: number, parts: Partial<AuditLine> = {}): AuditLine => ({
  event: "served",
  at: instantOf(at + count),
  program: "claude",
  target: "aws:dev",
  ...parts,
});

const opened = (
  file?: string,
): {
  reader: FakeAuditReader;
  records: Records;
  added: ActivityRow[];
  names: string[];
  routed: string[];
} => {
  const reader = new FakeAuditReader();
  const added: ActivityRow[] = [];
  const names: string[] = [];
  const routed: string[] = [];
  const records = recordsOf({
    reader,
    // Only one target leads anywhere.
    sourceOf: (target) => {
      routed.push(target);
      return target === "aws:dev" ? "corp" : undefined;
    },
    words: () => english,
    added: (rows) => added.push(...rows),
    askWhere: (name) => {
      names.push(name);
      return Promise.resolve(file);
    },
    now: () => at,
  });
  return { reader, records, added, names, routed };
};

/** What a call has given. */
const done = async <T>(
  reply: Promise<{ readonly kind: "done"; readonly value: T } | { readonly kind: "failed" }>,
): Promise<T> => {
  const settled = await reply;
  if (settled.kind === "failed") throw new Error(JSON.stringify(settled));
  return settled.value;
};

describe("a search", () => {
  test("finds the newest first, with the source that a target leads to now, and who is there", async () => {
    const { reader, records } = opened();
    reader.add({ event: "signed-in", at: instantOf(at), source: "other" });
    reader.add(served(1));
    reader.add(served(2, { target: "aws:gone", program: "cat" }));
    const found = await done(records.search(all));
    expect(found.rows.map(({ at: when, source }) => [when - at, source])).toEqual([
      [2, undefined],
      [1, "corp"],
      [0, "other"],
    ]);
    expect(found).toMatchObject({ hasMore: false, programs: ["cat", "claude"] });
  });

  test("finds what is looked for only, and names everybody all the same", async () => {
    const { reader, records } = opened();
    reader.add(served(1));
    reader.add(served(2, { program: "cat" }));
    const found = await done(records.search({ ...all, program: "claude" }));
    expect(found.rows).toMatchObject([{ program: "claude" }]);
    expect(found.programs).toEqual(["cat", "claude"]);
    expect((await done(records.search({ ...all, source: "other" }))).rows).toEqual([]);
  });

  test("ends with 2,000 rows, and says that there are more", async () => {
    const { reader, records } = opened();
    for (let count = 0; count < 2_000; count++) reader.add(served(count));
    expect(await done(records.search(all))).toMatchObject({ hasMore: false });
    reader.add(served(2_000));
    const { rows, hasMore } = await done(records.search({ ...all, most: 9_999 }));
    expect([rows.length, rows[0]?.at, hasMore]).toEqual([2_000, at + 2_000, true]);
    const few = await done(records.search({ ...all, most: 3 }));
    expect([few.rows.length, few.hasMore]).toEqual([3, true]);
  });

  test("gives way to the next one, and to everybody else", async () => {
    const { reader, records } = opened();
    for (let count = 0; count < 1_000; count++) reader.add(served(count));
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    onTestFinished(() => {
      clearImmediate(next);
    });
    const first = records.search(all);
    const second = records.search({ ...all, text: "claude" });
    expect(await first).toMatchObject({ kind: "failed", trouble: { code: "cancelled" } });
    expect((await done(second)).rows).toHaveLength(1_000);
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

test("each target is followed once, however many lines name it", async () => {
  const { reader, records, routed } = opened();
  for (let count = 0; count < 10; count++) reader.add(served(count));
  reader.add(served(10, { target: "aws:gone" }));
  routed.length = 0;
  await done(records.search(all));
  expect(routed).toEqual(["aws:gone", "aws:dev"]);
});

test("what is recorded later is told, with its source", async () => {
  const { reader, added } = opened();
  reader.add(served(1));
  reader.add(served(2));
  expect(added).toEqual([]);
  await eventually(() => {
    expect(added).toMatchObject([
      { at: at + 1, source: "corp" },
      { at: at + 2, source: "corp" },
    ]);
  });
});

describe("what is saved", () => {
  test("is all that is looked for, the newest last, for its owner only", async () => {
    const file = join(temporaryFolder(), "activity.jsonl");
    writeFileSync(file, "something longer than what comes in its place", { mode: 0o644 });
    chmodSync(file, 0o644);
    const { reader, records, names } = opened(file);
    for (let count = 0; count < 3; count++) reader.add(served(count));
    reader.add(served(3, { program: "cat" }));
    const saved = await done(records.save({ ...all, program: "claude" }));
    expect(saved).toEqual({ file, count: 3 });
    expect(readFileSync(file, "utf8")).toBe(
      reader.lines
        .slice(0, 3)
        .map(({ text }) => `${text}\n`)
        .join(""),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(names).toEqual(["evercred-activity-2027-01-04.jsonl"]);
  });

  test("is nothing where no place was chosen, and a sentence where it cannot be written", async () => {
    expect(await done(opened().records.save(all))).toBeUndefined();
    const folder = join(temporaryFolder(), "folder");
    mkdirSync(folder);
    expect(await opened(folder).records.save(all)).toMatchObject({
      kind: "failed",
      trouble: { sentence: `${folder} cannot be written.`, remedy: "Choose another place." },
    });
  });
});

describe("a table", () => {
  const line = served(0, { verb: "aws export", count: 2, since: at - 1_000, exit: 0 });
  const rowsOf = (...lines: readonly AuditLine[]): readonly string[] =>
    activityText(
      lines.map((each) => ({ line: each, text: "" })),
      "activity.CSV",
    ).split("\r\n");

  test("has a head, a line each, and times as the record has them", () => {
    expect(rowsOf(line)).toEqual([
      "at,event,program,path,bridge,target,source,verb,exit,code,answer,of,count,since,expiresAt",
      "2027-01-04T14:00:00.000Z,served,claude,,,aws:dev,,aws export,0,,,,2,2027-01-04T13:59:59.000Z,",
      "",
    ]);
  });

  test("holds no formula, whatever a program calls itself, and is not broken by it", () => {
    const [, first, second] = rowsOf(
      served(0, { program: '=cmd|"/c calc"!A1' }),
      served(0, { program: "a,b\nc", path: "-1+1" }),
    );
    expect(first).toContain(`,"'=cmd|""/c calc""!A1",`);
    expect(second).toContain(`,"a,b\nc",'-1+1,`);
    // Typed on a Japanese keyboard they are formulas too.
    expect(rowsOf(served(0, { program: "＝1＋1" }))[1]).toContain(",'＝1＋1,");
  });
});
