import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openClaudeSettings } from "../../electron/platform/claude-settings.ts";
import { openFoundSecrets } from "../../electron/platform/found-secrets.ts";
import { temporaryFolder } from "./folder.ts";

const secret = "sk-ant-swordfish";

/** Somebody's home with these files, by their paths in it. */
const home = (files: Readonly<Record<string, string>>) => {
  const folder = temporaryFolder();
  const place = (name: string): string => join(folder, name);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(place(name)), { recursive: true });
    writeFileSync(place(name), text, { mode: 0o640 });
  }
  const noteFile = place("state/setup.json");
  const found = openFoundSecrets({
    platform: "linux",
    home: folder,
    env: {},
    secretNames: new Set(["ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY"]),
    managedFile: place("etc/managed-settings.json"),
    awsCredentialsFile: place(".aws/credentials"),
    awsConfigFile: place(".aws/config"),
    noteFile,
  });
  const claude = openClaudeSettings({ home: folder, configDir: undefined, noteFile });
  return {
    place,
    claude,
    project: place("project"),
    text: (name: string) => readFileSync(place(name), "utf8"),
    secrets: (profiles: readonly string[] = [], cwd = place("project")) =>
      found.secrets(cwd, profiles),
    environments: () => found.environments(place("project")),
  };
};

/** A line of each kind that sets the variable simply, and what stands in its place once the secret is moved. */
const moved: Readonly<Record<string, readonly [file: string, line: string, after: string]>> = {
  bash: [".bashrc", `export ANTHROPIC_API_KEY=${secret}`, ": # NOTE"],
  "bash, in single quotes": [".bash_profile", `export ANTHROPIC_API_KEY='${secret}'`, ": # NOTE"],
  "bash, in quotes, with a comment": [
    ".profile",
    `\tANTHROPIC_API_KEY="${secret}" # mine`,
    "\t: # NOTE",
  ],
  "zsh, declared": [".zshrc", `typeset -x ANTHROPIC_API_KEY=${secret};`, ": # NOTE"],
  fish: [".config/fish/config.fish", `set -gx ANTHROPIC_API_KEY ${secret}`, "# NOTE"],
  "fish, exported": [".config/fish/config.fish", `export ANTHROPIC_API_KEY="${secret}"`, "# NOTE"],
  "fish, by itself": [
    ".config/fish/conf.d/a.fish",
    `set -Ux ANTHROPIC_API_KEY '${secret}'`,
    "# NOTE",
  ],
  PowerShell: [".config/powershell/profile.ps1", `$Env:ANTHROPIC_API_KEY = "${secret}"`, "# NOTE"],
  systemd: [".config/environment.d/10-a.conf", `ANTHROPIC_API_KEY=${secret}`, "# NOTE"],
  PAM: [".pam_environment", `ANTHROPIC_API_KEY DEFAULT=${secret}`, "# NOTE"],
};

test.each(Object.entries(moved))(
  "%s: a secret is found, and taken out",
  (_, [file, line, after]) => {
    const note = "ANTHROPIC_API_KEY is in the keychain now: evercred api-key anthropic";
    const before = `# first\r\nOTHER=1\n${line}\r\nlast`;
    const world = home({ [file]: before });
    const [found, ...others] = world.secrets();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ file: world.place(file), line: 3, name: "ANTHROPIC_API_KEY" });
    expect(found?.movable?.secret.reveal()).toBe(secret);
    expect(JSON.stringify(found)).not.toContain("swordfish");
    found?.movable?.take("anthropic");
    expect(world.text(file)).toBe(`# first\r\nOTHER=1\n${after.replace("NOTE", note)}\r\nlast`);
    expect(statSync(world.place(file)).mode & 0o777).toBe(0o640);
    expect(world.secrets()).toEqual([]);
  },
);

test.each([
  [".bashrc", `[ -n "$X" ] && export ANTHROPIC_API_KEY=${secret}`],
  [".bashrc", `export ANTHROPIC_API_KEY=${secret} OTHER=1`],
  [".bashrc", `export ANTHROPIC_API_KEY=${secret}\\\n  more`],
  [".bashrc", `cat <<'END' > file\nexport ANTHROPIC_API_KEY=${secret}\nEND`],
  [".bashrc", `export TEXT="a\nexport ANTHROPIC_API_KEY=${secret}\n"`],
  [".bashrc", `export TEXT='a"\nexport ANTHROPIC_API_KEY=${secret}\n'`],
  [".bashrc", `cat <<A <<B\nA\nexport ANTHROPIC_API_KEY=${secret}\nB`],
  [".bashrc", `cat <<END\n  END\nexport ANTHROPIC_API_KEY=${secret}\nEND`],
  [".config/fish/config.fish", `set TEXT 'a\\'\nset ANTHROPIC_API_KEY ${secret}\n'`],
  [".config/powershell/profile.ps1", `$text = @"\n$env:ANTHROPIC_API_KEY = "${secret}"\n"@`],
  [".config/powershell/profile.ps1", `<# off\n$env:ANTHROPIC_API_KEY = "${secret}"\n#>`],
])("%s: what is not simply written there is only named: %s", (file, text) => {
  const found = home({ [file]: text }).secrets();
  expect(found).toMatchObject([
    { name: "ANTHROPIC_API_KEY", isComputed: false, movable: undefined },
  ]);
});

