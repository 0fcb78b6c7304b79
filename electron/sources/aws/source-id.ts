import { createHash } from "node:crypto";

const maxLength = 32;

/** A name made to fit `[a-z0-9-]{1,32}`. */
export const fitId = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, maxLength)
    .replace(/-$/, "") || "aws";

/**
 * Ids for names, in the same order, none of them twice and none that is taken. A name that fits as it
 * is keeps its own; of those that collide the first has the plain id, the others a hash of their name.
 */
export const assignIds = (
  names: readonly string[],
  taken: ReadonlySet<string>,
): readonly string[] => {
  const used = new Set(taken);
  const ids = new Map<number, string>();
  const claim = (index: number, id: string): void => {
    used.add(id);
    ids.set(index, id);
  };
  names.forEach((name, index) => {
    if (fitId(name) === name && !used.has(name)) claim(index, name);
  });
  names.forEach((name, index) => {
    if (ids.has(index)) return;
    const id = fitId(name);
    claim(index, used.has(id) ? hashedId(name, id, used) : id);
  });
  return names.map((name, index) => ids.get(index) ?? fitId(name));
};

const hashedId = (name: string, id: string, used: ReadonlySet<string>): string => {
  for (let round = 0; ; round++) {
    const hash = createHash("sha256").update(`${round} ${name}`).digest("hex").slice(0, 6);
    const candidate = `${id.slice(0, maxLength - 7).replace(/-$/, "")}-${hash}`;
    if (!used.has(candidate)) return candidate;
  }
};
