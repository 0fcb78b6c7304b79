import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { ConfigValue, Setting } from "./ports.ts";
import type { Context, Parsed } from "./verb.ts";

/** A path as it is typed: `signIn.before`; a name with dots in it stands in quotes. */
export const nameOf = (path: readonly string[]): string =>
  path.map((part) => (/^[^."]+$/.test(part) ? part : JSON.stringify(part))).join(".");

/** The one setting that a command line names. Throws `usage` where there is none. */
export const pathOf = ({ words: [name] }: Parsed): readonly string[] => {
  if (name === undefined) {
    throw new EvercredError("usage", "Which setting?", {
      remedy: "See: evercred config list --all",
    });
  }
  const parts = name.match(/"(?:[^"\\]|\\.)*"|[^."]+/g) ?? [];
  const path = parts.map((part) => (part.startsWith('"') ? unquoted(part) : part));
  if (parts.length > 0 && parts.join(".") === name && path.every((part) => part !== undefined)) {
    return path;
  }
  throw new EvercredError("usage", "That is no name of a setting.", {
    remedy: "Write it with dots, as in signIn.before; what has dots itself in quotes.",
  });
};

const unquoted = (part: string): string | undefined => {
  try {
    return JSON.parse(part) as string;
  } catch {
    return undefined;
  }
};

/** What a setting is, or all that stands under a name. */
export type Found =
  | { readonly kind: "unknown" }
  /** It may be set, and nothing is built in. */
  | { readonly kind: "unset" }
  | { readonly kind: "value"; readonly value: ConfigValue };

/** What is in force at a path. */
export const foundAt = (path: readonly string[], settings: readonly Setting[]): Found => {
  const inside = settings.filter((each) => path.every((part, at) => each.path[at] === part));
  if (inside.length === 0) return { kind: "unknown" };
  let value: ConfigValue | undefined;
  for (const each of inside) value = together(value, each.path.slice(path.length), each.value);
  return value === undefined ? { kind: "unset" } : { kind: "value", value };
};

const together = (
  whole: ConfigValue | undefined,
  [name, ...rest]: readonly string[],
  value: ConfigValue | undefined,
): ConfigValue | undefined => {
  if (value === undefined) return whole;
  if (name === undefined) return value;
  const before = isGroup(whole) ? new Map(Object.entries(whole)) : new Map<string, ConfigValue>();
  const inner = together(before.get(name), rest, value);
  if (inner !== undefined) before.set(name, inner);
  return Object.fromEntries(before);
};

const isGroup = (
  value: ConfigValue | undefined,
): value is { readonly [name: string]: ConfigValue } =>
  typeof value === "object" && !Array.isArray(value);

/** Why there is nothing of this name. It is not repeated: somebody may have taken a secret for one. */
export const unknownSetting = (
  path: readonly string[],
  { configReader }: Pick<Context, "configReader">,
): EvercredError => {
  const names = configReader
    .settings()
    .flatMap((setting) => setting.path.map((_, at) => nameOf(setting.path.slice(0, at + 1))));
  const near = nearest(nameOf(path), new Set(names));
  return new EvercredError("unknown-name", "There is no setting of that name.", {
    remedy: near === undefined ? "See: evercred config list --all" : `Did you mean ${near}?`,
  });
};

/** A value for people: a text as it is, anything else as JSON. */
export const shownValue = (value: ConfigValue): string =>
  typeof value === "string" ? value : JSON.stringify(value);
