import { mkdir, mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { load } from "js-yaml";
import semver from "semver";
import { z } from "zod";
import { isSignedProgram } from "./authenticode.mjs";
import { readFuses, releaseFuses } from "./fuses.mjs";
import { signatureFault, writeKeyring } from "./gpg.mjs";
import {
  findAsar,
  findProgram,
  packageEntries,
  packageFields,
  packageKinds,
  packageScripts,
  packageVersion,
  strangersBeside,
  unpackPackage,
} from "./package-contents.mjs";
import {
  channelOf,
  digestOf,
  offered,
  readRelease,
  releaseName,
  sumsName,
  sumsOf,
  testCertificateName,
  testKeyName,
} from "./release.mjs";
import { isSignedUpdate, signatureOf } from "./update-key.mjs";

/**
 * @typedef {object} Wanted
 * @property {string} folder
 * @property {string} [keyFile] the public keys whose signatures count; else `fingerprint` of the caller's keyring
 * @property {string} [fingerprint] the only key that counts
 * @property {string} [previous] the version that is installed
 * @property {string} [certificate] the authorities that count for programs for Windows, in PEM
 * @property {boolean} testBuild what is of a test build may pass; its own throw-away key counts where no other is named
 */

/**
 * Verifies a release. Tells the reporter each check that passed as a phrase, and all that is wrong as a sentence with a
 * remedy.
 * @param {Wanted} wanted
 * @param {{ ok: (text: string) => void, fault: (text: string) => void }} reporter
 */
export async function verifyRelease(wanted, reporter) {
  const room = await mkdtemp(join(tmpdir(), "evercred-verify-"));
  try {
    await new Verification(wanted, room, reporter).run();
  } catch (error) {
    reporter.fault(error.message);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

/** Runs the checks over one release. */
class Verification {
  #folder;
  #wanted;
  #room;
  #reporter;
  /** How much is wrong so far. */
  #faults = 0;

  /** `room`: an empty folder of this run's own. */
  constructor(wanted, room, reporter) {
    this.#folder = wanted.folder;
    this.#wanted = wanted;
    this.#room = room;
    this.#reporter = reporter;
  }

  async run() {
    await this.#prepareKeyring();
    // Nothing that it says counts before this.
    if (!(await this.#isSigned(releaseName))) return;
    const release = await readRelease(this.#folder);
    this.#checkKind(release);
    this.#checkVersion(release);

    const metadata = offered(release);
    const signatures = release.updateKey === undefined ? [] : [...metadata.keys()].map(signatureOf);
    const described = [
      ...release.files.map(({ name }) => name),
      ...metadata.keys(),
      ...signatures,
      releaseName,
    ];
    await this.#checkNames([...described, sumsName]);
    const sound = new Set();
    for (const name of [...described, sumsName].filter((each) => each !== releaseName)) {
      if ((await this.#isThere(name)) && (await this.#isSigned(name))) sound.add(name);
    }
    for (const entry of release.files) {
      if (sound.has(entry.name) && !(await this.#isListed(entry))) sound.delete(entry.name);
    }
    if (sound.has(sumsName)) await this.#checkSums(described);
    for (const [name, files] of metadata) {
      if (sound.has(name)) await this.#checkMetadata(name, files, release);
    }
    // What is not as it was signed is not unpacked.
    for (const entry of release.files.filter(({ name }) => sound.has(name))) {
      await this.#look(entry, release);
    }
  }

  #ok(text) {
    this.#reporter.ok(text);
  }

  #fault(name, text) {
    this.#reporter.fault(`${name} ${text}`);
    this.#faults += 1;
    return false;
  }

  async #isThere(name) {
    const there = await stat(join(this.#folder, name)).catch(() => undefined);
    if (there?.isFile() === true) return true;
    return this.#fault(name, "belongs to the release and is not there. Download it.");
  }

  async #prepareKeyring() {
    const { testBuild, fingerprint, keyFile } = this.#wanted;
    const own = testBuild && keyFile === undefined && fingerprint === undefined;
    const file = own ? join(this.#folder, testKeyName) : keyFile;
    await writeKeyring({ keyFile: file, fingerprint }, this.#keyring);
  }

  get #keyring() {
    return join(this.#room, "keys.gpg");
  }

  async #isSigned(name) {
    const file = join(this.#folder, name);
    if (name === releaseName && !(await this.#isThere(name))) return false;
    if ((await stat(`${file}.asc`).catch(() => undefined)) === undefined) {
      return this.#fault(
        name,
        `has no signature. Get ${name}.asc, or do not use what it stands for.`,
      );
    }
    const { fingerprint } = this.#wanted;
    const fault = await signatureFault(file, { keyring: this.#keyring, fingerprint });
    if (fault !== undefined) return this.#fault(name, fault);
    this.#ok(`${name} is signed`);
    return true;
  }

  #checkKind({ electron }) {
    if (this.#wanted.testBuild) return;
    if (electron.standIn) {
      this.#fault(
        releaseName,
        `is of a test build, on an old Electron ${electron.version}. Use a release; to try this one say --test-build.`,
      );
    } else this.#ok(`${releaseName}: built on Electron ${electron.version}`);
  }

  #checkVersion({ version }) {
    const { previous } = this.#wanted;
    if (previous === undefined) return;
    if (semver.gt(version, previous)) this.#ok(`${releaseName}: ${version} is above ${previous}`);
    else {
      this.#fault(
        releaseName,
        `is of ${version}, which is not above ${previous}. Keep what is installed, and get a newer release.`,
      );
    }
  }

  /** `names`: all that a release of this kind has, without the signatures. */
  async #checkNames(names) {
    const expected = new Set(names.flatMap((name) => [name, `${name}.asc`]));
    if (this.#wanted.testBuild) expected.add(testKeyName).add(testCertificateName);
    const strangers = (await readdir(this.#folder)).filter((name) => !expected.has(name)).sort();
    for (const name of strangers) {
      this.#fault(name, `is no part of the release ${releaseName} lists. Remove it.`);
    }
    if (strangers.length === 0) this.#ok(`${releaseName} lists all that is there`);
  }

  async #isListed({ name, sha256, size }) {
    const file = join(this.#folder, name);
    if ((await stat(file)).size === size && (await digestOf(file)) === sha256) {
      this.#ok(`${name} is what ${releaseName} lists`);
      return true;
    }
    return this.#fault(
      name,
      `is signed and is not what ${releaseName} lists. Get all files of one release.`,
    );
  }

  async #checkSums(described) {
    const there = await readFile(join(this.#folder, sumsName), "utf8");
    const names = [];
    for (const name of described) {
      const file = await stat(join(this.#folder, name)).catch(() => undefined);
      if (file?.isFile() === true) names.push(name);
    }
    if (there === (await sumsOf(this.#folder, names))) {
      this.#ok(`${sumsName} has the sum of each file`);
      return;
    }
    this.#fault(
      sumsName,
      `has other sums than the files that ${releaseName} lists. Get all files of one release.`,
    );
  }

  /** `files`: the names of those that belong into it. */
  async #checkMetadata(name, files, release) {
    const again = "Do not publish it; make it again with scripts/sign-release.mjs.";
    const text = await readFile(join(this.#folder, name), "utf8");
    const { success, data } = metadataSchema.safeParse(parsedYaml(text));
    if (!success) return this.#fault(name, `is nothing that electron-updater reads. ${again}`);
    const before = this.#faults;
    if (data.name !== name || data.channel !== channelOf(release.version)) {
      this.#fault(name, `is for another app, or of another channel. ${again}`);
    }
    if (
      release.updateKey !== undefined &&
      !(await isSignedUpdate(join(this.#folder, name), release.updateKey))
    ) {
      this.#fault(name, `is not signed by the key that the app takes updates by. ${again}`);
    }
    if (data.version !== release.version) {
      this.#fault(name, `names the version ${data.version}, not ${release.version}. ${again}`);
    }
    const urls = data.files.map(({ url }) => url);
    if (urls.join("\n") !== files.join("\n")) {
      this.#fault(name, `offers ${urls.join(", ")}, not ${files.join(", ")}. ${again}`);
      return false;
    }
    const sha512 = new Map();
    for (const { url, ...named } of data.files) {
      const file = join(this.#folder, url);
      const there = await stat(file).catch(() => undefined);
      if (there === undefined) continue; // It is told already.
      sha512.set(url, await digestOf(file, "sha512", "base64"));
      if (named.size !== there.size) this.#fault(name, `names another size of ${url}. ${again}`);
      if (named.sha512 !== sha512.get(url)) {
        this.#fault(name, `names another hash of ${url}. ${again}`);
      }
    }
    if (data.path !== files[0]) {
      this.#fault(name, `offers ${data.path} at its path, not ${files[0]}. ${again}`);
    } else if (sha512.has(data.path) && data.sha512 !== sha512.get(data.path)) {
      this.#fault(name, `names another hash of ${data.path} at its path. ${again}`);
    }
    if (this.#faults > before) return false;
    this.#ok(`${name} offers ${files.join(", ")}`);
    return true;
  }

  async #look(entry, release) {
    if (entry.kind === "shim-exe") return this.#checkProgram(entry);
    if (packageKinds[entry.kind] === undefined) {
      this.#ok(`${entry.name} is of the kind ${entry.kind}, which is not looked into here`);
      return undefined;
    }
    try {
      await this.#checkPackage(entry, release);
    } catch (error) {
      this.#fault(entry.name, `${error.message}. Make the release again where that can be done.`);
    }
    return undefined;
  }

  async #checkProgram({ name }) {
    const { certificate, testBuild } = this.#wanted;
    const authorities =
      certificate ?? (testBuild ? join(this.#folder, testCertificateName) : undefined);
    if (authorities === undefined) {
      this.#fault(
        name,
        "is signed for Windows, by whom is not known here. Name the authority's file with --certificate.",
      );
    } else if (await isSignedProgram(join(this.#folder, name), authorities)) {
      this.#ok(`${name} is signed for Windows`);
    } else {
      this.#fault(
        name,
        `carries no signature that leads to ${basename(authorities)}. Do not install it.`,
      );
    }
  }

  async #checkPackage(entry, release) {
    const { name, kind } = entry;
    const file = join(this.#folder, name);
    const room = join(this.#room, name);
    await mkdir(room);

    const version = await packageVersion(file, kind);
    if ([release.version, `${release.version}-1`].includes(version)) {
      this.#ok(`${name} is of ${version}`);
    } else {
      this.#fault(name, `is of ${version}, not of ${release.version}. Make the release again.`);
    }
    this.#checkFields(entry, await packageFields(file, kind));
    this.#checkEntries(name, await packageEntries(file, kind));
    this.#checkScripts(entry, await packageScripts(file, kind));
    if (!packageKinds[kind].app) return;

    const root = join(room, "root");
    await mkdir(root);
    await unpackPackage(file, kind, root);
    const archive = await findAsar(root);
    await this.#checkAsar(entry, archive);
    const program = await findProgram(archive);
    this.#checkFuses(entry, relative(root, program), await readFuses(program));
    await rm(room, { recursive: true });
  }

  #checkFields({ name, kind, fields }, found) {
    if (fields === undefined) {
      this.#fault(name, `has fields that ${releaseName} does not list. Make the release again.`);
      return;
    }
    const before = this.#faults;
    const wanted = packageKinds[kind].package;
    if (found.Package !== wanted) {
      this.#fault(name, `installs the package ${found.Package}, not ${wanted}. ${doNotInstall}`);
    }
    for (const each of changedNames(fields, found)) {
      this.#fault(name, `has another field ${each} than ${releaseName} lists. ${doNotInstall}`);
    }
    if (this.#faults === before) {
      this.#ok(`${name}: ${String(Object.keys(found).length)} fields say what was built`);
    }
  }

  #checkEntries(name, entries) {
    const before = this.#faults;
    for (const entry of entries) {
      const fault = entryFault(entry);
      if (fault !== undefined) this.#fault(name, `${fault}: ${entry.path}. Do not install it.`);
    }
    if (this.#faults === before) {
      this.#ok(`${name}: ${String(entries.length)} files and folders that root alone may change`);
    }
  }

  #checkScripts({ name, scripts }, found) {
    if (scripts === undefined) {
      this.#fault(name, `has scripts that ${releaseName} does not list. Make the release again.`);
      return;
    }
    const changed = changedNames(scripts, found);
    for (const each of changed) {
      this.#fault(name, `has another script ${each} than ${releaseName} lists. Do not install it.`);
    }
    if (changed.length === 0) this.#ok(`${name}: its scripts are those that were built`);
  }

  async #checkAsar({ name, asarSha256 }, archive) {
    if ((await digestOf(archive)) !== asarSha256) {
      this.#fault(name, `has another app.asar than ${releaseName} lists. Do not install it.`);
      return;
    }
    const strangers = await strangersBeside(archive);
    for (const path of strangers) {
      this.#fault(
        name,
        `has a file in app.asar.unpacked that is not the app's: ${path}. Do not install it.`,
      );
    }
    if (strangers.length === 0) this.#ok(`${name}: app.asar is the one that was built`);
  }

  #checkFuses({ name, fuses }, program, found) {
    if (fuses === undefined) {
      this.#fault(name, `has fuses that ${releaseName} does not list. Make the release again.`);
      return;
    }
    const before = this.#faults;
    for (const [fuse, state] of Object.entries(found)) {
      // A removed fuse guards nothing any more, and opens nothing.
      if (state === "removed") continue;
      if (state !== releaseFuses[fuse]) {
        const stands = { true: "on", false: "off" }[state] ?? state;
        this.#fault(name, `has the fuse ${fuse} ${stands}. Do not install it.`);
      }
    }
    for (const [fuse, state] of Object.entries(fuses)) {
      if (found[fuse] !== state && this.#faults === before) {
        this.#fault(name, `has another fuse ${fuse} than ${releaseName} lists. Do not install it.`);
      }
    }
    if (this.#faults === before) {
      this.#ok(
        `${name}: ${String(Object.keys(found).length)} fuses of ${program} are as they should be`,
      );
    }
  }
}

const doNotInstall = "Do not install it.";

/** The names whose values two records do not share, sorted. */
function changedNames(one, other) {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return names.filter((name) => one[name] !== other[name]);
}

/** What is wrong with one file of a package, as the middle of a sentence. */
function entryFault({ mode, owner, path, capabilities }) {
  if (capabilities) return `gives a program rights of root (${capabilities})`;
  if (!["root/root", "0/0"].includes(owner)) return `gives a file to ${owner}`;
  if (!/^[-dlh]/.test(mode)) return "makes a device, a pipe or a socket";
  if (mode.startsWith("l")) return undefined;
  if (mode[8] === "w") return "lets everybody change a file";
  if (/[sS]/.test(mode[6])) return "runs a program as its group";
  // The sandbox of Chromium, where the system lets nobody else make one.
  if (/[sS]/.test(mode[3]) && (path !== "/opt/Evercred/chrome-sandbox" || mode !== "-rwsr-xr-x")) {
    return "runs a program as root";
  }
  return undefined;
}

const metadataSchema = z.object({
  name: z.string(),
  channel: z.string(),
  version: z.string(),
  files: z.array(z.object({ url: z.string(), sha512: z.string(), size: z.number() })).min(1),
  path: z.string(),
  sha512: z.string(),
  releaseDate: z.iso.datetime(),
});

function parsedYaml(text) {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}
