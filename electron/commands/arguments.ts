import { parseArgs, type ParseArgsConfig } from "node:util";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Flag, Parsed, Verb } from "./verb.ts";

/** Flags that every verb takes. */
export const commonFlags: Readonly<Record<string, Flag>> = {
  help: { short: "h", summary: "say what this verb does" },
  version: { summary: "the version" },
  quiet: { short: "q", summary: "no messages but errors" },
  debug: { summary: "say on stderr what happens, without secrets" },
  "no-color": { summary: "no colours" },
  timeout: { value: "TIME", summary: "give up after this long: 30s, 5m" },
  yes: { summary: "take every question for answered with yes" },
};

const usage = (verb: Verb, sentence: string, remedy?: string): EvercredError =>
  new EvercredError("usage", sentence, { remedy: remedy ?? `See: evercred help ${verb.name}` });

type Options = NonNullable<ParseArgsConfig["options"]>;

interface Grammar {
  readonly flags: Readonly<Record<string, Flag>>;
  readonly options: Options;
}

const grammars = new WeakMap<Verb, Grammar>();

/** What a verb takes, as Node wants it. Made once: a verb is asked for at every request. */
const grammarOf = (verb: Verb): Grammar => {
  const known = grammars.get(verb);
  if (known !== undefined) return known;
  const flags = { ...commonFlags, ...verb.flags };
  const options: Options = {};
  for (const [name, { value, short }] of Object.entries(flags)) {
    const type = value === undefined ? "boolean" : "string";
    options[name] = short === undefined ? { type } : { type, short };
  }
  const grammar = { flags, options };
  grammars.set(verb, grammar);
  return grammar;
};

/** Takes apart what follows a verb. Throws `usage`, with the nearest flag there is. */
export const parse = (verb: Verb, args: readonly string[]): Parsed => {
  const { flags, options } = grammarOf(verb);
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, (string | undefined)[]>();
  const words: string[] = [];
  let hasProgram = false;
  for (const token of tokens) {
    if (token.kind === "option-terminator") {
      hasProgram = true;
      break;
    }
    if (token.kind === "positional") {
      words.push(token.value);
      continue;
    }
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined) {
      const near = nearest(token.name, Object.keys(flags));
      const hint = near === undefined ? undefined : `Did you mean --${near}?`;
      throw usage(verb, `evercred ${verb.name} has no flag ${token.rawName}.`, hint);
    }
    if (flag.value !== undefined && (token.value === undefined || token.value === "")) {
      throw usage(verb, `--${token.name} needs a value: --${token.name} ${flag.value}`);
    }
    if (flag.value === undefined && token.value !== undefined) {
      throw usage(verb, `--${token.name} takes no value.`);
    }
    if (token.name === "timeout" && token.value !== undefined) durationOf(token.value);
    given.set(token.name, [...(given.get(token.name) ?? []), token.value]);
  }
  if (hasProgram && verb.takesProgram !== true) {
    throw usage(verb, `evercred ${verb.name} runs no program: nothing may follow "--".`);
  }
  const extra = words[verb.most];
  if (extra !== undefined && !given.has("help")) {
    throw usage(verb, `evercred ${verb.name} does not know what to do with "${extra}".`);
  }
  const values = (flag: string): readonly string[] =>
    (given.get(flag) ?? []).filter((value) => value !== undefined);
  return {
    words,
    hasProgram,
    has: (flag) => given.has(flag),
    value: (flag) => values(flag).at(-1),
    values,
  };
};

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** The milliseconds of `90s`, `15m`, `8h` or `30d`. Throws `usage` for anything else. */
export const durationOf = (text: string): number => {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (match === null || unit === undefined) {
    throw new EvercredError("usage", `"${text}" is not a length of time.`, {
      remedy: "Write it as 90s, 15m, 8h or 30d.",
    });
  }
  return Number(match[1]) * unit * 1_000;
};