test.each([
  [".bashrc", "export ANTHROPIC_API_KEY=$(pass show key)"],
  [".bashrc", 'export ANTHROPIC_API_KEY="$KEY"'],
  [".bashrc", "export ANTHROPIC_API_KEY=`pass key`"],
  [".bashrc", "export ANTHROPIC_API_KEY=~/key"],
  [".config/fish/config.fish", "set -gx ANTHROPIC_API_KEY (pass show key)"],
  [".config/powershell/profile.ps1", "$env:ANTHROPIC_API_KEY = Get-Secret key"],
  [".config/powershell/profile.ps1", '$env:ANTHROPIC_API_KEY = "$key"'],
])("%s: what is worked out is named, and is not in clear: %s", (file, text) => {
  const found = home({ [file]: text }).secrets();
  expect(found).toMatchObject([
    { name: "ANTHROPIC_API_KEY", isComputed: true, movable: undefined },
  ]);
});

test.each([
  [".bashrc", "export ANTHROPIC_API_KEY=\nexport ANTHROPIC_API_KEY=; true\nANTHROPIC_API_KEY= cmd"],
  [".config/fish/config.fish", `set -e ANTHROPIC_API_KEY other\nset -eg ANTHROPIC_API_KEY`],
  [".config/fish/config.fish", `set --erase ANTHROPIC_API_KEY x\nset -gx ANTHROPIC_API_KEY ""`],
  [
    ".config/fish/config.fish",
    `set -q ANTHROPIC_API_KEY; and true\nset --query ANTHROPIC_API_KEY x`,
  ],
  [".config/powershell/profile.ps1", "$env:ANTHROPIC_API_KEY = $null"],
  [".config/environment.d/a.conf", "ANTHROPIC_API_KEY="],
])("%s: no secret is found in: %s", (file, text) => {
  expect(home({ [file]: text }).secrets()).toEqual([]);
});

test.each([
  `# export ANTHROPIC_API_KEY=${secret}`,
  "unset ANTHROPIC_API_KEY",
  "export ANTHROPIC_API_KEY=''",
  `export MY_ANTHROPIC_API_KEY=${secret}`,
  "export HTTPS_PROXY=http://proxy.example.com:8080",
  "echo $ANTHROPIC_API_KEY",
])("no secret is found in: %s", (line) => {
  expect(home({ ".bashrc": `${line}\n` }).secrets()).toEqual([]);
});

test.each([
  [".bashrc", "cat <<-END\nit's\n\tEND\n"],
  [".bashrc", "cat <<'END-OF'\nx\nEND-OF\n"],
  [".bashrc", "a='x\ny' # it's\nb=\"\\\"\"\n"],
  [".bashrc", "cat <<<x\nb=$'it\\'s'\nc=\"it's\"\n"],
  [".config/fish/config.fish", "set a 'x\ny' # it's\nset b \\'\n"],
  [".config/powershell/profile.ps1", "$a = @'\nit's\n'@\n<# it's\n#>\n$b = \"`\"\"\n"],
])("%s: after a text, a comment or a here-document lines count again: %s", (file, before) => {
  const line = {
    ".bashrc": `export ANTHROPIC_API_KEY=${secret}`,
    ".config/fish/config.fish": `set ANTHROPIC_API_KEY ${secret}`,
    ".config/powershell/profile.ps1": `$env:ANTHROPIC_API_KEY = "${secret}"`,
  }[file];
  const found = home({ [file]: `${before}${line}\n` }).secrets();
  expect(found).toMatchObject([{ line: before.split("\n").length, movable: {} }]);
});

test("a secret goes from the copy of an earlier set-up too, also an older one", () => {
  const section = (secretText: string): string =>
    `[profile dev]\r\naws_secret_access_key = ${secretText}\r\n`;
  const other = "[profile ops]\r\naws_secret_access_key = theirs\r\n";
  const world = home({
    ".aws/config": section(secret) + other,
    ".aws/config.evercred-backup": section("swordfish-old") + other,
  });
  for (const { movable } of world.secrets(["dev"])) movable?.take("k");
  const note = "# aws_secret_access_key is in the keychain now: evercred api-key k";
  const moved = `[profile dev]\r\n${note}\r\n${other}`;
  expect(world.text(".aws/config")).toBe(moved);
  expect(world.text(".aws/config.evercred-backup")).toBe(moved);
});

