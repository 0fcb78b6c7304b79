import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { setAutostart } from "../../electron/platform/autostart.ts";
import { eventually } from "../eventually.ts";
import { authorizedUserFile, installedClientFile } from "../fakes/cloud/google/files.ts";
import { makeImmovable } from "../platform/immovable.ts";
import { adcFileOf, setUpGcloud, writeTo } from "./google-home.ts";
import {
  type House,
  type HouseOptions,
  keychainItems,
  noKeychainItems,
  openHouse,
  type Outcome,
} from "./house.ts";
import { enterKey } from "./key-home.ts";

let house: House;

afterEach(() => house.close());

const openNewHouse = async (options: HouseOptions = {}): Promise<void> => {
  house = await openHouse({ firstRun: true, ...options });
};

/** All files of the user's, by path, with what is in them. */
const filesOf = async (): Promise<Readonly<Record<string, string>>> => {
  const files: Record<string, string> = {};
  for (const root of [house.home, house.runtime]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files[path] = await readFile(path, "utf8");
      else if (!entry.isDirectory()) files[path] = "";
    }
  }
  return files;
};

/** Runs the shim in a folder. */
const within = (folder: string, ...args: readonly string[]): Promise<Outcome> =>
  house.run("/bin/sh", ["-c", 'cd "$0" && exec "$@"', folder, house.shim, ...args]);

const succeed = async (outcome: Promise<Outcome>): Promise<void> => {
  const { code, stdout, stderr } = await outcome;
  expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
};

/** Resets, and sees that nothing of Evercred's is left. */
const resetTo = async (before: Readonly<Record<string, string>>): Promise<Outcome> => {
  const pid = await house.daemonPid();
  const outcome = await house.evercred("reset", "--yes");
  await eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
  expect(await filesOf()).toEqual(before);
  expect(await keychainItems(house)).toBe(noKeychainItems);
  return outcome;
};

test("everything goes: set-ups, sign-ins here and at providers, the keychain, all files, the daemon", async () => {
  await openNewHouse();
  const { home, cloud } = house;
  await setUpGcloud(house);
  await writeTo(adcFileOf(house), authorizedUserFile(cloud.google.grant(cloud.google.addClient())));
  const project = join(home, "project");
  await writeTo(join(project, ".devcontainer", "devcontainer.json"), '{ "image": "debian" }\n');
  await writeTo(join(home, ".claude", "settings.json"), '{ "model": "opus" }\n');
  await mkdir(join(home, ".config", "Code", "User"), { recursive: true });
  const clientFile = await writeTo(
    join(home, "client.json"),
    installedClientFile(cloud.google.addClient()),
  );
  const before = await filesOf();

  await house.config({
    sources: { google: { kind: "google", clientFile } },
    keys: { gateway: { kind: "static" } },
    doors: { gceMetadata: true },
  });
  for (const source of ["corp", "google"]) await succeed(house.evercred("login", source));
  await enterKey(house, "gateway", "sk-gateway-0123456789");
  await succeed(house.evercred("aws", "export"));
  const provider = ["--provider", "bedrock", "--profile", "p", "--no-verify"];
  await succeed(house.evercred("setup", "claude", ...provider));
  await succeed(within(project, "setup", "claude", "--scope", "project", ...provider));
  await succeed(house.evercred("setup", "vscode", ...provider));
  await succeed(within(project, "setup", "devcontainer", "--write", ...provider.slice(0, -1)));
  await succeed(house.evercred("setup", "aws", "--profile", "p"));
  await succeed(house.evercred("setup", "gcp", "--account", "google"));
  await succeed(house.evercred("gcp", "adc", "--account", "google", "--yes"));
  await succeed(house.evercred("bridge", "add", "box", "--allow", "aws:p"));
  setAutostart(
    true,
    { command: ["/opt/evercred/evercred"], comments: {}, environment: {} },
    { home, env: {} },
  );
  expect(Object.keys(await filesOf()).length).toBeGreaterThan(Object.keys(before).length + 12);

  const listed = await house.evercred("reset", "--dry-run");
  expect(listed).toMatchObject({ code: 0 });
  const { code, stdout, stderr } = await resetTo(before);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(
    `${listed.stdout.replaceAll("Would go:", "Gone:")}Evercred has stopped, and leaves nothing behind.\n`,
  );
  expect(cloud.organisation().sessions()).toEqual([]);
  expect(cloud.log.all({ host: "oauth2.googleapis.com", path: "/revoke" })).toHaveLength(1);
});

test("a sign-in whose provider is away stays, with what is needed; the next reset goes on from there", async () => {
  await openNewHouse();
  const before = await filesOf();
  await house.config({ log: "debug" });
  await succeed(house.evercred("login"));
  await succeed(house.evercred("setup", "claude", "--provider", "bedrock", "--no-verify"));
  const down = house.cloud.faults.add({ host: /./, kind: "unreachable" });
  const first = await house.evercred("reset", "--yes");
  expect(first).toMatchObject({ code: 1, stdout: expect.stringContaining(".claude") });
  expect(first.stderr).toMatch(/^Not done: the sign-in of corp.*evercred logout corp$/m);
  expect(await keychainItems(house)).not.toBe(noKeychainItems);
  expect(existsSync(join(house.home, ".config", "evercred", "config.json"))).toBe(true);
  down.remove();
  expect(await resetTo(before)).toMatchObject({ code: 0, stderr: "" });
  expect(house.cloud.organisation().sessions()).toEqual([]);
});

