import { beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry, AuditLine } from "../../electron/core/audit.ts";
import { plus } from "../../electron/core/time.ts";
import { Trail } from "../../electron/core/trail.ts";
import { FakeClock } from "../fakes/clock.ts";
import { hour, minute, second } from "./world.ts";

let clock: FakeClock;
let written: AuditLine[][];

beforeEach(() => {
  clock = new FakeClock();
  written = [];
});

const trailOf = (before: readonly AuditLine[] = []): Trail =>
  new Trail(clock, { write: (lines) => written.push([...lines]) }, before);

const served = (program = "claude", target = "aws:dev"): AuditEntry => ({
  event: "served",
  program,
  target,
});

describe("what programs do", () => {
  test("is written a second later, and once", async () => {
    const trail = trailOf();
    const at = clock.now();
    trail.note(served());
    await clock.advance(second - 1);
    expect(written).toEqual([]);
    await clock.advance(1);
    expect(written).toEqual([[{ ...served(), at }]]);
    await clock.advance(10 * second);
    expect(written).toHaveLength(1);
    expect(clock.pending).toEqual([]);
  });

  test("is one line for all that is equal, with their number and the first time", async () => {
    const trail = trailOf();
    const since = clock.now();
    for (let count = 0; count < 3; count++) {
      trail.note({ ...served(), expiresAt: 1_000 + count });
      await clock.advance(100);
    }
    trail.note(served("other"));
    expect(clock.pending).toHaveLength(1);
    await clock.advance(second);
    expect(written).toEqual([
      [
        { ...served(), at: plus(since, 200), since, count: 3, expiresAt: 1_002 },
        { ...served("other"), at: plus(since, 300) },
      ],
    ]);
  });

  const entry: AuditEntry = { event: "refused" };
  const others: readonly AuditEntry[] = [
    { event: "served" },
    { ...entry, target: "aws:dev" },
    { ...entry, source: "corp" },
    { ...entry, bridge: "box" },
    { ...entry, program: "claude" },
    { ...entry, path: "/usr/bin/claude" },
    { ...entry, verb: "aws export" },
    { ...entry, code: "access-denied" },
    { ...entry, answer: "once" },
    { ...entry, of: "claude" },
  ];
  test("is told apart wherever one word ends and the next begins", async () => {
    const trail = trailOf();
    trail.note({ ...entry, program: "ab", path: "c" });
    trail.note({ ...entry, program: "a", path: "bc" });
    await clock.advance(second);
    expect(written[0]).toHaveLength(2);
  });

  test.each(["consent-on", "consent-off"] as const)(
    "is one line also where it is %s time and again",
    async (event) => {
      const trail = trailOf();
      for (let count = 0; count < 3; count++) trail.note({ event, program: "sh" });
      expect(written).toEqual([]);
      await clock.advance(second);
      expect(written.flat()).toMatchObject([{ event, count: 3 }]);
    },
  );

  test.each(others)("is told apart: %o", async (other) => {
    const trail = trailOf();
    trail.note(entry);
    trail.note(other);
    await clock.advance(second);
    expect(written[0]).toHaveLength(2);
  });
});

