// Changes the domain and the frames at one place after the other, and sees whether a test fails: npm run mutation; a part of it:
// npm run mutation -- electron/core/policy.ts. What no test notices has to be listed, with why, in scripts/mutation/survivors.md.
// What it needs is apart from the project's packages, in scripts/mutation/.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "./checks.mjs";
import { run } from "./command.mjs";
import {
  listed,
  missing,
  shown,
  survivorsIn,
  withoutStaticSurvivors,
} from "./mutation/survivors.mjs";

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
const results = join(project, "dist", "mutation", "results.json");
if (existsSync(results)) {
  writeFileSync(results, JSON.stringify(withoutStaticSurvivors(JSON.parse(readFileSync(results)))));
}
const startedAt = Date.now();
const testing = spawn(
  process.execPath,
  [stryker, "run", join(tools, "stryker.config.mjs"), ...part],
  { cwd: project, stdio: "inherit" },
);
const [status] = await once(testing, "exit");
process.exitCode = status ?? 1;
if (writtenAt(results) >= startedAt) {
  const names = files.map((file) => file.replace(/:.*/, ""));
  const isWanted = (file) => files.length === 0 || names.includes(file);
  const survivors = survivorsIn(JSON.parse(readFileSync(results, "utf8")), isWanted);
  const known = listed(readFileSync(join(tools, "survivors.md"), "utf8"));
  const unlisted = missing(survivors, known);
  const gone = missing(
    known.filter(({ file }) => isWanted(file)),
    survivors,
  );
  const count = survivors.length - unlisted.length;
  console.log(
    `\n${count} changes that no test notices are listed in scripts/mutation/survivors.md.`,
  );
  if (gone.length > 0) console.log(`\nThese are listed, and are gone:\n\n${shown(gone)}`);
  if (unlisted.length > 0) {
    console.log(
      `\nThese are new. Each wants a test, or less code, or a reason:\n\n${shown(unlisted)}`,
    );
    process.exitCode = 1;
  }
}
