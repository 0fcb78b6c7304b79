import { expect, test } from "vitest";
import { diffOf } from "../../electron/commands/setup-diff.ts";

const lines = (...all: readonly (string | number)[]): string => `${all.join("\n")}\n`;

test("what changes is shown with two lines around it, and where it is", () => {
  const before = lines("{", 1, 2, 3, 4, 5, 6, 7, 8, 9, "}");
  const after = lines("{", 1, 2, 3, "new", 5, 6, 7, 8, 9, "last", "}");
  expect(diffOf("s.json", before, after)).toEqual([
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
  expect(diffOf("s", undefined, lines("a", "b"))).toEqual([
    "--- /dev/null",
    "+++ s",
    "@@ -0,0 +1,2 @@",
    "+a",
    "+b",
  ]);
  expect(diffOf("s", lines("a"), undefined).slice(1)).toEqual([
    "+++ /dev/null",
    "@@ -1,1 +0,0 @@",
    "-a",
  ]);
  expect(diffOf("s", "a", "a")).toEqual([]);
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
    expect(patched(before, diffOf("s", lines(...before), lines(...after)))).toEqual(
      after.join() === before.join() ? before : after,
    );
  }
});

test("twenty thousand lines take no time to speak of", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  const diff = diffOf("s", lines(...many), lines("first", ...many, "last"));
  expect(diff.filter((line) => /^[+-](?![+-])/.test(line))).toEqual(["+first", "+last"]);
});

test("no secret is shown, and nothing that a terminal obeys", () => {
  const secret = "swordfish-1234567890";
  const before = lines(
    `{ "env": { "ANTHROPIC_API_KEY": "${secret}", "ANTHROPIC_AUTH_TOKEN": /* mine */ "${secret}\\"x",`,
    `"AWS_SECRET_ACCESS_KEY" :`,
    `"${secret}", "HTTPS_PROXY": "http://ann:${secret}@proxy.example.com:3128",`,
    `// "OTHER_TOKEN": "${secret}" \u001b[2J`,
    `"MAX_THINKING_TOKENS": "1024", "apiKeyHelper": "echo sk-${secret}" } }`,
  );
  const diff = diffOf("s", before, before.replace("{ ", '{ "a": 1, '));
  const all = diff.join("\n");
  expect(all).not.toContain(secret);
  expect(all).not.toContain("\u001b");
  expect(diffOf("s", before, undefined).join("\n")).toContain('"MAX_THINKING_TOKENS": "1024"');
  expect(diffOf("s", before, undefined).join("\n")).not.toContain(secret);
});
