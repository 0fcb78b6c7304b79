import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Summary, violationsOf } from "../test/fleet/report.ts";
import type { Budget } from "./figures.ts";

/** What `npm run simulate-fleet` has left: of the first fleet it has a budget. */
export interface Fleets {
  /** How high the peak may be, beside the mean. */
  readonly budget: number;
  readonly fleets: readonly Summary[];
}

/** The row of what is simulated elsewhere. Undefined: no simulation has left anything. */
export const fleetBudget = (found: Fleets | undefined): Budget => {
  const what = "10,000 daemons at 9:00 against one identity provider (simulated)";
  const budget = "background peak ≤ 3 × the mean; no caller delayed; nobody signed out";
  const summary = found?.fleets[0];
  if (found === undefined || summary === undefined) {
    return { what, measured: "not here: `npm run simulate-fleet`", budget, holds: undefined };
  }
  const { peakToMean, longestIdleMs, needlessPages } = summary;
  const violations = violationsOf(summary, found.budget);
  const delayed = longestIdleMs === 0 ? "no caller delayed" : "callers delayed";
  const signedOut =
    needlessPages === 0 ? "nobody signed out" : `${String(needlessPages)} signed out`;
  return {
    what,
    measured: `${peakToMean.toFixed(2)} × the mean; ${delayed}; ${signedOut} ([the last simulation](fleet.md))`,
    budget,
    holds: violations.length === 0,
    ...(violations.length === 0 ? {} : { why: `fails: ${violations.join(" ")}` }),
  };
};

/** As the last simulation in this checkout has left it. */
export const readFleets = async (project: string): Promise<Fleets | undefined> => {
  const file = join(project, "dist", "fleet.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Fleets);
};
