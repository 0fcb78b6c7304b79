import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  clearOwnFolders,
  lookIntoOwnFolders,
  markOwnFolders,
  ownedFolders,
} from "../../electron/platform/own-folders.ts";
import { type Places, placesOf } from "../../electron/protocol/endpoint.ts";
import { temporaryFolder } from "./folder.ts";
import { makeImmovable } from "./immovable.ts";

let home: string;

beforeEach(() => {
  home = temporaryFolder();
});

const placesIn = (env: Record<string, string>): Places =>
  placesOf({ platform: "linux", env, home, uid: 1_000, isOurs: () => false });

const write = (...paths: readonly string[]): void => {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
};

/** All files below the home, by their ways from it. */
const filesLeft = (): readonly string[] =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(home, join(parentPath, name)))
    .sort();

/** What a daemon puts there. */
const live = ({ configDir, stateDir, runtimeDir, logFile }: Places): void => {
  write(
    join(configDir, "config.schema.json"),
    logFile,
    `${logFile}.1`,
    join(stateDir, "memo.json"),
  );
  write(join(stateDir, "memo.json.v1.bak"), join(stateDir, "setup.json.0123456789ab.tmp"));
  write(join(stateDir, "audit.jsonl.1"), join(stateDir, "owner.lock"), join(stateDir, "endpoint"));
  write(join(stateDir, "app", "Cache", "data"), join(runtimeDir, "runs", "1", "config"));
};

describe("where its folders were nobody's before", () => {
  test("all goes, and the folders with it", () => {
    const places = placesIn({ EVERCRED_HOME: join(home, "own") });
    markOwnFolders(places, []);
    live(places);
    expect(lookIntoOwnFolders(places, [])).toMatchObject({ unsure: [], others: [] });
    expect(clearOwnFolders(places, [])).toEqual([]);
    expect(readdirSync(join(home, "own"))).toEqual([]);
  });

  test("so does what Chromium writes after the marks have gone", () => {
    const places = placesIn({ EVERCRED_HOME: join(home, "own") });
    markOwnFolders(places, []);
    live(places);
    const owned = ownedFolders(places, []);
    clearOwnFolders(places, owned);
    write(join(places.stateDir, "app", "Cache", "data"));
    clearOwnFolders(places, owned);
    expect(filesLeft()).toEqual([]);
  });

  test("so it does with a configuration and first steps that somebody has put there for it", () => {
    const places = placesIn({ EVERCRED_HOME: join(home, "own") });
    write(join(places.configDir, "config.json"), join(places.stateDir, "first-run"));
    writeFileSync(join(places.configDir, "config.json"), '{ "log": "debug", /* mine */ }');
    markOwnFolders(places, []);
    live(places);
    clearOwnFolders(places, []);
    expect(filesLeft()).toEqual([]);
  });

  test("so it does in the usual places, which need no mark", () => {
    const places = placesIn({});
    const usual = [places.configDir, places.stateDir, places.runtimeDir];
    markOwnFolders(places, usual);
    expect(filesLeft()).toEqual([]);
    live(places);
    clearOwnFolders(places, usual);
    expect(filesLeft()).toEqual([]);
  });
});

describe("where they were somebody else's", () => {
  const theirs = [
    "config/config.json",
    "run/bridges/london",
    "run/pages/index.html",
    "state/app/index.php",
    "state/app.1/index.php",
    "state/memo.json",
  ];

  test("nothing goes that may be theirs", () => {
    write(...theirs.map((path) => join(home, path)));
    const places = placesIn({ EVERCRED_HOME: home });
    markOwnFolders(places, []);
    write(places.logFile, join(places.stateDir, "owner.lock"), join(places.stateDir, "endpoint"));
    const { unsure, others } = lookIntoOwnFolders(places, []);
    expect([...unsure, ...others].map((path) => relative(home, path)).sort()).toEqual([
      "config/config.json",
      "run/bridges",
      "run/pages",
      "state/app",
      "state/app.1",
      "state/memo.json",
    ]);
    expect(clearOwnFolders(places, [])).toEqual([]);
    expect(filesLeft()).toEqual([...theirs].sort());
  });

  test("what only has the name of the mark is none, and stays", () => {
    const places = placesIn({ EVERCRED_HOME: home });
    const kept = ["config/.evercred", "config/config.json", "state/.evercred/x", "state/memo.json"];
    write(...kept.map((path) => join(home, path)));
    writeFileSync(join(home, "config", ".evercred"), "mine");
    markOwnFolders(places, []);
    expect(ownedFolders(places, [])).toEqual([places.runtimeDir]);
    clearOwnFolders(places, []);
    expect(filesLeft()).toEqual(kept);
  });

  test.each([
    '{ "port": 3000, "log": "debug" }',
    '{ "app": { "name": "shop" }, "log": "debug" }',
    "[]",
  ])("their configuration alone makes a folder theirs: %s", (text) => {
    write(join(home, "config", "config.json"));
    writeFileSync(join(home, "config", "config.json"), text);
    const places = placesIn({ EVERCRED_HOME: home });
    markOwnFolders(places, []);
    clearOwnFolders(places, []);
    expect(filesLeft()).toEqual(["config/config.json"]);
  });

  test("a folder of theirs with the name of a file of ours stays, and so does what a link leads to", () => {
    const places = placesIn({});
    const usual = [places.configDir, places.stateDir];
    write(join(places.stateDir, "memo.json", "x"), join(home, "theirs", "x"));
    symlinkSync(join(home, "theirs"), join(places.stateDir, "app"));
    expect(clearOwnFolders(places, usual)).toEqual([]);
    expect(filesLeft()).toEqual([
      ".local/state/evercred/app",
      ".local/state/evercred/memo.json/x",
      "theirs/x",
    ]);
  });
});

test("names what could not be removed, and removes all else", () => {
  const places = placesIn({});
  const usual = [places.configDir, places.stateDir, places.runtimeDir];
  live(places);
  const folder = join(places.stateDir, "app", "Cache");
  makeImmovable(folder);
  const failed = clearOwnFolders(places, usual);
  expect(failed).toEqual([
    { path: join(folder, "data"), reason: expect.stringMatching(/^(?:EPERM|EACCES)$/) as string },
  ]);
  expect(filesLeft()).toEqual([".local/state/evercred/app/Cache/data"]);
  expect(existsSync(places.configDir)).toBe(false);
});

test("what could not be removed is still known as ours the next time, and nothing else is", () => {
  const places = placesIn({ EVERCRED_HOME: join(home, "own") });
  markOwnFolders(places, []);
  live(places);
  const free = makeImmovable(join(places.runtimeDir, "runs", "1"));
  const owned = ownedFolders(places, []);
  expect(clearOwnFolders(places, owned)).toHaveLength(1);
  expect(clearOwnFolders(places, owned)).toHaveLength(1);
  expect(filesLeft()).toEqual(["own/run/.evercred", "own/run/runs/1/config"]);
  free();
  markOwnFolders(places, []);
  expect(lookIntoOwnFolders(places, [])).toMatchObject({ unsure: [], others: [] });
  expect(clearOwnFolders(places, [])).toEqual([]);
  expect(readdirSync(join(home, "own"))).toEqual([]);
});
