import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openConfig } from "../../electron/platform/config.ts";
import { type ConfigEditor, openConfigEditor } from "../../electron/platform/config-editor.ts";
import type { ConfigValue } from "../../electron/platform/config-written.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FixedPolicy } from "./fixed-policy.ts";
import { temporaryFolder } from "./folder.ts";

interface Opened extends ConfigEditor {
  readonly file: string;
  /** What stands in the file. */
  text(): string;
  /** Which keys were in force at each time that an edit was applied. */
  readonly applied: string[][];
}

/** An editor of a file in a new folder, and the configuration that is read from it. */
function opened(
  text?: string,
  file = join(temporaryFolder(), "config.json"),
  policy = new FixedPolicy(),
): Opened {
  if (text !== undefined) writeFileSync(file, text);
  const config = openConfig({ file, policy, log: new MemoryLog() });
  onTestFinished(() => config.close());
  const applied: string[][] = [];
  const editor = openConfigEditor({
    file,
    policy,
    apply: async () => {
      config.reload();
      await Promise.resolve();
      applied.push(Object.keys(config.current.keys));
    },
  });
  return { ...editor, file, applied, text: () => readFileSync(file, "utf8") };
}

const fixed = { kind: "static" };
const key = (name: string): string[] => ["keys", name];
const kept = (text: string): string => `{\n  "keys": {\n    ${text}\n  }\n}\n`;

test("a value is in force once it is set, and once it is taken out", async () => {
  const config = opened('{"log": "debug"}');
  expect(await config.set(key("litellm"), fixed)).toBe(true);
  expect(config.text()).toBe('{"log": "debug", "keys": { "litellm": { "kind": "static" } }}');
  expect(config.applied).toEqual([["litellm"]]);
  expect(await config.set(key("litellm"), fixed)).toBe(false);
  expect(config.applied.splice(1)).toEqual([["litellm"]]);
  expect(await config.set(key("litellm"), undefined)).toBe(true);
  expect(config.text()).toBe('{"log": "debug", "keys": {}}');
  expect(config.applied).toEqual([["litellm"], []]);
});

