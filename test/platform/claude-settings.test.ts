import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import type { ClaudeWishes } from "../../electron/platform/claude-settings.ts";
import { openClaudeSettings } from "../../electron/platform/claude-settings.ts";
import { temporaryFolder } from "./folder.ts";

const wishes: ClaudeWishes = {
  helpers: { apiKeyHelper: "/opt/evercred api-key gateway" },
  env: { ANTHROPIC_BASE_URL: "https://gateway.example.com" },
};
const helper = '"apiKeyHelper": "/opt/evercred api-key gateway"';
const url = '"ANTHROPIC_BASE_URL": "https://gateway.example.com"';

/** Somebody's home, whose settings have this text; without one there are none yet. */
const home = (text?: string | Buffer) => {
  const folder = temporaryFolder();
  const file = join(folder, ".claude", "settings.json");
  if (text !== undefined) {
    mkdirSync(dirname(file));
    writeFileSync(file, text, { mode: 0o640 });
  }
  const noteFile = join(folder, "state", "setup.json");
  const claude = openClaudeSettings({ home: folder, configDir: undefined, noteFile });
  return {
    folder,
    file,
    noteFile,
    backup: `${file}.evercred-backup`,
    text: () => readFileSync(file, "utf8"),
    set: (more: Partial<ClaudeWishes> = {}) =>
      claude.set("user", folder, { ...wishes, ...more }).make(),
    undo: () => claude.undo("user", folder)?.make(),
    claude,
  };
};

const hooks = `{
  "hooks": {
    "PreToolUse": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "check \\"$1\\"" }] }]
  }
}
`;

/** Settings as people have them, and what becomes of them. */
const merged: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "an empty file": ["", `{\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`],
  "an empty object": ["{}", `{\n  ${helper},\n  "env": {\n    ${url}\n  }\n}`],
  "only a comment": ["// mine\n", `// mine\n{\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`],
  "one line": ['{"model":"opus"}', `{"model":"opus", ${helper}, "env": { ${url} }}`],
  comments: [
    '{\n  // the model\n  "model": "opus" /* big */\n}\n',
    `{\n  // the model\n  "model": "opus", /* big */\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`,
  ],
  "trailing commas": [
    '{\n  "env": {\n    "A": "1",\n  },\n}\n',
    `{\n  "env": {\n    "A": "1",\n    ${url},\n  },\n  ${helper},\n}\n`,
  ],
  "Windows line ends": [
    '{\r\n  "model": "opus"\r\n}\r\n',
    `{\r\n  "model": "opus",\r\n  ${helper},\r\n  "env": {\r\n    ${url}\r\n  }\r\n}\r\n`,
  ],
  "a byte order mark": [
    '\ufeff{\n  "model": "opus"\n}\n',
    `\ufeff{\n  "model": "opus",\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`,
  ],
  tabs: [
    '{\n\t"env": {\n\t\t"A": "1"\n\t}\n}',
    `{\n\t"env": {\n\t\t"A": "1",\n\t\t${url}\n\t},\n\t${helper}\n}`,
  ],
  "nested hooks": [hooks, `${hooks.slice(0, -3)},\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`],
  "unknown names": [
    '{\n  "future": { "x": [1, null, true] },\n  "env": {}\n}\n',
    `{\n  "future": { "x": [1, null, true] },\n  "env": {\n    ${url}\n  },\n  ${helper}\n}\n`,
  ],
  "a helper that is nothing": [
    '{\n  "apiKeyHelper": null\n}\n',
    `{\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`,
  ],
  "another helper": [
    '{\n  "apiKeyHelper": "/usr/local/bin/other",\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://old.example.com"\n  }\n}\n',
    `{\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`,
  ],
};

