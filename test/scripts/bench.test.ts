import { describe, expect, test } from "vitest";
import { atLeast, atMost, median, percentile, spread, times } from "../../bench/figures.ts";
import { fleetBudget } from "../../bench/fleet.ts";
import { pageOf, type Report, textOf } from "../../bench/report.ts";
import type { Summary } from "../fleet/report.ts";

const because = "it waits for the disk";

describe("a budget", () => {
  test("holds up to its bound, and says by how much and why it fails beyond", () => {
    const of = (value: number) => atMost("a start", { value, most: 1.5, show: times, because });
    expect(of(1.5)).toEqual({
      what: "a start",
      measured: "1.5 ×",
      budget: "≤ 1.5 ×",
      holds: true,
    });
    expect(of(1.8)).toMatchObject({
      holds: false,
      measured: "1.8 ×",
      why: "fails by 20 %: it waits for the disk",
    });
  });

  test("of a least holds from its bound on", () => {
    const of = (value: number) =>
      atLeast("requests", { value, least: 5_000, show: String, because });
    expect(of(5_000).holds).toBe(true);
    expect(of(4_000)).toMatchObject({ holds: false, why: "fails by 20 %: it waits for the disk" });
  });

  test("of what could not be measured does not hold", () => {
    expect(atMost("a start", { value: Number.NaN, most: 1, show: times, because }).holds).toBe(
      false,
    );
    expect(atLeast("a rate", { value: Number.NaN, least: 1, show: times, because }).holds).toBe(
      false,
    );
  });
});

test("figures are of the middle, and of the end", () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([median(hundred), median([3, 1, 2])]).toEqual([50.5, 2]);
  expect([percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([99, 100]);
  expect(spread([90, 100, 120])).toBe("30 %");
});

test("the page and the terminal show each budget with its verdict, and each table with how it was got", () => {
  const report: Report = {
    date: "2026-11-30",
    quick: false,
    machine: ["a processor"],
    budgets: [
      { what: "one", measured: "1", budget: "≤ 1", holds: true },
      { what: "two", measured: "2", budget: "≤ 1", holds: false, why: "fails by 100 %: it is" },
      { what: "three", measured: "not here", budget: "≤ 1", holds: undefined },
    ],
    tables: [
      { title: "Start", head: ["program", "median"], rows: [["`app`", "1 ms"]], note: "How." },
    ],
  };
  const page = pageOf(report);
  expect(page).toContain("| one | 1 | ≤ 1 | holds |");
  expect(page).toContain("| two | 2 | ≤ 1 | fails by 100 %: it is |");
  expect(page).toContain("| three | not here | ≤ 1 | not measured |");
  expect(page).toContain(
    "## Start\n\n| program | median |\n| --- | --- |\n| `app` | 1 ms |\n\nHow.",
  );
  const shown = textOf(report).split("\n");
  expect(shown).toContain("  two    2         ≤ 1     fails by 100 %: it is");
  expect(shown).toContain("  app      1 ms");
});

test("the simulated fleet holds its budget by what the last simulation has found, and is not measured without one", () => {
  const summary = { peakToMean: 2.57, longestIdleMs: 0, needlessPages: 0 } as Summary;
  const of = (changed: Partial<Summary>) =>
    fleetBudget({ budget: 3, fleets: [{ ...summary, ...changed }] });
  expect(of({})).toMatchObject({
    holds: true,
    measured: expect.stringMatching(/^2\.57 ×.*nobody/),
  });
  expect(of({ peakToMean: 3.1 })).toMatchObject({
    holds: false,
    why: expect.stringContaining("3.10 times the mean"),
  });
  expect(of({ longestIdleMs: 5 }).holds).toBe(false);
  expect(of({ needlessPages: 1 })).toMatchObject({
    holds: false,
    measured: expect.stringContaining("1 signed out"),
  });
  expect(fleetBudget(undefined).holds).toBeUndefined();
});
