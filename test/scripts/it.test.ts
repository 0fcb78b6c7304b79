import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPolicyText } from "../../electron/platform/policy-text.ts";
import { systemPolicy } from "../../electron/platform/policy-places.ts";
import { run } from "../../scripts/command.mjs";
import { programs, project, temporaryFolder } from "./program.ts";

const folder = join(project, "packaging", "it");
const read = (...names: readonly string[]): string => readFileSync(join(folder, ...names), "utf8");

test("the policy that is given as an example has nothing wrong with it", () => {
  const file = "policy.example.json";
  expect(readPolicyText(read(file), file, "/root").problems).toEqual([]);
});

const guide = readFileSync(join(project, "docs", "it-deployment.md"), "utf8");
const policies = [...guide.matchAll(/\*\*([^*]+)\*\*\n\n```json\n(.*?)```/gs)];

test.each(policies.map(([, title, text]) => ({ title, text })))(
  "the guide's policy is in order: $title",
  ({ text }) => {
    expect(readPolicyText(text!, "policy.json", "/root").problems).toEqual([]);
  },
);

describe("what is handed out stands where it is looked for", () => {
  const places: readonly (readonly [NodeJS.Platform, string, string])[] = [
    ["linux", "linux.yml", "/etc/claude-code/managed-settings.json"],
    ["darwin", "macos.sh", "/Library/Application Support/ClaudeCode/managed-settings.json"],
  ];
  test.each(places)("%s", (platform, script, settings) => {
    const file = systemPolicy(platform).watched.at(-1)!;
    expect(read(script)).toContain(file);
    expect(read(script)).toContain(settings);
  });

  test("win32", () => {
    const key = String.raw`SOFTWARE\Policies\Evercred`;
    expect(read("windows.ps1")).toContain(String.raw`HKLM:\SOFTWARE\Policies\Evercred`);
    expect(read("windows.ps1")).toContain(String.raw`C:\Program Files\ClaudeCode`);
    expect(read("admx", "evercred.admx")).toContain(`key="${key}"`);
  });
});

test("the shell scripts are understood", async () => {
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".sh"));
  expect(scripts).not.toEqual([]);
  for (const name of scripts) {
    expect(await run("sh", ["-n", join(folder, name)])).toMatchObject({ status: 0, output: "" });
  }
});

test("each text of the template for group policies is there, and each is used", async () => {
  const files = ["evercred.admx", join("en-US", "evercred.adml")];
  const python = `import sys, xml.dom.minidom
for file in sys.argv[1:]: xml.dom.minidom.parse(file)`;
  const paths = files.map((name) => join(folder, "admx", name));
  expect(await run("/usr/bin/python3", ["-c", python, ...paths])).toMatchObject({ status: 0 });
  const asked = [...read("admx", files[0]!).matchAll(/\$\((string|presentation)\.(\w+)\)/g)];
  const given = [...read("admx", files[1]!).matchAll(/<(string|presentation) id="(\w+)"/g)];
  const names = (found: readonly RegExpMatchArray[]): readonly string[] =>
    found.map(([, kind, name]) => `${kind} ${name}`).sort();
  expect(names(given)).toEqual(names(asked));
});

test("a package is verified where nobody but root can exchange it before it is installed", () => {
  const playbook = read("linux.yml");
  expect(playbook).not.toMatch(/\/tmp\b/);
  const used = [...playbook.matchAll(/"([^"]*)\{\{ (?:package|key) \| basename \}\}/g)];
  expect(used.length).toBeGreaterThan(3);
  for (const [, before] of used) expect(before).toBe("{{ room.path }}/");
});

test.each([
  ["signed by whom macOS does not trust", "exit 1", "echo source=Notarized Developer ID"],
  ["of another team", "", "echo source=Notarized Developer ID", "OTHERTEAM1"],
  ["not notarised, where Gatekeeper is off", "", "echo override=security disabled"],
])("on macOS no package is installed that is %s", async (_, trust, source, team = "TEAM123456") => {
  const folder = temporaryFolder();
  const bin = programs(folder, {
    pkgutil: `echo '1. Developer ID Installer: Example (TEAM123456)'; ${trust}`,
    spctl: `${source} >&2`,
    installer: `touch ${join(folder, "installed")}; exit 1`,
  });
  const words = ["1", "2", "3", "evercred.pkg", "policy.json", "managed-settings.json", team];
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const { status, output } = await run("sh", [join(project, "packaging/it/macos.sh"), ...words], {
    env,
  });
  expect({ status, output }).toMatchObject({
    status: 1,
    output: expect.stringContaining("evercred: evercred.pkg is not") as unknown,
  });
  expect(readdirSync(folder)).toEqual(["bin"]);
});

test("Windows PowerShell 5.1 reads the policy as UTF-8, and empties no key", () => {
  expect(read("windows.ps1")).toContain("-LiteralPath $Policy -Raw -Encoding UTF8");
  expect(read("windows.ps1")).toContain("if (-not (Test-Path -LiteralPath $key)) { New-Item");
});
