import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import {
  earlier,
  instantOf,
  later,
  plus,
  shifted,
  sleepUntil,
  within,
} from "../../electron/core/time.ts";
import { FakeClock, settle } from "../fakes/clock.ts";

const start = instantOf(1_000_000);

test("instants are counted in milliseconds and compared", () => {
  expect(plus(start, -1)).toBe(999_999);
  expect(earlier(start, plus(start, 1))).toBe(start);
  expect(earlier(plus(start, 1), start)).toBe(start);
  expect(later(start, plus(start, 1))).toBe(plus(start, 1));
  expect(later(plus(start, 1), start)).toBe(plus(start, 1));
});

test("a sleep ends at its instant and not before", async () => {
  const clock = new FakeClock(start);
  let awake = false;
  const sleep = sleepUntil(clock, plus(start, 10), new AbortController().signal);
  void sleep.then(() => {
    awake = true;
  });
  await clock.advance(9);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
});

test("a sleep that is over leaves nothing at the signal, which may be the daemon's", async () => {
  const clock = new FakeClock(start);
  const { signal } = new AbortController();
  const sleep = sleepUntil(clock, plus(start, 10), signal);
  await clock.advance(10);
  await sleep;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a sleep that is called off rejects with the reason and leaves no alarm", async () => {
  const clock = new FakeClock(start);
  const controller = new AbortController();
  const sleep = sleepUntil(clock, plus(start, 10), controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
  expect(clock.pending).toEqual([]);
});

test("a sleep that was called off before it began rejects and sets no alarm", async () => {
  const clock = new FakeClock(start);
  const reason = new Error("enough");
  await expect(sleepUntil(clock, plus(start, 10), AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(clock.pending).toEqual([]);
});

test("work that is done in time gives its own result and leaves no alarm", async () => {
  const clock = new FakeClock(start);
  expect(await within(clock, 10, Promise.resolve("done"), "late")).toBe("done");
  await settle();
  expect(clock.pending).toEqual([]);
});

test("work that fails in time fails, and leaves no alarm", async () => {
  const clock = new FakeClock(start);
  const error = new Error("no");
  await expect(within(clock, 10, Promise.reject(error), "late")).rejects.toBe(error);
  await settle();
  expect(clock.pending).toEqual([]);
});

test("work that takes too long is no longer waited for, and its late failure hurts nobody", async () => {
  const clock = new FakeClock(start);
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<string>((_, reject) => {
    fail = reject;
  });
  const result = within(clock, 10, work, "late");
  await clock.advance(10);
  expect(await result).toBe("late");
  fail(new Error("no"));
  await settle();
});

test("a shifted clock shows the provider's time and sets its alarms by it", async () => {
  const clock = new FakeClock(start);
  let offsetMs = 100;
  const theirs = shifted(clock, () => offsetMs);
  expect(theirs.now()).toBe(plus(start, 100));
  offsetMs = -50;
  expect(theirs.now()).toBe(plus(start, -50));
  let rung = false;
  theirs.alarm(plus(theirs.now(), 10), () => {
    rung = true;
  });
  await clock.advance(9);
  expect(rung).toBe(false);
  await clock.advance(1);
  expect(rung).toBe(true);
});
