import { resolve } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { durationOf } from "./arguments.ts";
import { plainWordsOf } from "./command-words.ts";
import { scopeOf } from "./gcp-ask.ts";
import type { ConfigValue } from "./ports.ts";
import type { Parsed, Request, Verb } from "./verb.ts";

/** What a flag's values are in the configuration. Throws `usage` for what cannot be meant. */
type Reader = (values: readonly string[], cwd: string) => ConfigValue;

/** Where in an entry of the configuration a flag stands, and how. */
export type Field = readonly [name: string, read: Reader];

/** A kind of what can be added to the configuration. */
export interface Kind {
  /** By flag, all that an entry of this kind may have. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The flags without which there is no such entry. */
  readonly needs: readonly string[];
}

/** Kinds by name, and what they are kinds of: `key`. */
export interface Kinds {
  readonly what: string;
  readonly kinds: Readonly<Record<string, Kind>>;
}

/** An entry of the configuration. */
export type Entry = { readonly kind: string } & Readonly<Record<string, ConfigValue>>;

/**
 * What a command line would have in the configuration, of the kind that it names. Throws `usage` where a flag is of
 * another kind, or one is missing; of what `isKnown` already none is missing.
 */
export const entryOf = (
  { what, kinds }: Kinds,
  verb: Pick<Verb, "name">,
  parsed: Parsed,
  { cwd }: Pick<Request, "cwd">,
  isKnown = false,
): Entry => {
  const name = kindOf({ what, kinds }, verb, parsed);
  const { fields, needs } = kinds[name] ?? { fields: {}, needs: [] };
  const isGiven = (flag: string): boolean => parsed.values(flag).length > 0;
  const all = Object.values(kinds).flatMap((kind) => Object.keys(kind.fields));
  const foreign = all.find((flag) => isGiven(flag) && !Object.hasOwn(fields, flag));
  if (foreign !== undefined) {
    const owners = Object.keys(kinds).filter((kind) => foreign in (kinds[kind]?.fields ?? {}));
    throw new EvercredError("usage", `A ${what} of kind ${name} has no --${foreign}.`, {
      remedy: `That belongs to ${listed(owners)}.`,
    });
  }
  const missing = isKnown ? [] : needs.filter((flag) => !isGiven(flag));
  if (missing.length > 0) {
    const flags = missing.map((flag) => `--${flag}`);
    throw new EvercredError("usage", `A ${what} of kind ${name} needs ${listed(flags)}.`, {
      remedy: `See: evercred help ${verb.name}`,
    });
  }
  const given = Object.entries(fields).filter(([flag]) => isGiven(flag));
  const values = given.map(([flag, [field, read]]): [string, ConfigValue] => [
    field,
    read(parsed.values(flag), cwd),
  ]);
  // No field of any kind is called so.
  return { kind: name, ...Object.fromEntries(values) };
};

const kindOf = ({ what, kinds }: Kinds, { name }: Pick<Verb, "name">, parsed: Parsed): string => {
  const named = parsed.value("kind");
  if (named !== undefined && Object.hasOwn(kinds, named)) return named;
  const near = named === undefined ? undefined : nearest(named, Object.keys(kinds));
  const sentence =
    named === undefined ? `Which kind of ${what}?` : `There is no kind of ${what} ${named}.`;
  throw new EvercredError("usage", sentence, {
    remedy:
      near === undefined
        ? `Write --kind with one of ${Object.keys(kinds).join(", ")}. See: evercred help ${name}`
        : `Did you mean --kind ${near}?`,
  });
};

/** `a`, `a and b`, `a, b and c`. */
const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;

const lastOf = (values: readonly string[]): string => values.at(-1) ?? "";

/** As it was written; of several the last one. */
export const text: Reader = lastOf;

/** Each time that it was given. */
export const texts: Reader = (values) => values;

/** A text where it was given once, else all of them. */
export const textOrTexts: Reader = (values) => (values.length === 1 ? lastOf(values) : values);

/** A length of time, as the configuration writes it too. */
export const duration: Reader = (values) => {
  const written = lastOf(values);
  durationOf(written);
  return written;
};

/** Scopes with commas or blanks between them. */
export const scopes: Reader = (values) => items(values);

/** Google's scopes, by their whole names. */
export const googleScopes: Reader = (values) => items(values).map(scopeOf);

/** Service accounts with commas between them. */
export const accounts: Reader = (values) => items(values);

const items = (values: readonly string[]): readonly string[] => {
  const found = values.flatMap((value) => value.split(/[\s,]+/)).filter((item) => item !== "");
  if (found.length > 0) return found;
  throw new EvercredError("usage", "A list with nothing in it was not meant.", {
    remedy: "Write what is in it with commas, or leave the flag out.",
  });
};

/** A file or a folder: one that is named from where the caller is, by its whole path. */
export const path: Reader = (values, cwd) => {
  const written = lastOf(values);
  const isOfHome = /^(?:~[/\\]|\$\{HOME\})/.test(written);
  return isOfHome ? written : resolve(cwd, written);
};

/** A program and its arguments where the line is no more than that, else a line for the shell. */
export const commandLine: Reader = (values) => {
  const line = lastOf(values);
  return plainWordsOf(line) ?? line;
};

/** A program and its arguments. */
export const program: Reader = (values) => {
  const words = plainWordsOf(lastOf(values));
  if (words !== undefined) return words;
  throw new EvercredError("usage", "The program that signs in is run without a shell.", {
    remedy: "Write it and its arguments without quotes, or as a list into the configuration.",
  });
};

/** Variables: `NAME=VALUE`. */
export const variables: Reader = (values) => Object.fromEntries(values.map(pairOf));

/** Claims: `NAME=VALUE`, where VALUE is JSON if it reads as such, else a text; never another one than was written. */
export const claims: Reader = (values) =>
  Object.fromEntries(
    values.map((pair): readonly [string, ConfigValue] => {
      const [name, written] = pairOf(pair);
      const value = jsonOf(written);
      checkClaim(name, value, written);
      return [name, value ?? written];
    }),
  );

const pairOf = (value: string): readonly [string, string] => {
  const at = value.indexOf("=");
  if (at > 0) return [value.slice(0, at), value.slice(at + 1)];
  throw new EvercredError("usage", "A name and a value are written as NAME=VALUE.");
};

/** Undefined where it is no JSON. */
const jsonOf = (written: string): ConfigValue | null | undefined => {
  try {
    return JSON.parse(written) as ConfigValue | null;
  } catch {
    return undefined;
  }
};

const checkClaim = (name: string, value: ConfigValue | null | undefined, written: string): void => {
  if (value === null) {
    throw new EvercredError("usage", `The claim ${name} has no value.`, {
      remedy: `Leave it out, or write --claim '${name}="null"' for the text.`,
    });
  }
  const numbers = value === undefined ? [] : numbersIn(written);
  const lost = numbers.find((number) => digitsOf(number) !== digitsOf(String(Number(number))));
  if (lost === undefined) return;
  const sentence = `The number ${lost} in the claim ${name} would lose digits.`;
  throw new EvercredError("usage", sentence, {
    remedy: `Write it as a text, in quotes of its own: '"${lost}"'`,
  });
};

/** The numbers in a JSON text, as they are written. */
const numbersIn = (json: string): readonly string[] =>
  json.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/\d[\d.]*(?:[eE][+-]?\d+)?/g) ?? [];

/** The digits of a number that count, without those that only say how large it is. */
const digitsOf = (number: string): string =>
  number
    .replace(/[eE].*$/, "")
    .replace(".", "")
    .replace(/^0+|0+$/g, "");