/** Settings that cannot be edited, and what is said of them. */
const refused: Readonly<Record<string, readonly [text: string | Buffer, what: string]>> = {
  "five megabytes": [`{"x": "${"x".repeat(5_000_000)}"}`, "is longer than a megabyte"],
  "half of an object": ['{\n  "model": "opus",\n  "env": {\n', "is not valid JSON (line 4)"],
  "no end of brackets": [`{"x":${"[".repeat(30_000)}`, "is nested too deeply"],
  "a list": ["[]\n", "holds no JSON object"],
  "a text": ['"opus"\n', "holds no JSON object"],
  "an env that is a list": ['{"env": ["A=1"]}', 'has an "env" that is no object'],
  "an env that is nothing": ['{"env": null}', 'has an "env" that is no object'],
  "not UTF-8": [Buffer.from([0x7b, 0xff, 0x7d]), "is not UTF-8 text"],
};

describe.each(Object.entries(merged))("settings: %s", (_, [before, after]) => {
  test("are merged, and an undo gives the bytes back", () => {
    const claude = home(before);
    claude.set();
    expect(claude.text()).toBe(after);
    expect(statSync(claude.file).mode & 0o777).toBe(0o640);
    expect(readFileSync(claude.backup, "utf8")).toBe(before);
    expect(statSync(claude.backup).mode & 0o777).toBe(0o600);
    claude.undo();
    expect(claude.text()).toBe(before);
    expect(statSync(claude.file).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
    expect(claude.claude.undo("user", claude.folder)).toBeUndefined();
  });

  test("are as they were in all but layout after an undo that follows somebody's change", () => {
    const claude = home(before);
    claude.set();
    const theirs = claude.text().replace("{", '{"theirs": 1,');
    writeFileSync(claude.file, theirs);
    claude.undo();
    expect(claude.text()).toContain('"theirs": 1');
    expect(claude.text()).not.toContain("/opt/evercred");
    expect(claude.text()).not.toContain("gateway.example.com");
    expect(claude.text().includes("old.example.com")).toBe(before.includes("old.example.com"));
  });
});

const refusal = (work: () => unknown): EvercredError => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof EvercredError) return thrown;
    throw thrown;
  }
  throw new Error("It was not refused.");
};

test.each(Object.entries(refused))(
  "settings: %s: are refused and left alone",
  (_, [text, what]) => {
    const claude = home(text);
    const error = refusal(claude.set);
    expect(error.message).toBe(`${claude.file} ${what}: nothing has been changed.`);
    expect(error.exit).toBe(2);
    expect(readFileSync(claude.file).equals(Buffer.from(text))).toBe(true);
    expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
    expect(existsSync(claude.noteFile)).toBe(false);
  },
);

test("a read-only file is refused, whoever may write it all the same", () => {
  const claude = home("{}");
  chmodSync(claude.file, 0o444);
  expect(refusal(claude.set).message).toContain("is read-only");
  expect(claude.text()).toBe("{}");
});

test("a folder in its place is refused", () => {
  const claude = home();
  mkdirSync(claude.file, { recursive: true });
  expect(refusal(claude.set).message).toContain("is no file");
});

