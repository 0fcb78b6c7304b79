import { expect, test } from "vitest";
import { Annoyance } from "../../electron/core/annoyance.ts";
import { FakeClock } from "../fakes/clock.ts";
import { hour, minute } from "./world.ts";

test.each([
  ["within a day of it", 24 * hour - 1, 2],
  ["a day later", 24 * hour, 1],
])("who asks in vain again %s is left alone for so many minutes", (_, afterMs, minutes) => {
  const clock = new FakeClock();
  const annoyance = new Annoyance(clock);
  annoyance.add("claude");
  clock.jump(minute + afterMs);
  annoyance.add("claude");
  expect(annoyance.until("claude")).toBe(clock.now() + minutes * minute);
});
