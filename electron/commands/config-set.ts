import type { Caller } from "../core/caller.ts";
import { EvercredError, hasCode } from "../core/errors.ts";
import { makerOf } from "../core/limits.ts";
import { foundAt, nameOf, pathOf, shownValue, unknownSetting } from "./config-name.ts";
import { plain } from "./plain.ts";
import type { ConfigValue } from "./ports.ts";
import type { Context, Reply, Verb } from "./verb.ts";

/** Sets one setting. */
export const configSet: Verb = {
  name: "config set",
  summary: "set one setting",
  words: "NAME VALUE",
  // What follows may be a secret, which no error may repeat.
  most: Number.POSITIVE_INFINITY,
  flags: {},
  about:
    "Writes VALUE into the configuration, and leaves all else there as it is; it is in force at once. VALUE is JSON where it reads as such, else a text: 30m, true, '[\"0 9 * * 1-5\"]'. NAME is written with dots, as for config get. A value that cannot stand there is refused, and so is what looks like a secret: that is entered with evercred api-key set.",
  async run(parsed, { caller }, reply, context) {
    const path = pathOf(parsed);
    const [, written, ...others] = parsed.words;
    if (written === undefined || others.length > 0) {
      const sentence = written === undefined ? "Which value?" : "One value is taken, and no more.";
      throw new EvercredError("usage", sentence, {
        remedy: "Write: evercred config set NAME VALUE, and a value with blanks in quotes.",
      });
    }
    const known = troublesOf(context);
    const value = valueOf(written);
    const isChanged = await changedBy(caller, path, context, () =>
      set(path, value, written, context).catch((thrown: unknown) => {
        throw (hasCode(thrown, "usage") ? withoutEntry(path, context) : undefined) ?? thrown;
      }),
    );
    const name = plain(nameOf(path));
    const shown = plain(shownValue(value));
    reply.print(isChanged ? `${name} is now ${shown}` : `${name} is ${shown} already.`);
    sayNewTroubles(known, reply, context);
    return 0;
  },
};

/** Has the record tell who turns consent on or off. */
const changedBy = (
  caller: Caller,
  [section]: readonly string[],
  { consents }: Context,
  change: () => Promise<boolean>,
): Promise<boolean> => (section === "consent" ? consents.changedBy(caller, change) : change());

/** A number or a truth value may have been meant as a text: where it cannot stand, its text may. */
const set = async (
  path: readonly string[],
  value: ConfigValue,
  written: string,
  { config }: Context,
): Promise<boolean> => {
  try {
    return await config.set(path, value);
  } catch (thrown) {
    if (typeof value === "object" || !hasCode(thrown, "usage")) throw thrown;
    try {
      return await config.set(path, written);
    } catch {
      throw thrown;
    }
  }
};

/** Sources that are there by themselves, by what other tools have. */
const foundKinds: readonly string[] = ["aws-sso", "google-adc"];

/** A part cannot stand alone where the configuration says nothing of its source: not even the kind. */
const withoutEntry = (
  [section, id = "", ...part]: readonly string[],
  { broker, configReader }: Context,
): EvercredError | undefined => {
  if (section !== "sources" || part.length === 0) return undefined;
  if (foundAt([section, id], configReader.settings()).kind !== "unknown") return undefined;
  const source = broker.session(id)?.source;
  if (source?.id !== id || !foundKinds.includes(source.kind)) return undefined;
  const sentence = `${id} was found by itself, and has no entry in the configuration yet.`;
  const name = nameOf([section, id]);
  return new EvercredError("usage", sentence, {
    remedy: `Make one first: evercred config set ${name} '${JSON.stringify({ kind: source.kind })}'`,
  });
};

const valueOf = (written: string): ConfigValue => {
  let value: unknown;
  try {
    value = JSON.parse(written, (_name, each: unknown) => {
      if (each !== null) return each;
      throw new EvercredError("usage", "null is no value of a setting.", {
        remedy: "To take a setting out: evercred config unset NAME",
      });
    });
  } catch (thrown) {
    if (thrown instanceof EvercredError) throw thrown;
    if (/^\s*[[{]/.test(written)) throw cutJson();
    return written;
  }
  return value as ConfigValue;
};

/** As a text it would be taken for another thing: a command line, for one. */
const cutJson = (): EvercredError =>
  new EvercredError("usage", "The value begins as JSON does, and is none.", {
    remedy: "Keep your shell from taking it apart: put it into single quotes.",
  });

/** Takes one setting out. */
export const configUnset: Verb = {
  name: "config unset",
  summary: "take one setting out of your configuration",
  words: "NAME",
  most: 1,
  flags: {},
  about:
    "Takes NAME out of the configuration, and leaves all else there as it is: what is built in is in force again at once. A whole source or key goes as well; its sign-in or secret is kept, unlike with evercred source rm and evercred api-key rm.",
  async run(parsed, { caller }, reply, context) {
    const path = pathOf(parsed);
    const known = troublesOf(context);
    const isChanged = await changedBy(caller, path, context, () =>
      context.config.set(path, undefined),
    );
    const found = foundAt(path, context.configReader.settings());
    if (!isChanged && found.kind === "unknown") throw unknownSetting(path, context);
    const name = plain(nameOf(path));
    const first = isChanged ? `${name} is taken out` : `${name} was not set`;
    reply.print(
      `${first}${found.kind === "value" ? `; ${rest(path, found.value, context)}` : "."}`,
    );
    sayNewTroubles(known, reply, context);
    return 0;
  },
};

/** What is in force where the file says nothing. */
const rest = (path: readonly string[], value: ConfigValue, context: Context): string => {
  const shown = plain(shownValue(value));
  const { policy, configReader } = context;
  const isDefault = configReader
    .settings()
    .some(
      (each) => each.setBy === "policy-default" && path.every((part, at) => each.path[at] === part),
    );
  return isDefault ? `${makerOf(policy.rule)} has ${shown}` : `built in is ${shown}`;
};

const troublesOf = (context: Context): ReadonlySet<string> =>
  new Set(context.problems().map(({ sentence }) => sentence));

/** What can stand in the file may still not work: a source that its provider's own files do not know. */
const sayNewTroubles = (known: ReadonlySet<string>, reply: Reply, context: Context): void => {
  for (const { sentence, remedy } of context.problems()) {
    if (!known.has(sentence)) reply.say(plain(`${sentence} ${remedy}`));
  }
};
