import fc, { type Parameters } from "fast-check";

const seconds = Number(process.env["FUZZ_SECONDS"] ?? 0);
/** Without a word of ours a test run tries the same cases each time: new ones are what the long run is for. */
const seed = process.env["FUZZ_SEED"] ?? (seconds > 0 ? undefined : "1");

/**
 * How long a property is tried: so many `runs` in a test run; in a long one (FUZZ_SECONDS) for its `part` of that time.
 * FUZZ_SEED repeats what a failure has printed.
 */
export const effort = <T>(runs: number, part: number): Parameters<T> => ({
  numRuns: seconds > 0 ? Number.MAX_SAFE_INTEGER : runs,
  ...(seconds > 0 && {
    plugins: [fc.interruptAfterTimeLimit(seconds * part * 1_000) as fc.Plugin<T>],
  }),
  ...(seed !== undefined && { seed: Number(seed) }),
});

/** How long the test of such a property may take, in milliseconds. */
export const limitMs = (part: number): number => 60_000 + seconds * part * 1_000 * 1.5;
