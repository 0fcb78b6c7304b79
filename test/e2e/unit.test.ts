import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../eventually.ts";
import { type House, openHouse, type Running } from "./house.ts";

const headless = join(import.meta.dirname, "..", "..", "dist", "headless.cjs");

const open = async (): Promise<House> => {
  const house = await openHouse();
  onTestFinished(() => house.close());
  return house;
};

/** Starts the daemon as systemd starts a unit's main process: its id is the shell's, which becomes it. */
const startUnit = (house: House): Running =>
  house.start("/bin/sh", ["-c", 'SYSTEMD_EXEC_PID=$$ exec "$0" "$1"', process.execPath, headless]);

test("a unit takes the place of a daemon that a client has started, with its sign-ins", async () => {
  const house = await open();
  expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
  const before = await house.daemonPid();
  const unit = startUnit(house);
  await unit.line(/^Evercred listens at /);
  expect(await house.daemonPid()).toBe(unit.child.pid);
  await eventually(() => expect(existsSync(`/proc/${String(before)}`)).toBe(false));
  expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(1);
  // A stop is no failure: nobody starts it again.
  expect(await house.evercred("daemon", "stop")).toMatchObject({ code: 0 });
  expect(await unit.outcome).toMatchObject({ code: 0 });
});

test("it leaves its place to what was started on purpose, and says so with a code that has it start no more", async () => {
  const house = await open();
  const byPerson = house.start(process.execPath, [headless]);
  await byPerson.line(/^Evercred listens at /);
  const { code, stderr } = await startUnit(house).outcome;
  expect(code).toBe(69);
  expect(stderr).toMatch(
    /^evercred: Evercred runs already at .* Stop it with: evercred daemon stop$/m,
  );
  expect(await house.daemonPid()).toBe(byPerson.child.pid);
  byPerson.child.kill();
  expect(await byPerson.outcome).toMatchObject({ code: 0 });
});
