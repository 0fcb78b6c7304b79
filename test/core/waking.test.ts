import { beforeEach, expect, test } from "vitest";
import { plus } from "../../electron/core/time.ts";
import { Waking, wakingMs } from "../../electron/core/waking.ts";
import { FakeClock } from "../fakes/clock.ts";

let clock: FakeClock;
let waking: Waking;
let changes: number;

beforeEach(() => {
  clock = new FakeClock();
  changes = 0;
  waking = new Waking(clock, () => {
    changes += 1;
  });
});

test("a computer that has just woken explains what fails from then on, for half a minute", async () => {
  expect(waking.explains(clock.now())).toBe(false);
  waking.begin();
  const woke = clock.now();
  expect([waking.explains(woke), waking.explains(plus(woke, -1))]).toEqual([true, false]);
  await clock.advance(wakingMs - 1);
  expect([waking.explains(woke), changes]).toEqual([true, 0]);
  await clock.advance(1);
  expect([waking.explains(woke), changes]).toEqual([false, 1]);
});

test("one that falls asleep again begins anew, and has explained enough where it slept through the rest", async () => {
  waking.begin();
  await clock.advance(wakingMs - 1);
  waking.begin();
  await clock.advance(wakingMs - 1);
  expect([waking.explains(clock.now()), changes]).toEqual([true, 0]);
  clock.jump(1);
  expect(waking.explains(clock.now())).toBe(false);
});

test("nothing is told once it is closed", async () => {
  waking.begin();
  waking.close();
  await clock.advance(wakingMs);
  expect(changes).toBe(0);
});
