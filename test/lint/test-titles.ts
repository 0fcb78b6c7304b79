import ts from "typescript";

const blocks = new Set(["describe", "test", "it"]);

/** `test` of `test.each(…)("…")`, undefined for what is no block of tests. */
const rootOf = (node: ts.Expression): string | undefined => {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) {
    return rootOf(node.expression);
  }
  return ts.isTaggedTemplateExpression(node) ? rootOf(node.tag) : undefined;
};

/** The title of a block of tests as it is written, placeholders and all; undefined: it is none, or worked out. */
const titleOf = (node: ts.Node): string | undefined => {
  if (!ts.isCallExpression(node) || !blocks.has(rootOf(node.expression) ?? "")) return undefined;
  const [title] = node.arguments;
  return title !== undefined && ts.isStringLiteralLike(title) ? title.text : undefined;
};

/** Of each block of tests in a file its title, behind those of the blocks around it. The name tells whether it is TSX. */
export const titlesIn = (text: string, name: string): readonly (readonly string[])[] => {
  const found: (readonly string[])[] = [];
  const look = (node: ts.Node, around: readonly string[]): void => {
    const title = titleOf(node);
    const path = title === undefined ? around : [...around, title];
    if (title !== undefined) found.push(path);
    ts.forEachChild(node, (child) => {
      look(child, path);
    });
  };
  look(ts.createSourceFile(name, text, ts.ScriptTarget.Latest), []);
  return found;
};
