import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import asar from "@electron/asar";
import { run } from "./command.mjs";
import { fuseSentinel } from "./fuses.mjs";
import { digestOf } from "./release.mjs";

/**
 * One file of a package: what `ls -l` shows of its mode, its owner and group, its path from the root, and its capabilities
 * as rpm writes them; a deb has none.
 * @typedef {{ mode: string, owner: string, path: string, capabilities?: string }} Entry
 */

/** The kinds of package that can be looked into: by what name they are installed, and whether the app is inside. */
export const packageKinds = {
  deb: { package: "evercred", app: true },
  rpm: { package: "evercred", app: true },
  "headless-deb": { package: "evercred-headless", app: false },
};

const isRpm = (kind) => kind === "rpm";

/** The version that a package gives itself, its pre-release written as in package.json; a revision may follow. */
export async function packageVersion(file, kind) {
  const text = isRpm(kind)
    ? await rpmQuery(file, "%{VERSION}-%{RELEASE}")
    : await runOrThrow("dpkg-deb", ["--field", file, "Version"]);
  return text.trim().replaceAll(/[~_]/g, "-");
}

/**
 * What a package says of itself, by which a package manager goes: of a deb all of its control file, of an rpm the tags that
 * decide what is installed, removed or replaced with it. `Package` is its name in both.
 * @returns {Promise<Record<string, string>>}
 */
export async function packageFields(file, kind) {
  if (isRpm(kind)) {
    const texts = rpmFields.map(async ([name, format]) => [name, await rpmQuery(file, format)]);
    const there = (await Promise.all(texts)).map(([name, text]) => [name, text.trim()]);
    return Object.fromEntries(there.filter(([, text]) => !["", "(none)"].includes(text)));
  }
  const control = await runOrThrow("dpkg-deb", ["--field", file]);
  // A line that begins with a blank goes on with the field before.
  const fields = control.trimEnd().split(/\n(?! )/);
  return Object.fromEntries(
    fields.map((text) => {
      const at = text.indexOf(":");
      return [text.slice(0, at), text.slice(at + 1).trim()];
    }),
  );
}

const rpmFields = [
  ...[["Package", "NAME"], "EPOCH", "VERSION", "RELEASE", ["Architecture", "ARCH"], "OS"],
  ...["LICENSE", "VENDOR", "PACKAGER", "URL", "SUMMARY", "DESCRIPTION", "PREFIXES"],
]
  .map((tag) => (Array.isArray(tag) ? tag : [tag, tag]))
  .map(([name, tag]) => [name, `[%{${tag}}\\n]`])
  .concat(
    [
      "REQUIRE",
      "PROVIDE",
      "CONFLICT",
      "OBSOLETE",
      "RECOMMEND",
      "SUGGEST",
      "SUPPLEMENT",
      "ENHANCE",
    ].map((tag) => [tag, `[%{${tag}NEVRS}\\n]`]),
    // Which files a removal or an upgrade leaves as an administrator has changed them.
    [["CONFFILES", "[%{FILEFLAGS:fflags} %{FILENAMES}\\n]"]],
  );

/**
 * All that a package puts on a system.
 * @returns {Promise<readonly Entry[]>}
 */
export async function packageEntries(file, kind) {
  if (isRpm(kind)) {
    const perFile = String.raw`%{FILEMODES:perms}\t%{FILEUSERNAME}/%{FILEGROUPNAME}\t%{FILECAPS}\t%{FILENAMES}\n`;
    const lines = (await rpmQuery(file, `[${perFile}]`)).split("\n").filter(Boolean);
    return lines.map((line) => {
      const [mode, owner, caps, ...path] = line.split("\t");
      const capabilities = caps === "(none)" ? "" : caps;
      return { mode, owner, capabilities, path: path.join("\t") };
    });
  }
  const listing = await runOrThrow("dpkg-deb", ["--contents", file]);
  const lines = listing.split("\n").filter(Boolean);
  return lines.map((line) => {
    const found = /^(\S{10})\s+(\S+)\s+\S+\s+\S+\s+\S+\s+\.(\/.*)$/.exec(line);
    if (found === null) throw new Error(`dpkg-deb lists something unknown: ${line}`);
    const [, mode, owner, path] = found;
    return { mode, owner, path: path.replace(/ (?:->|link to) .*$/, "") };
  });
}

/**
 * The SHA-256 of each script that a package runs, by its name; of a deb also of all else that steers dpkg.
 * @returns {Promise<Record<string, string>>}
 */
