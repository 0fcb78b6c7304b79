// Makes installers: npm run dist -- [--release] [--version V] [--out FOLDER] [--quick] [TARGET…]. On Linux a deb, an rpm and
// the deb without Electron, in dist/release/, signed and verified; docs/releasing.md says the rest.
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import semver from "semver";
import { billOfMaterials } from "./bill-of-materials.mjs";
import { buildWindowsShim, windowsCompiler } from "./build-shim.mjs";
import { builderConfig, packsWindowsShim, testSynopsis, testVersion } from "./builder-config.mjs";
import { programPath, run } from "./command.mjs";
import { electronPath } from "./electron-dist.mjs";
import { standInPath } from "./electron-stand-in.mjs";
import { readFuses } from "./fuses.mjs";
import { packageFields, packageKinds, packageScripts } from "./package-contents.mjs";
import { readUsage, writeParts } from "./package-parts.mjs";
import { digestOf, releaseName, writeRelease } from "./release.mjs";
import { publicHalf, updateKeyIn } from "./update-key.mjs";

const project = dirname(import.meta.dirname);
const manifest = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
const builderOut = join(project, "dist", "builder");
const fpm = join(project, "packaging", "fpm.mjs");

/** What is made on each system; AppImage only by name, since its tools are fetched from elsewhere than a registry. */
const usualTargets = {
  linux: ["deb", "rpm", "headless-deb"],
  darwin: ["dmg", "zip", "pkg"],
  win32: ["nsis", "msi"],
}[process.platform];

const kinds = {
  deb: "deb",
  rpm: "rpm",
  AppImage: "appimage",
  dmg: "dmg",
  zip: "zip",
  pkg: "pkg",
  exe: "nsis",
  msi: "msi",
};

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      release: { type: "boolean", default: false },
      version: { type: "string" },
      out: { type: "string", default: join(project, "dist", "release") },
      quick: { type: "boolean", default: false },
    },
  });
  if (values.release && values.version !== undefined) {
    throw new Error("The version of a release stands in package.json.");
  }
  const version =
    values.version ?? (values.release ? manifest.version : testVersion(manifest.version));
  if (semver.valid(version) !== version) {
    throw new Error(`${version} is no version. Name one as 1.2.3 or 1.2.3-test.`);
  }
  return {
    ...values,
    out: resolve(values.out),
    targets: positionals.length > 0 ? positionals : usualTargets,
    version,
  };
}

/** Throws where a folder holds something else than an earlier release: it is emptied. */
async function refuseForeign(folder) {
  if (folder.startsWith(join(project, "dist") + sep)) return;
  const there = await readdir(folder).catch(() => []);
  if (there.length === 0 || there.includes(releaseName)) return;
  throw new Error(
    `${folder} holds something else than a release. Name an empty folder with --out.`,
  );
}

/** Throws where a release would name an address that nobody has: packages and apps outlive what they were built with. */
async function refusePlaceholders() {
  for (const name of ["package.json", "electron-builder.yml"]) {
    const [found] = /[\w.:/@-]+\.invalid\b/.exec(await readFile(join(project, name), "utf8")) ?? [];
    if (found !== undefined) {
      throw new Error(
        `${name} names ${found}, which is a placeholder. Put your own address there.`,
      );
    }
  }
}

