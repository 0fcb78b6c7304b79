import { describe, expect, onTestFinished, test } from "vitest";
import { hour, Machine, minute } from "./machine.ts";
import { aws } from "./worlds/aws.ts";
import { google, workforce } from "./worlds/google.ts";
import { key } from "./worlds/key.ts";
import { oidc } from "./worlds/oidc.ts";
import type { StartWorld, World } from "./worlds/world.ts";

/** What may be under way when the daemon dies. */
interface Act {
  readonly title: string;
  /** What has happened before. */
  readonly before: (machine: Machine) => Promise<unknown>;
  /** Comes to its end, or to the daemon's. */
  readonly act: (machine: Machine) => Promise<unknown>;
  /** Steps without which it would not be what it says. */
  readonly steps: (world: World) => readonly string[];
}

const long = process.env["FAULTS"] === "long";

const signedIn = async (machine: Machine): Promise<void> => {
  await machine.signIn();
  await machine.ask();
};

const renewal = ({ steps }: World): readonly string[] => steps.renewal ?? [];

const signingIn: readonly Act[] = [
  {
    title: "a first sign-in",
    before: () => Promise.resolve(),
    act: (machine) => machine.login(),
    steps: ({ steps }) => steps.signIn,
  },
  {
    title: "a sign-in over a live session",
    before: signedIn,
    act: (machine) => machine.login(),
    steps: ({ steps }) => steps.signIn,
  },
  {
    title: "a sign-out",
    before: signedIn,
    act: (machine) => {
      machine.begun("logout", machine.world.id);
      return machine.quiet();
    },
    steps: ({ steps }) => steps.signOut,
  },
];

const renewing: readonly Act[] = [
  ...signingIn,
  {
    title: "a rotation",
    before: signedIn,
    act: (machine) => machine.clock.advance(41 * minute),
    steps: renewal,
  },
  {
    title: "a rotation that a caller waits for",
    before: async (machine) => {
      await signedIn(machine);
      machine.clock.jump(2 * hour);
    },
    act: (machine) => {
      machine.begun(...machine.world.program);
      return machine.quiet();
    },
    steps: renewal,
  },
];

const renewingApart: readonly Act[] = [
  ...renewing,
  {
    title: "a rotation for the token of another service",
    before: signedIn,
    act: (machine) => {
      machine.begun(...(machine.world.apart ?? []));
      return machine.quiet();
    },
    steps: renewal,
  },
];

/** A world, and what may be under way there. */
interface Scenario {
  readonly title: string;
  readonly start: StartWorld;
  readonly acts: readonly Act[];
}

const scenarios: readonly Scenario[] = [
  { title: "a session of IAM Identity Center", start: aws, acts: renewing },
  { title: "a company's issuer, which rotates", start: oidc, acts: renewingApart },
  { title: "a Google account", start: google, acts: renewing },
  { title: "a workforce pool, which rotates", start: workforce, acts: renewing },
  { title: "a key that is entered", start: key, acts: signingIn },
];

/** What a fresh daemon makes of what is kept, now and after all that was handed out has ended. */
const lifeAfter = async (machine: Machine, written: boolean, step: string): Promise<void> => {
  const pages = machine.browser.opened.length;
  const { kept, spent, world } = machine;
  const isLost = kept !== undefined && spent.includes(kept);
  const isOver = machine.run.steps.includes(`after engraving over:${world.id}`);
  if (isLost) expect(step, "no other step costs a renewal").toMatch(unsaved);
  machine.kill(written);
  await machine.restart();

  const isKept = kept !== undefined && !isLost && !isOver;
  const remedy = `Run: evercred ${world.signIn().words.join(" ")}`;
  for (const ms of [0, 2 * hour]) {
    await machine.sleep(ms);
    const { exit, stdout, stderr } = await machine.ask();
    if (exit === 0) expect(machine.isValid(stdout), step).toBe(true);
    else expect([exit, stderr], step).toEqual([3, expect.stringContaining(remedy)]);
    if (isKept) expect(exit, `${step}: the grant is there`).toBe(0);
    else if (ms > 0) expect(exit, `${step}: nothing is there`).toBe(3);
    if (isLost && ms > 0) expect(stderr, step).toContain("the last renewal was cut off");
    if (isOver) expect(machine.files, `${step}: other programs find nothing`).toEqual([]);
  }
  expect(machine.browser.opened, `${step}: no page by itself`).toHaveLength(pages);
  // Nothing that is spent is shown again, but once where its outcome was lost.
  expect(machine.shownSpent, step).toEqual(isLost ? [kept] : []);
  const { exit } = await machine.login();
  expect(exit, `${step}: one sign-in is enough`).toBe(0);
  expect((await machine.ask()).exit, step).toBe(0);
};

/** Between the provider's answer and the keychain. */
const unsaved = /^\d+: (?:after request|before keychain write)/;

describe.each(scenarios)("$title", ({ start, acts }) => {
  test.each(acts)(
    "killed at each step of $title: what is kept is good, nothing spent is shown again, no page opens",
    async ({ before, act, steps }) => {
      const machine = await Machine.start(start);
      onTestFinished(() => machine.close());
      // Before a step the world is as it was after the one before, but for what is only written in time.
      const moments = long ? ["before", "after"] : ["after"];
      for (const written of long ? [false, true] : [false]) {
        const died: string[] = [];
        for (let at = 1, isOver = false; !isOver; at += 1) {
          await machine.reset();
          await before(machine);
          machine.run.dieAt(at, moments);
          await act(machine);
          isOver = machine.run.isAlive;
          const step = isOver ? "at rest" : (machine.run.steps.at(-1) ?? "");
          died.push(step);
          await lifeAfter(machine, written, `${String(at)}: ${step}`);
        }
        const needed = steps(machine.world).flatMap((step) =>
          moments.map((moment) => `${moment} ${step}`),
        );
        expect(died).toEqual(expect.arrayContaining(needed));
      }
    },
    10 * minute,
  );
});
