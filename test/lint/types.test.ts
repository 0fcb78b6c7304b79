import { expect, test } from "vitest";
import { compile } from "./plant.ts";

test("the renderer does not compile with what only Node has", async () => {
  const said = await compile("renderer", {
    "renderer/clean.ts": "export const x = document.title;\n",
    "renderer/process.ts": "export const x = process.pid;\n",
    "renderer/buffer.ts": "export const x = Buffer.alloc(1);\n",
  });
  expect(said).toMatch(/^renderer\/process\.ts\(1,18\): error TS\d+: Cannot find name 'process'/m);
  expect(said).toMatch(/^renderer\/buffer\.ts\(1,18\): error TS\d+: Cannot find name 'Buffer'/m);
  expect(said).not.toContain("clean.ts");
});

test("the daemon does not compile with what only a window has", async () => {
  const said = await compile(".", {
    "electron/core/clean.ts": "export const x = process.pid;\n",
    "electron/core/window.ts": "export const x = window.name;\n",
    "electron/shell/document.ts": "export const x = document.title;\n",
  });
  expect(said).toMatch(
    /^electron\/core\/window\.ts\(1,18\): error TS\d+: Cannot find name 'window'/m,
  );
  expect(said).toMatch(/^electron\/shell\/document\.ts\(1,18\): .*Cannot find name 'document'/m);
  expect(said).not.toContain("clean.ts");
});

test.each([
  ["an enum", "export enum A {\n  B,\n}\n", /erasableSyntaxOnly/],
  ["an unchecked index", "export const x = (list: string[]): string => list[0];\n", /TS2322/],
  [
    "a type imported as a value",
    'export { type A } from "./a.ts";\nimport { A } from "./a.ts";\nexport type B = A;\n',
    /verbatimModuleSyntax/,
  ],
  [
    "a field that may be set to undefined",
    "export const x: { readonly a?: string } = { a: undefined };\n",
    /exactOptionalPropertyTypes/,
  ],
])("%s does not compile", async (_, text, message) => {
  const files = { "electron/core/a.ts": "export type A = 1;\n", "electron/core/planted.ts": text };
  expect(await compile(".", files)).toMatch(message);
});
