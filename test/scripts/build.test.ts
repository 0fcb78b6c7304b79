import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { expect, test } from "vitest";
import { usage } from "../../electron/commands/usage.ts";
import { run } from "../../scripts/command.mjs";
import { project } from "./program.ts";

const dist = (name: string): string => join(project, "dist", name);

test.each([
  "main.cjs",
  "headless.cjs",
  "preload.cjs",
  "renderer/index.html",
  "renderer/app.js",
  "renderer/style.css",
  "bin/evercred",
  "bin/evercred.launch",
])("the build makes %s", (name) => {
  expect(existsSync(dist(name))).toBe(true);
});

test("the build carries no source map", () => {
  for (const name of ["main.cjs", "headless.cjs", "preload.cjs", "renderer/app.js"]) {
    expect(readFileSync(dist(name), "utf8")).not.toContain("sourceMappingURL");
    expect(existsSync(dist(`${name}.map`))).toBe(false);
  }
});

test("the headless daemon does not ask for Electron", () => {
  expect(readFileSync(dist("headless.cjs"), "utf8")).not.toMatch(/require\("electron"\)/);
});

test("the shim's help is the daemon's usage text", async () => {
  const { stdout } = await run(dist("bin/evercred"), ["help"]);
  expect(stdout.trimEnd()).toBe(usage.trimEnd());
});

test("the launch file names programs that exist, by absolute paths, and only we may write it", () => {
  const file = dist("bin/evercred.launch");
  expect(statSync(file).mode & 0o777).toBe(0o644);
  const ways = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(ways.map(([kind]) => kind)).toContain("headless");
  for (const [kind, ...words] of ways) {
    expect(["app", "headless"]).toContain(kind);
    for (const word of words.filter((argument) => argument !== "--background")) {
      expect(isAbsolute(word)).toBe(true);
      expect(existsSync(word)).toBe(true);
    }
  }
});
