import { expect, test } from "vitest";
import { unknownPresence } from "../../electron/core/person.ts";

test("where nothing is known of people, somebody is there and nobody ever returns", () => {
  expect(unknownPresence.isThere()).toBe(true);
  const stop = unknownPresence.onReturn(() => {
    throw new Error("nobody returns");
  });
  expect(stop()).toBeUndefined();
});
