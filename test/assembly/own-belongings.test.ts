import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBelongings } from "../../electron/assembly/own-belongings.ts";
import type { Belongings } from "../../electron/commands/reset-ports.ts";
import { placesOf } from "../../electron/protocol/endpoint.ts";

let home: string;
let awsFile: string;
let gcloudFile: string;
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
  const env = { XDG_RUNTIME_DIR: join(home, "run") };
  const places = placesOf({ platform: "linux", env, home, uid: 1_000, isOurs: () => false });
  belongings = openBelongings({
    places,
    configFile: join(places.configDir, "config.json"),
    store: { keys: async () => [], delete: async () => undefined },
    aws: { configFile: awsFile, credentialsFile: join(home, ".aws", "credentials") },
    google: { adcFile: join(gcloudFolder, "application_default_credentials.json"), gcloudFolder },
    autostart: { home, env: {} },
    face: undefined,
    policy: { file: undefined },
    managedFile: join(home, "managed-settings.json"),
    leave: () => undefined,
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
