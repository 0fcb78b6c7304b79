import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Flavour,
  parseConfig,
  type Section,
} from "../../../electron/sources/aws/config-grammar.ts";

type Values = Record<string, Record<string, string>>;
interface Read {
  readonly profiles: Values;
  readonly sessions: Values;
}

/** What botocore reads in each text; undefined where it refuses the whole of it. Nested blocks are left out. */
function readWithBotocore(texts: readonly string[]): readonly (Read | undefined)[] {
  const script = new URL("read-with-botocore.py", import.meta.url).pathname;
  const input = JSON.stringify(texts);
  const { stdout, stderr } = spawnSync("/usr/bin/python3", [script], {
    input,
    encoding: "utf8",
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === "") throw new Error(stderr);
  const plain = (values: Values): Values =>
    Object.fromEntries(
      Object.entries(values).map(([name, options]) => [
        name,
        Object.fromEntries(Object.entries(options).filter((each) => typeof each[1] === "string")),
      ]),
    );
  return (JSON.parse(stdout) as (Read | null)[]).map((read) =>
    read === null ? undefined : { profiles: plain(read.profiles), sessions: plain(read.sessions) },
  );
}

function readOurs(text: string, flavour?: Flavour): Read {
  const { sections } = parseConfig(text, flavour);
  const of = (kind: Section["kind"]): Values =>
    Object.fromEntries(
      sections
        .filter((section) => section.kind === kind)
        .map(({ name, options }) => [
          name,
          Object.fromEntries([...options].map(([key, { value }]) => [key, value])),
        ]),
    );
  return { profiles: of("profile"), sessions: of("sso-session") };
}

const alike: Readonly<Record<string, string>> = {
  "the usual file":
    "[default]\nregion = us-east-1\n\n[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\n\n[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\nsso_region=us-east-1\n",
  "quoted names with spaces": "[profile \"my dev\"]\na = 1\n[sso-session 'my corp']\nb = 2\n",
  "a quote inside a name": "[profile my' 'dev]\na = 1\n",
  "an escaped space": "[profile my\\ dev]\na = 1\n",
  "escapes in double quotes": '[profile "a\\"b\\\\c\\d"]\na = 1\n',
  "an open quote": "[profile 'dev]\na = 1\n[profile b]\nc = 2\n",
  "three words": "[profile a b]\nc = 1\n",
  "one word": "[profile]\nc = 1\n",
  "more spaces and tabs in the header": "[profile \t  dev  ]\na = 1\n",
  "text behind the header": "[profile dev] ; home\na = 1\n",
  "a bracket in the name": "[profile a]b]\nc = 1\n",
  "comments at the start of lines": "# x\n[profile a]\n; b = 1\n  # c = 2\nd = 3\n",
  "comments behind values stay": "[profile a]\nregion = us-east-1 # home\nb = 1 ; c\n",
  "colons and equals signs": "[profile a]\nb: 1\nc=2\nd = e=f:g\nurl : https://x\n",
  "names in capitals": "[profile a]\nSSO_Region = x\n",
  "no value": "[profile a]\nb =\nc = 1\n",
  "nested blocks": "[profile a]\ns3 =\n  addressing_style = path\n  x = y\nregion = z\n",
  "a value on two lines": "[profile a]\nb = 1\n  2\nc = 3\n",
  "an indented option after a header": "[profile a]\n   b = 1\n   c = 2\n",
  "a header that is indented": "  [profile a]\n  b = 1\n",
  "a comment inside a nested block": "[profile a]\ns3 =\n  x = y\n# z\n  v = w\nb = 1\n",
  "an empty line inside a value": "[profile a]\nb = 1\n\n  2\n\nc = 3\n",
  "windows line ends": "[profile a]\r\nb = 1\r\n\r\n[sso-session c]\r\nd = 2\r\n",
  "old line ends": "[profile a]\rb = 1\r",
  "no line end at the end": "[profile a]\nb = 1",
  "other sections": "[preview]\na = 1\n[services x]\nb =\n  c = d\n[plugins]\ncli = y\n",
  "names beyond ASCII": "[profile müller]\ntitle = Zürich\n",
  "an empty file": "",
  "only comments": "# a\n; b\n",
  "a section called __proto__": "[profile __proto_]\na = 1\n",
  "an empty section": "[profile a]\n[profile b]\nc = 1\n",
  "spaces around everything": "[profile a]  \n  b  =  1  \n",
};

test("what botocore reads is read alike, file by file", () => {
  const theirs = readWithBotocore(Object.values(alike));
  const entries = Object.entries(alike);
  expect(theirs).toHaveLength(entries.length);
  for (const [index, [name, text]] of entries.entries()) {
    expect({ name, ...readOurs(text) }).toEqual({ name, ...theirs[index] });
  }
});

const line = fc.oneof(
  fc.constantFrom(
    "[profile a]",
    "[profile 'b c']",
    "[sso-session s]",
    "[default]",
    "[x]",
    "",
    "# c",
    "; c",
    "  # c",
    "\t",
  ),
  fc
    .tuple(
      fc.constantFrom("", " ", "  ", "\t"),
      fc.constantFrom("sso_region", "Region", "k1", "k2", "k3", "k4"),
      fc.constantFrom("=", " = ", ":", " : ", "= "),
      fc.constantFrom("", "v", "v w", "https://x/y#z", "a=b", "é", '"q"', "#x"),
    )
    .map((parts) => parts.join("")),
);
const file = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom("\n", "\r\n"))
  .map(([lines, end]) => lines.join(end));

