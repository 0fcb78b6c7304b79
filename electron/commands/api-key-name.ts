import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { targetOf } from "../core/source.ts";
import { type NamedRoute, routeOnBridge } from "./on-bridge.ts";
import type { Context, Parsed, Request } from "./verb.ts";

/** The verbs of the family: `evercred api-key list` is one of them, and never a key. */
const reserved: ReadonlySet<string> = new Set(["add", "set", "rm", "list", "show", "test", "help"]);

/** What a key may be called, as any ID of the configuration. */
const id = /^[a-z0-9-]{1,32}$/;

/** Whether a new key may have this name. */
export const isKeyName = (name: string): boolean => id.test(name) && !reserved.has(name);

/**
 * So many words a verb for a key takes apart itself: what follows the name may be the secret, which no error may
 * repeat.
 */
export const anyWords = Number.POSITIVE_INFINITY;

/** The name that a command line names. Throws `usage` where there is none, or more than that. */
export const keyNameOf = (parsed: Parsed, context: Context): string => {
  const [name, ...others] = parsed.words;
  if (others.length > 0) {
    const sentence =
      "After the name nothing is taken: other programs can read a command line, and shells keep it.";
    throw new EvercredError("usage", sentence, {
      remedy: `If that was a secret, have it replaced. Enter the new one with: evercred api-key set NAME`,
    });
  }
  if (name === undefined) {
    throw new EvercredError("usage", "Which key?", { remedy: whatThereIs(context) });
  }
  if (reserved.has(name)) {
    throw new EvercredError("usage", `"${name}" is a verb, and no name of a key.`, {
      remedy: "See: evercred help api-key",
    });
  }
  // It may be the secret itself: it is not repeated.
  if (!id.test(name)) {
    throw new EvercredError("usage", "That is no name of a key.", {
      remedy: "A name is of a-z, 0-9 and dashes, of 32 characters at most.",
    });
  }
  return name;
};

/** The key of this name, over a bridge the one that is served there, and where it leads. Throws why there is none. */
export const keyRouteOf = (name: string, request: Request, context: Context): NamedRoute => {
  if (request.bridge !== undefined) return routeOnBridge("api-key", name, request.bridge, context);
  const target = targetOf("api-key", name);
  if (!context.broker.targets.includes(target)) throw absent(name, context);
  return { name, target, ...context.broker.route(target) };
};

/** Throws unless the configuration has a key of this name. */
export const checkKnown = (name: string, context: Context): void => {
  if (!Object.hasOwn(context.settings().keys, name)) throw absent(name, context);
};

/** Why nothing hands out a key of this name: there is no such key, or it cannot be used as it is configured. */
export const absent = (name: string, context: Context): EvercredError => {
  const { keys } = context.settings();
  if (Object.hasOwn(keys, name)) return unusable(name, context);
  const near = nearest(name, Object.keys(keys));
  return new EvercredError("unknown-name", `There is no key ${name}.`, {
    remedy: near === undefined ? whatThereIs(context) : `Did you mean ${near}?`,
  });
};

const unusable = (name: string, context: Context): EvercredError => {
  const problems = context.problems();
  const isOfIt = new RegExp(String.raw`\bkeys\.${name}\b(?!-)`);
  const problem = problems.find(({ sentence }) => isOfIt.test(sentence)) ?? problems[0];
  if (problem === undefined) {
    return new EvercredError("config-invalid", `Nothing gives the key ${name}.`, {
      remedy: `Check keys.${name} in ${context.daemon.configFile}.`,
    });
  }
  const sentence = `The key ${name} cannot be used. ${problem.sentence}`;
  return new EvercredError("config-invalid", sentence, { remedy: problem.remedy });
};

const whatThereIs = (context: Context): string => {
  const names = Object.keys(context.settings().keys).sort();
  return names.length > 0
    ? `There are ${names.join(", ")}.`
    : "Add one: evercred api-key add NAME --kind KIND";
};
