import { expect, test } from "vitest";
import { unknownPresence } from "../../electron/core/person.ts";

test("where nothing is known of people, somebody is there, does not mind and never returns", () => {
  expect([unknownPresence.isThere(), unknownPresence.isBusy()]).toEqual([true, false]);
  const stop = unknownPresence.onReturn(() => {
    throw new Error("nobody returns");
  });
  expect(stop()).toBeUndefined();
});
