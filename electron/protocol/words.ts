import { de } from "./texts/de.ts";
import { en, type Texts } from "./texts/en.ts";
import { ja } from "./texts/ja.ts";

/** The languages that there are. */
export type Language = "en" | "de" | "ja";

/** A person's choice of them; `system`: as the desktop has it. */
export type LanguageSetting = "system" | Language;

/** In what words people are spoken to, and how their times are written. */
export interface Words {
  readonly language: Language;
  /** BCP 47, of times and numbers; undefined in the terminal, whose hours are always 24. */
  readonly locale: string | undefined;
  readonly texts: Texts;
}

const textsOf: Readonly<Record<Language, Texts>> = { en, de, ja };

/** All languages, for a choice among them, by what they call themselves. */
export const languages: readonly (readonly [Language, string])[] = [
  ["en", "English"],
  ["de", "Deutsch"],
  ["ja", "日本語"],
];

/** The terminal's words. */
export const english: Words = { language: "en", locale: undefined, texts: en };

const made = new Map<string, Words>();

/** The words of a language, with times as the desktop's locale writes them. Equal arguments give the same object. */
export const wordsFor = (language: Language, systemLocale: string): Words => {
  const key = `${language} ${systemLocale}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const words = { language, locale: localeOf(language, systemLocale), texts: textsOf[language] };
  made.set(key, words);
  return words;
};

/** The desktop's locale where it is of that language; else the language, with the desktop's hours. */
const localeOf = (language: Language, systemLocale: string): string => {
  const system = parsed(systemLocale);
  if (system === undefined) return language;
  if (system.language === language) return system.toString();
  const { hourCycle } = new Intl.DateTimeFormat(system, { hour: "numeric" }).resolvedOptions();
  return hourCycle === undefined ? language : new Intl.Locale(language, { hourCycle }).toString();
};

/** Undefined where a desktop calls its locale by no name of BCP 47: `C`. */
const parsed = (locale: string): Intl.Locale | undefined => {
  try {
    return new Intl.Locale(locale);
  } catch {
    return undefined;
  }
};

/** The language to speak: the chosen one, or the first of the preferred ones that there is. */
export const languageOf = (setting: LanguageSetting, preferred: readonly string[]): Language => {
  if (setting !== "system") return setting;
  for (const tag of preferred) {
    const wanted = parsed(tag)?.language;
    const found = languages.find(([language]) => language === wanted);
    if (found !== undefined) return found[0];
  }
  return "en";
};
