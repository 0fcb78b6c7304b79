import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { expect, onTestFinished, test, vi } from "vitest";
import { Pieces, type PiecesOptions } from "../../electron/pieces.ts";

/** Pieces with these bodies, and what they have noted. */
const open = (
  bodies: Readonly<Record<string, string>>,
  options: Partial<PiecesOptions> = {},
): { pieces: Pieces; folder: string } => {
  const folder = mkdtempSync(join(tmpdir(), "evercred-pieces-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, body] of Object.entries(bodies)) {
    writeFileSync(join(folder, name), textOf(body));
  }
  return { pieces: new Pieces({ folder, compiled: () => undefined, ...options }), folder };
};

const textOf = (body: string): string =>
  `(function (exports, require, module, __filename, __dirname) {${body}})`;

test("a piece is run once, when it is first wanted, and told where it lies", () => {
  const noted = vi.fn();
  const { pieces, folder } = open(
    {
      "main.cjs": `exports.later = () => require("./later.cjs");`,
      "later.cjs": `require("note")(__filename, __dirname); module.exports = { it: 1 };`,
    },
    { outside: () => noted },
  );
  const { later } = pieces.load("main.cjs") as { later(): unknown };
  expect(noted).not.toHaveBeenCalled();
  expect(later()).toEqual({ it: 1 });
  expect(later()).toBe(later());
  expect(noted.mock.calls).toEqual([[join(folder, "later.cjs"), folder]]);
});

test("two that want each other have what is there of each other by then", () => {
  const { pieces } = open({
    "main.cjs": `exports.name = "main"; exports.other = require("./other.cjs").seen;`,
    "other.cjs": `exports.seen = require("./main.cjs").name;`,
  });
  expect(pieces.load("main.cjs")).toEqual({ name: "main", other: "main" });
});

test("all else is found as Node finds it", () => {
  const { pieces } = open({ "main.cjs": `module.exports = require("node:path");` });
  expect(pieces.load("main.cjs")).toBe(process.getBuiltinModule("node:path"));
});

test("what was compiled is a start's work less, and another text's is not taken", () => {
  const body = `exports.sum = (a, b) => a + b; exports.sum(1, 2);`;
  const first = open({ "main.cjs": body });
  first.pieces.load("main.cjs");
  const compiled = first.pieces.compile();
  expect([...compiled.keys()]).toEqual(["main.cjs"]);
  const { cachedDataRejected } = new Script(textOf(body), {
    cachedData: compiled.get("main.cjs")!,
  });
  expect(cachedDataRejected).toBe(false);

  const asked = vi.fn((name: string) => compiled.get(name));
  const changed = open({ "main.cjs": body.replace("a + b", "a - b - 1") }, { compiled: asked });
  const { sum } = changed.pieces.load("main.cjs") as { sum(a: number, b: number): number };
  expect(sum(5, 2)).toBe(2);
  expect(asked.mock.calls).toEqual([["main.cjs"]]);
});

test("one that throws is no half of itself the next time", () => {
  const { pieces } = open({ "main.cjs": `exports.half = true; throw new Error("no");` });
  expect(() => pieces.load("main.cjs")).toThrow("no");
  expect(() => pieces.load("main.cjs")).toThrow("no");
});

test("one that cannot be read says so, and can be wanted again", () => {
  const { pieces, folder } = open({});
  expect(() => pieces.load("main.cjs")).toThrow("ENOENT");
  writeFileSync(join(folder, "main.cjs"), textOf("exports.there = true;"));
  expect(pieces.load("main.cjs")).toEqual({ there: true });
});
