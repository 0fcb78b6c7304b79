import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeychainQueue } from "../../electron/platform/keychain-queue.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const locked = { code: "keychain-locked" };

/** A native call: it comes back when the test says so, whatever its caller thinks of it. */
function call(): { readonly work: (signal: AbortSignal) => Promise<string>; back(): void } {
  let back = (): void => undefined;
  const work = (): Promise<string> => new Promise((resolve) => (back = () => resolve("back")));
  return { work, back: () => back() };
}

test("work is done one piece at a time, in the order in which it was asked for", async () => {
  const queue = new KeychainQueue(1_000);
  const [first, second] = [call(), call()];
  const begun = vi.fn(second.work);
  const results = [queue.run(first.work), queue.run(begun)];
  await vi.advanceTimersByTimeAsync(500);
  expect(begun).not.toHaveBeenCalled();
  first.back();
  expect(await results[0]).toBe("back");
  await vi.advanceTimersByTimeAsync(0);
  second.back();
  expect(await results[1]).toBe("back");
});

test("work that failed does not stop what comes after it", async () => {
  const queue = new KeychainQueue(1_000);
  await expect(queue.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await queue.run(() => Promise.resolve("yes"))).toBe("yes");
});

test("what waits behind a call that hangs fails with it, and is never begun", async () => {
  const queue = new KeychainQueue(1_000);
  const hanging = call();
  const first = expect(queue.run(hanging.work)).rejects.toMatchObject(locked);
  await vi.advanceTimersByTimeAsync(900);
  const begun = vi.fn(() => Promise.resolve("late"));
  const second = expect(queue.run(begun)).rejects.toMatchObject(locked);
  await vi.advanceTimersByTimeAsync(100);
  await Promise.all([first, second]);
  hanging.back();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).not.toHaveBeenCalled();
});

test("while a call hangs, new ones fail at once; when it comes back, all goes on", async () => {
  const queue = new KeychainQueue(1_000);
  const hanging = call();
  const first = expect(queue.run(hanging.work)).rejects.toMatchObject(locked);
  await vi.advanceTimersByTimeAsync(1_000);
  await first;
  for (let i = 0; i < 3; i++) {
    await expect(queue.run(() => Promise.resolve("x"))).rejects.toMatchObject(locked);
  }
  hanging.back();
  await vi.advanceTimersByTimeAsync(0);
  expect(await queue.run(() => Promise.resolve("yes"))).toBe("yes");
});

test("work is told when its time is up, so that it takes no further step", async () => {
  const queue = new KeychainQueue(1_000);
  const hanging = call();
  let told: AbortSignal | undefined;
  const run = queue.run((signal) => {
    told = signal;
    return hanging.work(signal);
  });
  const ended = expect(run).rejects.toMatchObject(locked);
  await vi.advanceTimersByTimeAsync(999);
  expect(told?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await ended;
  expect(told?.aborted).toBe(true);
});

test("no timer is left behind by work that is done", async () => {
  const queue = new KeychainQueue(1_000);
  await queue.run(() => Promise.resolve("x"));
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("it is settled once what was asked for has come back, or has passed its limit", async () => {
  const queue = new KeychainQueue(1_000);
  await queue.settled();
  const done = vi.fn();
  const [quick, hanging] = [call(), call()];
  const first = queue.run(quick.work);
  const second = expect(queue.run(hanging.work)).rejects.toMatchObject(locked);
  void queue.settled().then(done);
  await vi.advanceTimersByTimeAsync(900);
  quick.back();
  await first;
  await vi.advanceTimersByTimeAsync(99);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalled();
  await second;
});