test("of a name that stands more than once in an editor's list all are taken out", () => {
  const pair = (name: string, value: string) => ({ name, value });
  const file = ".config/Code/User/settings.json";
  const list = [
    pair("ANTHROPIC_API_KEY", "swordfish-1"),
    pair("ANTHROPIC_API_KEY", "swordfish-2"),
    pair("HTTPS_PROXY", "http://ann:swordfish-3@proxy.example.com"),
    pair("HTTPS_PROXY", "http://ann:swordfish-4@proxy.example.com"),
  ];
  const world = home({ [file]: JSON.stringify({ "claudeCode.environmentVariables": list }) });
  for (const { movable } of world.secrets()) movable?.take("k");
  expect(JSON.parse(world.text(file))).toEqual({
    "claudeCode.environmentVariables": [pair("HTTPS_PROXY", "http://proxy.example.com")],
  });
});

test("in a folder that is gone no file of the daemon's own folder is looked into", () => {
  const settings = `{ "env": { "ANTHROPIC_API_KEY": "${secret}" } }`;
  const world = home({ "project/.claude/settings.json": settings });
  expect(world.secrets()).toHaveLength(1);
  const here = process.cwd();
  process.chdir(world.project);
  try {
    expect(world.secrets([], "")).toEqual([]);
  } finally {
    process.chdir(here);
  }
});

test("a proxy that stands twice in Claude Code's settings leaves no password behind", () => {
  const file = ".claude/settings.json";
  const proxy = (password: string) => `"HTTPS_PROXY": "http://ann:${password}@proxy.example.com"`;
  const world = home({ [file]: `{ "env": { ${proxy("swordfish-1")}, ${proxy("swordfish-2")} } }` });
  for (const { movable } of world.secrets()) movable?.take("k");
  expect(world.text(file)).not.toContain("swordfish");
  expect(JSON.parse(world.text(file))).toEqual({
    env: { HTTPS_PROXY: "http://proxy.example.com" },
  });
});

test.runIf(process.getuid?.() === 0)("a file stays its owner's, and its group's", () => {
  const world = home({ ".bashrc": `export ANTHROPIC_API_KEY=${secret}\n` });
  chownSync(world.place(".bashrc"), 12_345, 23_456);
  world.secrets()[0]?.movable?.take("k");
  expect(statSync(world.place(".bashrc"))).toMatchObject({ uid: 12_345, gid: 23_456 });
});

test("of a proxy only user and password are taken out, and the same password is told again", () => {
  const before = 'export HTTPS_PROXY="http://ann:p%40ss@proxy.example.com:8080/"\n';
  const world = home({
    ".bashrc": before,
    ".zshrc": "http_proxy=ann:p@ss@proxy.example.com:8080\n",
  });
  const found = world.secrets();
  expect(found.map(({ name, movable }) => [name, movable?.proxy])).toEqual([
    ["HTTPS_PROXY", { url: "http://proxy.example.com:8080/", user: "ann" }],
    ["http_proxy", { url: "proxy.example.com:8080", user: "ann" }],
  ]);
  expect(found.map(({ movable }) => movable?.secret.reveal())).toEqual(["p@ss", "p@ss"]);
  expect(new Set(found.map(({ movable }) => movable?.identity)).size).toBe(1);
  for (const { movable } of found) movable?.take("proxy");
  expect(world.text(".bashrc")).toBe('export HTTPS_PROXY="http://proxy.example.com:8080/"\n');
  expect(world.text(".zshrc")).toBe("http_proxy=proxy.example.com:8080\n");
});

test("keys of the AWS tools are found for the profiles that are asked for, and no others", () => {
  const section = (name: string): string =>
    `[${name}]\naws_access_key_id = AKIA${name}\naws_secret_access_key=${secret}\n`;
  const world = home({ ".aws/credentials": section("dev") + section("ops") });
  const found = world.secrets(["ops"]);
  expect(found).toMatchObject([
    { line: 5, name: "aws_access_key_id", profile: "ops" },
    { line: 6, name: "aws_secret_access_key", profile: "ops" },
  ]);
  for (const { movable } of found) movable?.take("k");
  const note = (name: string): string => `# ${name} is in the keychain now: evercred api-key k\n`;
  expect(world.text(".aws/credentials")).toBe(
    `${section("dev")}[ops]\n${note("aws_access_key_id")}${note("aws_secret_access_key")}`,
  );
});

const settings = `{\n  // mine\n  "env": {\n    "A": "1",\n    "ANTHROPIC_API_KEY": "${secret}"\n  }\n}\n`;

