import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "../../electron/core/nearest.ts";

test.each([
  ["Dev", "dev"],
  ["de", "dev"],
  ["devv", "dev"],
  ["stagign", "staging"],
])("%s is taken for %s", (word, meant) => {
  expect(nearest(word, ["prod", "dev", "staging"])).toBe(meant);
});

test.each(["", "xyz", "production"])("%j is taken for nothing", (word) => {
  expect(nearest(word, ["prod", "dev", "staging"])).toBeUndefined();
});

test("two letters that changed places are forgiven where the word is long enough", () => {
  expect(nearest("aws:dve", ["aws:prod", "aws:dev"])).toBe("aws:dev");
});

test("of several the closest is meant, of equals the first", () => {
  expect(nearest("staging-1", ["staging-22", "staging-2", "staging-3"])).toBe("staging-2");
});

test("nothing is near where there is nothing", () => {
  expect(nearest("dev", [])).toBeUndefined();
});

test("a word that is there is always found", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(), (words, index) => {
      const word = words[index % words.length]!;
      expect(nearest(word, words)?.toLowerCase()).toBe(word.toLowerCase());
    }),
  );
});
