import { describe, expect, test } from "vitest";
import { errorTable } from "../../electron/core/errors.ts";
import { de } from "../../electron/protocol/texts/de.ts";
import { en } from "../../electron/protocol/texts/en.ts";
import { ja } from "../../electron/protocol/texts/ja.ts";

/** What is the same in any language: names of products, and commands. */
const names = ["Bedrock", "Claude Code", "Vertex AI", "npm install -g @anthropic-ai/claude-code"];

/** What is the same as in English: names, and words that a language shares with it. */
const shared: Readonly<Record<string, readonly string[]>> = {
  German: [...names, "App", "Browser…", "Gateway", "Log", "Proxy", "Version"],
  Japanese: names,
};

/** One text: what it says where each parameter stands as its name, in ‹›. */
interface Text {
  readonly path: string;
  readonly said: string;
}

/** Each parameter, as its name. */
const markers = new Proxy({}, { get: (_, name) => `‹${String(name)}›` });

const saidBy = (text: unknown): string => {
  const said: unknown =
    typeof text === "function" ? (text as (of: unknown) => unknown)(markers) : text;
  return Array.isArray(said) ? said.join("") : String(said);
};

/** All texts of a language, by where they stand: `menu.quit`. */
const textsOf = (section: object, above = ""): readonly Text[] =>
  Object.entries(section).flatMap(([name, text]: [string, unknown]) => {
    const path = `${above}${name}`;
    // Of an error there is more in its table than what it says.
    if (name === "exit" || name === "icon") return [];
    if (typeof text === "object" && text !== null) return textsOf(text, `${path}.`);
    return [{ path, said: saidBy(text) }];
  });

const parametersIn = (said: string): readonly string[] =>
  [...new Set(said.match(/‹[^›]*›/g))].sort();

/** Whether there is anything to translate in it. */
const hasWords = (said: string): boolean => /\p{L}/u.test(said.replaceAll(/‹[^›]*›/g, ""));

const english = new Map(textsOf(en).map(({ path, said }) => [path, said]));

test("what the table of errors says stands nowhere twice", () => {
  expect(en.errors).toBe(errorTable);
});

describe.each([
  ["German", de],
  ["Japanese", ja],
])("%s", (language, texts) => {
  const translated = textsOf(texts);

  test("says all that English says, and nothing else", () => {
    expect(translated.map(({ path }) => path).sort()).toEqual(
      [...english.keys()].filter((path) => !/^errors\.[^.]*\.(exit|icon)$/.test(path)).sort(),
    );
  });

  test("is translated, but for what is the same in both", () => {
    const same = translated.filter(
      ({ path, said }) => hasWords(said) && english.get(path) === said,
    );
    expect([...new Set(same.map(({ said }) => said))].sort()).toEqual(
      [...(shared[language] ?? [])].sort(),
    );
  });

  test("is silent where English is, and nowhere else", () => {
    const silent = (said: string | undefined): boolean => said?.trim() === "";
    const otherwise = translated.filter(
      ({ path, said }) => silent(said) !== silent(english.get(path)),
    );
    expect(otherwise).toEqual([]);
  });

  test("names what English names", () => {
    const otherwise = translated.filter(
      ({ path, said }) =>
        parametersIn(said).join() !== parametersIn(english.get(path) ?? "").join(),
    );
    expect(otherwise).toEqual([]);
  });
});

test.each([
  [0, 1, "1 key needed", "1 Schlüssel nötig", "1 件のキーが必要です"],
  [2, 0, "2 sign-ins needed", "2 Anmeldungen nötig", "2 件のサインインが必要です"],
  [
    1,
    2,
    "1 sign-in and 2 keys needed",
    "1 Anmeldung und 2 Schlüssel nötig",
    "1 件のサインインと 2 件のキーが必要です",
  ],
])("%i sign-ins and %i keys are counted as each language counts", (signIns, keys, ...expected) => {
  expect([en, de, ja].map(({ headline }) => headline.needed({ signIns, keys }))).toEqual(expected);
});
