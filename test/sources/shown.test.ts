import { expect, test } from "vitest";
import { shown } from "../../electron/sources/shown.ts";

test("a value in a message is short, and disturbs no terminal", () => {
  expect(shown("a\u001b[31mb\nc\u202ed\u2066e\u0085f")).toBe("a [31mb c d e f");
  expect(shown("x".repeat(80))).toBe("x".repeat(80));
  expect(shown("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
});
