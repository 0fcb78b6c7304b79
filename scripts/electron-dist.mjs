import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { makeStandIn, standInPath } from "./electron-stand-in.mjs";

const pinned = join(import.meta.dirname, "..", "node_modules", "electron");

/** The path of Electron's program: the pinned one, fetched if need be, else the stand-in. Throws a sentence and a remedy. */
export async function electronPath() {
  const known = knownElectron();
  if (known !== undefined) return known;
  if (!existsSync(pinned)) throw new Error("node_modules is not complete. Run: npm ci");
  const version = pinnedVersion();
  console.log(`Fetching Electron ${version}.`);
  await run(process.execPath, [join(pinned, "install.js")], { timeoutMs: 300_000 });
  const fetched = pinnedPath();
  if (fetched !== undefined) return fetched;
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `Electron ${version} could not be fetched. Unpack it by hand and name its folder in ELECTRON_OVERRIDE_DIST_PATH.`,
    );
  }
  return makeStandIn(version);
}

/** The path that electronPath() gives without fetching anything, or undefined. */
export function knownElectron() {
  const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (chosen) return join(chosen, programName());
  const standIn = standInPath();
  return pinnedPath() ?? (existsSync(standIn) ? standIn : undefined);
}

/** The pinned Electron's program, if it was fetched and is of the version that package.json wants. */
function pinnedPath() {
  const mark = join(pinned, "dist", "version");
  const program = join(pinned, "dist", programName());
  if (!existsSync(mark) || !existsSync(program)) return undefined;
  const there = readFileSync(mark, "utf8").trim().replace(/^v/, "");
  return there === pinnedVersion() ? program : undefined;
}

function pinnedVersion() {
  return JSON.parse(readFileSync(join(pinned, "package.json"), "utf8")).version;
}

function programName() {
  if (process.platform === "darwin") return join("Electron.app", "Contents", "MacOS", "Electron");
  return process.platform === "win32" ? "electron.exe" : "electron";
}
