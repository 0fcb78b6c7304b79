import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collectGarbage, Tidy } from "../../electron/platform/tidy.ts";

const second = 1_000;
const minute = 60 * second;

describe("what a start and requests have left", () => {
  let now = 0;
  const collect = vi.fn(() => Promise.resolve());
  let tidy: Tidy;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    now = 0;
    collect.mockClear();
    tidy = new Tidy({ now: () => now, collect });
  });

  afterEach(() => {
    tidy.close();
    vi.useRealTimers();
  });

  const pass = (ms: number): void => {
    now += ms;
    vi.advanceTimersByTime(ms);
  };

  test("is collected once a start is over, also where nobody has asked", () => {
    tidy.start();
    pass(7 * second);
    expect(collect).not.toHaveBeenCalled();
    pass(second);
    expect(collect).toHaveBeenCalledTimes(1);
    pass(minute);
    tidy.look();
    expect(collect).toHaveBeenCalledTimes(1);
  });

  test("waits while somebody asks", () => {
    tidy.start();
    pass(7 * second);
    tidy.used();
    pass(second);
    expect(collect).not.toHaveBeenCalled();
    pass(3 * second);
    tidy.look();
    expect(collect).not.toHaveBeenCalled();
    pass(second);
    tidy.look();
    expect(collect).toHaveBeenCalledTimes(1);
  });

  test("is collected again after more requests, at most once in ten minutes", () => {
    tidy.look();
    expect(collect).toHaveBeenCalledTimes(1);
    for (let at = 0; at < 9; at += 1) {
      tidy.used();
      pass(minute);
      tidy.look();
    }
    expect(collect).toHaveBeenCalledTimes(1);
    pass(minute);
    tidy.look();
    expect(collect).toHaveBeenCalledTimes(2);
  });

  test("is nobody's matter after close", () => {
    tidy.start();
    tidy.close();
    pass(minute);
    expect(collect).not.toHaveBeenCalled();
  });
});

test("V8 gives back what nothing refers to", async () => {
  const left = new WeakRef({ some: "thing" });
  // What was made in this turn is held until its end.
  await new Promise(setImmediate);
  await collectGarbage();
  expect(left.deref()).toBeUndefined();
});
