import { expect, test } from "vitest";
import { diffOf } from "../../electron/commands/setup-diff.ts";

/** The diff of texts in which nothing is a value. */
const diff = (file: string, before: string | undefined, after: string | undefined) =>
  diffOf({ file, before, after, form: "json", ours: [] });

const lines = (...all: readonly (string | number)[]): string => `${all.join("\n")}\n`;

test("what changes is shown with two lines around it, and where it is", () => {
  const before = lines("{", 1, 2, 3, 4, 5, 6, 7, 8, 9, "}");
  const after = lines("{", 1, 2, 3, "new", 5, 6, 7, 8, 9, "last", "}");
  expect(diff("s.json", before, after)).toEqual([
    "--- s.json",
    "+++ s.json",
    "@@ -3,5 +3,5 @@",
    " 2",
    " 3",
    "-4",
    "+new",
    " 5",
    " 6",
    "@@ -9,3 +9,4 @@",
    " 8",
    " 9",
    "+last",
    " }",
  ]);
});

test("no file is /dev/null, and nothing is no diff", () => {
  expect(diff("s", undefined, lines("a", "b"))).toEqual([
    "--- /dev/null",
    "+++ s",
    "@@ -0,0 +1,2 @@",
    "+a",
    "+b",
  ]);
  expect(diff("s", lines("a"), undefined).slice(1)).toEqual([
    "+++ /dev/null",
    "@@ -1,1 +0,0 @@",
    "-a",
  ]);
  expect(diff("s", "a", "a")).toEqual([]);
});

/** What a diff with all lines around makes of the text before. */
const patched = (before: readonly string[], diff: readonly string[]): readonly string[] => {
  const out: string[] = [];
  let at = 0;
  for (const line of diff.slice(2)) {
    const start = /^@@ -(\d+),(\d+)/.exec(line);
    if (start !== null) {
      const from = Number(start[1]) - (start[2] === "0" ? 0 : 1);
      out.push(...before.slice(at, from));
      at = from;
    } else if (line.startsWith("+")) out.push(line.slice(1));
    else {
      if (before[at] !== line.slice(1)) throw new Error(`Not there: ${line}`);
      if (line.startsWith(" ")) out.push(line.slice(1));
      at += 1;
    }
  }
  return [...out, ...before.slice(at)];
};

test("every diff leads from one text to the other", () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 500; round++) {
    const text = (): string[] =>
      Array.from({ length: Math.floor(random() * 12) + 1 }, () => String(Math.floor(random() * 4)));
    const [before, after] = [text(), text()];
    expect(patched(before, diff("s", lines(...before), lines(...after)))).toEqual(
      after.join() === before.join() ? before : after,
    );
  }
});

test("twenty thousand lines take no time to speak of", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  const made = diff("s", lines(...many), lines("first", ...many, "last"));
  expect(made.filter((line) => /^[+-](?![+-])/.test(line))).toEqual(["+first", "+last"]);
});

test("of values only those are shown that the set-up writes, and nothing that a terminal obeys", () => {
  const secret = "swordfish";
  const before = lines(
    `{ "env": { "DB_PASS": "${secret}", "OTHER": /* ${secret}`,
    `*/ "${secret}\\"${secret}",`,
    `// "OTHER": "${secret}" \u001b[2J`,
    `"list": ["${secret}", ["https://example.com/?q=${secret}"]], "AWS_REGION": "${secret}",`,
    `"apiKeyHelper": "echo ${secret}" } }`,
  );
  const after = before.replace(`"AWS_REGION": "${secret}"`, '"AWS_REGION": "us-east-1"');
  const shown = diffOf({ file: "s", before, after, form: "json", ours: ["us-east-1"] });
  expect(shown.slice(3)).toEqual([
    '  */ "…",',
    " // …",
    '-"list": ["…", ["…"]], "AWS_REGION": "…",',
    '+"list": ["…", ["…"]], "AWS_REGION": "us-east-1",',
    ' "apiKeyHelper": "…" } }',
  ]);
  const all = { file: "s", before, after: undefined, form: "json", ours: [] } as const;
  expect(diffOf(all).join("\n")).not.toContain(secret);
  expect(diffOf(all).join("\n")).not.toContain("\u001b");
});

test("a value that is not shown changes its line all the same", () => {
  const change = { before: '"a"', after: '"b"', form: "json", ours: [] } as const;
  expect(diffOf({ file: "s", ...change }).slice(3)).toEqual(['-"…"', '+"…"']);
});

test("in files of sections likewise", () => {
  const before = lines(
    "[profile dev]",
    "aws_secret_access_key = swordfish",
    "# swordfish",
    "s3 =",
    "  swordfish",
  );
  const after = `${before}[x]\ncredential_process = evercred aws process\n`;
  const ours = ["evercred aws process"];
  const shown = diffOf({ file: "c", before, after, form: "ini", ours });
  expect(shown.slice(3)).toEqual([
    " s3 =…",
    " …",
    "+[x]",
    "+credential_process = evercred aws process",
  ]);
  const gone = diffOf({ file: "c", before, after: undefined, form: "ini", ours });
  expect(gone.slice(3)).toEqual([
    "-[profile dev]",
    "-aws_secret_access_key = …",
    "-…",
    "-s3 =…",
    "-…",
  ]);
});

test.each(["json", "ini"] as const)("a megabyte of any %s takes no time to speak of", (form) => {
  for (const part of ["a.a.", '"KEY', '\\"', "/*", "/**/", "=", " ", "https://"]) {
    const before = part.repeat(1_000_000 / part.length);
    const from = performance.now();
    diffOf({ file: "s", before, after: undefined, form, ours: [] });
    // Were it quadratic it would take hours.
    expect(performance.now() - from).toBeLessThan(30_000);
  }
});
