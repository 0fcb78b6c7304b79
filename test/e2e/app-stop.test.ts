import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { electronPath } from "../../scripts/electron-dist.mjs";
import { eventually } from "../eventually.ts";
import { appEnv, project } from "./app.ts";
import { type House, openHouse, type Outcome } from "./house.ts";

/** As long as ours: it takes its place in a program, byte for byte. */
const otherVersion = manifest.version.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));

/** What a build of packages leaves beside the app: large, and no part of it. */
const packed = /^(?:builder|package|release.*)$/;

/** A house whose client starts an app of an installation of its own. */
const install = async () => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-installed-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(project, "package.json"), join(folder, "package.json"));
  for (const name of readdirSync(join(project, "dist")).filter((each) => !packed.test(each))) {
    await cp(join(project, "dist", name), join(folder, "dist", name), { recursive: true });
  }
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  const words = ["--no-sandbox", "--disable-gpu", folder, "--background"];
  const house = await openHouse({
    launch: `app\t${[await electronPath(), ...words].join("\t")}\n`,
  });
  onTestFinished(() => house.close());
  const { DISPLAY = "", XAUTHORITY = "" } = appEnv(house);
  return {
    folder,
    house,
    evercred: (...args: readonly string[]): Promise<Outcome> =>
      house.run(house.shim, args, { DISPLAY, XAUTHORITY }),
    processes: () => processesWith(folder),
  };
};

/** The processes that have a word in their command line. */
const processesWith = (word: string): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, "utf8").includes(word);
      } catch {
        return false;
      }
    })
    .map(Number);

/** A client of another version: it has the app look at the disk. */
const otherClient = async (house: House, folder: string): Promise<string> => {
  const shim = await readFile(house.shim, "latin1");
  const other = join(folder, "evercred");
  await writeFile(other, shim.replaceAll(manifest.version, otherVersion), {
    encoding: "latin1",
    mode: 0o755,
  });
  return other;
};

test("an app that was replaced on the disk is stopped by the client of the new one, and nothing follows it", async () => {
  const { folder, house, evercred, processes } = await install();
  expect(await evercred("daemon", "start")).toMatchObject({ code: 0 });
  const program = join(folder, "dist", "app", "main.cjs");
  await appendFile(program, "\n// the next one\n");
  // What has only just come may be one file of several.
  await eventually(() => expect(Date.now() - statSync(program).ctimeMs).toBeGreaterThan(2_000));
  const other = await otherClient(house, folder);
  expect(await house.run(other, ["daemon", "stop"])).toMatchObject({ code: 0 });
  await eventually(() => expect(processes()).toEqual([]));
  expect(existsSync(join(house.runtime, "evercred", "stopped"))).toBe(true);
});

test("a stop holds for an app that is on its way up", async () => {
  const { evercred, processes } = await install();
  const starting = evercred("daemon", "start");
  await eventually(() => expect(processes()).not.toEqual([]));
  expect(await evercred("daemon", "stop")).toMatchObject({ code: 0 });
  // Who waited for it has either had its answer before, or hears of the stop.
  expect([0, 4]).toContain((await starting).code);
  await eventually(() => expect(processes()).toEqual([]));
  expect(await evercred("daemon", "start")).toMatchObject({ code: 0 });
});

test("an app that takes its time to end is followed all the same by the one that a restart brings", async () => {
  const { house, evercred } = await install();
  expect(await evercred("login", "corp")).toMatchObject({ code: 0 });
  const before = await house.daemonPid();
  // A renewal is under way, whose outcome must not be lost.
  const path = "/federation/credentials";
  const body = '{"__type":"UnauthorizedException"}';
  house.cloud.faults.add({ kind: "status", status: 401, body, path, times: 1 });
  const grantType = "refresh_token";
  const renewal = house.cloud.faults.add({ kind: "delay", delayMs: 3_000, grantType });
  const asked = evercred("aws", "export", "--profile", "p");
  await eventually(() => expect(renewal.hits).toBe(1));
  expect(await evercred("daemon", "restart")).toMatchObject({ code: 0 });
  expect(await house.daemonPid()).not.toBe(before);
  await asked;
  expect(await evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(1);
});
