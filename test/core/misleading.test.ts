import { expect, test } from "vitest";
import { misleading, misleadingRun } from "../../electron/core/misleading.ts";

test.each([
  ["turns the words around", "a\u202e\u2066b"],
  ["ends a line", "a\r\n\u2028\u2029b"],
  ["steers a terminal", "a\u001b\u009b\u0000b"],
  ["has no form of its own", "a\u200b\ufeff\u00adb"],
  ["is assigned to nothing", "a\ue000\u0378b"],
])("what %s is found, each one, and as one where it stands in a row", (_, text) => {
  expect(text.replace(misleading, "?")).toMatch(/^a\?+b$/);
  expect(text.replace(misleadingRun, "?")).toBe("a?b");
});

test("words in any script are none of it", () => {
  const text = "Grüße, 東京 · مرحبا — naïve: x_y/z@example.com 🙂";
  expect(text.replace(misleadingRun, "?")).toBe(text);
});
