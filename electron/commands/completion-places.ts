import { commonFlags } from "./arguments.ts";
import type { Flag, Verb } from "./verb.ts";

/** A flag as a shell offers it. */
export interface FlagChoice {
  /** Without the dashes. */
  readonly name: string;
  readonly short: string | undefined;
  /** What follows it. */
  readonly takes: "nothing" | "a file" | "a value";
  readonly summary: string;
}

/** What may follow some words of a command line. */
export interface Place {
  /** `aws`, `aws export`; empty: nothing yet. */
  readonly at: string;
  /** Further words of a verb, each with what it is. */
  readonly words: readonly (readonly [word: string, summary: string])[];
  readonly flags: readonly FlagChoice[];
}

/** Every place of a command line at which something can be offered. */
export const placesOf = (verbs: readonly Verb[]): readonly Place[] => {
  const chains = [...verbs.flatMap(chainsOf), ...ownChains];
  const ats = new Set(chains.flatMap(({ words }) => words.map((_, at) => joined(words, at))));
  for (const { name } of verbs) ats.add(name);
  return [...ats].map((at) => ({
    at,
    words: followers(at, chains),
    flags: flagsAt(
      at,
      verbs.find(({ name }) => name === at),
    ),
  }));
};

/** Words that may stand one after the other. */
interface Chain {
  readonly words: readonly string[];
  readonly summary: string;
}

const chainsOf = ({ name, words, summary }: Verb): readonly Chain[] => [
  { words: name.split(" "), summary },
  // Words that are named one by one: `bash|zsh`, `[home|help]`.
  ...(/^\[?([a-z]+(?:\|[a-z]+)+)\]?$/.exec(words)?.[1]?.split("|") ?? []).map((word) => ({
    words: [...name.split(" "), word],
    summary: "",
  })),
];

/** What is no verb of the daemon's. */
const ownChains: readonly Chain[] = [
  { words: ["version"], summary: "the version" },
  { words: ["help"], summary: "what there is, or what a verb does" },
];

const joined = (words: readonly string[], count: number): string => words.slice(0, count).join(" ");

/** Of a family of verbs nothing is said that only one of them is. */
const followers = (at: string, chains: readonly Chain[]): Place["words"] => {
  const found = new Map<string, string>();
  const depth = at === "" ? 0 : at.split(" ").length;
  for (const { words, summary } of chains) {
    const word = words[depth];
    if (word === undefined || joined(words, depth) !== at) continue;
    if (words.length === depth + 1) found.set(word, summary);
    else if (!found.has(word)) found.set(word, "");
  }
  return [...found];
};

const flagsAt = (at: string, verb: Verb | undefined): readonly FlagChoice[] => {
  if (verb !== undefined) return Object.entries({ ...verb.flags, ...commonFlags }).map(choiceOf);
  if (at !== "") return [];
  return Object.entries(commonFlags)
    .filter(([name]) => name === "help" || name === "version")
    .map(choiceOf);
};

const choiceOf = ([name, { value, short, summary }]: readonly [string, Flag]): FlagChoice => ({
  name,
  short,
  takes: value === undefined ? "nothing" : fileValues.has(value) ? "a file" : "a value",
  summary,
});

/** How help calls values that are in the file system. */
const fileValues: ReadonlySet<string> = new Set(["FILE", "FOLDER"]);
