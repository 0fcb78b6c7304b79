import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isSchedule, Sweep } from "../../electron/platform/sweep.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";
import { bundleProgram, runProgram } from "./program.ts";

const minute = 60_000;
const monday = Date.parse("2026-11-23T08:58:30.000Z");

describe("a sweep", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: monday });
  });

  afterEach(() => {
    sweep.stop();
    vi.useRealTimers();
  });

  const swept = vi.fn();
  const reminded = vi.fn();
  const log = new MemoryLog();
  const sweep = new Sweep({ sweep: swept, remind: reminded, log });

  beforeEach(() => {
    swept.mockReset();
    reminded.mockReset();
  });

  test("comes each full minute, from start to stop", async () => {
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(swept).not.toHaveBeenCalled();
    sweep.start();
    await vi.advanceTimersByTimeAsync(3 * minute);
    expect(swept).toHaveBeenCalledTimes(3);
    sweep.stop();
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(swept).toHaveBeenCalledTimes(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that was slept through comes once, with the next minute", async () => {
    sweep.start();
    vi.setSystemTime(monday + 600 * minute);
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(swept.mock.calls.length).toBeGreaterThanOrEqual(1);
    expect(swept.mock.calls.length).toBeLessThanOrEqual(2);
  });

  test("that fails is logged, and the next one comes", async () => {
    swept.mockImplementationOnce(() => {
      throw new TypeError("no");
    });
    sweep.start();
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(swept).toHaveBeenCalledTimes(2);
    expect(log.lines).toContainEqual({
      level: "error",
      event: "sweep: failed",
      fields: { reason: "TypeError" },
    });
  });

  test("reminds at the times of the schedules", async () => {
    sweep.schedule(["0 9 * * 1-5", "30 9 * * *"]);
    sweep.start();
    await vi.advanceTimersByTimeAsync(minute);
    expect(reminded).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(minute);
    expect(reminded).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(40 * minute);
    expect(reminded).toHaveBeenCalledTimes(2);
  });

  test("reminds by new schedules once they are there, and no longer by the old ones", async () => {
    sweep.schedule(["0 9 * * *"]);
    sweep.start();
    sweep.schedule(["5 9 * * *"]);
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(reminded).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(reminded).toHaveBeenCalledTimes(1);
  });

  test("reminds once, late, after a sleep through times of a schedule", async () => {
    sweep.schedule(["0,1,2,3 9 * * *"]);
    sweep.start();
    vi.setSystemTime(monday + 60 * minute);
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(reminded).toHaveBeenCalledTimes(1);
  });

  test("reminds within a minute of waking, though the time of the schedule was hours ahead", async () => {
    sweep.schedule(["0 18 * * 1-5"]);
    sweep.start();
    vi.setSystemTime(monday + 12 * 60 * minute);
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(reminded).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(reminded).toHaveBeenCalledTimes(1);
  });

  test("reminds of a time that was slept through though the settings change right after waking", async () => {
    sweep.schedule(["0 18 * * 1-5"]);
    sweep.start();
    vi.setSystemTime(monday + 12 * 60 * minute);
    sweep.schedule(["30 7 * * *", "0 18 * * 1-5"]);
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect(reminded).toHaveBeenCalledTimes(1);
  });

  test("reminds at the next time of a schedule though the clock was ahead, and is set right", async () => {
    vi.setSystemTime(monday + 40 * 24 * 60 * minute);
    sweep.schedule(["0 9 * * *"]);
    sweep.start();
    vi.setSystemTime(monday);
    await vi.advanceTimersByTimeAsync(3 * minute);
    expect(reminded).toHaveBeenCalledTimes(1);
  });

  test("begins anew after a stop, with its schedules", async () => {
    sweep.schedule(["0 9 * * *"]);
    sweep.start();
    sweep.stop();
    sweep.start();
    await vi.advanceTimersByTimeAsync(3 * minute);
    expect(swept).toHaveBeenCalledTimes(3);
    expect(reminded).toHaveBeenCalledTimes(1);
  });
});

test.each(["0 9 * * 1-5", "*/15 8-18 * * mon-fri", "@daily"])("%s is a schedule", (text) => {
  expect(isSchedule(text)).toBe(true);
});

test.each(["", "0 9", "61 * * * *", "* * * * * *", "tomorrow", "0 9 * * 8-9", "@never"])(
  "'%s' is no schedule",
  (text) => {
    expect(isSchedule(text)).toBe(false);
  },
);

test("neither a sweep nor a schedule keeps the process alive", async () => {
  const file = await bundleProgram(
    `import { Sweep } from "./electron/platform/sweep.ts";
     const none = () => undefined;
     const sweep = new Sweep({ sweep: none, remind: none, log: { error: none } });
     sweep.schedule(["0 9 * * *"]);
     sweep.start();`,
    temporaryFolder(),
  );
  expect(await runProgram(file, {}).ended).toBe(0);
});

test("a schedule keeps to the clock on the person's wall, also after the nights on which it is changed", async () => {
  const file = await bundleProgram(
    `import { Sweep } from "./electron/platform/sweep.ts";
     const RealDate = Date;
     let now = 0;
     let wake;
     globalThis.Date = class extends RealDate {
       constructor(...parts) { super(...(parts.length === 0 ? [now] : parts)); }
       static now() { return now; }
     };
     globalThis.setTimeout = (work) => {
       wake = work;
       return { unref() { return this; } };
     };
     const reminded = [];
     const remind = () => reminded.push(new Date().toString().slice(0, 24));
     const none = () => undefined;
     // From a minute before clocks are put forward, and back, to nine in the next morning.
     for (const [from, to] of [
       ["2026-03-29T00:59:00.000Z", "2026-03-29T07:00:00.000Z"],
       ["2026-10-25T00:59:00.000Z", "2026-10-25T08:00:00.000Z"],
     ]) {
       now = RealDate.parse(from);
       const sweep = new Sweep({ sweep: none, remind, log: { error: none } });
       sweep.schedule(["0 9 * * *"]);
       sweep.start();
       for (const at of [RealDate.parse(to) - 60_000, RealDate.parse(to)]) {
         now = at;
         wake();
       }
     }
     console.log(JSON.stringify(reminded));`,
    temporaryFolder(),
  );
  const program = runProgram(file, { TZ: "Europe/Berlin" });
  expect(await program.next()).toEqual(["Sun Mar 29 2026 09:00:00", "Sun Oct 25 2026 09:00:00"]);
});
