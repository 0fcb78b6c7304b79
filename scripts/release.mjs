import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import semver from "semver";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A plain name: a release has no folders, and nothing in it is hidden or an option. */
const fileName = z.string().regex(/^[A-Za-z0-9][\w.+~-]*$/);

/** What release.json says: what was built, from which commit and Electron, and what each file must hold. */
const releaseSchema = z.looseObject({
  version: z.string().refine((text) => semver.valid(text) === text, "is no version"),
  commit: z.string(),
  electron: z.looseObject({ version: z.string(), standIn: z.boolean() }),
  /** The public half of the key whose updates the app takes; without it, the app looks for none. */
  updateKey: z.base64().optional(),
  files: z
    .array(
      z.looseObject({
        name: fileName,
        sha256,
        size: z.int().nonnegative(),
        kind: z.string(),
        /** Of a package: its app.asar. */
        asarSha256: sha256.optional(),
        /** Of a package: how its fuses stand, as readFuses() says. */
        fuses: z.record(z.string(), z.union([z.boolean(), z.string()])).optional(),
        /** Of a package: the scripts that its installation runs, by name. */
        scripts: z.record(z.string(), sha256).optional(),
        /** Of a package: what it says of itself, as packageFields() reads it. */
        fields: z.record(z.string(), z.string()).optional(),
      }),
    )
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, "twice"),
});

/** @typedef {z.infer<typeof releaseSchema>} Release */

/** The names of the files that describe a release. */
export const sumsName = "SHA256SUMS";
export const releaseName = "release.json";
/** Only in a test build: the public half of its throw-away key, and its throw-away certificate. */
export const testKeyName = "test-key.asc";
export const testCertificateName = "test-certificate.pem";

/**
 * What release.json in a folder says. Throws a sentence if it is not there, or says something else.
 * @param {string} folder
 * @returns {Promise<Release>}
 */
export async function readRelease(folder) {
  const text = await readFile(join(folder, releaseName), "utf8").catch(() => {
    throw new Error(`${releaseName} is not in ${folder}. Make the release with npm run dist.`);
  });
  const { success, data, error } = releaseSchema.safeParse(parsed(text));
  if (success) return data;
  const { path, message } = error.issues[0];
  const where = path.length === 0 ? "" : ` at ${path.join(".")}`;
  throw new Error(
    `${releaseName} is not what npm run dist writes${where} (${message}). Make it again.`,
  );
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes release.json. */
export async function writeRelease(folder, release) {
  await writeFile(join(folder, releaseName), `${JSON.stringify(release, undefined, 2)}\n`);
}

/** The digest of a file's bytes. */
export async function digestOf(file, algorithm = "sha256", encoding = "hex") {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest(encoding);
}

/** The first file that is not as release.json lists it, as a sentence; undefined if all are. */
export async function changedFile(folder, release) {
  for (const { name, sha256, size } of release.files) {
    const there = await stat(join(folder, name)).catch(() => undefined);
    if (there === undefined) {
      return `${name} is listed in ${releaseName} and not there. Make the release again.`;
    }
    if (there.size !== size || (await digestOf(join(folder, name))) !== sha256) {
      return `${name} is not what ${releaseName} lists. Make the release again.`;
    }
  }
  return undefined;
}

/** The text of SHA256SUMS for files of a folder, as sha256sum -c reads it. */
export async function sumsOf(folder, names) {
  const lines = [...names]
    .sort()
    .map(async (name) => `${await digestOf(join(folder, name))}  ${name}\n`);
  return (await Promise.all(lines)).join("");
}

/**
 * What electron-updater is offered: for each of its metadata files the names of the release's files in it, the one that
 * updates itself first. The headless package has no updater, and would be taken for the app's.
 * @param {Release} release
 * @returns {Map<string, readonly string[]>}
 */
export function offered({ version, files }) {
  const channel = channelOf(version).replace(/^stable$/, "latest");
  const found = new Map();
  for (const { platform, kinds } of updaters) {
    for (const kind of kinds) {
      for (const { name } of files.filter((file) => file.kind === kind)) {
        const arm = platform === "-linux" && /arm64|aarch64/.test(name) ? "-arm64" : "";
        const metadata = `${channel}${platform}${arm}.yml`;
        found.set(metadata, [...(found.get(metadata) ?? []), name]);
      }
    }
  }
  return found;
}

/** Which channel a version is of. A pre-release has one of its own: who follows `stable` is never offered one. */
export const channelOf = (version) => String(semver.prerelease(version)?.[0] ?? "stable");

/** As electron-updater names and reads them. */
const updaters = [
  { platform: "", kinds: ["nsis"] },
  { platform: "-mac", kinds: ["zip", "dmg"] },
  { platform: "-linux", kinds: ["appimage", "deb", "rpm"] },
];
