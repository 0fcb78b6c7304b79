import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checks } from "../../electron/commands/doctor/checks.ts";

const project = join(import.meta.dirname, "..", "..");
const folder = join(project, "electron", "commands", "doctor");
const docs = readFileSync(join(project, "docs", "troubleshooting.md"), "utf8");

test("each check has its entry, in its own words", () => {
  const wanted = checks.map(({ id, title }) => `### ${title} (\`${id}\`)\n`);
  expect(wanted.filter((heading) => !docs.includes(heading))).toEqual([]);
  expect(docs.match(/^### /gm)).toHaveLength(wanted.length);
});

test("each check has its row at a glance: what it says, why, what to do", () => {
  const rows = docs.split("\n").filter((line) => /^\| \[`[a-z]+`\]\(#/.test(line));
  const filled = rows.filter((row) => row.split(" | ").every((cell) => /\p{L}/u.test(cell)));
  const ids = filled.map((row) => /`([a-z]+)`/.exec(row)![1]);
  expect(ids).toEqual(checks.map(({ id }) => id));
});

/** Nothing is to be mended of these. */
const fine =
  /\.(?:json|fine|none|runs|right|reached|active|on|same|agree|in-force|not-told|not-set-up)$/;

test("each finding that may have to be mended is explained by its id", () => {
  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const ids = sources.flatMap((text) => text.match(/(?<=")[a-z]+\.[a-z][a-z-]+(?=")/g) ?? []);
  const known = new Set(checks.map(({ id }) => id));
  const findings = [...new Set(ids)].filter((id) => known.has(id.split(".")[0] ?? ""));
  expect(findings.length).toBeGreaterThan(50);
  expect(findings.filter((id) => !fine.test(id) && !docs.includes(`\`${id}\``))).toEqual([]);
});
