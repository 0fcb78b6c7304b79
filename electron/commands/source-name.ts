import { EvercredError } from "../core/errors.ts";
import { ownKinds } from "./api-key-kinds.ts";
import type { Context, Parsed } from "./verb.ts";

/** The ID that a command line names. Throws `usage` where there is none. */
export const sourceNameOf = ({ words: [id] }: Parsed): string => {
  if (id !== undefined && /^[a-z0-9-]{1,32}$/.test(id)) return id;
  const sentence = id === undefined ? "Which source?" : `"${id}" is no ID of a source.`;
  throw new EvercredError("usage", sentence, {
    remedy: "An ID is of a-z, 0-9 and dashes, of 32 characters at most.",
  });
};

/** Whether this is the name of a key that is a source of its own: `api-key list` names it, and not `source list`. */
export const isKeyItself = (id: string, context: Context): boolean => {
  const { keys } = context.settings();
  const kind = Object.hasOwn(keys, id) ? keys[id]?.kind : undefined;
  return kind !== undefined && ownKinds.has(kind);
};

/** Why a source of the configuration is not there. */
export const unusableSource = (id: string, context: Context): EvercredError => {
  const problems = context.problems();
  const isOfIt = new RegExp(String.raw`\bsources\.${id}\b(?!-)`);
  const problem = problems.find(({ sentence }) => isOfIt.test(sentence)) ?? problems[0];
  const sentence = `The source ${id} cannot be used.`;
  if (problem === undefined) {
    return new EvercredError("config-invalid", sentence, {
      remedy: `Check sources.${id} in ${context.daemon.configFile}.`,
    });
  }
  return new EvercredError("config-invalid", `${sentence} ${problem.sentence}`, {
    remedy: problem.remedy,
  });
};