test("a link is followed, and stays one", () => {
  const claude = home();
  const target = join(claude.folder, "dotfiles.json");
  writeFileSync(target, '{"model": "opus"}');
  mkdirSync(dirname(claude.file));
  symlinkSync("../dotfiles.json", claude.file);
  claude.set();
  expect(lstatSync(claude.file).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toContain(helper);
  claude.undo();
  expect(lstatSync(claude.file).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toBe('{"model": "opus"}');
});

test("a folder may be a link, also for a file that is made there", () => {
  const claude = home();
  const folder = temporaryFolder();
  const link = join(folder, "link");
  symlinkSync(temporaryFolder(), link);
  const linked = openClaudeSettings({
    home: folder,
    configDir: link,
    noteFile: join(folder, "setup.json"),
  });
  linked.set("user", folder, { helpers: { a: "b" }, env: {} }).make();
  linked.undo("user", folder)?.make();
  expect(existsSync(join(link, "settings.json"))).toBe(false);
  expect(claude.claude.undo("user", folder)).toBeUndefined();
});

test("a link to nothing is refused", () => {
  const claude = home();
  mkdirSync(dirname(claude.file));
  symlinkSync("nothing.json", claude.file);
  expect(refusal(claude.set).message).toContain("is a link to a file that is not there");
  expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
});

test("a file that was made goes with an undo, unless somebody has put something into it", () => {
  const claude = home();
  claude.set();
  expect(claude.text()).toBe(`{\n  ${helper},\n  "env": {\n    ${url}\n  }\n}\n`);
  expect(statSync(claude.file).mode & 0o777).toBe(0o600);
  claude.undo();
  expect(readdirSync(dirname(claude.file))).toEqual([]);
  claude.set();
  writeFileSync(claude.file, claude.text().replace("{", '{\n  "model": "opus",'));
  claude.undo();
  expect(claude.text()).toBe('{\n  "model": "opus"\n}\n');
});

test("a file in the place of one that was made is kept as any other", () => {
  const claude = home();
  claude.set();
  const theirs = '{ "model": "opus" } // theirs\n';
  writeFileSync(claude.file, theirs);
  claude.set();
  expect(readFileSync(claude.backup, "utf8")).toBe(theirs);
  claude.undo();
  expect(claude.text()).toBe(theirs);
  expect(existsSync(claude.backup)).toBe(false);
});

test("a null that stood there comes back value by value as well", () => {
  const claude = home('{ "apiKeyHelper": null }\n');
  claude.set();
  writeFileSync(claude.file, claude.text().replace("{", '{ "theirs": 1,'));
  claude.undo();
  expect(JSON.parse(claude.text())).toEqual({ theirs: 1, apiKeyHelper: null });
});

test("a file that was made goes also where somebody has only laid it out anew", () => {
  const claude = home();
  claude.set();
  writeFileSync(claude.file, JSON.stringify(JSON.parse(claude.text())));
  claude.undo();
  expect(readdirSync(dirname(claude.file))).toEqual([]);
});

test("a copy that somebody has removed is not made of a later text", () => {
  const claude = home("{}");
  claude.set();
  rmSync(claude.backup);
  claude.set({ helpers: { apiKeyHelper: "/opt/evercred api-key other" } });
  expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
  claude.undo();
  expect(JSON.parse(claude.text())).toEqual({});
});

test("where somebody has written all of it already, nothing is ours", () => {
  const before = `{ ${helper}, "env": { ${url} } }`;
  const claude = home(before);
  claude.set();
  expect(claude.text()).toBe(before);
  expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
  expect(claude.claude.undo("user", claude.folder)).toBeUndefined();
});

test("a change that was worked out before an undo is not made after it", () => {
  const claude = home("{}");
  claude.set({ env: {} });
  writeFileSync(claude.file, '{"apiKeyHelper": "mine"}');
  const change = claude.claude.set("user", claude.folder, wishes);
  claude.undo();
  expect(refusal(change.make).message).toContain("has just changed");
  expect(claude.text()).toBe('{"apiKeyHelper": "mine"}');
});

test("another set-up takes out what the one before wrote, and its undo is that of both", () => {
  const before = '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://old.example.com"\n  }\n}\n';
  const claude = home(before);
  claude.set();
  const helpers = { awsAuthRefresh: "/opt/evercred aws login" };
  claude.claude.set("user", claude.folder, { helpers, env: { AWS_REGION: "us-east-1" } }).make();
  expect(JSON.parse(claude.text())).toEqual({
    ...helpers,
    env: { ANTHROPIC_BASE_URL: "https://old.example.com", AWS_REGION: "us-east-1" },
  });
  claude.undo();
  expect(claude.text()).toBe(before);
});

test("what somebody has changed since is theirs, for another set-up and for an undo", () => {
  const claude = home("{}\n");
  claude.set();
  writeFileSync(claude.file, claude.text().replace("api-key gateway", "api-key mine"));
  claude.claude
    .set("user", claude.folder, { helpers: {}, env: { AWS_REGION: "us-east-1" } })
    .make();
  const mine = { apiKeyHelper: "/opt/evercred api-key mine" };
  expect(JSON.parse(claude.text())).toEqual({ ...mine, env: { AWS_REGION: "us-east-1" } });
  claude.undo();
  // The bytes before the first edit would lose it.
  expect(JSON.parse(claude.text())).toEqual(mine);
});

test("what stood there already in the same words is not taken away", () => {
  const before = `{\n  ${helper}\n}\n`;
  const claude = home(before);
  claude.set();
  writeFileSync(claude.file, claude.text().replace("{", '{\n  "model": "opus",'));
  claude.undo();
  expect(claude.text()).toBe(`{\n  "model": "opus",\n  ${helper}\n}\n`);
});

test("the same once more changes nothing", () => {
  const claude = home('{"model": "opus"}');
  claude.set();
  const after = claude.text();
  const change = claude.claude.set("user", claude.folder, wishes);
  expect([change.before, change.after]).toEqual([after, after]);
  change.make();
  claude.undo();
  expect(claude.text()).toBe('{"model": "opus"}');
});

test("a copy of an earlier time stays, and is not taken for the bytes before", () => {
  const claude = home('{"model": "opus"}');
  writeFileSync(claude.backup, "{}");
  claude.set();
  claude.undo();
  expect(JSON.parse(claude.text())).toEqual({ model: "opus" });
  expect(readFileSync(claude.backup, "utf8")).toBe("{}");
});

test("a change by another program meanwhile is not overwritten", () => {
  const claude = home("{}");
  const change = claude.claude.set("user", claude.folder, wishes);
  writeFileSync(claude.file, '{"model": "opus"}');
  expect(refusal(change.make).message).toContain("Another program has just changed");
  expect(claude.text()).toBe('{"model": "opus"}');
  expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
});

test("where the note cannot be written, nothing is", () => {
  const claude = home("{}");
  symlinkSync("nowhere", dirname(claude.noteFile));
  expect(refusal(claude.set).message).toContain("setup.json cannot be written");
  expect(claude.text()).toBe("{}");
  expect(readdirSync(dirname(claude.file))).toEqual(["settings.json"]);
});

test("where the file cannot be written, nothing is noted", () => {
  const claude = home();
  symlinkSync("nowhere", dirname(claude.file));
  expect(refusal(claude.set).message).toContain("settings.json cannot be written");
  expect(claude.claude.undo("user", claude.folder)).toBeUndefined();
});

test("where notes cannot be read, nothing is changed", () => {
  const claude = home("{}");
  mkdirSync(dirname(claude.noteFile));
  writeFileSync(claude.noteFile, "{");
  expect(refusal(claude.set).message).toContain("setup.json cannot be read");
  expect(claude.text()).toBe("{}");
});

test("each scope has its own file, and its own undo", () => {
  const { claude, folder, file, text } = home('{"model": "opus"}');
  const project = join(folder, "project");
  for (const scope of ["user", "project", "local"] as const) {
    claude.set(scope, project, wishes).make();
  }
  const inProject = join(project, ".claude");
  expect(readdirSync(inProject)).toEqual(["settings.json", "settings.local.json"]);
  claude.undo("project", project)?.make();
  expect(readdirSync(inProject)).toEqual(["settings.local.json"]);
  claude.undo("local", project)?.make();
  expect(readdirSync(inProject)).toEqual([]);
  claude.undo("user", project)?.make();
  expect({ file, text: text() }).toEqual({ file, text: '{"model": "opus"}' });
});

test("CLAUDE_CONFIG_DIR moves the user's settings", () => {
  const folder = temporaryFolder();
  const options = {
    home: folder,
    configDir: join(folder, "elsewhere"),
    noteFile: join(folder, "n"),
  };
  openClaudeSettings(options).set("user", folder, wishes).make();
  expect(readFileSync(join(folder, "elsewhere", "settings.json"), "utf8")).toContain(helper);
});

test("the variables after a change are told, as Claude Code reads them", () => {
  const { claude, folder } = home('{"env": {"A": 1, "B": true, "C": {}}}');
  expect(claude.set("user", folder, wishes).env).toEqual({ A: "1", B: "true", ...wishes.env });
});
