import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { windowsWordsOf } from "../../../electron/sources/aws/windows-words.ts";

const lines: readonly string[] = [
  "",
  " ",
  "tool",
  " tool  a\tb ",
  'tool ""',
  'tool "a b" c',
  'tool a"b c"d',
  String.raw`C:\tools\give.exe C:\dir\ `,
  String.raw`"C:\Program Files\give.exe" --to "C:\dir\\" x`,
  String.raw`tool \"a b\"`,
  String.raw`tool \\"a b\\" c`,
  String.raw`tool \\\"a b`,
  String.raw`tool a\\\\b \\`,
  String.raw`tool "a \" b"`,
  "tool 'a b'",
  'tool "a',
  'tool a" b',
  String.raw`tool "a\"`,
  "tool é“x” 日本",
];

test("a command line is split as botocore splits it on Windows", () => {
  const program =
    "import json, sys\n" +
    "from botocore.compat import compat_shell_split as split\n" +
    "def words(line):\n" +
    "    try: return split(line, platform='win32')\n" +
    "    except ValueError: return None\n" +
    "print(json.dumps([words(line) for line in json.load(sys.stdin)]))";
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", program], {
    input: JSON.stringify(lines),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const ours = lines.map((line) => windowsWordsOf(line) ?? null);
  expect(ours).toEqual(JSON.parse(stdout));
  expect(ours).toContain(null);
});
