import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Desk, DeskPresence, type Told } from "../../electron/shell/presence.ts";

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

/** Something that a test finds out. */
class FakeTold<Value> implements Told<Value> {
  #value: Value | undefined;
  readonly #listeners = new Set<() => void>();

  get value(): Value | undefined {
    return this.#value;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(value: Value | undefined): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }
}

let desk: FakeDesk;
let login: FakeTold<"active" | "idle" | "locked">;
let peace: readonly FakeTold<boolean>[];
let online: boolean;
let seesInput: boolean;
let presence: DeskPresence;
let returns: number;

beforeEach(() => {
  vi.useFakeTimers();
  desk = new FakeDesk();
  login = new FakeTold();
  peace = [new FakeTold(), new FakeTold()];
  online = false;
  seesInput = true;
  const around = { login, peace, isOnline: () => online };
  presence = new DeskPresence(desk, {
    ...around,
    get seesInput() {
      return seesInput;
    },
  });
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
  online = true;
  desk.state = "idle";
  desk.emit("resume");
  vi.advanceTimersByTime(60_000);
  expect(returns).toBe(0);
  desk.state = "active";
  vi.advanceTimersByTime(2_000);
  expect(returns).toBe(1);
});

test("nobody counts as there on a computer that has just woken, for half a minute, or until its network is back", () => {
  desk.emit("resume");
  desk.emit("unlock-screen");
  vi.advanceTimersByTime(29_000);
  expect([presence.isThere(), returns]).toEqual([false, 0]);
  vi.advanceTimersByTime(3_000);
  expect([presence.isThere(), returns]).toEqual([true, 1]);

  desk.emit("resume");
  online = true;
  vi.advanceTimersByTime(4_000);
  // What it says of its network right after it has woken is of before.
  expect([presence.isThere(), returns]).toEqual([false, 1]);
  vi.advanceTimersByTime(4_000);
  expect([presence.isThere(), returns]).toEqual([true, 2]);
  online = false;
  vi.advanceTimersByTime(60_000);
  expect([presence.isThere(), returns]).toEqual([true, 2]);
});

test("a computer that says twice that it has woken has half a minute from the second time on", () => {
  desk.emit("resume");
  vi.advanceTimersByTime(20_000);
  desk.emit("resume");
  vi.advanceTimersByTime(20_000);
  expect(presence.isThere()).toBe(false);
  vi.advanceTimersByTime(12_000);
  expect([presence.isThere(), returns]).toEqual([true, 1]);
});

test.each([
  ["active", true],
  [undefined, true],
  ["idle", false],
  ["locked", false],
] as const)("a login that is %s: somebody there is %s", (state, there) => {
  login.become(state);
  expect(presence.isThere()).toBe(there);
});

test("an unlocked login is a return at once; where the screen is locked still, as soon as it is not", () => {
  login.become("locked");
  expect(returns).toBe(0);
  login.become("active");
  expect(returns).toBe(1);
  login.become("locked");
  desk.state = "locked";
  login.become("active");
  expect(returns).toBe(1);
  desk.state = "active";
  vi.advanceTimersByTime(2_000);
  expect(returns).toBe(2);
});

test.each([
  ["idle", undefined, true],
  ["idle", "active", true],
  ["idle", "idle", false],
  ["locked", "active", false],
] as const)(
  "where Electron does not see all input, and calls it %s: with a login that is %s, somebody there is %s",
  (state, its, there) => {
    seesInput = false;
    desk.state = state;
    login.become(its);
    expect(presence.isThere()).toBe(there);
  },
);

test("who was away stays so while the login service is restarted, and a minute at most", () => {
  login.become("locked");
  login.become(undefined);
  vi.advanceTimersByTime(30_000);
  expect([presence.isThere(), returns]).toEqual([false, 0]);
  login.become("locked");
  vi.advanceTimersByTime(60_000);
  expect([presence.isThere(), returns]).toEqual([false, 0]);
  login.become(undefined);
  vi.advanceTimersByTime(60_000);
  expect([presence.isThere(), returns]).toEqual([true, 1]);
});

test("whoever wants no disturbance is busy, and returns once they do not mind any more", () => {
  expect(presence.isBusy()).toBe(false);
  peace[1]!.become(true);
  expect([presence.isBusy(), presence.isThere(), returns]).toEqual([true, true, 0]);
  peace[0]!.become(false);
  expect([presence.isBusy(), returns]).toEqual([true, 0]);
  peace[1]!.become(undefined);
  expect([presence.isBusy(), returns]).toEqual([false, 1]);
});

test("who no longer listens is not called", () => {
  const listener = vi.fn();
  presence.onReturn(listener)();
  desk.emit("unlock-screen");
  expect(listener).not.toHaveBeenCalled();
});
