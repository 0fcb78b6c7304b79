import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verbs } from "../../electron/commands/verbs.ts";

const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");

/** The verbs that a cell of the table names: words in code, up to the first flag; `a|b` are two. */
const verbsIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => {
    const words = code!
      .replaceAll("\\|", "|")
      .split(/ (?=[A-Z[]|--)/)[0]!
      .split(" ");
    const last = words.pop()!.split("|");
    return last.map((word) => [...words, word].join(" ")).filter((name) => /^[a-z]/.test(name));
  });

test("the table of verbs has each verb, and no other", () => {
  const [, table = ""] = /^## Verbs\n\n.*?\n\|[- |]+\n(.*?)\n\n/ms.exec(readme) ?? [];
  const shown = table.split("\n").flatMap((row) => verbsIn(row.split(/(?<!\\)\|/)[1] ?? ""));
  // The shim's own, and the one that is asked for help.
  const all = [...verbs.map(({ name }) => name), "help", "version"];
  expect([...new Set(shown)].sort()).toEqual([...new Set(all)].sort());
});
