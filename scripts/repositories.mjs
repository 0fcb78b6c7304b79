// Makes a signed apt repository and a signed yum repository of releases that npm run dist has made:
//   npm run repositories -- OUT FOLDER… [--test-build]
// docs/releasing.md says what comes of it, docs/it-deployment.md how a computer follows it.
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import semver from "semver";
import { run } from "./command.mjs";
import { clearSign, exportKey, sign, withThrowAwayKey, writeKeyring } from "./gpg.mjs";
import { verifyRelease } from "./release-checks.mjs";
import { changedFile, readRelease } from "./release.mjs";
import { signingKey } from "./signing-key.mjs";

/** The public half of the key that has signed both: as apt takes it, and as dnf does. */
export const keyringName = "evercred-archive-keyring.gpg";
export const keyName = "evercred-archive-key.asc";

/** The only suite: a computer that follows it gets releases, and no pre-release. */
const suite = "stable";

/**
 * Makes both repositories of the packages in `folders`, in place of what an earlier call has made in `out`. Each may hold
 * several versions: package managers take the highest, and can go back to the others. Throws a sentence where that cannot be,
 * and leaves what was there before.
 * @param {object} wanted
 * @param {string} wanted.out
 * @param {readonly string[]} wanted.folders releases, with their release.json
 * @param {import("./gpg.mjs").SigningKey} wanted.key
 * @param {boolean} wanted.testBuild whether pre-releases may be offered
 */
export async function makeRepositories({ out, folders, key, testBuild }) {
  const place = resolve(out);
  const there = await readdir(place).catch(() => []);
  if (there.length > 0 && !there.includes(keyringName)) {
    throw new Error(`${place} holds something else than repositories. Name an empty folder.`);
  }
  const packages = await packagesOf(folders, testBuild);
  await mkdir(dirname(place), { recursive: true });
  const fresh = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  try {
    await makeApt(join(fresh, "apt"), packages, key);
    await makeYum(join(fresh, "yum"), packages, key);
    await exportKey(key, join(fresh, keyName));
    await writeKeyring({ keyFile: join(fresh, keyName) }, join(fresh, keyringName));
    // Others read it: of a folder by mkdtemp they could not.
    await must("chmod", ["-R", "a+rX", fresh]);
    await rm(place, { recursive: true, force: true });
    await rename(fresh, place);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** The packages of all releases, with the folders that they lie in. */
async function packagesOf(folders, testBuild) {
  const found = new Map();
  for (const folder of folders) {
    const release = await readRelease(folder);
    const { version } = release;
    if (!testBuild && semver.prerelease(version) !== null) {
      throw new Error(
        `${version} is a pre-release, and who follows ${suite} gets none. Leave it out.`,
      );
    }
    const changed = await changedFile(folder, release);
    if (changed !== undefined) throw new Error(changed);
    for (const { name, kind } of release.files) {
      if (found.has(name)) throw new Error(`${name} is in two releases. Name each version once.`);
      found.set(name, { name, kind, file: join(folder, name) });
    }
  }
  return [...found.values()];
}

const ofKind = (packages, pattern) => packages.filter(({ kind }) => pattern.test(kind));

async function putInto(folder, packages) {
  await mkdir(folder, { recursive: true });
  for (const { name, file } of packages) await copyFile(file, join(folder, name));
}

/** A pool of debs, and a suite whose signed list names the sum of each. */
async function makeApt(root, packages, key) {
  const debs = ofKind(packages, /^(?:headless-)?deb$/);
  await putInto(join(root, "pool"), debs);
  const architectures = [...new Set(debs.map(({ name }) => /_(\w+)\.deb$/.exec(name)[1]))].sort();
  for (const architecture of architectures) {
    const folder = join(root, "dists", suite, "main", `binary-${architecture}`);
    await mkdir(folder, { recursive: true });
    const words = ["--arch", architecture, "packages", "pool"];
    await writeFile(join(folder, "Packages"), await must("apt-ftparchive", words, root));
    await must("gzip", ["--keep", "--no-name", "--best", join(folder, "Packages")]);
  }
  const fields = {
    Origin: "Evercred",
    Label: "Evercred",
    Suite: suite,
    Codename: suite,
    Architectures: architectures.join(" "),
    Components: "main",
    Description: "Packages of Evercred",
  };
  const settings = Object.entries(fields).flatMap(([name, value]) => [
    "-o",
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);
  const dist = join(root, "dists", suite);
  const list = await must("apt-ftparchive", [...settings, "release", dist]);
  await writeFile(join(dist, "Release"), list);
  await clearSign(join(dist, "Release"), join(dist, "InRelease"), key);
  await sign(join(dist, "Release"), key);
  await rename(join(dist, "Release.asc"), join(dist, "Release.gpg"));
}

/** Rpms in one folder, and a signed list that names the sum of each. */
async function makeYum(root, packages, key) {
  await putInto(root, ofKind(packages, /^rpm$/));
  await must("createrepo_c", ["--quiet", "--no-database", root]);
  await sign(join(root, "repodata", "repomd.xml"), key);
}

async function must(program, args, cwd) {
  const { status, stdout, output } = await run(program, args, { cwd });
  if (status === 127) {
    const name =
      { "apt-ftparchive": "apt-utils", createrepo_c: "createrepo-c" }[program] ?? program;
    throw new Error(`${program} is not there. Install it (Debian: ${name}), then try again.`);
  }
  if (status !== 0) throw new Error(`${program} could not do its part. It said: ${output.trim()}`);
  return stdout;
}

/** Rejects with all that is wrong with a release. */
async function verified(folder, key, testBuild) {
  const faults = [];
  const fingerprint = testBuild ? undefined : key.fingerprint;
  const certificate = process.env.EVERCRED_WINDOWS_CERTIFICATE || undefined;
  const reporter = { ok: () => undefined, fault: (text) => faults.push(text) };
  await verifyRelease({ folder, fingerprint, certificate, testBuild }, reporter);
  if (faults.length > 0) throw new Error(`${folder}: ${faults.join("\n")}`);
}

async function main() {
  const { out, folders, testBuild } = parsedWords();
  const make = async (key) => {
    for (const folder of folders) await verified(folder, key, testBuild);
    await makeRepositories({ out, folders, key, testBuild });
    console.log(`${resolve(out)}: apt and yum, signed with the key ${key.fingerprint}`);
  };
  const key = signingKey(testBuild);
  await (key === undefined ? withThrowAwayKey(make) : make(key));
}

function parsedWords() {
  try {
    const options = { "test-build": { type: "boolean", default: false } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [out, ...folders] = positionals;
    if (folders.length > 0) return { out, folders, testBuild: values["test-build"] };
  } catch {
    // An unknown option is answered by the usage as well.
  }
  console.error("Usage: node scripts/repositories.mjs OUT FOLDER… [--test-build]");
  return process.exit(2);
}

if (process.argv[1] === import.meta.filename) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
