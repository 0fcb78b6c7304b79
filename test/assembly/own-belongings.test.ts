import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBelongings } from "../../electron/assembly/own-belongings.ts";
import type { Belongings } from "../../electron/commands/reset-ports.ts";
import { placesOf } from "../../electron/protocol/endpoint.ts";

let home: string;
let awsFile: string;
let gcloudFile: string;
let claudeFile: string;
let noteFile: string;
let belongings: Belongings;

const write = (file: string, text: string, mode = 0o600): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
};

const found = async (): Promise<readonly string[]> =>
  (await belongings.setups()).map(({ title }) => title);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "evercred-belongings-"));
  awsFile = join(home, ".aws", "config");
  const gcloudFolder = join(home, ".config", "gcloud");
  gcloudFile = join(gcloudFolder, "configurations", "config_default");
  claudeFile = join(home, ".claude", "settings.json");
  const env = { XDG_RUNTIME_DIR: join(home, "run") };
  const places = placesOf({ platform: "linux", env, home, uid: 1_000, isOurs: () => false });
  noteFile = join(places.stateDir, "setup.json");
  belongings = openBelongings({
    places,
    configFile: join(places.configDir, "config.json"),
    store: { keys: async () => [], get: async () => undefined, delete: async () => undefined },
    aws: { configFile: awsFile, credentialsFile: join(home, ".aws", "credentials") },
    google: { adcFile: join(gcloudFolder, "application_default_credentials.json"), gcloudFolder },
    autostart: { home, env: {} },
    face: undefined,
    policy: { file: undefined },
    stray: () => undefined,
    claudeFile,
    managedFile: join(home, "managed-settings.json"),
    usual: [places.configDir, places.stateDir, places.runtimeDir],
    leave: async () => [],
  });
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const ours = "[profile p]\ncredential_process = evercred aws process --profile p\n";
const oursInGcloud = (): string =>
  `[auth]\naccess_token_file = ${join(home, "run", "evercred", "tokens", "google")}\n`;

test("files of others that cannot be edited have nothing of ours, and keep nothing from going", async () => {
  write(awsFile, "[profile q]\nregion = eu-west-1\n", 0o444);
  write(gcloudFile, oursInGcloud());
  expect(await found()).toEqual([`what was set up in ${gcloudFile}`]);
  rmSync(awsFile);
  symlinkSync("nowhere", awsFile);
  expect(await found()).toEqual([`what was set up in ${gcloudFile}`]);
  rmSync(awsFile);
  write(awsFile, ours);
  chmodSync(gcloudFile, 0o444);
  writeFileSync(gcloudFile, "[core]\nproject = theirs\n");
  expect(await found()).toEqual([`the profile p in ${awsFile}`]);
});

test("a file of which nobody can tell is named, with what to do about it, and the others go", async () => {
  write(awsFile, ours, 0o444);
  write(gcloudFile, oursInGcloud());
  const [first, second] = await belongings.setups();
  expect(first?.title).toBe(`what was set up in ${awsFile}`);
  await expect(first?.remove()).rejects.toMatchObject({
    code: "config-invalid",
    remedy: "Make it writable for yourself, or choose another file.",
  });
  await second?.remove();
  expect(await found()).toEqual([`what was set up in ${awsFile}`]);
});

describe("notes of set-ups that cannot be read", () => {
  const ours = (more: string): string =>
    `{\n  // mine\n  "model": "opus",\n  "awsAuthRefresh": "evercred aws login",\n${more}  "env": { "AWS_PROFILE": "p" }\n}\n`;
  const rest = '{\n  // mine\n  "model": "opus",\n  "env": { "AWS_PROFILE": "p" }\n}\n';

  test.each([
    ["are garbage", () => "\0\u0001garbage"],
    ["are of another form", () => '{ "version": 1, "files": 7 }'],
    ["end in the middle", (file: string) => `{"version":1,"files":[{"file":"${file}","left":"a`],
  ])("%s: they are named, and all else that can be found goes", async (_what, notes) => {
    const project = join(home, "project", ".claude", "settings.json");
    write(noteFile, notes(project));
    write(claudeFile, ours(""));
    write(project, ours(`  "apiKeyHelper": "'/opt/a b/evercred' api-key x",\n`));
    write(awsFile, "[profile p]\ncredential_process = evercred aws process --profile p\n");
    const all = await belongings.setups();
    const outcomes = await Promise.allSettled(all.map((item) => item.remove()));
    const failed = all.filter((_item, index) => outcomes[index]?.status === "rejected");
    expect(failed.map(({ title }) => title)).toEqual([
      "what only the notes of earlier set-ups tell",
    ]);
    await expect(failed[0]?.remove()).rejects.toMatchObject({
      message: `The notes of earlier set-ups in ${noteFile} cannot be read.`,
    });
    expect(readFileSync(claudeFile, "utf8")).toBe(rest);
    expect(existsSync(awsFile)).toBe(false);
    const isNamed = notes(project).includes(project);
    if (isNamed) expect(readFileSync(project, "utf8")).toBe(rest);
  });

  test("a line of somebody's own that only mentions the client stays", async () => {
    write(noteFile, "garbage");
    const text =
      '{ "awsAuthRefresh": "./mine.sh evercred aws login", "x": "my-evercred aws login" }';
    write(claudeFile, text);
    expect(await found()).toEqual(["what only the notes of earlier set-ups tell"]);
    expect(readFileSync(claudeFile, "utf8")).toBe(text);
  });
});
