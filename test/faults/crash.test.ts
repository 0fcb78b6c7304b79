import { afterEach, beforeEach, expect, test } from "vitest";
import { hour, Machine, minute } from "./machine.ts";

/** What may be under way when the daemon dies. */
interface Act {
  readonly title: string;
  /** What has happened before. */
  readonly before: () => Promise<unknown>;
  /** Comes to its end, or to the daemon's. */
  readonly act: () => Promise<unknown>;
  /** Steps without which it would not be what it says. */
  readonly steps: readonly string[];
  /** Whether nobody is signed in once it is done. */
  readonly signsOut?: true;
}

const long = process.env["FAULTS"] === "long";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.start();
});

afterEach(() => machine.close());

const signedIn = async (): Promise<void> => {
  await machine.signIn();
  await machine.export();
};

const around = (...steps: readonly string[]): readonly string[] =>
  steps.flatMap((step) => [`before ${step}`, `after ${step}`]);

const acts: readonly Act[] = [
  {
    title: "a first sign-in",
    before: () => Promise.resolve(),
    act: () => machine.login(),
    steps: around("request /client/register", "request /token", "keychain write"),
  },
  {
    title: "a sign-in over a live session",
    before: signedIn,
    act: () => machine.login(),
    steps: around("request /token", "keychain write", "token file publish"),
  },
  {
    title: "a rotation",
    before: signedIn,
    act: () => machine.clock.advance(41 * minute),
    steps: around("request /token", "keychain write", "token file publish"),
  },
  {
    title: "a rotation that a caller waits for",
    before: async () => {
      await signedIn();
      machine.clock.jump(2 * hour);
    },
    act: () => {
      machine.begun("aws", "export", "--profile", "p");
      return machine.quiet();
    },
    steps: around("request /token", "keychain write", "request /federation/credentials"),
  },
  {
    title: "a sign-out",
    before: signedIn,
    act: () => {
      machine.begun("logout", "corp");
      return machine.quiet();
    },
    steps: around("request /logout", "keychain removal", "token file withdraw"),
    signsOut: true,
  },
];

/** What a fresh daemon makes of what is kept, now and after all that was handed out has ended. */
const lifeAfter = async ({ signsOut }: Act, written: boolean, step: string): Promise<void> => {
  const pages = machine.browser.opened.length;
  const { kept, spent } = machine;
  const isLost = kept !== undefined && spent.includes(kept);
  const isOver =
    machine.cloud.log.count({ path: "/logout" }) > 0 && !step.includes("before request /logout");
  machine.kill(written);
  await machine.restart();

  for (const ms of [0, 2 * hour]) {
    await machine.sleep(ms);
    const { exit, stdout, stderr } = await machine.export();
    if (exit === 0) {
      expect(machine.isValid(stdout), step).toBe(true);
    } else {
      expect([exit, stderr], step).toEqual([
        3,
        expect.stringContaining("Run: evercred login corp"),
      ]);
    }
    const isKept = kept !== undefined && !isLost && !isOver;
    if (signsOut !== true) {
      if (isKept) expect(exit, `${step}: the grant is there`).toBe(0);
      if (isLost && ms > 0) expect(stderr, step).toContain("the last renewal was cut off");
    }
    if (!isKept && ms > 0) expect(exit, `${step}: nothing is there`).toBe(3);
  }
  expect(machine.browser.opened, `${step}: no page by itself`).toHaveLength(pages);
  // Nothing that is spent is shown again, but once where its outcome was lost.
  expect(machine.shownSpent, step).toEqual(isLost ? [kept] : []);
  const { exit } = await machine.login();
  expect(exit, `${step}: one sign-in is enough`).toBe(0);
  expect((await machine.export()).exit, step).toBe(0);
};

test.each(acts)(
  "killed at each step of $title: what is kept is good, nothing spent is shown again, no page opens",
  async (each) => {
    for (const written of long ? [false, true] : [false]) {
      const died: string[] = [];
      for (let at = 1; ; at += 1) {
        await machine.reset();
        await each.before();
        machine.run.dieAt(at);
        await each.act();
        if (machine.run.isAlive) break;
        const step = machine.run.steps.at(-1) ?? "";
        died.push(step);
        await lifeAfter(each, written, `${String(at)}: ${step}`);
      }
      expect(died).toEqual(expect.arrayContaining([...each.steps]));
    }
  },
  10 * minute,
);
