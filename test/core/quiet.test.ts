import { beforeEach, describe, expect, test } from "vitest";
import { Attention } from "../../electron/core/attention.ts";
import { Quiet } from "../../electron/core/quiet.ts";
import { plus } from "../../electron/core/time.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { FakePresence } from "../fakes/presence.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let clock: FakeClock;
let memo: MemoryMemo;
let quiet: Quiet;
let told: number;

beforeEach(() => {
  clock = new FakeClock();
  memo = new MemoryMemo();
  quiet = new Quiet(clock, memo);
  told = 0;
  quiet.subscribe(() => {
    told += 1;
  });
});

const inMs = (ms: number) => plus(clock.now(), ms);

describe("a quiet time", () => {
  test("lasts until its time, ends by itself, and tells of both", async () => {
    expect(quiet.until).toBeUndefined();
    const end = inMs(hour);
    quiet.set(end);
    expect(quiet.until).toBe(end);
    await clock.advance(hour - 1);
    expect([quiet.until, told]).toEqual([end, 1]);
    await clock.advance(1);
    expect([quiet.until, told]).toEqual([undefined, 2]);
    expect(memo.get("quiet")).toBeUndefined();
  });

  test("ends when the person says so, and not once more at its time", async () => {
    quiet.set(inMs(hour));
    quiet.set(undefined);
    expect([quiet.until, told]).toEqual([undefined, 2]);
    expect(memo.get("quiet")).toBeUndefined();
    await clock.advance(2 * hour);
    expect(told).toBe(2);
  });

  test("can be made longer", async () => {
    quiet.set(inMs(hour));
    const end = inMs(2 * hour);
    quiet.set(end);
    await clock.advance(hour);
    expect([quiet.until, told]).toEqual([end, 2]);
  });

  test("outlives the daemon, and ends by itself after it", async () => {
    const end = inMs(hour);
    quiet.set(end);
    quiet.close();
    const next = new Quiet(clock, memo);
    expect(next.until).toBe(end);
    let ended = false;
    next.subscribe(() => {
      ended = true;
    });
    await clock.advance(hour);
    expect([ended, told]).toEqual([true, 1]);
  });

  test("that an earlier version has noted goes on", () => {
    const end = inMs(hour);
    memo.set("quiet", `${String(clock.now())} ${String(end)}`);
    expect(new Quiet(clock, memo).until).toBe(end);
  });

  test("is over where the computer slept through its end", () => {
    quiet.set(inMs(hour));
    clock.jump(hour);
    expect(quiet.until).toBeUndefined();
  });

  test("is not made longer by a clock that is set back, but for a correction", () => {
    const end = inMs(hour);
    quiet.set(end);
    clock.jump(-1_000);
    expect(quiet.until).toBe(end);
    clock.jump(-day);
    expect(quiet.until).toBeUndefined();
  });

  test("is a week long at most", () => {
    quiet.set(inMs(400 * day));
    expect(quiet.until).toBe(inMs(7 * day));
  });

  test("may end between two milliseconds", () => {
    quiet.set(inMs(0.5));
    expect(quiet.until).toBe(inMs(1));
  });

  test("that is over already is none", () => {
    quiet.set(clock.now());
    expect(quiet.until).toBeUndefined();
  });

  test.each(["", "soon", "1", "1 x", "x NOW END", "NOW END x"])(
    "that was noted as %o is none",
    (text) => {
      memo.set(
        "quiet",
        text.replace("NOW", String(clock.now())).replace("END", String(inMs(hour))),
      );
      expect(new Quiet(clock, memo).until).toBeUndefined();
    },
  );

  test("tells nobody who no longer listens", () => {
    let heard = 0;
    quiet.subscribe(() => {
      heard += 1;
    })();
    quiet.set(inMs(hour));
    expect(heard).toBe(0);
  });
});

describe("attention", () => {
  let presence: FakePresence;
  let attention: Attention;
  let returns: number;

  beforeEach(() => {
    presence = new FakePresence();
    attention = new Attention(presence, quiet);
    returns = 0;
    attention.onReturn(() => {
      returns += 1;
    });
  });

  test("is there while somebody is, and is not to be left alone", () => {
    expect(attention.mayAsk()).toBe(true);
    quiet.set(inMs(hour));
    expect([attention.mayAsk(), attention.isBusy(), attention.isThere()]).toEqual([
      false,
      true,
      true,
    ]);
    quiet.set(undefined);
    presence.leave();
    expect([attention.mayAsk(), attention.isBusy(), attention.isThere()]).toEqual([
      false,
      false,
      false,
    ]);
    presence.comeBack();
    presence.beBusy(true);
    expect([attention.mayAsk(), attention.isBusy()]).toEqual([false, true]);
  });

  test("returns with whoever comes back, and once nobody is to be left alone any more", async () => {
    presence.leave();
    presence.comeBack();
    expect(returns).toBe(1);
    quiet.set(inMs(hour));
    presence.leave();
    presence.comeBack();
    expect(returns).toBe(1);
    await clock.advance(hour);
    expect(returns).toBe(2);
    presence.beBusy(true);
    presence.comeBack();
    expect(returns).toBe(2);
    presence.beBusy(false);
    expect(returns).toBe(3);
  });

  test("does not return where nobody is there at the end of a quiet time, but with whoever comes then", async () => {
    quiet.set(inMs(hour));
    presence.leave();
    await clock.advance(hour);
    expect(returns).toBe(0);
    presence.comeBack();
    expect(returns).toBe(1);
  });

  test("tells nobody once it is closed, or who no longer listens", () => {
    let heard = 0;
    attention.onReturn(() => {
      heard += 1;
    })();
    presence.comeBack();
    expect([heard, returns]).toEqual([0, 1]);
    attention.close();
    presence.comeBack();
    quiet.set(undefined);
    expect(returns).toBe(1);
  });
});
