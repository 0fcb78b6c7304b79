import type { ErrorCode } from "../../electron/core/errors.ts";
import type { Instant } from "../../electron/core/time.ts";

const hourS = 3_600;
export const dayS = 24 * hourS;

/** The hours in which people work, in seconds of the day; from Monday to Friday. */
const workingHours = { from: 9 * hourS, to: 18 * hourS };

/** What a caller got: at once from memory, after a wait, a demand for a sign-in, or an error. */
export type Got = "memory" | "waited" | "sign-in" | "failed";

/** What is counted of one fleet. */
export class Figures {
  readonly #from: Instant;
  readonly #days: number;
  /** Requests that reached the provider, a second each: those for which nobody waits, and all. */
  readonly background: Uint32Array;
  readonly all: Uint32Array;
  readonly refused: Uint32Array;
  readonly got: Record<Got, number> = { memory: 0, waited: 0, "sign-in": 0, failed: 0 };
  /** How long the callers waited that did, in milliseconds. */
  readonly waits: number[] = [];
  /** How long they waited while nothing was asked of the provider for them: the longest. */
  longestIdleMs = 0;
  /** Pages that people were asked to open. */
  pages = 0;
  /** Of these, the ones for a sign-in that the provider still took. */
  needlessPages = 0;
  /** Callers that wanted a sign-in when nobody was there. */
  unmet = 0;

  constructor(from: Instant, days: number) {
    this.#from = from;
    this.#days = days;
    const seconds = days * dayS;
    this.background = new Uint32Array(seconds);
    this.all = new Uint32Array(seconds);
    this.refused = new Uint32Array(seconds);
  }

  request(at: Instant, isAwaited: boolean, refusal: ErrorCode | undefined): void {
    const second = Math.floor((at - this.#from) / 1_000);
    if (second >= this.all.length) return;
    this.all[second]! += 1;
    if (!isAwaited) this.background[second]! += 1;
    if (refusal !== undefined) this.refused[second]! += 1;
  }

  caller(got: Got, waitedMs: number, idleMs: number): void {
    this.got[got] += 1;
    if (got === "waited") this.waits.push(waitedMs);
    if (got === "waited") this.longestIdleMs = Math.max(this.longestIdleMs, idleMs);
  }

  /** The mean of background requests a second in working hours. */
  get meanInWorkingHours(): number {
    let sum = 0;
    let seconds = 0;
    for (let day = 0; day < this.#days; day += 1) {
      if (day % 7 > 4) continue;
      const { from, to } = workingHours;
      for (let at = day * dayS + from; at < day * dayS + to; at += 1) sum += this.background[at]!;
      seconds += to - from;
    }
    return sum / seconds;
  }

  /** The most background requests a second over any ten seconds, and when they began, in seconds from the start. */
  get peak(): { readonly rate: number; readonly at: number } {
    return peakOf(this.background);
  }

  get days(): number {
    return this.#days;
  }
}

/** The highest mean of any ten seconds in a row. */
export const peakOf = (seconds: Uint32Array): { readonly rate: number; readonly at: number } => {
  let sum = 0;
  let best = { rate: 0, at: 0 };
  for (let end = 0; end < seconds.length; end += 1) {
    sum += seconds[end]! - (end >= 10 ? seconds[end - 10]! : 0);
    if (sum / 10 > best.rate) best = { rate: sum / 10, at: Math.max(0, end - 9) };
  }
  return best;
};

/** The value that `share` of these do not exceed. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
};