test("generated files that botocore reads are read alike; one that it refuses has a problem", () => {
  const texts = fc.sample(file, { numRuns: 3_000, seed: 11 });
  const theirs = readWithBotocore(texts);
  let read = 0;
  for (const [index, text] of texts.entries()) {
    const their = theirs[index];
    if (their === undefined) {
      expect({ text, problems: parseConfig(text).problems.length > 0 }).toEqual({
        text,
        problems: true,
      });
    } else {
      read += 1;
      expect({ text, ...readOurs(text) }).toEqual({ text, ...their });
    }
  }
  expect(read).toBeGreaterThan(300);
});

test.each([
  [
    "a section that stands twice",
    "[profile a]\nb = 1\n[profile c]\nd = 2\n[profile a]\ne = 3\n",
    { line: 5, says: /lines 1 and 5/ },
    { a: { b: "1" }, c: { d: "2" } },
  ],
  [
    "a section that stands twice in two spellings",
    "[profile a]\nb = 1\n[profile 'a']\nc = 2\n",
    { line: 3, says: /two spellings, on lines 1 and 3/ },
    { a: { c: "2" } },
  ],
  [
    "an option that stands twice",
    "[profile a]\nb = 1\nB = 2\nc = 3\n",
    { line: 3, says: /lines 2 and 3/ },
    { a: { b: "1", c: "3" } },
  ],
  [
    "a line that is no option",
    "[profile a]\nb = 1\nnonsense\n  more = nonsense\nc = 2\n",
    { line: 3, says: /Line 3 / },
    { a: { b: "1", c: "2" } },
  ],
  [
    "an option without a name",
    "[profile a]\n= 1\nb = 2\n",
    { line: 2, says: /Line 2 / },
    { a: { b: "2" } },
  ],
  [
    "an option before any section",
    "b = 1\n[profile a]\nc = 2\n",
    { line: 1, says: /before/ },
    { a: { c: "2" } },
  ],
  ["a NUL byte", "[profile a]\nb = \0\nc = 2\n", { line: 2, says: /NUL/ }, { a: { c: "2" } }],
  [
    "a line of a megabyte",
    `[profile a]\nb = ${"x".repeat(1024 * 1024)}\nc = 2\n`,
    { line: 2, says: /too long/ },
    { a: { c: "2" } },
  ],
  [
    "a header of no name",
    "[profile]\nb = 1\n[profile a]\nc = 2\n",
    { line: 1, says: /one profile/ },
    { a: { c: "2" } },
  ],
  [
    "an open quote",
    "[sso-session 'b]\nc = 1\n[profile a]\nd = 2\n",
    { line: 1, says: /one sso-session/ },
    { a: { d: "2" } },
  ],
] as const)(
  "%s is a problem with its line, and the rest of the file goes on working",
  (_, text, problem, profiles) => {
    const { problems } = parseConfig(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ line: problem.line });
    expect(problems[0]?.sentence).toMatch(problem.says);
    expect(problems[0]?.remedy).toMatch(/\w\.$/);
    expect(readOurs(text).profiles).toEqual(profiles);
  },
);

