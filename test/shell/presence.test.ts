import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Desk, DeskPresence } from "../../electron/shell/presence.ts";

type State = ReturnType<Desk["getSystemIdleState"]>;

/** A computer whose state a test sets. */
class FakeDesk implements Desk {
  state: State = "active";
  looks = 0;
  readonly #listeners = new Map<string, () => void>();

  getSystemIdleState(thresholdS: number): State {
    this.looks += 1;
    expect(thresholdS).toBe(300);
    return this.state;
  }

  on(event: string, listener: () => void): void {
    this.#listeners.set(event, listener);
  }

  emit(event: "resume" | "unlock-screen"): void {
    this.#listeners.get(event)?.();
  }
}

let desk: FakeDesk;
let presence: DeskPresence;
let returns: number;

beforeEach(() => {
  vi.useFakeTimers();
  desk = new FakeDesk();
  presence = new DeskPresence(desk);
  returns = 0;
  presence.onReturn(() => {
    returns += 1;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["active", true],
  ["unknown", true],
  ["idle", false],
  ["locked", false],
] as const)("a computer that is %s: somebody there is %s", (state, there) => {
  desk.state = state;
  expect(presence.isThere()).toBe(there);
});

test("the idle time is not looked at while nobody is waited for", () => {
  presence.isThere();
  desk.looks = 0;
  vi.advanceTimersByTime(60_000);
  expect(desk.looks).toBe(0);
});

test("who comes back is noticed within two seconds, once, and then nobody looks any more", () => {
  desk.state = "idle";
  presence.isThere();
  presence.isThere();
  vi.advanceTimersByTime(10_000);
  expect(returns).toBe(0);
  desk.state = "active";
  vi.advanceTimersByTime(2_000);
  expect(returns).toBe(1);
  desk.looks = 0;
  vi.advanceTimersByTime(60_000);
  expect(desk.looks).toBe(0);
  expect(returns).toBe(1);
});

test("an unlocked screen is a return at once", () => {
  desk.state = "locked";
  presence.isThere();
  desk.emit("unlock-screen");
  expect(returns).toBe(1);
});

test("a computer that wakes with nobody at it is no return", () => {
  desk.state = "idle";
  desk.emit("resume");
  expect(returns).toBe(0);
  desk.state = "active";
  vi.advanceTimersByTime(2_000);
  expect(returns).toBe(1);
});

test("who no longer listens is not called", () => {
  const listener = vi.fn();
  presence.onReturn(listener)();
  desk.emit("unlock-screen");
  expect(listener).not.toHaveBeenCalled();
});
