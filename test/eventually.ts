import { vi } from "vitest";

/** Waits until `check` no longer throws: for as long as a busy machine may need, not the second that is vitest's default. */
export const eventually = <Value>(check: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(check, { timeout: 10_000, interval: 50 });
