import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openVscodeSettings, vscodeFileOf } from "../../electron/platform/vscode-settings.ts";
import { temporaryFolder } from "./folder.ts";

const user = { kind: "user", editor: "code" } as const;
const env = { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "us-east-1" };

const pair = (name: string, value: string): string => `{ "name": "${name}", "value": "${value}" }`;
const ours = [pair("CLAUDE_CODE_USE_BEDROCK", "1"), pair("AWS_REGION", "us-east-1")];
const flag = '"claudeCode.disableLoginPrompt": true';

const home = (text?: string) => {
  const folder = temporaryFolder();
  const file = join(folder, ".config", "Code", "User", "settings.json");
  if (text !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const options = {
    platform: "linux",
    home: folder,
    env: {},
    noteFile: join(folder, "state", "setup.json"),
  } as const;
  const editors = openVscodeSettings(options);
  return { folder, file, editors, options, text: () => readFileSync(file, "utf8") };
};

/** Settings as people have them, and what becomes of them. */
const merged: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "an empty object": [
    "{}",
    `{\n  "claudeCode.environmentVariables": [\n    ${ours.join(",\n    ")}\n  ],\n  ${flag}\n}`,
  ],
  "comments, tabs and trailing commas": [
    '{\n\t// size\n\t"editor.fontSize": 12, // px\n}\n',
    `{\n\t// size\n\t"editor.fontSize": 12, // px\n\t"claudeCode.environmentVariables": [\n\t\t${ours.join(",\n\t\t")}\n\t],\n\t${flag},\n}\n`,
  ],
  "variables of their own": [
    `{\r\n  "claudeCode.environmentVariables": [\r\n    // theirs\r\n    ${pair("A", "1")} // one\r\n  ]\r\n}\r\n`,
    `{\r\n  "claudeCode.environmentVariables": [\r\n    // theirs\r\n    ${pair("A", "1")}, // one\r\n    ${ours.join(",\r\n    ")}\r\n  ],\r\n  ${flag}\r\n}\r\n`,
  ],
  "a variable that is set otherwise": [
    `{\n  "claudeCode.environmentVariables": [${pair("AWS_REGION", "eu-west-1")}]\n}\n`,
    `{\n  "claudeCode.environmentVariables": [{ "name": "AWS_REGION", "value": "us-east-1" }, ${ours[0]!}],\n  ${flag}\n}\n`,
  ],
};

describe.each(Object.entries(merged))("settings: %s", (_, [before, after]) => {
  test("are merged, and an undo gives the bytes back", () => {
    const { editors, text, file } = home(before);
    editors.set(user, env).make();
    expect(text()).toBe(after);
    editors.undo(user)?.make();
    expect(text()).toBe(before);
    expect(readdirSync(dirname(file))).toEqual(["settings.json"]);
    expect(editors.undo(user)).toBeUndefined();
  });

  test("lose just ours by an undo after somebody's change", () => {
    const { editors, text, file } = home(before);
    editors.set(user, env).make();
    writeFileSync(file, text().replace("{", '{"theirs": 1,'));
    editors.undo(user)?.make();
    const rest = JSON.parse(
      text()
        .replaceAll(/\/\/.*$/gm, "")
        .replaceAll(/,(\s*[}\]])/g, "$1"),
    ) as object;
    const first = JSON.parse(
      before.replaceAll(/\/\/.*$/gm, "").replaceAll(/,(\s*[}\]])/g, "$1"),
    ) as object;
    expect(rest).toEqual({ theirs: 1, ...first });
  });
});

test("another set-up takes out what the one before wrote", () => {
  const { editors, text } = home("{}\n");
  editors.set(user, env).make();
  editors.set(user, { CLAUDE_CODE_USE_VERTEX: "1" }).make();
  expect(JSON.parse(text())).toEqual({
    "claudeCode.environmentVariables": [{ name: "CLAUDE_CODE_USE_VERTEX", value: "1" }],
    "claudeCode.disableLoginPrompt": true,
  });
});

test("what somebody puts behind ours stays, also a variable that counts instead of ours", () => {
  const { editors, text, file } = home("{}\n");
  editors.set(user, { A: "1", B: "2" }).make();
  const theirs = text().replace(
    pair("B", "2"),
    `${pair("B", "2")}, ${pair("C", "3")}, ${pair("A", "4")}`,
  );
  writeFileSync(file, theirs);
  editors.undo(user)?.make();
  const names = [pair("A", "1"), pair("C", "3"), pair("A", "4")];
  expect(JSON.parse(text())).toEqual({
    "claudeCode.environmentVariables": names.map((each) => JSON.parse(each) as unknown),
  });
});

test("a list that was made goes also after the same once more and somebody's change", () => {
  const { editors, text, file } = home("{}\n");
  editors.set(user, env).make();
  editors.set(user, { ...env, B: "2" }).make();
  writeFileSync(file, text().replace("{", '{"theirs": 1,'));
  editors.undo(user)?.make();
  expect(JSON.parse(text())).toEqual({ theirs: 1 });
});

test("a list that is none is refused", () => {
  const before = '{"claudeCode.environmentVariables": {"A": "1"}}';
  const { editors, text } = home(before);
  expect(() => editors.set(user, env)).toThrow(
    'has a "claudeCode.environmentVariables" that is no list: nothing has been changed.',
  );
  expect(text()).toBe(before);
});

test("a project has a file of its own", () => {
  const { editors, folder } = home();
  editors.set({ kind: "project", cwd: folder }, env).make();
  expect(readFileSync(join(folder, ".vscode", "settings.json"), "utf8")).toContain("us-east-1");
});

test("each editor is where its system keeps it, and those that are used are told", () => {
  const { editors, options } = home("{}");
  expect(editors.present()).toEqual(["code"]);
  expect(editors.known).toEqual(["code", "insiders", "codium", "cursor", "windsurf"]);
  const place = (editor: string, more: object): string =>
    vscodeFileOf({ kind: "user", editor }, { ...options, home: "/home/ann", ...more });
  expect(place("insiders", {})).toBe("/home/ann/.config/Code - Insiders/User/settings.json");
  expect(place("codium", { env: { XDG_CONFIG_HOME: "/x" } })).toBe(
    "/x/VSCodium/User/settings.json",
  );
  expect(place("cursor", { platform: "darwin" })).toBe(
    "/home/ann/Library/Application Support/Cursor/User/settings.json",
  );
  expect(place("windsurf", { platform: "win32", env: { APPDATA: "/a" } })).toBe(
    "/a/Windsurf/User/settings.json",
  );
  expect(() => place("vi", {})).toThrow("There is no editor vi.");
});