describe("who does more than anybody reads", () => {
  const tries = (count: number, bridge = "box"): readonly AuditEntry[] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ event: "refused", bridge, target: `aws:n${String(index)}`, verb: "aws export" },
      ...{ code: "policy-refused", exit: 5 },
    }));

  test("has a hundred lines an hour, and then one a minute for all that was refused", async () => {
    const trail = trailOf();
    const since = clock.now();
    for (const entry of tries(5_000)) trail.note(entry);
    await clock.advance(second);
    expect(written.flat()).toHaveLength(100);
    await clock.advance(58 * second);
    expect(written.flat()).toHaveLength(100);
    await clock.advance(second);
    const folded: AuditLine = { event: "refused", bridge: "box", at: since, since, count: 4_900 };
    expect(written.flat().slice(100)).toEqual([folded]);
    expect(trail.recent[0]).toEqual(folded);
    expect(clock.pending).toEqual([]);
  });

  test("still has what was given, by its target", async () => {
    const trail = trailOf();
    const at = clock.now();
    for (const entry of tries(100)) trail.note(entry);
    trail.note({ event: "served", bridge: "box", target: "aws:dev", verb: "exec", expiresAt: 1 });
    trail.note({ event: "consent", bridge: "box", target: "aws:dev", answer: "once" });
    trail.note({ event: "policy-refused", bridge: "box", target: "aws:dev" });
    trail.flush();
    expect(written.flat().slice(0, 3)).toEqual([
      { event: "served", bridge: "box", target: "aws:dev", expiresAt: 1, at },
      { event: "consent", bridge: "box", target: "aws:dev", answer: "once", at },
      { event: "policy-refused", bridge: "box", at },
    ]);
  });

  test("is still told by its file from others of its name", () => {
    const trail = trailOf();
    const at = clock.now();
    const own = { program: "node", path: "/opt/node" };
    for (let count = 0; count < 100; count++) {
      trail.note({ event: "served", ...own, target: `aws:p${String(count)}` });
    }
    trail.note({ event: "served", ...own, target: "aws:dev", verb: "exec" });
    trail.flush();
    expect(written.flat()).toContainEqual({ event: "served", ...own, target: "aws:dev", at });
  });

  test("is nobody whose words only join to the same", () => {
    const trail = trailOf();
    for (const each of tries(100)) trail.note({ ...each, program: "ab", path: "c" });
    const line: AuditEntry = { ...served("a"), path: "bc", verb: "exec" };
    trail.note({ ...line, bridge: "box" });
    trail.flush();
    expect(written.flat()).toContainEqual({ ...line, bridge: "box", at: clock.now() });
  });

  test("is nobody else, and is heard again after an hour", async () => {
    const trail = trailOf();
    for (const entry of tries(200)) trail.note(entry);
    for (const each of [...tries(1, "other"), served()]) trail.note(each);
    await clock.advance(second);
    expect(written.flat()).toHaveLength(102);
    await clock.advance(hour);
    written = [];
    for (const entry of tries(2)) trail.note(entry);
    await clock.advance(second);
    expect(written.flat()).toHaveLength(2);
  });

  test("is nobody who does one thing many times at once", () => {
    const trail = trailOf();
    for (let count = 0; count < 5_000; count++) trail.note({ ...served(), verb: "exec" });
    trail.flush();
    expect(written.flat()).toMatchObject([{ verb: "exec", count: 5_000 }]);
  });

  test("does equal things often enough for that, too", async () => {
    const trail = trailOf();
    for (let count = 0; count < 3_600; count++) {
      trail.note(served());
      await clock.advance(second);
    }
    trail.flush();
    expect(written.flat().length).toBeLessThan(170);
    expect(written.flat().reduce((sum, { count = 1 }) => sum + count, 0)).toBe(3_600);
  });

  test("of many is forgotten, the oldest first", async () => {
    const trail = trailOf();
    for (const entry of tries(100)) trail.note(entry);
    for (let count = 0; count < 256; count++) trail.note(served(`copy-${String(count)}`));
    await clock.advance(second);
    written = [];
    for (const entry of tries(2)) trail.note(entry);
    await clock.advance(second);
    expect(written.flat()).toHaveLength(2);
  });

  test("does not speak louder by a clock that is set back", async () => {
    const trail = trailOf();
    for (const entry of tries(100)) trail.note(entry);
    trail.flush();
    clock.jump(-minute);
    written = [];
    for (const entry of tries(2)) trail.note(entry);
    await clock.advance(second);
    expect(written.flat()).toHaveLength(2);
  });
});

describe("what befalls sign-ins", () => {
  test("is written at once, behind what was before it", async () => {
    const trail = trailOf();
    trail.note(served());
    trail.note({ event: "signed-out", source: "corp" });
    expect(written.map((lines) => lines.map(({ event }) => event))).toEqual([
      ["served", "signed-out"],
    ]);
    await clock.advance(10 * second);
    expect(written).toHaveLength(1);
  });

  test("is a line each time", () => {
    const trail = trailOf();
    trail.note({ event: "signed-in", source: "corp" });
    trail.note({ event: "signed-in", source: "corp" });
    expect(written.flat().map(({ count }) => count)).toEqual([undefined, undefined]);
  });
});

test("at the end all is written, and nothing twice", async () => {
  const trail = trailOf();
  trail.note(served());
  trail.flush();
  trail.flush();
  await clock.advance(10 * second);
  expect(written).toHaveLength(1);
});

describe("the last of it", () => {
  test("has each different thing once, the newest first, however long it goes on", async () => {
    const trail = trailOf();
    const since = clock.now();
    trail.note(served());
    trail.note(served("other"));
    await clock.advance(5 * second);
    trail.note(served());
    expect(trail.recent).toEqual([
      { ...served(), at: plus(since, 5 * second), since, count: 2 },
      { ...served("other"), at: since },
    ]);
  });

  test("has no renewals, which come day and night; they are written all the same", () => {
    const renewed: AuditEntry = { event: "renewed", source: "corp" };
    const trail = trailOf([
      { ...renewed, at: clock.now() },
      { ...served(), at: clock.now() },
    ]);
    trail.note(renewed);
    expect(trail.recent.map(({ event }) => event)).toEqual(["served"]);
    expect(written.flat()).toEqual([{ ...renewed, at: clock.now() }]);
  });

  test("is fifty things at the most", () => {
    const trail = trailOf();
    for (let count = 0; count < 60; count++) trail.note(served(String(count)));
    const programs = trail.recent.map(({ program }) => program);
    expect(programs).toEqual(Array.from({ length: 50 }, (_, index) => String(59 - index)));
  });

  test("goes on from what was written before, and asks for no more of it", () => {
    const at = clock.now();
    let taken = 0;
    function* before(): Generator<AuditLine> {
      for (let count = 0; count < 400; count++) {
        taken += 1;
        yield { ...served(String(Math.floor(count / 2))), at: plus(at, -count) };
      }
    }
    const trail = new Trail(clock, { write: () => undefined }, before());
    expect(trail.recent).toHaveLength(50);
    expect(trail.recent[0]).toEqual({ ...served("0"), at });
    expect(trail.recent.at(-1)).toEqual({ ...served("49"), at: plus(at, -98) });
    trail.note(served("49"));
    expect(trail.recent[0]).toEqual({ ...served("49"), at, since: plus(at, -98), count: 2 });
    expect(taken).toBe(100);
  });
});