test("what others have changed, or put beside it, stays; a broken configuration goes as well", async () => {
  await openNewHouse();
  const theirs = join(house.home, ".config", "evercred", "notes.txt");
  await writeTo(theirs, "mine");
  const before = await filesOf();
  await succeed(house.evercred("setup", "claude", "--provider", "bedrock", "--no-verify"));
  const settings = join(house.home, ".claude", "settings.json");
  const text = await readFile(settings, "utf8");
  await writeFile(settings, text.replace("{", '{ "model": "opus",'));
  await writeTo(join(house.home, ".config", "evercred", "config.json"), "{ broken");
  const { code, stderr } = await resetTo({
    ...before,
    [settings]: expect.stringMatching(/^\{\s*"model": "opus"\s*\}\s*$/) as string,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: `Stays: ${theirs} is not Evercred's.\n` });
});

test("sign-ins that no configuration names any more are ended too, and go from other tools; broken notes are named", async () => {
  await openNewHouse();
  const { cloud, home } = house;
  const clientFile = await writeTo(
    join(home, "client.json"),
    installedClientFile(cloud.google.addClient()),
  );
  const before = await filesOf();
  await house.config({ sources: { google: { kind: "google", clientFile } } });
  for (const source of ["corp", "google"]) await succeed(house.evercred("login", source));
  const cache = join(home, ".aws", "sso", "cache");
  await eventually(async () => expect(await readdir(cache)).toHaveLength(1));
  await succeed(house.evercred("setup", "claude", "--provider", "bedrock", "--no-verify"));
  await writeFile(join(home, ".aws", "config"), "");
  await house.config({});
  const notes = join(house.state, "setup.json");
  await writeFile(notes, "garbage");
  await eventually(async () => {
    expect(await house.evercred("status", "--json")).toMatchObject({
      stdout: expect.stringContaining('"sources":[]') as string,
    });
  });

  const first = await house.evercred("reset", "--yes");
  expect(first).toMatchObject({ code: 1 });
  expect(first.stderr).toContain(`The notes of earlier set-ups in ${notes} cannot be read.`);
  expect(cloud.organisation().sessions()).toEqual([]);
  expect(cloud.log.all({ host: "oauth2.googleapis.com", path: "/revoke" })).toHaveLength(1);
  expect(await readdir(cache)).toEqual([]);
  const settings = join(home, ".claude", "settings.json");
  expect(await readFile(settings, "utf8")).not.toContain("evercred");
  await rm(notes);
  await resetTo({
    ...before,
    [join(home, ".aws", "config")]: "",
    [settings]: expect.any(String) as string,
  });
});

test("what cannot be removed at the very end is named, and exits 1; all else has gone", async () => {
  await openNewHouse();
  const before = await filesOf();
  await succeed(house.evercred("login"));
  const pid = await house.daemonPid();
  const stuck = join(house.runtime, "evercred", "runs", "1");
  await writeTo(join(stuck, "config"), "");
  const free = makeImmovable(stuck);
  const { code, stdout, stderr } = await house.evercred("reset", "--yes");
  expect(code).toBe(1);
  expect(stdout).not.toContain("leaves nothing behind");
  expect(stderr).toMatch(/^Not done: (\S+) cannot be taken away \(E[A-Z]+\)\. .*$/m);
  expect(stderr).toContain(`${join(stuck, "config")} cannot`);
  await eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
  free();
  const mark = join(house.runtime, "evercred", ".evercred");
  expect(await filesOf()).toEqual({ ...before, [mark]: "", [join(stuck, "config")]: "" });
  expect(await keychainItems(house)).toBe(noKeychainItems);
  // The next one knows whose it is.
  const next = await resetTo(before);
  expect(next.stderr).toBe("");
});

test("folders that were somebody else's keep what may be theirs, which is named", async () => {
  const theirs = await mkdtemp(join(tmpdir(), "evercred-theirs-"));
  onTestFinished(() => rm(theirs, { recursive: true, force: true }));
  const files = [join(theirs, "state", "app", "index.php"), join(theirs, "config", "config.json")];
  for (const file of files) await writeTo(file, '{ "port": 3000 }');
  await openNewHouse({ env: { EVERCRED_HOME: theirs } });
  await succeed(house.evercred("login"));
  const { code, stderr } = await house.evercred("reset", "--yes");
  expect(code).toBe(0);
  for (const place of [dirname(files[0] ?? ""), files[1] ?? ""]) {
    expect(stderr).toContain(`Stays: ${place}, in a folder that was somebody else's before.`);
  }
  for (const file of files) expect(await readFile(file, "utf8")).toBe('{ "port": 3000 }');
  expect(existsSync(join(theirs, "run"))).toBe(false);
});

test("where nothing was ever set up it says so, and leaves nothing of itself", async () => {
  await openNewHouse();
  const before = await filesOf();
  expect(await resetTo(before)).toMatchObject({
    code: 0,
    stdout: "There is nothing to take back.\n",
    stderr: "",
  });
});
