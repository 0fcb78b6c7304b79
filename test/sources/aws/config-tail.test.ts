import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../../electron/sources/aws/config-grammar.ts";
import {
  isSectionName,
  type NewSection,
  tailOf,
} from "../../../electron/sources/aws/config-tail.ts";
import { withPython } from "./with-python.ts";

type Values = Readonly<Record<string, unknown>>;
type Read = { readonly profiles: Values; readonly sessions: Values } | null;

const readWithBotocore = (texts: readonly string[]): readonly Read[] =>
  withPython("read-with-botocore.py", texts) as readonly Read[];

const dev: NewSection = {
  header: "profile dev",
  settings: [
    ["sso_session", "corp"],
    ["sso_account_id", "111122223333"],
  ],
};
const corp: NewSection = {
  header: "sso-session corp",
  settings: [["sso_region", "us-east-1"]],
};

test("sections follow each other after an empty line", () => {
  expect(tailOf("", [corp, dev])).toBe(
    "[sso-session corp]\nsso_region = us-east-1\n\n[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\n",
  );
});

test("nothing to write is no text at all", () => {
  expect(tailOf("a", [])).toBe("");
});

test.each([
  ["one line end", "[default]\n", "\n"],
  ["an empty line", "[default]\n\n", ""],
  ["a line of spaces", "[default]\n \t\n", ""],
  ["no line end", "[default]\na = 1", "\n\n"],
  ["Windows line ends", "[default]\r\na = 1\r\n", "\r\n"],
  ["a Windows file without the last one", "[default]\r\na = 1", "\r\n\r\n"],
  ["an empty Windows line", "[default]\r\n\r\n", ""],
  ["old Macintosh line ends", "[default]\ra = 1\r", "\r"],
  ["an empty line and nothing else", "\n", ""],
  ["spaces without a line end", "[default]\n  ", "\n"],
])("after %s the gap is made up to an empty line, in the file's own way", (_, text, gap) => {
  const end = /\r\n|\r|\n/.exec(text)![0];
  expect(tailOf(text, [corp])).toBe(`${gap}[sso-session corp]${end}sso_region = us-east-1${end}`);
});

const line = fc.constantFrom(
  ...["[profile a]", "[profile b]", "[default]", "[services x]", "# c", "; c", "  # c", "", "  "],
  ...["region = x", "s3 =", "  k = v", "key = a b ; c", "  more", "é = ü", "broken"],
);
const text = fc
  .tuple(
    fc.array(line, { maxLength: 12 }),
    fc.constantFrom("\n", "\r\n"),
    fc.constantFrom("", "\n", "\r\n", "\n\n"),
  )
  .map(([lines, end, last]) => lines.join(end) + last);

test("botocore reads all that it read before, and the new sections", () => {
  const texts = fc.sample(text, { numRuns: 1_500, seed: 7 });
  const before = readWithBotocore(texts);
  const after = readWithBotocore(texts.map((each) => each + tailOf(each, [corp, dev])));
  let read = 0;
  texts.forEach((each, index) => {
    const was = before[index];
    if (was !== null) read += 1;
    const is = was && {
      profiles: { ...was.profiles, dev: Object.fromEntries(dev.settings) },
      sessions: { ...was.sessions, corp: Object.fromEntries(corp.settings) },
    };
    expect({ each, is: after[index] }).toEqual({ each, is });
  });
  expect(read).toBeGreaterThan(200);
});

test("so do we, also where botocore refuses the file", () => {
  fc.assert(
    fc.property(text, (each) => {
      const was = parseConfig(each).sections;
      const is = parseConfig(each + tailOf(each, [corp, dev])).sections;
      expect(is.slice(0, -2)).toEqual(was);
      expect(is.slice(-2).map(({ name }) => name)).toEqual(["corp", "dev"]);
    }),
    { numRuns: 1_000 },
  );
});

test.each(["dev", "a.b", "A-1", "x@y", "a+b%c:d/e", "_", "0"])("%s is a name", (name) => {
  expect(isSectionName(name)).toBe(true);
});

test.each([
  ...["", " ", "a b", "a]", "[a", "a\nb", "a\n[profile b]\nx = 1", "a#b", "a;b", "'a'", "a\\", "ü"],
  ...["-x", "__proto__", "a\0", "a=b", "a".repeat(129)],
])("%j is none that every tool takes", (name) => {
  expect(isSectionName(name)).toBe(false);
});