async function dist() {
  const options = readOptions();
  await refuseForeign(options.out);
  if (options.release) await refusePlaceholders();
  const commit = await commitOf(options.release);
  // The same commit gives the same bytes.
  process.env.SOURCE_DATE_EPOCH ??= commit.time;
  const electron = await packedElectron();
  const build = { ...options, electron, platform: process.platform, env: process.env };
  const config = builderConfig(build);

  const updateKey = updateKeyOf(options.release);
  const forUpdates = updateKey === undefined ? [] : ["--update-key", updateKey];
  node("scripts/build.mjs", "--version", options.version, ...forUpdates);
  await writeParts();
  if (process.platform === "darwin") await checkProcessors();
  await rm(options.out, { recursive: true, force: true });
  await rm(builderOut, { recursive: true, force: true });
  await mkdir(options.out, { recursive: true });
  const files = [];
  const ofApp = options.targets.filter((target) => target !== "headless-deb");
  if (ofApp.length > 0) files.push(...(await packApp(ofApp, config, options.out)));
  if (options.targets.includes("headless-deb")) files.push(await packHeadless(build));
  if (process.platform === "linux") files.push(...(await packWindowsShim(options)));
  files.push(await listMaterials(build));

  await writeRelease(options.out, {
    version: options.version,
    commit: commit.id,
    electron: { version: electron.version, standIn: electron.standIn },
    updateKey,
    files,
  });
  const testBuild = options.release ? [] : ["--test-build"];
  node("scripts/sign-release.mjs", options.out, ...testBuild);
  node("scripts/verify-release.mjs", options.out, ...testBuild);
  console.log(`\n${options.out}`);
  for (const { name, size } of files) console.log(`  ${name} (${(size / 1e6).toFixed(1)} MB)`);
  if (updateKey === undefined) console.log("It looks for no updates: see docs/updates.md");
  if (!options.release) console.log("A test build: for trying only. See docs/releasing.md");
}

/** The commit that is built and its time. A release is of a commit, and of nothing beside it. */
async function commitOf(release) {
  const git = async (...args) => (await run("git", ["-C", project, ...args])).stdout.trim();
  const [id, time] = [await git("rev-parse", "HEAD"), await git("log", "-1", "--format=%ct")];
  if (!release) return { id: id || "unknown", time: time || "0" };
  if (id === "") throw new Error("A release is made of a commit, and this folder has none.");
  if ((await git("status", "--porcelain")) !== "") {
    throw new Error("There are changes that are in no commit. Commit them or put them away.");
  }
  return { id, time };
}

/** Rejects unless what the app for both kinds of a Mac's processors has only once is for both. */
async function checkProcessors() {
  const keytar = join(project, "node_modules/keytar/build/Release/keytar.node");
  const client = ["evercred", "peer.node"].map((name) => join(project, "dist/package/bin", name));
  for (const file of [...client, keytar]) {
    await must("lipo", [file, "-verify_arch", "x86_64", "arm64"]);
  }
}

/** The public half of the key whose updates the built app takes: of a test build never one, and of a release its own. */
function updateKeyOf(release) {
  const key = updateKeyIn(process.env);
  if (key === undefined) return undefined;
  if (!release) throw new Error("A test build takes no updates. Unset EVERCRED_UPDATE_KEY.");
  return publicHalf(key);
}

async function packedElectron() {
  const program = await electronPath();
  const standIn = program === standInPath();
  if (!standIn && !process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    return { version: manifest.devDependencies.electron, standIn, folder: undefined };
  }
  const folder = dirname(program);
  const version = (await readFile(join(folder, "version"), "utf8")).trim().replace(/^v/, "");
  return { version, standIn, folder };
}

/** Has electron-builder make installers of the app, and puts them into the release's folder. */
async function packApp(targets, config, out) {
  process.env.CUSTOM_FPM_PATH = fpm;
  const { build, Platform } = await import("electron-builder");
  const made = await build({
    projectDir: project,
    targets: Platform.current().createTarget(targets),
    config,
    publish: "never",
  });
  const files = [];
  for (const file of made) {
    const kind = kinds[file.split(".").at(-1)];
    if (kind === undefined) continue;
    const name = file.split(/[\\/]/).at(-1);
    await rename(file, join(out, name));
    files.push({ ...(await described(join(out, name), name, kind)), ...(await appFacts()) });
  }
  return Promise.all(files.map(withFacts(out)));
}

