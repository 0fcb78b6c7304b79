import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { forms } from "../../electron/commands/shell-quoting.ts";
import { hostile } from "../commands/hostile.ts";

/** Real shells, each the way its users have it take our output over, without their own settings. */
const shells = [
  { name: "bash", form: "bash", argv: ["bash", "--norc", "-c", 'eval "$(cat)"; env -0'] },
  { name: "sh", form: "bash", argv: ["sh", "-c", 'eval "$(cat)"; env -0'] },
  { name: "zsh", form: "zsh", argv: ["zsh", "-f", "-c", 'eval "$(cat)"; env -0'] },
  {
    name: "zsh with rcquotes",
    form: "zsh",
    argv: ["zsh", "-f", "-o", "rcquotes", "-c", 'eval "$(cat)"; env -0'],
  },
  { name: "fish", form: "fish", argv: ["fish", "--no-config", "-c", "cat | source; env -0"] },
];

/** The environment of a shell that has taken this text over, and the files that it made. */
const takenOver = (
  [shell, ...args]: readonly string[],
  text: string,
): { readonly env: ReadonlyMap<string, string>; readonly files: readonly string[] } => {
  const folder = mkdtempSync(join(tmpdir(), "evercred-shell-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  const output = execFileSync(shell!, args, {
    input: text,
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, LANG: "C.UTF-8", OLD: "left", KEPT: "kept" },
  });
  const entries = output.toString().split("\0").slice(0, -1);
  const env = new Map(
    entries.map((entry): [string, string] => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
  return { env, files: readdirSync(folder).filter((name) => !name.startsWith(".")) };
};

describe.each(shells)("$name", ({ form, argv }) => {
  test("takes every value over as it is, and runs none", () => {
    const { env, files } = takenOver(argv, forms[form]!(hostile, []));
    const arrived = Object.fromEntries(Object.keys(hostile).map((name) => [name, env.get(name)]));
    expect(arrived).toEqual(hostile);
    expect(files).toEqual([]);
  });

  test("unsets what has to go, and nothing else; what is not there is no error", () => {
    const { env } = takenOver(argv, forms[form]!({ NEW: "new" }, ["OLD", "NEVER"]));
    expect([env.has("OLD"), env.get("KEPT"), env.get("NEW")]).toEqual([false, "kept", "new"]);
  });
});

test("eval without quotes runs nothing either, and takes keys over", () => {
  const argv = ["bash", "--norc", "-c", "eval $(cat); env -0"];
  const { env, files } = takenOver(argv, forms["bash"]!(hostile, ["OLD"]));
  expect(env.get("A_TOKEN")).toBe(hostile["A_TOKEN"]);
  expect(env.has("OLD")).toBe(false);
  expect(files).toEqual([]);
});

test("fish keeps a variable that the user has set for all shells", () => {
  const argv = [
    "fish",
    "-c",
    "set -Ux EVERYWHERE mine; cat | source; set -qU EVERYWHERE; and env -0",
  ];
  expect(takenOver(argv, forms["fish"]!({}, ["EVERYWHERE"])).env.get("EVERYWHERE")).toBe("mine");
});

test("a dotenv file is read by a real reader as it was meant", () => {
  const folder = mkdtempSync(join(tmpdir(), "evercred-dotenv-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  const meant = { A: hostile["A_TOKEN"]!, B: 'a b # c $(touch canary) `d` "e"', C: "%x% & $HOME" };
  writeFileSync(join(folder, "file"), forms["dotenv"]!(meant, []));
  const show = "console.log(JSON.stringify(process.env))";
  const output = execFileSync(process.execPath, [`--env-file=${join(folder, "file")}`, "-e", show]);
  expect(JSON.parse(output.toString())).toMatchObject(meant);
});
