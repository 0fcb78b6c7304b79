import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Target } from "../core/source.ts";
import type { Context } from "./verb.ts";

/** The targets that these words name, each once. Throws `unknown-name`, with the nearest one there is. */
export const targetsOf = (words: readonly string[], { broker }: Context): readonly Target[] => {
  const known = new Map<string, Target>(broker.targets.map((target) => [target, target]));
  const targets = words.map((word) => {
    const target = known.get(word);
    if (target !== undefined) return target;
    const near = nearest(word, known.keys());
    const all = [...known.keys()].sort();
    throw new EvercredError("unknown-name", `There is no ${word} to be served.`, {
      remedy:
        near !== undefined
          ? `Did you mean ${near}?`
          : all.length === 0
            ? "See: evercred status"
            : `There are ${all.join(", ")}.`,
    });
  });
  return [...new Set(targets)];
};
