import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hour, Machine, minute } from "./machine.ts";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.signedIn();
});

afterEach(() => machine.close());

const served = async (): Promise<void> => {
  const { exit, stdout, stderr } = await machine.ask();
  expect([exit, stderr]).toEqual([0, ""]);
  expect(machine.isValid(stdout)).toBe(true);
};

const memoryOnly = "Sign-ins and keys are kept in memory only: a restart asks for them again.";

const renewed = async (): Promise<void> => {
  const before = machine.renewals;
  await machine.pass(45 * minute);
  expect(machine.renewals).toBeGreaterThan(before);
};

describe.each([
  ["locked", () => machine.entries.fall("locked")],
  ["hanging", () => machine.entries.fall("hanging")],
  ["full", () => machine.entries.fall("full")],
] as const)("a keychain that is %s while the daemon runs", (_, fail) => {
  test("renewals go on from memory, and are saved once they can be", async () => {
    fail();
    await renewed();
    await served();
    expect(machine.session.durable).toBe(false);
    expect(machine.view.problems).toMatchObject([{ sentence: memoryOnly }]);
    const status = await machine.evercred("status");
    expect(status.stdout).toContain(memoryOnly);

    machine.entries.recover();
    await machine.pass(2 * minute);
    expect(machine.session.durable).toBe(true);
    expect(machine.view.problems).toEqual([]);
    await machine.restart();
    await served();
    await renewed();
    await served();
    expect(machine.browser.opened).toHaveLength(1);
  });
});

describe.each([
  ["locked", () => machine.entries.fall("locked")],
  ["full", () => machine.entries.fall("full")],
] as const)("a keychain that is %s while the daemon runs and dies", (_, fail) => {
  test("loses the renewal that could not be saved, and says why", async () => {
    fail();
    await renewed();
    machine.kill();
    machine.entries.recover();
    await machine.restart();
    await machine.pass(2 * hour);
    const { exit, stderr } = await machine.ask();
    expect([exit, stderr]).toEqual([
      3,
      "evercred: You are not signed in to corp: the last renewal was cut off. Run: evercred login corp\n",
    ]);
    expect(machine.browser.opened).toHaveLength(1);
  });
});

describe.each([
  ["locked", () => machine.entries.fall("locked")],
  ["hanging", () => machine.entries.fall("hanging")],
] as const)("a keychain that is %s when the daemon starts", (_, fail) => {
  test("is no sign-out", async () => {
    fail();
    await machine.restart();
    expect(await machine.ask()).toEqual({
      exit: 1,
      stdout: "",
      stderr: "evercred: The keychain is locked. Unlock it; Evercred looks again by itself.\n",
    });
    expect(machine.headline).toMatch(/keychain is locked/i);
    machine.entries.recover();
    await machine.pass(6 * minute);
    await served();
    expect(machine.browser.opened).toHaveLength(1);
  });
});

test("a keychain that is wiped while the daemon runs", async () => {
  machine.entries.wipe();
  await served();
  await renewed();
  await machine.restart();
  await served();
  expect(machine.browser.opened).toHaveLength(1);
});

test("a keychain that is wiped before the daemon starts", async () => {
  machine.entries.wipe();
  await machine.restart();
  await served();
  await machine.pass(2 * hour);
  expect(await machine.ask()).toMatchObject({
    exit: 3,
    stderr: "evercred: You are not signed in to corp. Run: evercred login corp\n",
  });
  await machine.pass(hour);
  expect(machine.browser.opened).toHaveLength(1);
  await machine.signIn();
  await served();
});

test("a keychain with no room for a sign-in", async () => {
  machine.entries.fall("full");
  await machine.signIn();
  await served();
  expect(machine.session.durable).toBe(false);
  expect(machine.view.problems).toMatchObject([{ sentence: memoryOnly }]);
});
