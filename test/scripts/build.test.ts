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
  "bin/peer.node",
  "icons/signed-in.ico",
])("the build makes %s", (name) => {
  expect(existsSync(dist(name))).toBe(true);
});

test("the build makes an entry for the desktop's list of apps that starts it, and whose icon is there", () => {
  const lines = readFileSync(dist("evercred.desktop"), "utf8").split("\n");
  const valueOf = (key: string): string =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
  const [program = "", folder = ""] = valueOf("Exec").split(" ");
  expect(existsSync(program)).toBe(true);
  expect(dist("main.cjs")).toBe(join(folder, "dist", "main.cjs"));
  expect(existsSync(valueOf("Icon"))).toBe(true);
  expect(lines).toContain(`Exec=${dist("bin/evercred")} window settings`);
});

test("the build carries no source map", () => {
  for (const name of ["main.cjs", "headless.cjs", "preload.cjs", "renderer/app.js"]) {
    expect(readFileSync(dist(name), "utf8")).not.toContain("sourceMappingURL");
    expect(existsSync(dist(`${name}.map`))).toBe(false);
  }
});

test("the daemon carries zod's words in one language: all of them are read at each start", () => {
  for (const name of ["main.cjs", "headless.cjs"]) {
    const text = readFileSync(dist(name), "utf8");
    expect(text.includes("Invalid input: expected")).toBe(true);
    // Indonesian. `import { z } from "zod"` brings all languages; `import * as z` leaves out what is not used.
    expect(text.includes("Input tidak valid")).toBe(false);
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
