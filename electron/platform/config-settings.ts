import { branchOf, type JsonSchema, jsonSchema, schemaOf, valueOf } from "./config-names.ts";
import type { ConfigFile } from "./config.ts";
import { durationPattern, durationText } from "./config-units.ts";
import type { ConfigValue } from "./config-written.ts";
import type { Setter } from "./policy-layers.ts";

/** One value of a configuration. */
export interface Setting {
  readonly path: readonly string[];
  /** As people write it; undefined: it may be set, and nothing is built in. */
  readonly value: ConfigValue | undefined;
  /** `built-in` also where there is no value. */
  readonly setBy: Setter;
}

type Values = Pick<ConfigFile, "current" | "tree" | "setterOf">;

/** All values of a configuration in the order of the schema, and those that could be in what it names. */
export const settingsOf = (config: Values): readonly Setting[] =>
  [...within(jsonSchema(), { path: [], value: config.current, written: config.tree })].map(
    (setting) => ({ ...setting, setBy: config.setterOf(setting.path) }),
  );

/** A place in a configuration: what it comes to there, and what is written. */
interface Place {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly written: unknown;
}

type Value = Omit<Setting, "setBy">;

function* within(schema: JsonSchema | undefined, place: Place): Generator<Value> {
  const { value } = place;
  const names = isObject(value) ? namesIn(schema, value) : [];
  if (names.length === 0) yield settingOf(schema, place);
  for (const [name, inner] of names) {
    yield* within(inner, {
      path: [...place.path, name],
      value: valueOf(value, name),
      written: valueOf(place.written, name),
    });
  }
}

/** What may stand in an object, with what holds for it. */
const namesIn = (
  schema: JsonSchema | undefined,
  value: object,
): readonly (readonly [string, JsonSchema | undefined])[] => {
  const branch = branchOf(schema, valueOf(value, "kind"));
  if (branch?.properties !== undefined) {
    return Object.entries(branch.properties).map(([name, each]) => [name, schemaOf(each)]);
  }
  const each = schemaOf(branch?.additionalProperties);
  return each === undefined ? [] : Object.keys(value).map((name) => [name, each]);
};

const settingOf = (schema: JsonSchema | undefined, { path, value, written }: Place): Value => {
  if (written !== undefined) return { path, value: written as ConfigValue };
  const isDuration = typeof value === "number" && schema?.pattern === durationPattern.source;
  return { path, value: isDuration ? durationText(value) : (value as ConfigValue) };
};

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
