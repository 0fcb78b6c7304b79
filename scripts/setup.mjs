// Makes a machine ready for a step: npm run setup [build|demo|test|bench|dist]. Does nothing where nothing is missing.
import { dirname } from "node:path";
import { electronPath } from "./electron-dist.mjs";
import { buildKeytar } from "./keytar-build.mjs";
import { run } from "./command.mjs";
import {
  installPackages,
  isDebianLike,
  missingPackages,
  missingTools,
  needsOf,
  packageNames,
} from "./system-packages.mjs";

const project = dirname(import.meta.dirname);

/** Resolves to a sentence that says what a person has to do, or undefined. */
async function prepare(step) {
  if (process.platform !== "linux" && !["build", "dist"].includes(step)) {
    return `The ${step} runs on Linux only. Here: npm run build, npm start, npm run check.`;
  }
  return (
    (process.platform === "linux" ? await prepareSystem(step) : undefined) ??
    (await buildKeytar(project)) ??
    (step === "build" ? undefined : await prepareElectron())
  );
}

async function prepareSystem(step) {
  if (!isDebianLike()) {
    const missing = await missingTools(needsOf(step));
    if (missing.length === 0) return undefined;
    const list = missing.map((need) => need.packages[0]).join(" ");
    return `Missing here, by Debian's names: ${list}. Install them with this system's package manager, then run this again.`;
  }
  const missing = await missingPackages(needsOf(step));
  if (missing.length === 0) return undefined;
  const names = (await packageNames(missing)).join(" ");
  const prefix = await rootPrefix();
  if (prefix === undefined) {
    return `System packages are missing. Run: sudo apt-get install -y --no-install-recommends ${names}`;
  }
  console.log(`Installing system packages with apt-get: ${names}`);
  return installPackages(missing, prefix);
}

/** What to put before apt-get: nothing as root, sudo on a CI machine that allows it; undefined: a person must do it. */
async function rootPrefix() {
  if (process.getuid() === 0) return [];
  if (!process.env.CI || (await run("sudo", ["-n", "true"])).status !== 0) return undefined;
  // sudo drops the environment.
  return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"];
}

async function prepareElectron() {
  try {
    await electronPath();
    return undefined;
  } catch (error) {
    return error.message;
  }
}

const step = process.argv[2] ?? "build";
if (!["build", "demo", "test", "bench", "dist"].includes(step) || process.argv.length > 3) {
  console.error("Usage: npm run setup [build|demo|test|bench|dist]");
  process.exit(2);
}
const remedy = await prepare(step);
if (remedy !== undefined) {
  console.error(remedy);
  process.exit(1);
}
