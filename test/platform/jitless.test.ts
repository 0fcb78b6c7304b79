import { expect, test } from "vitest";
import { bundleProgram, runProgram } from "./program.ts";
import { temporaryFolder } from "./folder.ts";

const program = (first: string): string => `
  ${first}
  import * as z from "zod";
  const made = [];
  const Original = globalThis.Function;
  globalThis.Function = new Proxy(Original, {
    construct: (target, words) => (made.push(words.length), Reflect.construct(target, words)),
    apply: (target, self, words) => (made.push(words.length), Reflect.apply(target, self, words)),
  });
  z.object({ name: z.string() }).parse({ name: "one" });
  console.log(JSON.stringify(made.length));
`;

test("a schema is read without a function that is made of text", async () => {
  const made = async (first: string): Promise<unknown> => {
    const { next } = runProgram(await bundleProgram(program(first), temporaryFolder()), {});
    return next();
  };
  expect(await made(`import "./electron/platform/jitless.ts";`)).toBe(0);
  expect(await made("")).not.toBe(0);
});