export async function packageScripts(file, kind) {
  const hash = (text) => createHash("sha256").update(text).digest("hex");
  if (isRpm(kind)) {
    const texts = rpmScripts.map(async (tag) => {
      const text = await rpmQuery(file, `[%{${tag}}\\n]`);
      return [tag.toLowerCase(), text.trim()];
    });
    const there = (await Promise.all(texts)).filter(([, text]) => !["", "(none)"].includes(text));
    return Object.fromEntries(there.map(([name, text]) => [name, hash(text)]));
  }
  const folder = await mkdtemp(join(tmpdir(), "evercred-control-"));
  try {
    await runOrThrow("dpkg-deb", ["--control", file, folder]);
    // What the first says is packageFields()'s matter, and the second only lists what is there.
    const names = (await readdir(folder)).filter((name) => !["control", "md5sums"].includes(name));
    const hashes = names
      .sort()
      .map(async (name) => [name, hash(await readFile(join(folder, name)))]);
    return Object.fromEntries(await Promise.all(hashes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rpmScripts = ["PREIN", "POSTIN", "PREUN", "POSTUN", "PRETRANS", "POSTTRANS"].concat(
  ["VERIFYSCRIPT", "TRIGGERSCRIPTS", "FILETRIGGERSCRIPTS", "TRANSFILETRIGGERSCRIPTS"],
  // Another interpreter makes another script of the same text.
  ["PREINPROG", "POSTINPROG", "PREUNPROG", "POSTUNPROG", "PRETRANSPROG", "POSTTRANSPROG"],
);

/** Unpacks what a package puts on a system, into a folder that is there. */
export async function unpackPackage(file, kind, folder) {
  if (!isRpm(kind)) {
    await runOrThrow("dpkg-deb", ["--extract", file, folder]);
    return;
  }
  const script = 'rpm2archive -n - < "$1" > "$2/files.tar" && tar -x -C "$2" -f "$2/files.tar"';
  await runOrThrow("sh", ["-c", `${script} && rm "$2/files.tar"`, "sh", file, folder]);
}

/** The app's archive in an unpacked package. Throws if there is none, or more than one. */
export async function findAsar(folder) {
  // With types: without them links are followed, out of the folder.
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const archives = found.filter((entry) => entry.isFile() && entry.name === "app.asar");
  if (archives.length === 1) return join(archives[0].parentPath, archives[0].name);
  throw new Error(`holds ${String(archives.length)} files app.asar, where there is one`);
}

/** Electron's program, which lies above the archive's folder and has fuses. Throws if there is none, or more than one. */
export async function findProgram(archive) {
  const folder = dirname(dirname(archive));
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (entry.isFile() && (await isElf(file)) && (await readFile(file)).includes(fuseSentinel)) {
      found.push(file);
    }
  }
  if (found.length === 1) return found[0];
  throw new Error(`holds ${String(found.length)} programs with fuses, where there is one`);
}

async function isElf(file) {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.equals(Buffer.from("\x7fELF", "latin1"));
  } finally {
    await handle.close();
  }
}

/**
 * What lies beside an archive, in `app.asar.unpacked`, and is not what the archive names; its paths, sorted. The archive's
 * own digest covers them no more than by name and digest.
 */
export async function strangersBeside(archive) {
  const named = new Map(unpackedIn(asar.getRawHeader(archive).header));
  const beside = `${archive}.unpacked`;
  const found = await readdir(beside, { recursive: true, withFileTypes: true }).catch(() => []);
  const strangers = [];
  for (const entry of found.filter((each) => !each.isDirectory())) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(beside, file);
    const wanted = named.get(path);
    named.delete(path);
    if (!entry.isFile() || (await digestOf(file)) !== wanted) strangers.push(path);
  }
  return [...strangers, ...named.keys()].sort();
}

function* unpackedIn(folder, path = []) {
  for (const [name, entry] of Object.entries(folder.files)) {
    const here = [...path, name];
    if (entry.files !== undefined) yield* unpackedIn(entry, here);
    else if (entry.unpacked === true) yield [here.join(sep), entry.integrity?.hash];
  }
}

const rpmQuery = (file, format) =>
  runOrThrow("rpm", ["--query", "--nosignature", "--package", `--queryformat=${format}`, file]);

async function runOrThrow(program, args) {
  const { status, stdout, output } = await run(program, args);
  if (status === 127) {
    throw new Error(
      `cannot be looked into without ${program}: install it (Debian: ${packages[program] ?? program})`,
    );
  }
  if (status !== 0) throw new Error(`cannot be unpacked (${output.trim()})`);
  return stdout;
}

const packages = { "dpkg-deb": "dpkg", sh: "rpm2cpio" };
