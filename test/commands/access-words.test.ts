import { expect, test } from "vitest";
import { accessLines } from "../../electron/commands/access-words.ts";

test("what was found is a line for each thing, and one for what to do", () => {
  expect(
    accessLines([
      { what: "a", verdict: "allowed", sentence: "It is.", remedy: undefined },
      { what: "b", verdict: "refused", sentence: "It is not.", remedy: "Do this." },
      { what: "c", verdict: "not-checked", sentence: "Who knows.", remedy: undefined },
    ]),
  ).toEqual([
    "allowed      a: It is.",
    "refused      b: It is not.",
    "             Do this.",
    "not checked  c: Who knows.",
  ]);
});

test("what others say moves no cursor", () => {
  const check = {
    verdict: "refused",
    what: "\u001b[2Ja",
    sentence: "b\nc",
    remedy: "\rd",
  } as const;
  expect(accessLines([check])).toEqual(["refused      [2Ja: b c", "             d"]);
});
