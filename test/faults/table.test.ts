import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "..", "..");
const docs = readFileSync(join(project, "docs", "faults.md"), "utf8");

/** `file`: "scenario", "scenario", in a row of the table. */
const named = [...docs.matchAll(/`([\w./-]+)`: ("[^"]+"(?:, "[^"]+")*)/g)].flatMap(
  ([, file = "", names = ""]) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })),
);

const pathOf = (file: string): string =>
  file.includes("/") && !file.startsWith("real/")
    ? join(project, "test", `${file}.test.ts`)
    : join(import.meta.dirname, `${file}.test.ts`);

/** What stands in a file as a title; those of many rows are made of other titles. */
const titlesOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:\btest(?:\.skipIf\([^)]*\))?\(\s*|\btitle: )"([^"]+)"/g)]
    .map(([, title = ""]) => title)
    .filter((title) => !/[$%]/.test(title));

test("each scenario that docs/faults.md names is one of the file's", () => {
  expect(named.length).toBeGreaterThan(50);
  const missing = named.filter(
    ({ file, name }) => !readFileSync(pathOf(file), "utf8").includes(name),
  );
  expect(missing).toEqual([]);
});

test("each scenario here is named in docs/faults.md", () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => file.replace(/\.test\.ts$/, ""))
    .filter((file) => file !== "table");
  const titles = files.flatMap((file) =>
    titlesOf(readFileSync(pathOf(file), "utf8")).map((name) => ({ file, name })),
  );
  expect(titles.length).toBeGreaterThan(30);
  const unnamed = titles.filter(
    (title) => !named.some(({ file, name }) => file === title.file && name === title.name),
  );
  expect(unnamed).toEqual([]);
});
