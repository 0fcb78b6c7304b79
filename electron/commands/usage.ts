import { commonFlags } from "./arguments.ts";
import { examples } from "./examples.ts";
import type { Flag, Verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

const flagName = (name: string, { value, short }: Flag): string =>
  `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
};

/** What `evercred help` prints. */
export const usage =
  "Evercred keeps you signed in to AWS, Google Cloud and your LLM gateway.\n\n" +
  columns([
    ...verbs.map(({ name, words, summary }): [string, string] => [
      `evercred ${name}${words === "" ? "" : ` ${words}`}`,
      summary,
    ]),
    ["evercred version", "the version"],
    ["evercred help [VERB]", "this, or what a verb does"],
  ]) +
  "\nExit codes: 0 done, 1 failed, 2 usage, 3 sign-in needed, 4 no daemon, 5 refused, 6 timed out, 7 offline.\n";

/** What `evercred help VERB` prints. */
export const helpOf = (verb: Verb): string =>
  `evercred ${verb.name}${verb.words === "" ? "" : ` ${verb.words}`}: ${verb.summary}\n\n${verb.about}\n\n` +
  `  $ evercred ${examples[verb.name] ?? verb.name}\n\n` +
  columns(
    Object.entries({ ...verb.flags, ...commonFlags }).map(([name, flag]): [string, string] => [
      flagName(name, flag),
      flag.summary,
    ]),
  );