test.each([
  ["a name alone", "[a]\nb = 1\n", { a: { b: "1" } }, undefined],
  ["a name with spaces", "[a b]\nc = 1\n", { "a b": { c: "1" } }, undefined],
  [
    "a name that only looks like another kind",
    "[profiles]\nc = 1\n",
    { profiles: { c: "1" } },
    undefined,
  ],
  [
    "a profile as in the config file",
    "[profile a]\nb = 1\n",
    {},
    "Write [a] there, or move it to the config file.",
  ],
  ["an sso-session", "[sso-session a]\nb = 1\n", {}, "Move it to the config file."],
  ["[DEFAULT]", "[DEFAULT]\nb = 1\n", {}, undefined],
])("in the credentials file: %s", (_, text, profiles, remedy) => {
  const { problems } = parseConfig(text, "credentials");
  expect(readOurs(text, "credentials").profiles).toEqual(profiles);
  expect(problems).toMatchObject(remedy === undefined ? [] : [{ line: 1, remedy }]);
});

test("in the credentials file no name of a setting is repeated: it may be the rest of a key", () => {
  const text =
    "[a]\nwJalrXUtnFEMI = K7MDENG\nwJalrXUtnFEMI = K7MDENG\nbPxRfiCYEXAMPLEKEY=\n  x\nwJalrXUtnFEMI\n";
  const { problems } = parseConfig(text, "credentials");
  expect(problems.map(({ line }) => line)).toEqual([3, 6, 4]);
  expect(JSON.stringify(problems)).not.toMatch(/jalr|rficy|k7md/i);
});

test("a nested block of sso settings is not taken for settings", () => {
  const [section] = parseConfig("[profile a]\nx =\n  sso_region = us-east-1\n").sections;
  expect([...section!.options.keys()]).toEqual([]);
});

test("[DEFAULT], which botocore adds to every profile and other tools ignore, is no profile", () => {
  expect(readOurs("[DEFAULT]\nregion = x\n[profile a]\nb = 1\n").profiles).toEqual({
    a: { b: "1" },
  });
});

test("a header that only starts like a profile's, which botocore takes for one, is none", () => {
  expect(readOurs("[profiles a]\nb = 1\n").profiles).toEqual({});
});

test("any text is read without a throw, line numbers in range", () => {
  const any = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.string({
      unit: fc.constantFrom(...Array.from("[]profile 'sso-\"\\=:#;\n\r\t\0a")),
      maxLength: 200,
    }),
  );
  fc.assert(
    fc.property(any, (text) => {
      const { problems, sections } = parseConfig(text);
      const lines = text.split(/\r\n|\n|\r/).length;
      for (const each of [...problems, ...sections]) {
        expect(each.line).toBeGreaterThanOrEqual(1);
        expect(each.line).toBeLessThanOrEqual(lines);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["brackets", "[", 1],
  ["quotes", "'", 1],
  ["backslashes", "\\", 1],
  ["spaces", " ", 1],
  ["equals signs", "=", 1],
  ["short lines", "a\n", 2],
  ["sections", "[profile '\n", 8],
  ["continued lines", " x\n", 3],
])("a megabyte of %s does not hang the reader", (_, piece, length) => {
  const text = `[profile a]\nb = 1\n${piece.repeat(Math.ceil((1024 * 1024) / length))}`;
  const startedAt = performance.now();
  parseConfig(text);
  // Were it quadratic it would take hours.
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

test("a section that a value has run into is named without it: it may be a secret", () => {
  const { problems } = parseConfig("[profile dev aws_secret_access_key = hunter2]\n");
  expect(problems).toMatchObject([
    {
      line: 1,
      sentence:
        "Section [profile dev aws_secret_access_key =…] does not name one profile, so no tool uses it.",
    },
  ]);
});
