// Changes the domain and the frames at one place after the other, and sees whether a test fails: npm run mutation; a part of it:
// npm run mutation -- electron/core/policy.ts. What it needs is apart from the project's packages, in scripts/mutation/.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { project } from "./checks.mjs";
import { run } from "./command.mjs";

const tools = join(import.meta.dirname, "mutation");

const writtenAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Installs what is locked, where that is not there yet. Gives a sentence where it cannot. */
async function install() {
  const installed = join(tools, "node_modules", ".package-lock.json");
  if (writtenAt(installed) >= writtenAt(join(tools, "package-lock.json"))) return undefined;
  const { status, output } = await run("npm", ["ci"], { cwd: tools });
  return status === 0 ? undefined : `npm ci has failed in scripts/mutation:\n${output}`;
}

const files = process.argv.slice(2);
if (files.some((file) => !/^electron\/.+\.ts(?::\d+-\d+)?$/.test(file))) {
  console.error("Usage: npm run mutation [-- FILE…], as in electron/core/policy.ts");
  process.exit(2);
}
const trouble = await install();
if (trouble !== undefined) {
  console.error(trouble);
  process.exit(1);
}
const stryker = join(tools, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
const part = files.length === 0 ? [] : ["--mutate", files.join(",")];
const testing = spawn(
  process.execPath,
  [stryker, "run", join(tools, "stryker.config.mjs"), ...part],
  { cwd: project, stdio: "inherit" },
);
const [status] = await once(testing, "exit");
process.exitCode = status ?? 1;
