// Writes what electron-updater reads, latest-linux.yml and its kin, from release.json: node scripts/update-metadata.mjs FOLDER.
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dump } from "js-yaml";
import { channelOf, digestOf, offered, readRelease } from "./release.mjs";

/**
 * Writes the update metadata of a release into its folder, dated SOURCE_DATE_EPOCH where that is set. Resolves to the
 * names of the files.
 * @param {string} folder
 * @returns {Promise<readonly string[]>}
 */
export async function writeUpdateMetadata(folder) {
  const release = await readRelease(folder);
  const metadata = offered(release);
  for (const [name, files] of metadata) {
    const entries = await Promise.all(files.map((file) => entryOf(folder, file)));
    const [{ url, sha512 }] = entries;
    const { version } = release;
    const text = dump(
      // name and channel are for the app, so that one file cannot be served in another's place; path and sha512 are what
      // old versions of electron-updater read.
      {
        name,
        channel: channelOf(version),
        version,
        files: entries,
        path: url,
        sha512,
        releaseDate: releaseDate(),
      },
      { lineWidth: -1 },
    );
    await writeFile(join(folder, name), text);
  }
  return [...metadata.keys()];
}

async function entryOf(folder, name) {
  const file = join(folder, name);
  const { size } = await stat(file);
  return { url: name, sha512: await digestOf(file, "sha512", "base64"), size };
}

function releaseDate() {
  const seconds = process.env.SOURCE_DATE_EPOCH;
  return (seconds ? new Date(Number(seconds) * 1000) : new Date()).toISOString();
}

if (process.argv[1] === import.meta.filename) {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) {
    console.error("Usage: node scripts/update-metadata.mjs FOLDER");
    process.exit(2);
  }
  try {
    for (const name of await writeUpdateMetadata(folder)) console.log(name);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