test("in Claude Code's settings of each scope a secret is found, and taken out", () => {
  const names = [".claude/settings.json", "project/.claude/settings.json"];
  const world = home(Object.fromEntries(names.map((name) => [name, settings])));
  const found = world.secrets();
  expect(found.map(({ file, line }) => [file, line])).toEqual(
    names.map((name) => [world.place(name), 5]),
  );
  found[0]?.movable?.take("anthropic");
  expect(world.text(names[0]!)).toBe('{\n  // mine\n  "env": {\n    "A": "1"\n  }\n}\n');
  expect(world.text(names[1]!)).toBe(settings);
});

test("no undo of a set-up brings a secret back, and none is left in the copy", () => {
  const file = ".claude/settings.json";
  const world = home({ [file]: settings });
  const wishes = { helpers: { apiKeyHelper: "/opt/evercred api-key k" }, env: {} };
  world.claude.set("user", world.project, wishes).make();
  expect(world.text(`${file}.evercred-backup`)).toContain(secret);
  for (const { movable } of world.secrets()) movable?.take("anthropic");
  expect(world.text(`${file}.evercred-backup`)).not.toContain(secret);
  world.claude.undo("user", world.project)?.make();
  expect(world.text(file)).toBe('{\n  // mine\n  "env": {\n    "A": "1"\n  }\n}\n');
  expect(
    lstatSync(world.place(`${file}.evercred-backup`), { throwIfNoEntry: false }),
  ).toBeUndefined();
});

test("in an editor's settings a secret is found in its list, and taken out", () => {
  const file = ".config/Code/User/settings.json";
  const pair = (name: string, value: string): string =>
    `{ "name": "${name}", "value": "${value}" }`;
  const list = (...pairs: string[]): string =>
    `{\n  "claudeCode.environmentVariables": [\n    ${pairs.join(",\n    ")}\n  ]\n}\n`;
  const proxy = "http://ann:pw@proxy.example.com";
  const world = home({
    [file]: list(pair("A", "1"), pair("ANTHROPIC_API_KEY", secret), pair("HTTPS_PROXY", proxy)),
  });
  const found = world.secrets();
  expect(found.map(({ line, name }) => [line, name])).toEqual([
    [4, "ANTHROPIC_API_KEY"],
    [5, "HTTPS_PROXY"],
  ]);
  for (const { movable } of found) movable?.take("k");
  expect(world.text(file)).toBe(
    list(pair("A", "1"), pair("HTTPS_PROXY", "http://proxy.example.com")),
  );
  expect(world.environments()).toEqual([
    {
      where: world.place(file),
      isProject: false,
      variables: { A: "1", HTTPS_PROXY: "http://proxy.example.com" },
    },
  ]);
});

test("which variables are of a project is said", () => {
  const world = home({
    ".claude/settings.json": settings,
    "project/.claude/settings.json": settings,
    "project/.claude/settings.local.json": settings,
    "project/.vscode/settings.json":
      '{ "claudeCode.environmentVariables": [{ "name": "A", "value": "1" }] }',
  });
  expect(world.environments().map(({ where, isProject }) => [where, isProject])).toEqual([
    [world.place(".claude/settings.json"), false],
    [world.place("project/.claude/settings.json"), true],
    [world.place("project/.claude/settings.local.json"), true],
    [world.place("project/.vscode/settings.json"), true],
  ]);
});

test("managed settings are only named, whoever may write them", () => {
  const world = home({ "etc/managed-settings.json": settings });
  expect(world.secrets()).toMatchObject([{ line: 5, movable: undefined }]);
  expect(world.environments()).toMatchObject([{ variables: { A: "1" } }]);
});

test("what is not ours to edit is only named: read-only files, what editors fill in", () => {
  const file = ".claude/settings.json";
  const world = home({
    [file]: settings,
    "project/.vscode/settings.json":
      '{"claudeCode.environmentVariables":[{"name":"ANTHROPIC_API_KEY","value":"${env:KEY}"}]}',
  });
  chmodSync(world.place(file), 0o444);
  expect(world.secrets().map(({ movable }) => movable)).toEqual([undefined, undefined]);
});

test("a link stays one; what cannot be read, and what another program has changed, is left alone", () => {
  const world = home({
    "dotfiles/bashrc": `export ANTHROPIC_API_KEY=${secret}\n`,
    ".claude/settings.json": "{",
  });
  symlinkSync("dotfiles/bashrc", world.place(".bashrc"));
  mkdirSync(world.place(".zshrc"));
  const [found] = world.secrets();
  writeFileSync(world.place(".bashrc"), `# new\nexport ANTHROPIC_API_KEY=${secret}\n`);
  expect(() => found?.movable?.take("k")).toThrow("Another program has just changed");
  world.secrets()[0]?.movable?.take("k");
  expect(lstatSync(world.place(".bashrc")).isSymbolicLink()).toBe(true);
  expect(world.text("dotfiles/bashrc")).not.toContain(secret);
});
