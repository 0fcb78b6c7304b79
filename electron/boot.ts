import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

/** The name of what the build has had this Electron compile of the bundle (scripts/compile.mjs), by that bundle's digest. */
declare const EVERCRED_COMPILED: string;

const dist = fileURLToPath(new URL(".", import.meta.url));
const filename = join(dist, "app.cjs");

/** Undefined where the build could not run an Electron for this system. V8 itself refuses what another version has made. */
const readCompiled = (): Buffer | undefined => {
  try {
    return readFileSync(
      join(dist, "compiled", `${EVERCRED_COMPILED}-${process.platform}-${process.arch}`),
    );
  } catch {
    return undefined;
  }
};

// One function, of nothing but ASCII, so that a character takes one byte in memory too: scripts/build.mjs sees to both.
const text = readFileSync(filename, "latin1");
const cachedData = readCompiled();
const script = new Script(text, { filename, ...(cachedData === undefined ? {} : { cachedData }) });
const run = script.runInThisContext() as (...of: readonly unknown[]) => void;
const module = { exports: {} };
run(module.exports, createRequire(filename), module, filename, dirname(filename));
