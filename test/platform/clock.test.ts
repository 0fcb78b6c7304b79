import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { plus } from "../../electron/core/time.ts";
import { SystemClock } from "../../electron/platform/clock.ts";
import { temporaryFolder } from "./folder.ts";
import { bundleProgram, runProgram } from "./program.ts";

const hour = 3_600_000;

// The timers are those of a machine that is awake; the wall clock goes its own way in each test.
beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

const jump = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};

test("an alarm rings once, at its time and not before", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  clock.alarm(plus(clock.now(), 30 * hour), wake);
  vi.advanceTimersByTime(30 * hour - 1);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  vi.advanceTimersByTime(100 * hour);
  expect(wake).toHaveBeenCalledOnce();
});

test("an alarm months ahead is not lost to the limit of timers", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  clock.alarm(plus(clock.now(), 90 * 24 * hour), wake);
  vi.advanceTimersByTime(90 * 24 * hour - 1);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledOnce();
});

test("an alarm that is past already rings, but not before alarm() has returned", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  clock.alarm(plus(clock.now(), -hour), wake);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledOnce();
});

test("an alarm that was called off does not ring, also after a recheck", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  const disarm = clock.alarm(plus(clock.now(), hour), wake);
  disarm();
  jump(2 * hour);
  clock.recheck();
  vi.advanceTimersByTime(5 * hour);
  expect(wake).not.toHaveBeenCalled();
});

test("after sleep, what is due rings at the recheck, and what is not due does not", () => {
  const clock = new SystemClock();
  const rung: string[] = [];
  clock.alarm(plus(clock.now(), 5 * hour), () => rung.push("first"));
  clock.alarm(plus(clock.now(), 20 * hour), () => rung.push("second"));
  jump(12 * hour);
  clock.recheck();
  vi.advanceTimersByTime(1);
  expect(rung).toEqual(["first"]);
  vi.advanceTimersByTime(8 * hour);
  expect(rung).toEqual(["first", "second"]);
});

test("a sleep that nobody tells of is noticed within an hour", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  clock.alarm(plus(clock.now(), 5 * hour), wake);
  jump(5 * hour);
  vi.advanceTimersByTime(hour);
  expect(wake).toHaveBeenCalledOnce();
});

test("a clock that is set back makes no alarm early", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  clock.alarm(plus(clock.now(), hour), wake);
  jump(-3 * hour);
  vi.advanceTimersByTime(2 * hour);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2 * hour);
  expect(wake).toHaveBeenCalledOnce();
});

test("the alarms of a recheck all ring where one of them fails", () => {
  const clock = new SystemClock();
  const wake = vi.fn();
  clock.alarm(plus(clock.now(), hour), () => {
    throw new Error("first");
  });
  clock.alarm(plus(clock.now(), hour), wake);
  jump(2 * hour);
  clock.recheck();
  expect(() => vi.advanceTimersByTime(1)).toThrow("first");
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledOnce();
});

test("alarms do not keep the process alive", async () => {
  vi.useRealTimers();
  const file = await bundleProgram(
    `import { SystemClock } from "./electron/platform/clock.ts";
     const clock = new SystemClock();
     clock.alarm(clock.now() + 3_000_000, () => undefined);
     console.log(1);`,
    temporaryFolder(),
  );
  expect(await runProgram(file, {}).ended).toBe(0);
});
