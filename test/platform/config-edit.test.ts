import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { editedText } from "../../electron/platform/config-edit.ts";
import type { ConfigValue } from "../../electron/platform/config-written.ts";

const litellm = ["keys", "litellm"];
const fixed = { kind: "static" };

/** A line for each string. */
const lines = (...each: readonly string[]): string => `${each.join("\n")}\n`;

describe("a value that is set", () => {
  test.each<[string, string, readonly string[], ConfigValue, string]>([
    [
      "in a file that is empty",
      "",
      litellm,
      fixed,
      lines("{", '  "keys": {', '    "litellm": { "kind": "static" }', "  }", "}"),
    ],
    [
      "in a file of comments only",
      "// mine",
      ["log"],
      "debug",
      lines("// mine", "{", '  "log": "debug"', "}"),
    ],
    ["in {}", "{}\n", ["log"], "debug", lines("{", '  "log": "debug"', "}")],
    [
      "in { } with a comment",
      lines("{", "  // nothing yet", "}"),
      ["log"],
      "debug",
      lines("{", "  // nothing yet", '  "log": "debug"', "}"),
    ],
    ["in a comment's line", "{ /* none */ }", ["log"], "debug", '{ /* none */ "log": "debug" }'],
    [
      "beside others, below their comments",
      lines("{", '  "log": "info" // all of it', "  // the end", "}"),
      ["app", "theme"],
      "dark",
      lines(
        ...["{", '  "log": "info", // all of it', '  "app": {', '    "theme": "dark"', "  }"],
        ...["  // the end", "}"],
      ),
    ],
    [
      "after a comma at the end, which stays one",
      lines("{", '  "log": "info", /* one', "  comment */", "}"),
      ["version"],
      1,
      lines("{", '  "log": "info", /* one', "  comment */", '  "version": 1,', "}"),
    ],
    [
      "after a comma on a line of its own",
      lines("{", '  "log": "info"', "  , // more", "}"),
      ["version"],
      1,
      lines("{", '  "log": "info"', "  ,", '  "version": 1, // more', "}"),
    ],
    [
      "before the comments of other lines",
      lines("{", '  "log": "info"', "  /* one */ /* two */", "}"),
      ["version"],
      1,
      lines("{", '  "log": "info",', '  "version": 1', "  /* one */ /* two */", "}"),
    ],
    [
      "after a comma in a comment, which is none",
      lines("{", '  "log": "info" // error, warn, info', "}"),
      ["version"],
      1,
      lines("{", '  "log": "info", // error, warn, info', '  "version": 1', "}"),
    ],
    [
      "in one line",
      '{"log":"info"}',
      litellm,
      fixed,
      '{"log":"info", "keys": { "litellm": { "kind": "static" } }}',
    ],
    [
      "in one line with a comma",
      '{ "log": "info", }',
      ["version"],
      1,
      '{ "log": "info", "version": 1, }',
    ],
    [
      "in one line with a comment",
      '{ "log": "info" /* all */ }',
      ["version"],
      1,
      '{ "log": "info", /* all */ "version": 1 }',
    ],
    [
      "in the place of another",
      lines("{", '  "log": "info", // much', '  "version": 1', "}"),
      ["log"],
      "debug",
      lines("{", '  "log": "debug", // much', '  "version": 1', "}"),
    ],
    [
      "that is what stands there, with its comments",
      lines("{", '  "keys": { "litellm": { /* ours */ "kind": "static" } }', "}"),
      litellm,
      fixed,
      lines("{", '  "keys": { "litellm": { /* ours */ "kind": "static" } }', "}"),
    ],
    [
      "in the place of what is no object",
      lines("{", '  "keys": 3', "}"),
      litellm,
      fixed,
      lines("{", '  "keys": {', '    "litellm": { "kind": "static" }', "  }", "}"),
    ],
    [
      "where a name stands twice, in the one that counts",
      lines("{", '  "app": { "theme": "dark" },', '  "app": { "theme": "light" }', "}"),
      ["app", "theme"],
      "system",
      lines("{", '  "app": { "theme": "dark" },', '  "app": { "theme": "system" }', "}"),
    ],
    [
      "with tabs and CRLF as the file has them",
      '{\r\n\t"log": "info",\r\n\t"keys": {\r\n\t\t"a": { "kind": "static" }\r\n\t}\r\n}\r\n',
      litellm,
      { kind: "command", command: ["vault", "kv", "get", `-field=${"x".repeat(80)}`] },
      '{\r\n\t"log": "info",\r\n\t"keys": {\r\n\t\t"a": { "kind": "static" },\r\n\t\t"litellm": {\r\n' +
        '\t\t\t"kind": "command",\r\n\t\t\t"command": [\r\n\t\t\t\t"vault",\r\n\t\t\t\t"kv",\r\n' +
        `\t\t\t\t"get",\r\n\t\t\t\t"-field=${"x".repeat(80)}"\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}\r\n`,
    ],
    [
      "in four blanks, as the file has them",
      lines("{", '    "log": "info"', "}"),
      litellm,
      fixed,
      lines(
        ...["{", '    "log": "info",', '    "keys": {', '        "litellm": { "kind": "static" }'],
        ...["    }", "}"],
      ),
    ],
    ["of a name with quotes in it", "{}", ['a"b'], [], lines("{", '  "a\\"b": []', "}").trimEnd()],
    ["that is an empty object", "{}", ["keys"], {}, lines("{", '  "keys": {}', "}").trimEnd()],
  ])("%s", (_, text, path, value, expected) => {
    const next = editedText(text, path, value);
    expect(next).toBe(expected);
    expect(editedText(next, path, value)).toBe(next);
  });
});

