import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coalesced } from "../../electron/shell/coalesced.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("changes that come together are drawn once, and none is lost", () => {
  let state = 0;
  const drawn: number[] = [];
  const changed = coalesced(() => drawn.push(state));
  for (state = 1; state < 100; state++) changed();
  vi.advanceTimersByTime(50);
  expect(drawn).toEqual([100]);
  changed();
  vi.advanceTimersByTime(50);
  expect(drawn).toEqual([100, 100]);
});

test("a stream of changes without a pause is drawn all the same", () => {
  const work = vi.fn();
  const changed = coalesced(work);
  for (let passed = 0; passed < 1_000; passed += 10) {
    changed();
    vi.advanceTimersByTime(10);
  }
  expect(work.mock.calls.length).toBeGreaterThan(10);
});
