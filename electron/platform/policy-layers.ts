import type { Path } from "./config-names.ts";

/** JSON by name, as a file has it: nothing is filled in. */
export type Tree = Readonly<Record<string, unknown>>;

/** What an organisation's policy says of the configuration. */
export interface PolicyLayers {
  /** Where it stands. */
  readonly file: string;
  /** Whose it is, at the beginning of a sentence. */
  readonly maker: string;
  /** What counts before everything else. */
  readonly force: Tree;
  /** What counts where nobody else says anything. */
  readonly fallback: Tree;
  /** Whether it says which programs may be run. */
  readonly limitsPrograms: boolean;
}

/** Nobody has set anything. */
export const noLayers: PolicyLayers = {
  file: "",
  maker: "Your organisation",
  force: {},
  fallback: {},
  limitsPrograms: false,
};

/** Who has set a value. */
export type Setter = "policy" | "config" | "policy-default" | "built-in";

/** Who has set what stands at a path, where `written` is what the configuration itself says. */
export const setterAt = (layers: PolicyLayers, written: unknown, path: Path): Setter => {
  if (isSet(layers.force, path)) return "policy";
  if (isSet(written, path)) return "config";
  return isSet(layers.fallback, path) ? "policy-default" : "built-in";
};

/** Whether the policy forces something at a path, or around or under it. */
export const isForced = (layers: Locks, path: Path): boolean =>
  lockedBy(layers, path, undefined) !== undefined;

/** Whether the policy says something at a path. */
export const isInPolicy = ({ force, fallback }: PolicyLayers, path: Path): boolean =>
  isSet(force, path) || isSet(fallback, path);

const isSet = (tree: unknown, path: Path): boolean => at(tree, path) !== undefined;

/** What of a policy keeps others from setting something. */
type Locks = Pick<PolicyLayers, "force" | "limitsPrograms">;

/** All layers as one, and what of the configuration itself does not count. */
export interface Merged {
  readonly tree: unknown;
  /** The configuration without that. */
  readonly written: unknown;
  /** The places of what does not count, for a reason that nobody would guess. */
  readonly outruled: readonly Path[];
}

/** Puts the layers above and below what a configuration says. */
export const merge = (layers: PolicyLayers, written: unknown): Merged => {
  const { force, fallback } = layers;
  const outruled = outruledIn(layers, written);
  const counting = outruled.reduce(without, written);
  const tree = over(over(force, counting, []), fallback, []);
  return { tree, written: counting, outruled };
};

/** Of two values at a place, both by name; else the upper one. Lists are values. */
const over = (upper: unknown, lower: unknown, path: Path): unknown => {
  if (upper === undefined || (lower !== undefined && isEmpty(upper))) return lower;
  if (!isTree(upper) || !isTree(lower) || isOfOtherKind(upper, lower, path)) return upper;
  const names = [
    ...Object.keys(upper),
    ...Object.keys(lower).filter((name) => otherSpelling(upper, name, path) === undefined),
  ];
  return Object.fromEntries(
    names.map((name) => [name, over(ownOf(upper, name), ownOf(lower, name), [...path, name])]),
  );
};

/** What an entry of another kind has would not fit. */
const isOfOtherKind = (upper: Tree, lower: Tree, path: Path): boolean =>
  (path[0] === "sources" || path[0] === "keys") &&
  path.length === 2 &&
  upper["kind"] !== undefined &&
  lower["kind"] !== undefined &&
  upper["kind"] !== lower["kind"];

/** Under what name an object has the header of this name in other letters: to those who read headers it is the same. */
const otherSpelling = (set: Tree, name: string, path: Path): string | undefined =>
  path[0] === "headers" && path.length === 2 && !Object.hasOwn(set, name)
    ? Object.keys(set).find((each) => each.toLowerCase() === name.toLowerCase())
    : undefined;

/** What of a source counts before what is set for all of them, so that it would get around that. */
const inherited: ReadonlySet<unknown> = new Set(["browser", "ask"]);

/** What says which programs an entry runs, and in what surroundings. */
const running: ReadonlySet<unknown> = new Set(["command", "signIn", "check", "env", "cwd"]);

/** What would have a program that may be run do something else. */
const surroundings: ReadonlySet<unknown> = new Set(["env", "cwd"]);

