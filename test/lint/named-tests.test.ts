import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documents, project } from "./documents.ts";
import { titlesIn } from "./test-titles.ts";

/**
 * A test as a text names it: its file under test/, and its title behind some of those around it; or a file of tests alone,
 * by its path from the top.
 */
interface Named {
  readonly file: string;
  readonly titles: readonly string[];
}

/** The tests that a text names, as `e2e/x.test.ts` › title. */
const namedIn = (text: string): readonly Named[] =>
  [...text.matchAll(/`([\w/-]+\.test\.tsx?)`((?: › (?:(?! › |<br>| \|).)+)*)/g)].map(
    ([, file, titles]) => ({
      file: file!,
      titles: titles!
        .split(" › ")
        .slice(1)
        .map((title) => title.trim().replaceAll(/\\(?=[^\w\s])/g, "")),
    }),
  );

/** The titles of each file that was looked at. */
const known = new Map<string, ReturnType<typeof titlesIn>>();

const titlesOf = (file: string): ReturnType<typeof titlesIn> => {
  const path = join(project, "test", file);
  const titles =
    known.get(file) ?? (existsSync(path) ? titlesIn(readFileSync(path, "utf8"), file) : []);
  known.set(file, titles);
  return titles;
};

const isThere = ({ file, titles }: Named): boolean =>
  (titles.length === 0 && existsSync(join(project, file))) ||
  (titles.length > 0 && isTitleIn(file, titles));

const isTitleIn = (file: string, titles: readonly string[]): boolean =>
  titlesOf(file).some((all) => all.slice(-titles.length).join("\n") === titles.join("\n"));

const texts = ["docs/testing.md", "docs/threat-model.md"];

// Dozens of files are parsed, also on a busy machine.
test.each(texts)(
  "each test that %s names is there, by file and title",
  { timeout: 120_000 },
  (path) => {
    const named = namedIn(documents.get(path)!);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((one) => !isThere(one))).toEqual([]);
  },
);

test("a test that is not there is found", () => {
  const here = "`lint/named-tests.test.ts` › ";
  expect(namedIn(`| x | ${here}a test that is not there is found<br>${here}no | y |`)).toEqual([
    { file: "lint/named-tests.test.ts", titles: ["a test that is not there is found"] },
    { file: "lint/named-tests.test.ts", titles: ["no"] },
  ]);
  const titles = ["a test that is not there is found"];
  expect(isThere({ file: "lint/named-tests.test.ts", titles })).toBe(true);
  expect(isThere({ file: "lint/named-tests.test.ts", titles: ["no"] })).toBe(false);
  expect(isThere({ file: "lint/no.test.ts", titles })).toBe(false);
  expect(isThere({ file: "test/lint/named-tests.test.ts", titles: [] })).toBe(true);
  expect(isThere({ file: "lint/named-tests.test.ts", titles: [] })).toBe(false);
  const nested =
    'const a = <T>(b: T): T => b; describe.each([1])("a", () => { test("b", () => {}); });';
  expect(titlesIn(nested, "x.test.ts")).toEqual([["a"], ["a", "b"]]);
});

/** The cells of the rows of a text's tables, under their headings. */
const rowsOf = (text: string, heading: string): readonly (readonly string[])[] => {
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

/** A row under a table's head, and the line between, is a row. */
const isRow = ([first]: readonly string[]): boolean => !/^(?:-+|against)$/.test(first ?? "");

test("each row of the threat model names a test, or says that none shows it", () => {
  const defended = rowsOf(documents.get("docs/threat-model.md")!, "Defended").filter(isRow);
  expect(defended.length).toBeGreaterThan(40);
  const silent = defended.filter(
    ([, , shown = ""]) =>
      !namedIn(shown).some(({ titles }) => titles.length > 0) &&
      !shown.startsWith("not shown by a test"),
  );
  expect(silent).toEqual([]);
});

test("docs/testing.md has each row of the threat model, with its tests", () => {
  const defended = rowsOf(documents.get("docs/threat-model.md")!, "Defended").filter(isRow);
  const listed = rowsOf(documents.get("docs/testing.md")!, "The threat model").filter(isRow);
  expect(listed).toEqual(defended.map(([against, , shown]) => [against, shown]));
});
