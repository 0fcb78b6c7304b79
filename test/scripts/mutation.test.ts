import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listed, missing, survivorsIn } from "../../scripts/mutation/survivors.mjs";

const folder = join(import.meta.dirname, "..", "..", "scripts", "mutation");
const file = "electron/core/watch.ts";
const place = 'StringLiteral: log(‹"state"›); → ""';

const resultsOf = (source: string, line: number, ...statuses: readonly string[]) => ({
  files: {
    [file]: {
      source,
      mutants: statuses.map((status) => ({
        status,
        mutatorName: "StringLiteral",
        replacement: '""',
        location: { start: { line, column: 7 }, end: { line, column: 14 } },
      })),
    },
  },
});

describe("the list of changes that no test notices", () => {
  test("tells a place by its code, wherever its line is", () => {
    const survivors = [{ file, place }];
    expect(survivorsIn(resultsOf('  log("state");\n', 1, "Survived", "Killed"))).toEqual(survivors);
    expect(survivorsIn(resultsOf('// \n  log("state");\n', 2, "NoCoverage"))).toEqual(survivors);
  });

  test("has one place as often as it says, and no more", () => {
    const text = `## The log\n\nWhy.\n\n${file}:\n\n    ${place}\n    ${place}\n`;
    const known = listed(text);
    expect(known).toEqual([
      { file, place },
      { file, place },
    ]);
    const three = [{ file, place }, ...known];
    expect([missing(three, known), missing(known, three)]).toEqual([[{ file, place }], []]);
  });

  test("takes no place without a reason, and none without a file", () => {
    expect(() => listed(`## The log\n\n${file}:\n\n    ${place}\n`)).toThrow("no reason");
    expect(() => listed(`## The log\n\nWhy.\n\n    ${place}\n`)).toThrow("no file");
  });

  test("can be read as it is", () => {
    const text = readFileSync(join(folder, "survivors.md"), "utf8");
    expect(listed(text).length).toBeGreaterThan(0);
  });
});
