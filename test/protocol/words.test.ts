import { describe, expect, test } from "vitest";
import { errorTable } from "../../electron/core/errors.ts";
import { codeWords, troublePart, troubleWords } from "../../electron/protocol/trouble-words.ts";
import { english, languageOf, wordsFor } from "../../electron/protocol/words.ts";

test.each([
  ["system", ["de-AT", "en"], "de"],
  ["system", ["fr-CA", "ja-JP", "de"], "ja"],
  ["system", ["fr", "it"], "en"],
  ["system", [], "en"],
  ["system", ["C", "de_AT"], "en"],
  ["system", ["DE-ch"], "de"],
  ["system", ["deu"], "de"],
  ["en", ["de-AT"], "en"],
  ["ja", ["de-AT"], "ja"],
] as const)("of %s, where people prefer %j, the language is %s", (setting, preferred, expected) => {
  expect(languageOf(setting, preferred)).toBe(expected);
});

test("words are made once", () => {
  expect(wordsFor("de", "de-AT")).toBe(wordsFor("de", "de-AT"));
  expect(wordsFor("de", "de-AT")).not.toBe(wordsFor("de", "de-CH"));
});

test("what has been told to the window is the same there", () => {
  const here = wordsFor("ja", "en-US");
  expect(wordsFor("ja", here.locale ?? "")).toEqual(here);
});

test.each(["", "C", "POSIX_"])(
  "a desktop whose locale is %j has that of the language",
  (locale) => {
    expect(wordsFor("de", locale).locale).toBe("de");
  },
);

describe("a trouble", () => {
  const { sentence, remedy } = errorTable.unreachable;
  const german = wordsFor("de", "de-DE");
  const own = {
    sentence: "Der Anbieter ist nicht erreichbar.",
    remedy: "Prüfen Sie das Netzwerk.",
  };

  test("that the table of errors knows is said in the reader's language", () => {
    expect(troubleWords({ code: "unreachable", sentence, remedy }, german)).toEqual(own);
  });

  test("whose sentence was put together for the occasion keeps it, and the other way round", () => {
    expect(
      troubleWords({ code: "unreachable", sentence: "No way to a.example.", remedy }, german),
    ).toEqual({ ...own, sentence: "No way to a.example." });
    expect(troubleWords({ code: "unreachable", sentence, remedy: "Wait." }, german)).toEqual({
      ...own,
      remedy: "Wait.",
    });
  });

  test.each(["keychain-memory", "toString"])("of the code %s is said as it is", (code) => {
    expect(troubleWords({ code, sentence, remedy }, german)).toEqual({ sentence, remedy });
  });

  test("is the same in English as in the terminal", () => {
    for (const [code, entry] of Object.entries(errorTable)) {
      expect(troubleWords({ code, ...entry }, english)).toEqual({
        sentence: entry.sentence,
        remedy: entry.remedy,
      });
    }
  });

  test("is a part of a sentence as each language has it", () => {
    const trouble = { code: "unreachable", sentence, remedy };
    expect(
      [english, german, wordsFor("ja", "ja-JP")].map((each) => troublePart(trouble, each)),
    ).toEqual([
      "the provider cannot be reached",
      "Der Anbieter ist nicht erreichbar",
      "プロバイダーに接続できません",
    ]);
  });

  test("is a reason in a few words", () => {
    expect(codeWords("provider-unavailable", english)).toBe("provider unavailable");
    expect(codeWords("unreachable", german)).toBe("Der Anbieter ist nicht erreichbar");
    expect(codeWords("no-such-code", german)).toBe("no such code");
  });
});
