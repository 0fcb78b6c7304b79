import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openClaudeSettings } from "../../electron/platform/claude-settings.ts";
import { inspectClaude, type SetupNotes } from "../../electron/platform/inspect-claude.ts";
import { inspectEditors } from "../../electron/platform/inspect-editors.ts";
import { inspectSettings } from "../../electron/platform/inspect-settings.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evercred-settings-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const put = async (name: string, text: string): Promise<string> => {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
};

describe("a file of settings", () => {
  test("is read, and each value's line is known", async () => {
    const file = await put("a.json", '\ufeff{\r\n  "env": {\r\n    "A": "1"\r\n  }\r\n}\r\n');
    const facts = await inspectSettings(file, "plain");
    expect(facts).toMatchObject({ state: "read", settings: { env: { A: "1" } } });
    expect([facts.lineOf("env"), facts.lineOf("env", "A"), facts.lineOf("B")]).toEqual([
      2,
      3,
      undefined,
    ]);
  });

  test.each([
    ["a comment", '{\n  // mine\n  "a": 1\n}\n', 2, "comments are not taken there"],
    ["a comma before the end", '{\n  "a": 1,\n}\n', 3, "it is not valid JSON"],
    ["no JSON", "{\n\n  secret planted\n}\n", 3, "it is not valid JSON"],
    ["no end of brackets", `{"a":\n${"[".repeat(30_000)}`, 2, "it is nested too deeply"],
    ["no object", "[1]\n", 1, "it holds no JSON object"],
  ])("with %s is none for who knows plain JSON only", async (_what, text, line, sentence) => {
    const facts = await inspectSettings(await put("a.json", text), "plain");
    expect(facts).toMatchObject({ state: "invalid", fault: { line, sentence }, settings: {} });
  });

  test("may have comments and such commas where its program takes them", async () => {
    const file = await put("a.json", '{\n  // mine\n  "a": 1,\n}\n');
    expect(await inspectSettings(file, "with-comments")).toMatchObject({
      state: "read",
      settings: { a: 1 },
    });
  });

  test("that is not there, is a folder, or a link to nothing, says nothing", async () => {
    await symlink(join(folder, "gone"), join(folder, "link"));
    const stateOf = async (file: string): Promise<string> =>
      (await inspectSettings(file, "plain")).state;
    expect(await stateOf(join(folder, "gone"))).toBe("missing");
    expect(await stateOf(folder)).toBe("unreadable");
    expect(await stateOf(join(folder, "link"))).toBe("unreadable");
    expect(await stateOf(await put("empty.json", ""))).toBe("read");
  });
});

describe("Claude Code", () => {
  const inspect = (cwd: string, configDir?: string): ReturnType<typeof inspectClaude> =>
    inspectClaude(cwd, {
      home: join(folder, "home"),
      configDir,
      managedFolder: join(folder, "managed"),
      noteFile: join(folder, "state", "setup.json"),
    });

  test("has the files of all scopes, the one that wins first", async () => {
    await put("managed/managed-settings.d/10-a.json", "{}");
    await put("managed/managed-settings.d/20-b.json", "{}");
    await put("managed/managed-settings.d/notes.txt", "{}");
    const { files } = await inspect(join(folder, "project"));
    expect(files.map(({ scope, path }) => [scope, path.path.slice(folder.length)])).toEqual([
      ["managed", "/managed/managed-settings.d/20-b.json"],
      ["managed", "/managed/managed-settings.d/10-a.json"],
      ["managed", "/managed/managed-settings.json"],
      ["local", "/project/.claude/settings.local.json"],
      ["project", "/project/.claude/settings.json"],
      ["user", "/home/.claude/settings.json"],
    ]);
  });

  test("has one file for user and project at home: the user's", async () => {
    const { files } = await inspect(join(folder, "home"));
    expect(files.map(({ scope }) => scope)).toEqual(["managed", "local", "user"]);
  });

  test("is moved by CLAUDE_CONFIG_DIR, with what it knows of trust", async () => {
    const project = join(folder, "project");
    const trusted = { projects: { [project]: { hasTrustDialogAccepted: true } } };
    await put("other/.claude.json", JSON.stringify(trusted));
    const facts = await inspect(project, join(folder, "other"));
    expect(facts.files.at(-1)?.path.path).toBe(join(folder, "other", "settings.json"));
    expect(facts.isTrusted).toBe(true);
  });

  test("trusts a folder, or one above it, once somebody has said so", async () => {
    const project = join(folder, "project");
    expect((await inspect(project)).isTrusted).toBe(undefined);
    await put("home/.claude.json", JSON.stringify({ projects: { [project]: {} } }));
    expect((await inspect(project)).isTrusted).toBe(false);
    const trusted = { projects: { [folder]: { hasTrustDialogAccepted: true } } };
    await put("home/.claude.json", JSON.stringify(trusted));
    expect((await inspect(project)).isTrusted).toBe(true);
  });
});

test("what set-ups have written is known, and that it cannot be known", async () => {
  const settings = await put("home/.claude/settings.json", "{}");
  const noteFile = join(folder, "state", "setup.json");
  await mkdir(dirname(noteFile));
  const claude = openClaudeSettings({ home: join(folder, "home"), configDir: undefined, noteFile });
  const wishes = { helpers: { apiKeyHelper: "evercred api-key k" }, env: { A: "1" } };
  claude.set("user", folder, wishes).make();
  const inspect = async (): Promise<SetupNotes> => {
    const places = { home: join(folder, "home"), configDir: undefined, managedFolder: folder };
    return (await inspectClaude(join(folder, "project"), { ...places, noteFile })).notes;
  };
  expect((await inspect()).variables[settings]).toEqual(["A"]);
  await writeFile(noteFile, "{");
  expect(await inspect()).toMatchObject({ fault: { remedy: expect.stringContaining("Move") } });
});

test("editors are those that have settings", async () => {
  await put("config/Cursor/User/settings.json", '{ "a": 1, // one\n }');
  const env = { XDG_CONFIG_HOME: join(folder, "config") };
  const editors = await inspectEditors({ platform: "linux", home: folder, env });
  expect(editors).toMatchObject([{ editor: "Cursor", state: "read", settings: { a: 1 } }]);
});

test("a file that nobody may read is none, and no error", async () => {
  const file = await put("closed/a.json", "{}");
  await chmod(dirname(file), 0);
  onTestFinished(() => chmod(dirname(file), 0o700));
  const { state } = await inspectSettings(file, "plain");
  // Root may read it all the same.
  expect(state).toBe(process.getuid?.() === 0 ? "read" : "unreadable");
});
