import { type ErrorCode, errorTable } from "../core/errors.ts";
import type { Trouble } from "./view.ts";
import type { Words } from "./words.ts";

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);

/**
 * What to show of a trouble. What the table of errors says is said in the reader's language; what was put together for
 * the occasion stays as it is, the same as in the terminal.
 */
export const troubleWords = (
  { code, sentence, remedy }: Trouble,
  { texts }: Words,
): { readonly sentence: string; readonly remedy: string } => {
  if (!isErrorCode(code)) return { sentence, remedy };
  const known = errorTable[code];
  const own = texts.errors[code];
  return {
    sentence: sentence === known.sentence ? own.sentence : sentence,
    remedy: remedy === known.remedy ? own.remedy : remedy,
  };
};

/** The sentence of a trouble as a part of another one. */
export const troublePart = (trouble: Trouble, words: Words): string =>
  words.texts.headline.part(troubleWords(trouble, words));

/** A code as a reason in a few words: an English code says it as it stands. */
export const codeWords = (code: string, { language, texts }: Words): string =>
  language === "en" || !isErrorCode(code)
    ? code.replaceAll("-", " ")
    : texts.headline.part(texts.errors[code]);
