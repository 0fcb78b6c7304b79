import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AuditEntry } from "../../electron/core/audit.ts";
import { targetOf } from "../../electron/core/source.ts";
import { AuditFile } from "../../electron/platform/audit.ts";
import { temporaryFolder } from "./folder.ts";

const opened = (maxBytes?: number): { readonly audit: AuditFile; readonly file: string } => {
  const file = join(temporaryFolder(), "state", "audit.jsonl");
  const audit = new AuditFile(maxBytes === undefined ? { file } : { file, maxBytes });
  onTestFinished(() => audit.close());
  return { audit, file };
};

const linesOf = (file: string): readonly Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("an entry is a line of JSON with its time, for its owner only", () => {
  const { audit, file } = opened();
  const entry: AuditEntry = {
    event: "served",
    target: targetOf("aws", "dev"),
    bridge: "box",
    verb: "aws export",
    exit: 0,
    expiresAt: Date.UTC(2027, 0, 4, 10),
  };
  audit.note(entry);
  const [line] = linesOf(file);
  expect(line).toEqual({ ...entry, at: line!["at"], expiresAt: "2027-01-04T10:00:00.000Z" });
  expect(Date.now() - Date.parse(String(line!["at"]))).toBeLessThan(5_000);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("entries follow one another, and what is not known is left out", () => {
  const { audit, file } = opened();
  audit.note({ event: "bridge-added", bridge: "box" });
  audit.note({ event: "served", expiresAt: Number.POSITIVE_INFINITY });
  expect(linesOf(file).map(({ at, ...rest }) => [typeof at, rest])).toEqual([
    ["string", { event: "bridge-added", bridge: "box" }],
    ["string", { event: "served" }],
  ]);
});

test("the file is put aside by its size, and there are two at the most", () => {
  const { audit, file } = opened(200);
  for (let count = 0; count < 9; count += 1) audit.note({ event: `event-${count}`, exit: count });
  const all = [...linesOf(`${file}.1`), ...linesOf(file)].map((line) => line["exit"]);
  expect(all.at(-1)).toBe(8);
  expect(all).toEqual(all.map((_, index) => 9 - all.length + index));
  expect(statSync(file).size).toBeLessThanOrEqual(200);
  expect(() => statSync(`${file}.2`)).toThrow("ENOENT");
});

test("an entry that cannot be written is none, and nothing is written through a link", () => {
  const { audit, file } = opened();
  audit.note({ event: "first" });
  const folder = temporaryFolder();
  const victim = join(folder, "victim");
  writeFileSync(victim, "");
  symlinkSync(victim, join(folder, "audit.jsonl"));
  const other = new AuditFile({ file: join(folder, "audit.jsonl") });
  other.note({ event: "second" });
  new AuditFile({ file: join(file, "below") }).note({ event: "third" });
  expect(readFileSync(victim, "utf8")).toBe("");
  expect(linesOf(file)).toHaveLength(1);
});