test("a file that is not there is made, with its folder, for its owner only", async () => {
  const file = join(temporaryFolder(), "new", "evercred", "config.json");
  const editor = openConfigEditor({
    file,
    policy: new FixedPolicy(),
    apply: () => Promise.resolve(),
  });
  await editor.set(key("litellm"), fixed);
  expect(readFileSync(file, "utf8")).toBe(kept('"litellm": { "kind": "static" }'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  expect(readdirSync(dirname(file))).toEqual(["config.json"]);
});

test("a file keeps its mode, its byte order mark and its line ends", async () => {
  const config = opened('\ufeff{\r\n\t// mine\r\n\t"log": "info"\r\n}\r\n');
  chmodSync(config.file, 0o664);
  await config.set(["log"], "debug");
  expect(config.text()).toBe('\ufeff{\r\n\t// mine\r\n\t"log": "debug"\r\n}\r\n');
  expect(statSync(config.file).mode & 0o777).toBe(0o664);
});

test.each([true, false])("a link stays one, whether its target is there: %s", async (isThere) => {
  const folder = temporaryFolder();
  const [file, target] = [join(folder, "config.json"), join(folder, "dotfiles", "mine.json")];
  if (isThere) {
    mkdirSync(dirname(target));
    writeFileSync(target, "{}\n");
  }
  symlinkSync("half.json", file);
  symlinkSync("dotfiles/mine.json", join(folder, "half.json"));
  await opened(undefined, file).set(key("litellm"), fixed);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(folder, "half.json")).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toBe(kept('"litellm": { "kind": "static" }'));
});

test("edits at once are all made, one after the other, also after one that fails", async () => {
  const config = opened();
  const names = ["a", "b", "c", "d"];
  const outcomes = await Promise.allSettled([
    config.set(key("help"), fixed),
    ...names.map((name) => config.set(key(name), fixed)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual([
    "rejected",
    ...names.map(() => "fulfilled"),
  ]);
  expect(config.applied).toEqual([["a"], ["a", "b"], ["a", "b", "c"], names]);
});

test("what another program has written meanwhile is not lost", async () => {
  const config = opened("{}");
  let changes = 0;
  /** It is looked at once the file has been read, and before it is written. */
  const value = {
    get kind(): string {
      if (changes++ === 0) writeFileSync(config.file, '{"log": "debug"}');
      return "static";
    },
  };
  await config.set(key("litellm"), value);
  expect(config.text()).toBe('{"log": "debug", "keys": { "litellm": { "kind": "static" } }}');
});

test("another program that does not come to an end is not overwritten", async () => {
  const config = opened("{}");
  let changes = 0;
  const value = {
    get kind(): string {
      writeFileSync(config.file, `{"version": 1 /* ${++changes} */}`);
      return "static";
    },
  };
  await expect(config.set(key("litellm"), value)).rejects.toMatchObject({
    code: "config-invalid",
    message: `Another program goes on changing ${config.file}.`,
  });
  expect(config.text()).toBe(`{"version": 1 /* ${changes} */}`);
  expect(config.applied).toEqual([]);
});

describe("what cannot stand there is refused with its sentence, and nothing is written", () => {
  test.each<[string, string[], ConfigValue | undefined, string, string | RegExp]>([
    ["a value", ["log"], "loud", 'log must be one of "error", "warn"', "nothing has been changed"],
    ["a name of a key", key("list"), fixed, 'keys.list must not be "add"', "nothing has been"],
    ["a name", ["keys", "k", "knid"], "a", "keys.k.knid is not a name", "Did you mean kind?"],
    [
      "a later name",
      ["aws", "writeProfiles"],
      true,
      "aws.writeProfiles is not used by this version.",
      "remove it",
    ],
    [
      "what is missing",
      key("o"),
      { kind: "oidc" },
      "keys.o.source is missing.",
      "nothing has been changed",
    ],
    [
      "a source that is not there",
      key("o"),
      { kind: "oidc", source: "company" },
      "keys.o.source names no source of kind oidc.",
      "evercred source add",
    ],
    [
      "a secret",
      ["keys", "k", "remindBefore"],
      `sk-ant-${"a".repeat(40)}`,
      "keys.k.remindBefore holds what looks like a secret.",
      /^Nothing has been changed\. .* evercred api-key set k$/,
    ],
    [
      "a secret where no key is",
      ["signIn", "ask"],
      `sk-ant-${"a".repeat(40)}`,
      "signIn.ask holds what looks like a secret.",
      /^Nothing has been changed\. .* evercred api-key set NAME$/,
    ],
    [
      "a secret for a name",
      [`sk-ant-${"a".repeat(40)}`],
      "a",
      "What stands there for a name looks like a secret.",
      "evercred api-key set NAME",
    ],
    [
      "what others need",
      ["keys", "k", "kind"],
      undefined,
      "keys.k.kind is missing.",
      "It is needed",
    ],
    [
      "a part without the others that it needs",
      ["keys", "o", "kind"],
      "oidc",
      "keys.o.source is missing.",
      "nothing has been changed",
    ],
    [
      "what the whole needs",
      ["sources", "g", "clientId"],
      undefined,
      "sources.g must have either clientFile",
      "nothing has been changed",
    ],
  ])("%s", async (_, path, value, sentence, remedy) => {
    const text =
      '{"keys": {"k": {"kind": "static"}}, "sources": {"g": {"kind": "google", "clientId": "i", "clientSecret": "s"}}}';
    const config = opened(text);
    await expect(config.set(path, value)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(sentence),
      remedy: expect.stringMatching(remedy),
    });
    expect(config.text()).toBe(text);
    expect(config.applied).toEqual([]);
  });
});

test("what was wrong before, or is wrong of others, is no reason to refuse", async () => {
  const config = opened(`{
    "netwrok": {},
    "keys": { "k": { "kind": "static", "knid": 1 }, "o": { "kind": "oidc", "source": "company" } },
    "headers": { "o": { "A": "\${key:k}" } }
  }`);
  await config.set(["keys", "k", "remindBefore"], "1d");
  await config.set(["keys", "o"], { kind: "oidc", source: "company", token: "id" });
  await config.set(["keys", "k"], undefined);
  expect(config.applied).toEqual([["k", "o"], ["k", "o"], ["o"]]);
});

test.each<[string, string | Buffer, string]>([
  [
    "no JSON",
    '{\n"log": ',
    "config.json line 2: The configuration is not valid JSON: value expected.",
  ],
  ["wrong", '{\n"log": "loud"}', 'config.json line 2: log must be one of "error"'],
  [
    "not UTF-8",
    Buffer.from([0x7b, 0xff, 0x7d]),
    "config.json: The configuration is not UTF-8 text.",
  ],
])("a file that is %s is left as it is", async (_, text, sentence) => {
  const file = join(temporaryFolder(), "config.json");
  writeFileSync(file, text);
  const config = opened(undefined, file);
  await expect(config.set(["log"], "debug")).rejects.toMatchObject({
    code: "config-invalid",
    message: expect.stringContaining(sentence),
    remedy: "Correct the file first: nothing has been changed.",
  });
  expect(readFileSync(file)).toEqual(Buffer.from(text));
  expect(config.applied).toEqual([]);
});

test("a file that cannot be written is said to be so", async () => {
  // The file beside it, that takes its place, has a longer name.
  const file = join(temporaryFolder(), "c".repeat(250));
  const editor = openConfigEditor({
    file,
    policy: new FixedPolicy(),
    apply: () => Promise.resolve(),
  });
  await expect(editor.set(["log"], "debug")).rejects.toMatchObject({
    code: "config-invalid",
    message: `${file} cannot be written (ENAMETOOLONG).`,
  });
  expect(readdirSync(dirname(file))).toEqual([]);
});

describe("a check", () => {
  test("changes nothing, and puts nothing in force", async () => {
    const text = '{"keys": {"k": {"kind": "static"}}, "headers": {"o": {"A": "${key:k}"}}}';
    const config = opened(text);
    const files = readdirSync(dirname(config.file));
    await config.check(key("k"));
    await config.check(key("another"));
    expect(config.text()).toBe(text);
    expect(readdirSync(dirname(config.file))).toEqual(files);
    expect(config.applied).toEqual([]);
  });

  test("sees the edits before it", async () => {
    const config = opened("{}");
    const [, checked] = await Promise.allSettled([
      config.set(key("o"), { kind: "command", command: "x" }),
      config.check(["keys", "o", "command"]),
    ]);
    expect(checked).toMatchObject({ reason: { code: "usage" } });
  });

  test.each<[string, string, string[], string]>([
    ["the file is broken", '{\n"log": ', key("k"), "config-invalid"],
    ["it is needed there", '{"keys": {"k": {"kind": "static"}}}', ["keys", "k", "kind"], "usage"],
    ["its name looks like a secret", "{}", [`sk-ant-${"a".repeat(40)}`], "usage"],
  ])("rejects as the edit would where %s", async (_, text, path, code) => {
    const config = opened(text);
    await expect(config.check(path)).rejects.toMatchObject({ code });
    expect(config.text()).toBe(text);
  });

  test("rejects where no file can be put beside the one that is there", async () => {
    const file = join(temporaryFolder(), "c".repeat(250));
    const editor = openConfigEditor({
      file,
      policy: new FixedPolicy(),
      apply: () => Promise.resolve(),
    });
    writeFileSync(file, '{"log": "debug"}');
    await expect(editor.check(["log"])).rejects.toMatchObject({
      code: "config-invalid",
      message: `${file} cannot be written (ENAMETOOLONG).`,
    });
    expect(readFileSync(file, "utf8")).toBe('{"log": "debug"}');
    expect(readdirSync(dirname(file))).toHaveLength(1);
  });
});

test("an edit that cannot be put in force rejects with the reason", async () => {
  const file = join(temporaryFolder(), "config.json");
  const editor = openConfigEditor({
    file,
    policy: new FixedPolicy(),
    apply: () => Promise.reject(new Error("no")),
  });
  await expect(editor.set(["log"], "debug")).rejects.toThrow("no");
  await expect(editor.set(["log"], "debug")).rejects.toThrow("no");
});