/** What keeps others from setting something that the policy itself has not set: it would get around that. */
const keeperOf = ({ force, limitsPrograms }: Locks, path: Path): Path | undefined => {
  const [section, entry = "", name] = path;
  if (section === "network" && entry === "noProxy") {
    return [["network", "proxy"]].find((proxy) => isSet(force, proxy));
  }
  if (name === undefined) return undefined;
  if (section === "headers") {
    const forced = at(force, [section, entry]);
    const other = isTree(forced)
      ? otherSpelling(forced, String(name), [section, entry])
      : undefined;
    return other === undefined ? undefined : [section, entry, other];
  }
  if (section !== "sources" && section !== "keys") return undefined;
  if (section === "sources" && inherited.has(name)) {
    return [["signIn", name]].find((each) => isSet(force, each));
  }
  if (running.has(name) && isSet(force, [section, entry])) return [section, entry];
  return limitsPrograms && surroundings.has(name) ? ["allow", "commands"] : undefined;
};

const outruledIn = (layers: Locks, written: unknown): readonly Path[] => {
  const { force } = layers;
  const inEntries = ["sources", "keys", "headers"].flatMap((section) =>
    namesIn(written, [section]).flatMap((entry) =>
      namesIn(written, [section, entry]).map((name) => [section, entry, name]),
    ),
  );
  return [
    ...(["sources", "keys"] as const).flatMap((section) =>
      namesIn(written, [section])
        .filter((name) => {
          const other = section === "sources" ? "keys" : "sources";
          // A source and a key of one name cannot both be used.
          if (isSet(force, [other, name])) return !isSet(force, [section, name]);
          const [forced, ours] = [force, written].map((tree) => at(tree, [section, name]));
          return isTree(forced) && isTree(ours) && isOfOtherKind(forced, ours, [section, name]);
        })
        .map((name) => [section, name]),
    ),
    ...[["network", "noProxy"], ...inEntries]
      .filter((path) => isSet(written, path) && keeperOf(layers, path) !== undefined)
      // That a forced value counts is no surprise; but what is kept by name would be added to.
      .filter((path) => !isSet(force, path) || isTree(at(force, path))),
  ];
};

/**
 * What is forced where a value would stand: its own path, or that of what is around it. Undefined where the value may
 * stand there; of an object each value in it counts for itself.
 */
export const lockedBy = (layers: Locks, path: Path, value: unknown): Path | undefined => {
  if (isTree(value) && Object.keys(value).length > 0) {
    for (const [name, each] of Object.entries(value)) {
      const locked = lockedBy(layers, [...path, name], each);
      if (locked !== undefined) return locked;
    }
    return undefined;
  }
  const { force } = layers;
  const [section, entry = ""] = path;
  const other = section === "sources" ? "keys" : "sources";
  if (section === "sources" || section === "keys") {
    const isNamesake = isSet(force, [other, entry]) && !isSet(force, [section, entry]);
    if (isNamesake) return [other, entry];
  }
  return forcedAt(force, path) ?? keeperOf(layers, path);
};

const forcedAt = (force: Tree, path: Path): Path | undefined => {
  let here: unknown = force;
  for (const [depth, part] of path.entries()) {
    if (!isTree(here)) return path.slice(0, depth);
    here = ownOf(here, part);
    if (here === undefined) return undefined;
  }
  return isEmpty(here) ? undefined : path;
};

const at = (tree: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, part) => (isTree(here) ? ownOf(here, part) : undefined), tree);

const ownOf = (tree: Tree, name: string | number): unknown =>
  Object.hasOwn(tree, name) ? tree[name] : undefined;

const namesIn = (tree: unknown, path: Path): readonly string[] => {
  const entries = at(tree, path);
  return isTree(entries) ? Object.keys(entries) : [];
};

const without = (tree: unknown, [part, ...rest]: Path): unknown => {
  if (!isTree(tree) || part === undefined) return tree;
  return Object.fromEntries(
    Object.entries(tree).flatMap(([name, value]) => {
      if (name !== part) return [[name, value]];
      return rest.length === 0 ? [] : [[name, without(value, rest)]];
    }),
  );
};

/** An object in which nothing is sets nothing. */
const isEmpty = (value: unknown): boolean => isTree(value) && Object.keys(value).length === 0;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);