/** What is in the app that was packed: its archive's digest and its fuses. */
async function appFacts() {
  const unpacked = (await readdir(builderOut)).find((name) => /unpacked$|^mac/.test(name));
  const [resources, program] = {
    darwin: ["Evercred.app/Contents/Resources", "Evercred.app/Contents/MacOS/Evercred"],
    win32: ["resources", "Evercred.exe"],
    linux: ["resources", "evercred-app"],
  }[process.platform];
  return {
    asarSha256: await digestOf(join(builderOut, unpacked, resources, "app.asar")),
    fuses: await readFuses(join(builderOut, unpacked, program)),
  };
}

/** Adds what a package says of itself, and the digests of the scripts that its installation runs as root. */
const withFacts = (out) => async (entry) => {
  const { name, kind } = entry;
  if (packageKinds[kind] === undefined) return entry;
  const file = join(out, name);
  const [fields, scripts] = [await packageFields(file, kind), await packageScripts(file, kind)];
  return { ...entry, fields, scripts };
};

/** The daemon without Electron, for servers and containers: its own package, in the app's place. */
async function packHeadless({ version, out, release, quick, electron }) {
  const architecture = { x64: "amd64", arm64: "arm64" }[process.arch];
  const name = `evercred-headless_${version}_${architecture}.deb`;
  const summary = release
    ? "Keeps you signed in to AWS and Google Cloud, without a desktop"
    : testSynopsis({ ...electron, standIn: false });
  const pairs = {
    name: "evercred-headless",
    version: version.replaceAll("-", "~"),
    architecture,
    description: `${summary}\nThe daemon of Evercred under Node, for servers, containers and SSH hosts, as a systemd user unit.`,
    maintainer: `${manifest.author.name} <${manifest.author.email}>`,
    url: manifest.homepage,
    category: "utils",
    conflicts: "evercred",
    replaces: "evercred",
    "deb-compression": quick ? "gz" : "xz",
    "before-remove": join(project, "packaging/linux/headless-before-remove.sh"),
    package: join(out, name),
  };
  const depends = ["nodejs (>= 18.15)", "libsecret-1-0"].flatMap((each) => ["-d", each]);
  const words = Object.entries(pairs).flatMap(([key, value]) => [`--${key}`, value]);
  const root = `${join(project, "dist/package/headless")}/`;
  const folders = (await readdir(root)).map((folder) => `${join(root, folder)}/=/${folder}`);
  await must(process.execPath, [
    fpm,
    "-s",
    "dir",
    "-t",
    "deb",
    ...depends,
    "--deb-recommends",
    "gnome-keyring",
    ...words,
    ...folders,
  ]);
  return withFacts(out)(await described(join(out, name), name, "headless-deb"));
}

/** The client for Windows, where its compiler is: a Linux machine can make and sign that much of it. */
async function packWindowsShim({ version, out, release }) {
  if (programPath(windowsCompiler) === undefined) return [];
  if (!packsWindowsShim({ release, env: process.env })) return [];
  const name = `evercred-shim-${version}-x64.exe`;
  const outFile = join(project, "dist", "package", "evercred.exe");
  await buildWindowsShim({ usage: await readUsage(), version, outFile });
  await copyFile(outFile, join(out, name));
  return [await described(join(out, name), name, "shim-exe")];
}

/** The list of what is in the packages, in CycloneDX. */
async function listMaterials({ version, out, electron, platform }) {
  const system = { darwin: "macos", win32: "windows" }[platform] ?? platform;
  const name = `evercred-${version}-${system}.cdx.json`;
  await writeFile(join(out, name), await billOfMaterials({ version, electron: electron.version }));
  return described(join(out, name), name, "sbom");
}

async function described(file, name, kind) {
  return { name, sha256: await digestOf(file), size: (await stat(file)).size, kind };
}

/** Runs a script of this project to its end, its output shown. */
function node(script, ...words) {
  const { status } = spawnSync(process.execPath, [join(project, script), ...words], {
    cwd: project,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`${script} has failed: its output is above.`);
}

async function must(program, args) {
  const { status, output } = await run(program, args, { cwd: project });
  if (status === 0) return;
  process.stderr.write(output);
  throw new Error(`${program} ${args[0]} failed.`);
}

await dist().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
