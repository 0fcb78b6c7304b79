import { parse, parseTree } from "jsonc-parser";
import { editedText } from "./config-edit.ts";
import type { Path } from "./config-names.ts";
import { lineAt, nodeAt } from "./config-tree.ts";
import type { ConfigValue } from "./config-written.ts";

/** How values of ours stand inside a setting, by name. */
export type Inside =
  /** `{"NAME": "value"}` */
  | "object"
  /** `[{"name": "NAME", "value": "value"}]` */
  | "pairs"
  /** `["value"]`: the value is its own name. */
  | "texts";

/** The settings at the top of a tool's file that hold others, and how. */
export type ToolForm = Readonly<Record<string, Inside>>;

/** Where a value of ours is: a setting at the top, or one of these and a name inside it. */
export type ToolPath = readonly string[];

export type ToolValue = string | boolean;

const options = { allowTrailingComma: true, allowEmptyContent: true };

const treeOf = (text: string): unknown => parse(text, [], options) as unknown;

/** What stands at a path of a valid text; undefined where nothing does. */
export const toolValueAt = (text: string, path: ToolPath, form: ToolForm): unknown => {
  let value = treeOf(text);
  for (const name of placeOf(value, path, form).at) value = memberOf(value, name);
  return value;
};

/** The line of a valid text, from 1, in which what stands at a path begins. */
export const toolLineAt = (text: string, path: ToolPath, form: ToolForm): number =>
  lineAt(text, parseTree(text, [], options), placeOf(treeOf(text), path, form).at);

/** A valid text with a value at a path, or nothing there. All else in it stays. */
export const withToolValue = (
  text: string,
  path: ToolPath,
  value: ConfigValue | undefined,
  form: ToolForm,
): string => {
  const { at, item, wrap } = placeOf(treeOf(text), path, form);
  if (value === undefined) return editedText(text, item, undefined);
  const isThere = toolValueAt(text, path, form) !== undefined;
  return isThere ? editedText(text, at, value) : editedText(text, item, wrap(value));
};

/** A valid text without anything at a path, however often its name stands there. */
export const withoutToolValues = (text: string, path: ToolPath, form: ToolForm): string => {
  let next = text;
  while (toolValueAt(next, path, form) !== undefined) {
    next = withToolValue(next, path, undefined, form);
  }
  return next;
};

/** Whether something stands at a path more than once: of several of one name the last one counts. */
export const isRepeated = (text: string, path: ToolPath, form: ToolForm): boolean => {
  const [top = "", name] = path;
  const container = nodeAt(parseTree(text, [], options), [top])?.children ?? [];
  const names =
    form[top] === "pairs"
      ? listOf(memberOf(treeOf(text), top)).map((each) => memberOf(each, "name"))
      : container.map(({ children }): unknown => children?.[0]?.value);
  return names.filter((each) => each === name).length > 1;
};

/** The names of what stands inside a setting that is not an object, with their values, where they are texts. */
export const insideOf = (
  text: string,
  name: string,
  form: ToolForm,
): Readonly<Record<string, string>> => {
  const container = memberOf(treeOf(text), name);
  const entries =
    form[name] === "pairs"
      ? listOf(container).map((each) => [memberOf(each, "name"), memberOf(each, "value")] as const)
      : Object.entries(typeof container === "object" && container !== null ? container : {});
  return Object.fromEntries(
    entries.flatMap(([each, value]: readonly [unknown, unknown]) =>
      typeof each === "string" && ["string", "number", "boolean"].includes(typeof value)
        ? [[each, String(value)]]
        : [],
    ),
  );
};

/** A path of ours in the file's own terms. */
interface Place {
  /** Where the value is. */
  readonly at: Path;
  /** What comes and goes with it. */
  readonly item: Path;
  /** The value, as an item. */
  readonly wrap: (value: ConfigValue) => ConfigValue;
}

const placeOf = (tree: unknown, path: ToolPath, form: ToolForm): Place => {
  const [top = "", name] = path;
  const asItIs = { at: path, item: path, wrap: (value: ConfigValue) => value };
  if (name === undefined) return asItIs;
  const items = listOf(memberOf(tree, top));
  const item = [top, indexOr(items, (each) => each === name)];
  switch (form[top]) {
    case "texts":
      return { ...asItIs, at: item, item };
    case "pairs": {
      // Of several of one name the last one counts.
      const pair = [top, indexOr(items, (each) => memberOf(each, "name") === name)];
      return { at: [...pair, "value"], item: pair, wrap: (value) => ({ name, value }) };
    }
    default:
      return asItIs;
  }
};

/** Where the last such item is, else the place after all. */
const indexOr = (items: readonly unknown[], fits: (item: unknown) => boolean): number => {
  const index = items.findLastIndex(fits);
  return index < 0 ? items.length : index;
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const memberOf = (value: unknown, name: string | number): unknown => {
  if (typeof name === "number") return listOf(value)[name];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
};
