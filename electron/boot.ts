import "./platform/fill-ins.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Pieces } from "./pieces.ts";

/** The folder with what the build has had this Electron compile of the pieces (scripts/compile.mjs), by their digest. */
declare const EVERCRED_COMPILED: string;

const dist = fileURLToPath(new URL(".", import.meta.url));
const compiledFolder = join(
  dist,
  "compiled",
  `${EVERCRED_COMPILED}-${process.platform}-${process.arch}`,
);

/** Undefined where the build could not run an Electron for this system. */
const readCompiled = (name: string): Buffer | undefined => {
  try {
    return readFileSync(join(compiledFolder, name));
  } catch {
    return undefined;
  }
};

new Pieces({ folder: join(dist, "app"), compiled: readCompiled }).load("main.cjs");
