import * as z from "zod";
import { nearest } from "../core/nearest.ts";
import { configSchema } from "./config-schema.ts";

export type Path = readonly (string | number)[];

/** A JSON Schema, or a part of one. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

let made: JsonSchema | undefined;

/** The JSON Schema that is written beside the configuration, for editors. Made when it is first asked for: no start needs it. */
export const jsonSchema = (): JsonSchema =>
  (made ??= z.toJSONSchema(configSchema("/"), { io: "input" }));

/** Names that the file format has and this version does not use. */
const laterNames: ReadonlySet<string> = new Set(["aws.writeProfiles"]);

/**
 * Why a name does not count that a schema does not know, and what to do. `value` is the whole that it stands in, and
 * `setting` its path in a configuration.
 */
export const judgeName = (
  path: Path,
  value: unknown,
  schema: JsonSchema,
  setting: Path,
): { readonly sentence: string; readonly remedy: string } => {
  const name = nameOf(path);
  if (laterNames.has(setting.join("."))) {
    return { sentence: `${name} is not used by this version.`, remedy: "Leave it or remove it." };
  }
  const meant = nearest(String(path.at(-1)), namesIn(schema, path.slice(0, -1), value));
  return {
    sentence: `${name} is not a name that Evercred knows.`,
    remedy: meant === undefined ? "Remove it, or correct it." : `Did you mean ${meant}?`,
  };
};

/** The path as people write it: `sources.corp.profiles[0].name`. */
export const nameOf = (path: Path): string =>
  path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    const shown = printable(part);
    return name === "" ? shown : `${name}.${shown}`;
  }, "") || "The whole";

/** A name comes from the file, and goes to terminals. */
const printable = (name: string): string =>
  name.slice(0, 64).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?");

const namesIn = (schema: JsonSchema, path: Path, whole: unknown): readonly string[] => {
  let at: JsonSchema | undefined = schema;
  let value = whole;
  for (const part of path) {
    const named: unknown = at?.properties?.[part];
    at = schemaOf(named) ?? schemaOf(at?.additionalProperties) ?? schemaOf(at?.items);
    value = valueOf(value, part);
    at = branchOf(at, valueOf(value, "kind"));
  }
  return Object.keys(at?.properties ?? {});
};

/** What holds for a value of this kind, where that depends on the kind. */
export const branchOf = (schema: JsonSchema | undefined, kind: unknown): JsonSchema | undefined =>
  schema?.oneOf === undefined
    ? schema
    : schema.oneOf.find((branch) => schemaOf(branch.properties?.["kind"])?.const === kind);

/** What stands in an object or a list under a name; undefined where it is neither. */
export const valueOf = (value: unknown, name: string | number): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** A schema with something in it; undefined for a bare truth value, and for a list of schemas. */
export const schemaOf = (value: unknown): JsonSchema | undefined =>
  isSchema(value) ? value : undefined;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
