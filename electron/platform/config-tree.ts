import { createScanner, findNodeAtLocation, type Node } from "jsonc-parser";
import type { Path } from "./config-names.ts";

/** How many objects and lists may stand in each other. What is meant needs less than ten. */
const mostLevels = 64;

/** Where a text goes deeper than anything that is meant; undefined where it does not. All else goes down by recursion. */
export const tooDeepAt = (text: string): number | undefined => {
  const scanner = createScanner(text, true);
  let level = 0;
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    const sign = text[offset];
    if (sign === undefined) return undefined;
    if (sign === "{" || sign === "[") level += 1;
    if (sign === "}" || sign === "]") level -= 1;
    if (level > mostLevels) return offset;
  }
};

/** The value at a path, or undefined. */
export const nodeAt = (root: Node | undefined, path: Path): Node | undefined =>
  root === undefined ? undefined : findNodeAtLocation(root, [...path]);

/** The line, from 1, where the name at a path stands, else the nearest thing around it. */
export const lineAt = (text: string, root: Node | undefined, path: Path): number =>
  lineOf(text, offsetAt(root, path));

/** Where the name at a path stands, else the nearest thing around it. */
export const offsetAt = (root: Node | undefined, path: Path): number => {
  const node = nodeAt(root, path);
  if (node === undefined) return path.length === 0 ? 0 : offsetAt(root, path.slice(0, -1));
  return node.parent?.type === "property" ? node.parent.offset : node.offset;
};

export const lineOf = (text: string, offset: number): number =>
  text.slice(0, offset).split("\n").length;

/** The column, from 1. */
export const columnOf = (text: string, offset: number): number =>
  offset - text.lastIndexOf("\n", offset - 1);

/** Each value of the tree with its path. */
export function* walk(node: Node, path: Path = []): Generator<readonly [Path, Node]> {
  yield [path, node];
  for (const [index, child] of (node.children ?? []).entries()) {
    if (child.type !== "property") yield* walk(child, [...path, index]);
    else if (child.children?.[1] !== undefined) {
      yield* walk(child.children[1], [...path, keyOf(child)]);
    }
  }
}

/** The properties of an object that are followed by one of the same name, which is the one that counts. */
export const overridden = (object: Node): readonly { name: string; offset: number }[] => {
  const properties = (object.children ?? []).map((child) => ({
    name: keyOf(child),
    offset: child.offset,
  }));
  const last = new Map(properties.map(({ name, offset }) => [name, offset]));
  return properties.filter(({ name, offset }) => last.get(name) !== offset);
};

/** The property of that name in an object that counts. */
export const lastNamed = (object: Node, name: string): Node | undefined =>
  object.type === "object"
    ? object.children?.findLast((property) => keyOf(property) === name)
    : undefined;

const keyOf = (property: Node): string => String(property.children?.[0]?.value);
