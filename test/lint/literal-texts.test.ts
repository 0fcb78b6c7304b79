import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** What is the same in every language: a product, and examples of what is typed. */
const anyLanguage = /Evercred|https?:\/\/\S+|us-east-1|^evercred$|-----(?:BEGIN|END)/g;

/** The attributes of an element whose text a person reads or hears. */
const readAttributes =
  /^(?:title|label|placeholder|alt|aria-(?:label|description|roledescription|valuetext|placeholder))$/;

/** The fields whose text a person reads in a menu, a notification or a dialog. */
const readFields =
  /^(?:title|label|body|subtitle|tooltip|message|detail|buttonLabel|sublabel|text)$/;

const hasLetters = (text: string): boolean => /\p{L}/u.test(text.replaceAll(anyLanguage, ""));

/** The literal texts that an expression may come to: what decides among them, and what is called, is no text. */
const literalsIn = (node: ts.Node): readonly ts.Node[] => {
  if (ts.isStringLiteralLike(node)) return hasLetters(node.text) ? [node] : [];
  if (ts.isTemplateExpression(node)) {
    const parts = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
    const inner = node.templateSpans.flatMap(({ expression }) => literalsIn(expression));
    return [...(parts.some(({ text }) => hasLetters(text)) ? [node] : []), ...inner];
  }
  if (ts.isConditionalExpression(node)) {
    return [...literalsIn(node.whenTrue), ...literalsIn(node.whenFalse)];
  }
  if (ts.isParenthesizedExpression(node)) return literalsIn(node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(literalsIn);
  if (!ts.isBinaryExpression(node)) return [];
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
      return literalsIn(node.right);
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.QuestionQuestionToken:
    case ts.SyntaxKind.PlusToken:
      return [...literalsIn(node.left), ...literalsIn(node.right)];
    default:
      return [];
  }
};

/** What a node puts before a person's eyes by itself. */
const shownBy = (node: ts.Node): readonly ts.Node[] => {
  if (ts.isJsxText(node)) return hasLetters(node.text) ? [node] : [];
  if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
    return node.expression === undefined ? [] : literalsIn(node.expression);
  }
  if (ts.isJsxAttribute(node) && readAttributes.test(node.name.getText())) {
    const value = node.initializer;
    const inner = value !== undefined && ts.isJsxExpression(value) ? value.expression : value;
    return inner === undefined ? [] : literalsIn(inner);
  }
  if (ts.isPropertyAssignment(node) && readFields.test(node.name.getText())) {
    return literalsIn(node.initializer);
  }
  return [];
};

/** The literal texts of a file that a person would see: `FILE:LINE: TEXT`. */
const literalTexts = (file: string, text: string): readonly string[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    for (const shown of shownBy(node)) {
      const words = shown.getText().trim();
      const at = shown.getEnd() - shown.getText().trimStart().length;
      const line = source.getLineAndCharacterOfPosition(at).line + 1;
      found.push(`${file}:${String(line)}: ${words}`);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
};

const filesIn = (folder: string, ending: RegExp): readonly string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .map((name) => `${folder}/${name}`);

test("what people see in the window, the menu and the notifications stands in texts/ only", () => {
  const files = [...filesIn("renderer", /\.tsx?$/), ...filesIn("electron/shell", /\.ts$/)];
  expect(files).toContain("renderer/home.tsx");
  expect(files).toContain("electron/shell/menu.ts");
  const found = files.flatMap((file) =>
    literalTexts(file, readFileSync(join(project, file), "utf8")),
  );
  expect(found).toEqual([]);
});

test("a literal text is found wherever it would be seen, with its line", () => {
  const page = `
    const A = ({ is, count }) => (
      <section aria-label="Problem" class="card">
        <h2>
          Sign in
        </h2>
        {is ? "Yes" : texts.no}
        {is && \`\${count} more\`}
        {count === "many" ? texts.many : texts.few}
        <input placeholder={is ? "Search" : ""} type="search" name="filter" />
        <p>Evercred · {lines.join(" and ")}</p>
      </section>
    );`;
  expect(literalTexts("a.tsx", page)).toEqual([
    'a.tsx:3: "Problem"',
    "a.tsx:5: Sign in",
    'a.tsx:7: "Yes"',
    "a.tsx:8: `${count} more`",
    'a.tsx:10: "Search"',
  ]);
  const menu = `
    new Notification({ title: "Evercred", body: \`\${sentence} now\` });
    const line = { kind: "choice", label: isOpen ? "Open" : menu.close };`;
  expect(literalTexts("a.ts", menu)).toEqual(["a.ts:2: `${sentence} now`", 'a.ts:3: "Open"']);
});
