import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { expect, test } from "vitest";
import { usage } from "../../electron/commands/usage.ts";
import { Pieces } from "../../electron/pieces.ts";
import { run } from "../../scripts/command.mjs";
import { knownElectron } from "../../scripts/electron-dist.mjs";
import { project } from "./program.ts";

const dist = (name: string): string => join(project, "dist", name);

/** The app's code, which is in pieces: what a start needs, and what is loaded when it is first used. */
const pieces = readdirSync(dist("app")).sort();
const app = pieces.map((name) => `app/${name}`);

test.each([
  "main.cjs",
  "app/main.cjs",
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
  for (const name of ["main.cjs", ...app, "headless.cjs", "preload.cjs", "renderer/app.js"]) {
    expect(readFileSync(dist(name), "utf8")).not.toContain("sourceMappingURL");
    expect(existsSync(dist(`${name}.map`))).toBe(false);
  }
});

test("the daemon carries zod's words in one language: all of them are read at each start", () => {
  for (const names of [app, ["headless.cjs"]]) {
    const text = names.map((name) => readFileSync(dist(name), "utf8")).join("");
    expect(text.includes("Invalid input: expected")).toBe(true);
    // Indonesian. `import { z } from "zod"` brings all languages; `import * as z` leaves out what is not used.
    expect(text.includes("Input tidak valid")).toBe(false);
  }
});

test("the daemon is ASCII: a character takes one byte of memory, also where it is read as such", () => {
  for (const name of [...app, "headless.cjs"]) {
    expect(readFileSync(dist(name)).every((byte) => byte < 0x80)).toBe(true);
  }
});

test("what only a provider is asked with is no part of what the app's start reads", () => {
  const packages = [/SSOOIDCServiceException/, /GoogleAuth\b/, /AppUpdater\.js/];
  const start = readFileSync(dist("app/main.cjs"), "latin1");
  const rest = app
    .filter((name) => name !== "app/main.cjs")
    .map((name) => readFileSync(dist(name), "latin1"));
  for (const name of packages) {
    expect(start).not.toMatch(name);
    expect(rest.some((text) => name.test(text))).toBe(true);
  }
});

test("a package that is CommonJS has in its piece the names that it exports", () => {
  const loaded = new Pieces({ folder: dist("app"), compiled: () => undefined });
  const whole = pieces.filter((name) =>
    /module\.exports=require_\w+\(\);\s*\}\)$/.test(readFileSync(dist(`app/${name}`), "latin1")),
  );
  const names = whole.flatMap((name) => Object.keys(loaded.load(name) as object));
  // Of the AWS token generator for Bedrock, and of electron-updater.
  expect(names).toEqual(expect.arrayContaining(["getTokenProvider", "NsisUpdater"]));
});

test("the app is compiled: this Electron takes what the build has left, and not for another text", async () => {
  const electron = knownElectron()!;
  const [compiled] = readdirSync(dist("compiled"));
  const hash = createHash("sha256");
  for (const name of app) hash.update(readFileSync(dist(name)));
  const digest = hash.digest("hex").slice(0, 16);
  expect(compiled).toBe(`${digest}-${process.platform}-${process.arch}`);
  expect(readFileSync(dist("main.cjs"), "utf8")).toContain(digest);
  expect(readdirSync(dist(`compiled/${compiled!}`)).sort()).toEqual(pieces);
  const script = `
    const { readFileSync } = require("node:fs");
    const { Script } = require("node:vm");
    const [texts, folder, ...names] = process.argv.slice(1);
    for (const name of names) {
      const cachedData = readFileSync(folder + "/" + name);
      const refused = (source) => new Script(source, { cachedData }).cachedDataRejected;
      const source = readFileSync(texts + "/" + name, "latin1");
      console.log(refused(source), refused(source + " "));
    }
  `;
  const words = ["-e", script, dist("app"), dist(`compiled/${compiled!}`), ...pieces];
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  expect((await run(electron, words, { env })).stdout).toBe("false true\n".repeat(pieces.length));
});

test("what a start runs is compiled with it: functions inside too", () => {
  const [compiled] = readdirSync(dist("compiled"));
  const size = (name: string): number => statSync(dist(name)).size;
  // Of a text whose functions nobody has called, V8 keeps little more than their names.
  expect(size(`compiled/${compiled!}/main.cjs`)).toBeGreaterThan(0.6 * size("app/main.cjs"));
});

test("names stay as they are written, for who reads a stack trace in the log", () => {
  for (const names of [app, ["headless.cjs"]]) {
    const text = names.map((name) => readFileSync(dist(name), "utf8")).join("");
    expect(text).toMatch(
      /\bEvercredError\s?=\s?class extends Error|class EvercredError extends Error/,
    );
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
