import { expect, onTestFinished, test } from "vitest";
import { begin, soak, soakHouse } from "../soak/soak.ts";
import { openHouse } from "./house.ts";

test("through faults of providers, keychain and computer, callers get good credentials or a reason, and nothing leaks", async () => {
  const house = await openHouse(soakHouse(5_000));
  onTestFinished(() => house.close());
  const pid = await begin(house);
  const figures = await soak(house, pid, { forMs: 15_000, seed: 7, callersPerSecond: 10 });
  expect(figures.faults).toEqual([]);
  expect(figures.credentials).toBeGreaterThan(20);
  expect(Object.keys(figures.weather).length).toBeGreaterThan(2);
  expect(await house.daemonPid()).toBe(pid);
}, 120_000);
