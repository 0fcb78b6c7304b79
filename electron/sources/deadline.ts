import type { Clock, Instant } from "../core/time.ts";

/**
 * What `work` gives. Its signal ends with the one given, for the same reason, or at `at`, then with
 * `late`; work that heeds its signal rejects with that reason.
 */
export const withDeadline = async <T>(
  clock: Clock,
  at: Instant,
  late: Error,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  signal.throwIfAborted();
  const inner = new AbortController();
  const relay = (): void => {
    inner.abort(signal.reason);
  };
  signal.addEventListener("abort", relay, { once: true });
  const disarm = clock.alarm(at, () => {
    inner.abort(late);
  });
  try {
    return await work(inner.signal);
  } finally {
    disarm();
    signal.removeEventListener("abort", relay);
  }
};
