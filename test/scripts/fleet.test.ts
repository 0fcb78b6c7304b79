import { expect, test } from "vitest";
import { type FleetOptions, simulate } from "../fleet/fleet.ts";
import { summaryOf } from "../fleet/report.ts";

const morning: FleetOptions = {
  tool: "evercred",
  computers: 500,
  days: 1,
  seed: 1,
  sessionHours: 8,
  outageDay: 0,
};

test("500 computers through a day with an outage: no storm, no caller put off, nobody signed out", async () => {
  const figures = await simulate(morning);
  const summary = summaryOf("Evercred", morning, figures);
  // Few computers are few requests, which come in bunches by chance alone: with 10,000 it is under three times the mean.
  expect(summary.peakToMean).toBeLessThan(5.5);
  expect(summary.longestIdleMs).toBe(0);
  expect(summary.needlessPages).toBe(0);
  // It has really lived: people signed in, callers were answered, the outage was felt.
  expect(summary.pages).toBeGreaterThan(900);
  expect(figures.got.memory).toBeGreaterThan(10_000);
  expect(summary.refused).toBeGreaterThan(100);
}, 180_000);

test("a crontab of each half hour is such a storm, and signs people out", async () => {
  const options: FleetOptions = { ...morning, tool: "at-intervals" };
  const summary = summaryOf("each half hour", options, await simulate(options));
  expect(summary.peakToMean).toBeGreaterThan(20);
  expect(summary.needlessPages).toBeGreaterThan(0);
}, 180_000);
