import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { expect, test } from "vitest";
import { usage } from "../../electron/commands/usage.ts";
import { run } from "../../scripts/command.mjs";
import { knownElectron } from "../../scripts/electron-dist.mjs";
import { project } from "./program.ts";

const dist = (name: string): string => join(project, "dist", name);

test.each([
  "main.cjs",
  "app.cjs",
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
  for (const name of ["main.cjs", "app.cjs", "headless.cjs", "preload.cjs", "renderer/app.js"]) {
    expect(readFileSync(dist(name), "utf8")).not.toContain("sourceMappingURL");
    expect(existsSync(dist(`${name}.map`))).toBe(false);
  }
});

test("the daemon carries zod's words in one language: all of them are read at each start", () => {
  for (const name of ["app.cjs", "headless.cjs"]) {
    const text = readFileSync(dist(name), "utf8");
    expect(text.includes("Invalid input: expected")).toBe(true);
    // Indonesian. `import { z } from "zod"` brings all languages; `import * as z` leaves out what is not used.
    expect(text.includes("Input tidak valid")).toBe(false);
  }
});

test("the daemon is ASCII: a character takes one byte of memory, also where it is read as such", () => {
  for (const name of ["app.cjs", "headless.cjs"]) {
    expect(readFileSync(dist(name)).every((byte) => byte < 0x80)).toBe(true);
  }
});

test("the app is compiled: this Electron takes what the build has left, and not for another text", async () => {
  const electron = knownElectron()!;
  const [compiled] = readdirSync(dist("compiled"));
  const text = readFileSync(dist("app.cjs"), "latin1");
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  expect(compiled).toBe(`${digest}-${process.platform}-${process.arch}`);
  expect(readFileSync(dist("main.cjs"), "utf8")).toContain(digest);
  const script = `
    const { readFileSync } = require("node:fs");
    const { Script } = require("node:vm");
    const [text, file] = process.argv.slice(1);
    const cachedData = readFileSync(file);
    const refused = (source) => new Script(source, { cachedData }).cachedDataRejected;
    const source = readFileSync(text, "latin1");
    console.log(refused(source), refused(source + " "));
  `;
  const words = ["-e", script, dist("app.cjs"), dist(join("compiled", compiled!))];
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  expect((await run(electron, words, { env })).stdout).toBe("false true\n");
});

test("names stay as they are written, for who reads a stack trace in the log", () => {
  for (const name of ["app.cjs", "headless.cjs"]) {
    const text = readFileSync(dist(name), "utf8");
    expect(text.includes("EvercredError=class extends Error")).toBe(true);
    // With this helper a function is given its name anew whenever it is made.
    expect(text.includes("__name")).toBe(false);
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
