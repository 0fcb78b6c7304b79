import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { instantOf } from "../../electron/core/time.ts";
import { hour, Machine, minute } from "./machine.ts";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.start();
  machine.cloud.lifetimes.sessionMs = 24 * hour;
});

afterEach(() => machine.close());

/** A program's request that has to succeed with keys that are good. */
const served = async (): Promise<void> => {
  const { exit, stdout, stderr } = await machine.ask();
  expect([exit, stderr]).toEqual([0, ""]);
  expect(machine.isValid(stdout)).toBe(true);
};

const signedIn = async (): Promise<void> => {
  await machine.signIn();
  await served();
};

describe("twelve hours of sleep, with every lifetime passing", () => {
  test("20 callers after it get good keys, with one renewal", async () => {
    await signedIn();
    const renewals = machine.renewals;
    await machine.sleep(12 * hour);
    await Promise.all(Array.from({ length: 20 }, served));
    expect(machine.renewals).toBe(renewals + 1);
    expect(machine.browser.opened).toHaveLength(1);
  });

  test("a caller before anything has woken gets good keys too", async () => {
    await signedIn();
    machine.clock.jump(12 * hour);
    await served();
    expect(machine.browser.opened).toHaveLength(1);
  });

  test("without a network at first", async () => {
    await signedIn();
    const handle = machine.cloud.faults.add({ kind: "unreachable" });
    await machine.sleep(12 * hour);
    expect(await machine.ask()).toMatchObject({ exit: 7 });
    handle.remove();
    await machine.pass(minute);
    await served();
  });

  test("with a session that ended meanwhile", async () => {
    machine.cloud.lifetimes.sessionMs = 8 * hour;
    await signedIn();
    await machine.sleep(12 * hour);
    expect(await machine.ask()).toMatchObject({ exit: 3, stdout: "" });
    await machine.pass(hour);
    expect(machine.browser.opened).toHaveLength(1);
  });
});

describe("a clock that is wrong by ten minutes", () => {
  test.each([
    ["slow", 10 * minute, "10 minutes behind"],
    ["fast", -10 * minute, "10 minutes ahead of"],
  ])("%s: a working day is served without a gap, and status says so", async (_, skewMs, words) => {
    machine.cloud.advance(skewMs);
    await signedIn();
    for (let quarter = 0; quarter < 32; quarter += 1) {
      await machine.pass(15 * minute);
      await served();
    }
    expect(machine.view.problems).toMatchObject([
      { code: "clock-wrong", sentence: expect.stringContaining(words) as unknown },
    ]);
    const { stdout } = await machine.evercred("status");
    expect(stdout).toContain(words);
    expect(machine.renewals).toBeLessThan(16);
    expect(machine.browser.opened).toHaveLength(1);
  });
});

describe("a clock that jumps", () => {
  test("to and fro by ten minutes, again and again", async () => {
    await signedIn();
    const before = machine.renewals;
    for (let i = 0; i < 24; i += 1) {
      const ms = i % 2 === 0 ? 10 * minute : -10 * minute;
      // The provider's clock does not jump.
      machine.cloud.advance(-ms);
      await machine.sleep(ms);
      await machine.pass(10 * minute);
      await served();
    }
    expect(machine.renewals - before).toBeLessThanOrEqual(12);
  });

  test("a day ahead, then back", async () => {
    await signedIn();
    machine.cloud.advance(-24 * hour);
    await machine.sleep(24 * hour);
    await served();
    machine.cloud.advance(24 * hour);
    await machine.sleep(-24 * hour);
    for (let i = 0; i < 8; i += 1) {
      await machine.pass(15 * minute);
      await served();
    }
    expect(machine.browser.opened).toHaveLength(1);
  });
});

test("the nights on which summer time begins and ends", async () => {
  const zone = process.env["TZ"];
  onTestFinished(() => {
    process.env["TZ"] = zone;
  });
  process.env["TZ"] = "Europe/Berlin";
  for (const night of ["2031-03-30T00:30:00Z", "2031-10-26T00:30:00Z"]) {
    const ms = Date.parse(night) - machine.clock.now();
    machine.clock.jump(ms);
    expect(machine.clock.now()).toBe(instantOf(Date.parse(night)));
    await signedIn();
    const before = machine.renewals;
    for (let i = 0; i < 12; i += 1) {
      await machine.pass(15 * minute);
      await served();
    }
    // One in forty minutes, as on any other night.
    expect(machine.renewals - before).toBeLessThanOrEqual(5);
  }
});
