import { expect, test } from "vitest";
import { shown, shownPath, shownSentence } from "../../electron/protocol/shown.ts";

test.each([
  ["turns", "adm\u202enimda", "adm?nimda"],
  ["turns, in the new way", "a\u2066b\u2069\u061cc", "a?b??c"],
  ["hides", "adm\u200bin\u00ad\ufeff\u2060", "adm?in???"],
  ["moves", "a\r\n\u001b[2Jb\u2028c\u0085d", "a???[2Jb?c?d"],
  ["is written by tags", "a\u{e0041}\u{e0042}b", "a??b"],
  ["has no form", "a\ud800b\ue000", "a?b?"],
])("what %s text is seen as a question mark", (_what, text, seen) => {
  expect(shown(text)).toBe(seen);
  expect(shownPath(text)).toBe(seen);
});

test("names of all scripts, markup and pictures stay as they are", () => {
  const name = '<b>Zoë</b> 営業部 & العربية ไม่ 😀 "o\'Hara"';
  expect(shown(name)).toBe(name);
  expect(shownSentence(name)).toBe(name);
});

test("what is long is cut, between two characters", () => {
  expect(shown("x".repeat(200))).toBe("x".repeat(200));
  expect(shown("x".repeat(10_000))).toBe(`${"x".repeat(199)}…`);
  expect(shown("😀".repeat(150))).toBe("😀".repeat(150));
  expect(shown("😀".repeat(10_000), 3)).toBe("😀😀…");
  expect(shownSentence("x".repeat(10_000))).toHaveLength(600);
});

test("of a long path both ends are seen", () => {
  const path = `/opt/${"x/".repeat(5_000)}claude`;
  expect(shownPath(path)).toHaveLength(401);
  expect(shownPath(path)).toMatch(/^\/opt\/x[x/]*…[x/]*\/claude$/);
});

test("a sentence is on one line", () => {
  expect(shownSentence(" It says:\n\tno.\r\n\r\nAt all. ")).toBe("It says: no. At all.");
});

test("marks are not piled up over the lines around", () => {
  expect(shown(`a${"\u0301".repeat(100)}b`)).toBe(`a${"\u0301".repeat(4)}b`);
});