describe("a value that is taken out", () => {
  test.each<[string, string, readonly string[], string]>([
    [
      "goes with its line and its comma",
      lines("{", "  // the log", '  "log": "info",', "  // the version", '  "version": 1', "}"),
      ["log"],
      lines("{", "  // the log", "  // the version", '  "version": 1', "}"),
    ],
    [
      "at the end goes with the comma before it",
      lines("{", '  "log": "info", // a, b', '  "version": 1 // one', "}"),
      ["version"],
      lines("{", '  "log": "info" // a, b', "  // one", "}"),
    ],
    [
      "at the end leaves a comma where there was one",
      lines("{", '  "log": "info",', '  "version": 1,', "}"),
      ["version"],
      lines("{", '  "log": "info",', "}"),
    ],
    [
      "as the only one leaves {}",
      lines("{", '  "keys": {', '    "litellm": { "kind": "static" },', "  }", "}"),
      litellm,
      lines("{", '  "keys": {}', "}"),
    ],
    [
      "as the only one leaves what is said beside it",
      lines("{", '  "keys": {', "    // old", '    "litellm": {', "    },", "  }", "}"),
      litellm,
      lines("{", '  "keys": {', "    // old", "  }", "}"),
    ],
    ["first in a line", '{ "log": "info", "version": 1 }', ["log"], '{ "version": 1 }'],
    ["last in a line", '{ "log": "info", "version": 1 }', ["version"], '{ "log": "info" }'],
    [
      "first in a line of many",
      '{ "log": "info",\n  "version": 1\n}',
      ["log"],
      '{\n  "version": 1\n}',
    ],
    [
      "last in a line of many",
      '{ "log": "info", "version": 1\n}',
      ["version"],
      '{ "log": "info"\n}',
    ],
    ["alone in a line", '{ "log": "info" }', ["log"], "{}"],
    ["alone before a comma", '{"log":"info",}', ["log"], "{}"],
    ["beside a comment", '{ /* a */ "log": "info" }', ["log"], "{ /* a */ }"],
    [
      "with CRLF",
      '{\r\n\t"log": "info",\r\n\t"version": 1\r\n}\r\n',
      ["version"],
      '{\r\n\t"log": "info"\r\n}\r\n',
    ],
    [
      "wherever it stands, so that none of the same name counts instead",
      lines("{", '  "log": "info",', '  "version": 1,', '  "log": "debug"', "}"),
      ["log"],
      lines("{", '  "version": 1', "}"),
    ],
    ["that is not there", '{"log":"info"}', litellm, '{"log":"info"}'],
    ["of an empty file", "", litellm, ""],
  ])("%s", (_, text, path, expected) => {
    expect(editedText(text, path, undefined)).toBe(expected);
  });
});

describe("an item of a list", () => {
  test.each([
    ["is added after the last", '{"a": [1]}', ["a", 1], 2, '{"a": [1, 2]}'],
    [
      "is added on a line",
      '{\n  "a": [\n    1 // one\n  ]\n}',
      ["a", 1],
      2,
      '{\n  "a": [\n    1, // one\n    2\n  ]\n}',
    ],
    ["is added behind a trailing comma", '{"a": [1,]}', ["a", 1], 2, '{"a": [1, 2,]}'],
    ["is the first of an empty list", '{"a": []}', ["a", 0], 1, '{"a": [\n  1\n]}'],
    ["makes its list", "{}", ["a", 0], { b: 1 }, '{\n  "a": [\n    { "b": 1 }\n  ]\n}'],
    [
      "is replaced inside",
      '{"a": [{"b": 1}, {"b": 2}]}',
      ["a", 1, "b"],
      3,
      '{"a": [{"b": 1}, {"b": 3}]}',
    ],
    ["is taken out, and no other", '{"a": [1, 2, 3]}', ["a", 1], undefined, '{"a": [1, 3]}'],
    ["is taken out as the last", '{"a": [1, 2]}', ["a", 1], undefined, '{"a": [1]}'],
    ["leaves an empty list", '{"a": [1]}', ["a", 0], undefined, '{"a": []}'],
    ["that is not there is not taken out", '{"a": [1]}', ["a", 1], undefined, '{"a": [1]}'],
  ] as const)("%s", (_, text, path, value, expected) => {
    expect(editedText(text, path, value)).toBe(expected);
  });
});

test("any values put in and taken out, in any order, are what is read afterwards", () => {
  const names = ["a", "b", "c"];
  const values: readonly (ConfigValue | undefined)[] = [1, { x: "y" }, ["z".repeat(99)], undefined];
  const texts = ["", '{"a": 1, /* , */ "b": { "x": 2, }, }', '{\r\n\t// }\r\n\t"c": 1 // ,\r\n}'];
  let state = 1;
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let text of texts) {
    for (let step = 0; step < 300; step++) {
      const path = [names[next(3)]!, ...(next(2) === 0 ? [] : [names[next(3)]!])];
      const value = values[next(values.length)];
      const before = parse(text) ?? {};
      text = editedText(text, path, value);
      const errors: never[] = [];
      const after = parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
      expect(errors).toEqual([]);
      expect(after ?? {}).toEqual(put(before, path, value));
    }
  }
});

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same, by the plain meaning of it. */
function put(whole: unknown, [name = "", ...rest]: readonly string[], value: unknown): unknown {
  const values = isValues(whole) ? whole : {};
  if (value === undefined && !(name in values)) return whole;
  const { [name]: old, ...others } = values;
  const next = rest.length === 0 ? value : put(old ?? {}, rest, value);
  return next === undefined ? others : { ...others, [name]: next };
}
