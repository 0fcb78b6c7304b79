import { hostname, userInfo } from "node:os";

/** JSON. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What may stand in a claim for something of this machine. */
const words: Readonly<Record<string, () => string>> = {
  user: () => userInfo().username,
  hostname,
};

const wordForm = /\$\{([^}]*)\}/g;

/** The first word in claims, `${name}`, that nothing stands for. */
export const unknownWordIn = (value: Json): string | undefined => {
  if (typeof value === "string") {
    return [...value.matchAll(wordForm)].find(([, name = ""]) => !Object.hasOwn(words, name))?.[0];
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const word = unknownWordIn(inner);
    if (word !== undefined) return word;
  }
  return undefined;
};

/** Claims with what `${user}` and `${hostname}` stand for in all their texts. */
export const filledIn = (value: Json): Json => {
  if (typeof value === "string") {
    return value.replace(wordForm, (word, name: string) => words[name]?.() ?? word);
  }
  if (Array.isArray(value)) return value.map((inner: Json) => filledIn(inner));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filledIn(inner)]));
};
