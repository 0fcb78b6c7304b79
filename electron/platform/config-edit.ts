import { isDeepStrictEqual } from "node:util";
import { applyEdits, type Edit, type Node, parse, parseTree } from "jsonc-parser";
import { gapBetween } from "./config-gap.ts";
import type { Path } from "./config-names.ts";
import { lastNamed } from "./config-tree.ts";
import { type ConfigValue, inOneLine, type Style, styleOf, written } from "./config-written.ts";

/*
 * The edits of jsonc-parser itself write the lines around anew, move comments to another value, and leave a comma
 * behind where the only value is taken out.
 */

/**
 * The text of a valid configuration with `value` at a path, or nothing there. All that is not inside stays. A number is
 * a place in a list; the one after its last item adds one.
 */
export const editedText = (text: string, path: Path, value: ConfigValue | undefined): string =>
  value === undefined ? without(text, path) : withValue(text, path, value);

const rootOf = (text: string): Node | undefined =>
  parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });

const withValue = (text: string, path: Path, value: ConfigValue): string => {
  const style = styleOf(text);
  const root = rootOf(text);
  if (root === undefined) {
    const before = text === "" || text.endsWith("\n") ? text : `${text}${style.lineEnd}`;
    return `${before}${around(path, value, "", style)}${style.lineEnd}`;
  }
  const { node, rest } = deepest(root, path);
  const margin = marginAt(text, node.offset);
  if (rest.length === 0) {
    if (isDeepStrictEqual(parse(text.slice(node.offset, endOf(node))), value)) return text;
    return applyEdits(text, [instead(node, written(value, margin, style))]);
  }
  const holds = typeof rest[0] === "number" ? "array" : "object";
  return node.type !== holds || isBlank(text, node.offset + 1, endOf(node) - 1)
    ? applyEdits(text, [instead(node, around(rest, value, margin, style))])
    : applyEdits(text, addition(text, node, rest, value, style));
};

/** What is there already on the way to a path, and the names from there on. */
const deepest = (
  node: Node,
  [name, ...rest]: Path,
): { readonly node: Node; readonly rest: Path } => {
  if (name === undefined) return { node, rest: [] };
  const next = typeof name === "number" ? itemAt(node, name) : lastNamed(node, name)?.children?.[1];
  return next === undefined ? { node, rest: [name, ...rest] } : deepest(next, rest);
};

const itemAt = (list: Node, index: number): Node | undefined =>
  list.type === "array" ? list.children?.[index] : undefined;

/** What stands before a value in an object; nothing in a list. */
const label = (name: string | number | undefined): string =>
  typeof name === "string" ? `${JSON.stringify(name)}: ` : "";

/** Objects and lists around a value, one inside the other, each on lines of its own: there will be more in them. */
const around = (path: Path, value: ConfigValue, margin: string, style: Style): string => {
  const [name, ...rest] = path;
  if (name === undefined) return written(value, margin, style);
  const inner = margin + style.indent;
  const [open, close] = typeof name === "number" ? "[]" : "{}";
  const property = label(name) + around(rest, value, inner, style);
  return `${open}${style.lineEnd}${inner}${property}${style.lineEnd}${margin}${close}`;
};

/** Puts a property at the end of an object that holds something, or an item at that of a list. */
const addition = (
  text: string,
  object: Node,
  [name, ...rest]: Path,
  value: ConfigValue,
  style: Style,
): Edit[] => {
  const last = object.children?.at(-1);
  const from = last === undefined ? object.offset + 1 : endOf(last);
  const gap = gapBetween(text, from, endOf(object) - 1);
  const isOneLine = !text.slice(object.offset, endOf(object)).includes("\n");
  const margin =
    last !== undefined && startsLine(text, last.offset)
      ? marginAt(text, last.offset)
      : marginAt(text, object.offset) + style.indent;
  const whole = rest.reduceRight<ConfigValue>(
    (inner, each) => (typeof each === "number" ? [inner] : { [each]: inner }),
    value,
  );
  const property = isOneLine
    ? ` ${label(name)}${inOneLine(whole)}`
    : `${style.lineEnd}${margin}${label(name)}${around(rest, value, margin, style)}`;
  if (last === undefined) return [{ offset: gap.end, length: 0, content: property }];
  if (gap.comma !== undefined) {
    // The comma may stand in a line of its own.
    const offset = Math.max(gap.lineEnd, gap.comma + 1);
    return [{ offset, length: 0, content: `${property},` }];
  }
  return [
    { offset: from, length: 0, content: gap.lineEnd === from ? `,${property}` : "," },
    ...(gap.lineEnd === from ? [] : [{ offset: gap.lineEnd, length: 0, content: property }]),
  ];
};

const without = (text: string, path: Path): string => {
  const root = rootOf(text);
  const name = path.at(-1);
  if (root === undefined || name === undefined) return text;
  const { node, rest } = deepest(root, path.slice(0, -1));
  if (rest.length > 0) return text;
  const property = typeof name === "number" ? itemAt(node, name) : lastNamed(node, name);
  if (property === undefined) return text;
  const next = applyEdits(text, removal(text, node, property));
  // Where a name stands more than once, the one before would count from now on.
  return typeof name === "number" ? next : without(next, path);
};

const removal = (text: string, object: Node, property: Node): Edit[] => {
  const properties = object.children ?? [];
  const index = properties.indexOf(property);
  const [before, after] = [properties[index - 1], properties[index + 1]];
  const { comma } = gapBetween(text, endOf(property), after?.offset ?? endOf(object) - 1);
  const from = property.offset;
  const to = comma === undefined ? endOf(property) : comma + 1;
  const isOnly = before === undefined && after === undefined;
  if (isOnly && isBlank(text, object.offset + 1, from) && isBlank(text, to, endOf(object) - 1)) {
    return [instead(object, object.type === "array" ? "[]" : "{}")];
  }
  const cut = cutOf(text, from, to);
  if (before === undefined || comma !== undefined) return [cut];
  const useless = gapBetween(text, endOf(before), from).comma;
  return useless === undefined ? [cut] : [{ offset: useless, length: 1, content: "" }, cut];
};

/** Takes a part of the text out: with its whole lines where nothing else is in them, else with the blanks at it. */
const cutOf = (text: string, from: number, to: number): Edit => {
  const blanksBefore = from - endOfWords(text, from);
  const blanksAfter = /^[\t ]*/u.exec(text.slice(to))?.[0].length ?? 0;
  const lineBreak = /^\r?\n/u.exec(text.slice(to + blanksAfter))?.[0].length;
  if (!startsLine(text, from)) {
    return { offset: from - blanksBefore, length: to - from + blanksBefore, content: "" };
  }
  return lineBreak === undefined
    ? { offset: from, length: to - from + blanksAfter, content: "" }
    : {
        offset: from - blanksBefore,
        length: blanksBefore + to - from + blanksAfter + lineBreak,
        content: "",
      };
};

/** Where the blanks before a place begin. */
const endOfWords = (text: string, place: number): number => {
  let end = place;
  while (text[end - 1] === " " || text[end - 1] === "\t") end -= 1;
  return end;
};

const instead = (node: Node, content: string): Edit => ({
  offset: node.offset,
  length: node.length,
  content,
});

const endOf = ({ offset, length }: Node): number => offset + length;

const isBlank = (text: string, from: number, to: number): boolean =>
  text.slice(from, to).trim() === "";

/** How far the line in which something stands is indented. */
const marginAt = (text: string, offset: number): string =>
  /^[\t ]*/u.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";

const startsLine = (text: string, offset: number): boolean =>
  isBlank(text, lineStart(text, offset), offset);

const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;
