// Builds this checkout twice, in two folders, at two times, under two umasks, and compares what came of it:
//   node scripts/reproducible.mjs [--packages]
// By itself the bundles, the client and the archive of both; with --packages also the deb of each. Exit 1 where they differ.
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import asar from "@electron/asar";
import { run } from "./command.mjs";
import { digestOf, readRelease } from "./release.mjs";

const project = dirname(import.meta.dirname);
const { values } = parseArgs({ options: { packages: { type: "boolean", default: false } } });
const sources = [
  "electron",
  "renderer",
  "scripts",
  "packaging",
  "package.json",
  "package-lock.json",
];
sources.push("electron-builder.yml", "tsconfig.json", "LICENSE", ".npmrc");
/** They name the checkout that they start, and are in no package. */
const ofCheckout = new Set(["bin/evercred.launch", "evercred.desktop"]);

/** Builds a copy of the checkout; resolves to the digest of each file that was made, by its path. */
async function built(folder, { umask, timeZone }) {
  await mkdir(folder, { recursive: true });
  for (const name of sources) {
    await cp(join(project, name), join(folder, name), { recursive: true });
  }
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  const env = { ...process.env, TZ: timeZone, SOURCE_DATE_EPOCH: "1700000000" };
  const node = async (...words) => {
    const script = 'umask "$0" && exec "$@"';
    const args = ["-c", script, umask, process.execPath, ...words];
    const { status, output } = await run("sh", args, { cwd: folder, env });
    if (status !== 0) throw new Error(`${words[0]} has failed. It said: ${output.trim()}`);
  };
  await node("scripts/build.mjs");
  const dist = join(folder, "dist");
  const found = new Map();
  for (const path of await filesIn(dist)) {
    if (!ofCheckout.has(path)) found.set(path, await digestOf(join(dist, path)));
  }
  const archive = join(folder, "app.asar");
  for (const path of ofCheckout) await rm(join(dist, path), { force: true });
  await asar.createPackage(dist, archive);
  found.set("app.asar", await digestOf(archive));
  if (values.packages) {
    const out = join(folder, "release");
    await node("scripts/dist.mjs", "--quick", "--out", out, "deb");
    for (const { name, sha256, asarSha256 } of (await readRelease(out)).files) {
      // Its certificate is another one each time.
      if (!name.endsWith(".exe")) found.set(name, sha256);
      if (asarSha256 !== undefined) found.set(`${name}: app.asar`, asarSha256);
    }
  }
  return found;
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

const room = await mkdtemp(join(tmpdir(), "evercred-twice-"));
try {
  const one = await built(join(room, "one"), { umask: "022", timeZone: "UTC" });
  const other = await built(join(room, "another", "place"), {
    umask: "027",
    timeZone: "Asia/Tokyo",
  });
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  const differing = names.filter((name) => one.get(name) !== other.get(name));
  for (const name of differing) console.error(`${name} differs from build to build.`);
  if (differing.length > 0) process.exitCode = 1;
  else console.log(`${String(names.length)} files are the same in both builds.`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(room, { recursive: true, force: true });
}
