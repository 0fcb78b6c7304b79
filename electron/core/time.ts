declare const instant: unique symbol;

/** A point in time: milliseconds since the epoch, UTC. Branded so that no duration is taken for one. */
export type Instant = number & { readonly [instant]: true };

/** The instant that a count of milliseconds since the epoch stands for. */
export const instantOf = (epochMs: number): Instant => epochMs as Instant;

/** Later than every other: the end of what does not end. It is not a date. */
export const never: Instant = instantOf(Number.POSITIVE_INFINITY);

/** The instant `ms` after `at` (before it, where `ms` is negative). */
export const plus = (at: Instant, ms: number): Instant => instantOf(at + ms);

/** The earlier of two instants. */
export const earlier = (a: Instant, b: Instant): Instant => instantOf(Math.min(a, b));

/** The later of two instants. */
export const later = (a: Instant, b: Instant): Instant => instantOf(Math.max(a, b));

/** The wall clock, as an argument. */
export interface Clock {
  now(): Instant;
  /**
   * Runs `wake` once, at or after `at` on the wall clock, also where the machine slept through it.
   * Never runs it before this call has returned. Returns the way to call it off.
   */
  alarm(at: Instant, wake: () => void): () => void;
}

/** Our clock set right by what a provider's replies say of its own. */
export const shifted = (clock: Clock, offsetMs: () => number): Clock => ({
  now: () => plus(clock.now(), offsetMs()),
  alarm: (at, wake) => clock.alarm(plus(at, -offsetMs()), wake),
});

/** Resolves at `at`; rejects with the signal's reason where that comes first. */
export const sleepUntil = (clock: Clock, at: Instant, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      disarm();
      reject(signal.reason as Error);
    };
    const disarm = clock.alarm(at, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop);
  });

/** What `work` gives, or `late` where it has not given it within `ms`. The work itself goes on. */
export const within = <T, L>(clock: Clock, ms: number, work: Promise<T>, late: L): Promise<T | L> =>
  new Promise((resolve, reject) => {
    const disarm = clock.alarm(plus(clock.now(), ms), () => {
      resolve(late);
    });
    work.then(resolve, reject).finally(disarm);
  });
