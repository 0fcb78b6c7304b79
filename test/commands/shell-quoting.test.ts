import { describe, expect, test } from "vitest";
import { forms } from "../../electron/commands/shell-quoting.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { hostile } from "./hostile.ts";

const written = (form: string, value: string): string => forms[form]!({ NAME: value }, []);

/** Why a value is not written; undefined where it is. */
const refusal = (form: string, value: string): EvercredError | undefined => {
  try {
    written(form, value);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof EvercredError) return thrown;
    throw thrown;
  }
};

const ascii = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));

/** Every value that a form has to cope with: the hostile ones, and each printable character. */
const values = [...Object.values(hostile), ...ascii, ascii.join("")];

describe("powershell", () => {
  /**
   * The value that one line of PowerShell gives a variable, by the language's rules for verbatim strings ('' is a
   * quote), casts and +; anything else fails. https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02
   */
  const evaluated = (line: string): string => {
    const assignment = /^\$env:NAME = (.*)$/.exec(line);
    if (assignment === null) throw new Error(`no assignment: ${line}`);
    let rest = assignment[1]!;
    let value = "";
    for (let first = true; ; first = false) {
      const part = /^(?:'((?:[^']|'')*)'(?!')|\[char\](\d{1,5})(?!\d))/.exec(rest);
      if (part === null) throw new Error(`no operand: ${rest}`);
      if (first && part[1] === undefined) throw new Error("a number on the left of +");
      value += part[1]?.replaceAll("''", "'") ?? String.fromCharCode(Number(part[2]));
      rest = rest.slice(part[0].length);
      if (rest === "") return value;
      if (!rest.startsWith(" + ")) throw new Error(`no operator: ${rest}`);
      rest = rest.slice(3);
    }
  };

  test.each(values)("holds %j on one line of plain ASCII", (value) => {
    const text = written("powershell", value);
    expect(text).toMatch(/^[ -~]+\n$/);
    expect(evaluated(text.slice(0, -1))).toBe(value);
  });

  test("unsets", () => {
    expect(forms["powershell"]!({}, ["OLD"])).toBe("$env:OLD = $null\n");
  });
});

describe("cmd", () => {
  /** The value that a line sets, where nothing is expanded and nothing stands outside of quotes. */
  const evaluated = (line: string): string => {
    if (/[%!]/.test(line)) throw new Error("something is expanded");
    let quoted = false;
    for (const letter of line) {
      if (letter === '"') quoted = !quoted;
      else if (!quoted && /[&|<>^()]/.test(letter)) throw new Error("an operator");
    }
    const assignment = /^set "NAME=([^"]*)"$/.exec(line);
    if (quoted || assignment === null) throw new Error(`no assignment: ${line}`);
    return assignment[1]!;
  };

  const held = values.filter((value) => !/[^ -~]|["%!]/.test(value));
  const unfit = values.filter((value) => !held.includes(value));

  test.each(held)("holds %j", (value) => {
    expect(evaluated(written("cmd", value).slice(0, -1))).toBe(value);
  });

  test.each(unfit)("refuses %j", (value) => {
    expect(refusal("cmd", value)).toMatchObject({
      code: "usage",
      message: "The value of NAME has characters that cmd cannot hold.",
    });
  });

  test("unsets", () => {
    expect(forms["cmd"]!({}, ["OLD"])).toBe('set "OLD="\n');
  });
});

describe("dotenv", () => {
  test("has no quotes where none are needed: Docker would take them for a part of the value", () => {
    expect(written("dotenv", hostile["A_TOKEN"]!)).toBe(`NAME=${hostile["A_TOKEN"]!}\n`);
  });

  test.each(["it's", "a\\b", "a\nb", "a\rb", "a\0b", "${HOME}"])("refuses %j", (value) => {
    expect(refusal("dotenv", value)).toMatchObject({ code: "usage" });
  });

  test("sets, and cannot unset", () => {
    expect(forms["dotenv"]!({ A: "1" }, ["OLD"])).toBe("A=1\n");
  });
});

test.each(values)("json holds %j", (value) => {
  expect(JSON.parse(written("json", value))).toEqual({ NAME: value });
});

test.each(Object.keys(forms).filter((form) => form !== "json"))(
  "%s holds no NUL, because no environment does",
  (form) => {
    expect(refusal(form, "a\0b")).toMatchObject({ code: "usage" });
  },
);

test("no value is in what a refusal says", () => {
  const error = refusal("cmd", "secret%value");
  expect(`${error!.message} ${error!.remedy}`).not.toContain("secret");
});
