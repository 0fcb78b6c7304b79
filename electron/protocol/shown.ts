import { shownName } from "../core/caller.ts";

/** So much of a name is read, in characters. */
const nameLength = 200;

/** So much of a sentence. */
const sentenceLength = 600;

/** So much of each end of a path. */
const pathEnd = 200;

/** Marks above and below a letter: no script needs more, and more of them would cover the lines around. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * A name that others have given, as people may see it: at most so long, in characters, and without what could move, hide
 * or turn around the words about it.
 */
export const shown = (name: string, most = nameLength): string => {
  const characters = charactersOf(name, most);
  return characters === undefined ? inert(name) : `${inert(characters.slice(0, most - 1))}…`;
};

/** A sentence with words of others in it, likewise: on one line. */
export const shownSentence = (sentence: string): string =>
  shown(sentence.replace(/\s+/gu, " ").trim(), sentenceLength);

/** A path, likewise: with both its ends. */
export const shownPath = (path: string): string => {
  const characters = charactersOf(path, 2 * pathEnd + 1);
  if (characters === undefined) return inert(path);
  return `${inert(characters.slice(0, pathEnd))}…${inert(characters.slice(-pathEnd))}`;
};

/** The characters of a text that has more of them than `most`. None is cut in two; what is short is not taken apart. */
const charactersOf = (text: string, most: number): readonly string[] | undefined => {
  if (text.length <= most) return undefined;
  const characters = Array.from(text);
  return characters.length <= most ? undefined : characters;
};

const inert = (text: string | readonly string[]): string =>
  shownName(typeof text === "string" ? text : text.join("")).replace(piledMarks, "$1");
