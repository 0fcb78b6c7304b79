// Signs a release: node scripts/sign-release.mjs FOLDER [--test-build]. docs/verifying.md says what is written.
import { copyFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { signProgram, withThrowAwayCertificate } from "./authenticode.mjs";
import { exportKey, sign, withThrowAwayKey } from "./gpg.mjs";
import {
  changedFile,
  digestOf,
  offered,
  readRelease,
  releaseName,
  sumsName,
  sumsOf,
  testCertificateName,
  testKeyName,
  writeRelease,
} from "./release.mjs";
import { given, signingKey } from "./signing-key.mjs";
import { publicHalf, signatureOf, signUpdate, updateKeyIn } from "./update-key.mjs";
import { writeUpdateMetadata } from "./update-metadata.mjs";

const usage = "Usage: node scripts/sign-release.mjs FOLDER [--test-build]";

/**
 * Signs all of a release's files; writes its update metadata and sums. Throws a sentence where that cannot be, and before
 * it signs anything that is not as release.json lists it.
 */
async function signRelease(folder, testBuild) {
  const release = await readRelease(folder);
  const key = signingKey(testBuild || release.electron.standIn);
  const updateKey = updateKeyFor(release);
  const changed = await changedFile(folder, release);
  if (changed !== undefined) throw new Error(changed);
  await removeEarlier(folder, release);

  await signPrograms(folder, release, key === undefined);
  const metadata = await writeUpdateMetadata(folder);
  if (updateKey !== undefined) {
    for (const name of [...metadata]) {
      await signUpdate(join(folder, name), updateKey);
      metadata.push(signatureOf(name));
    }
  }
  const described = [...release.files.map(({ name }) => name), ...metadata, releaseName];
  await writeFile(join(folder, sumsName), await sumsOf(folder, described));

  const signAll = async (withKey) => {
    for (const name of [...described, sumsName]) await sign(join(folder, name), withKey);
    console.log(`signed ${String(described.length + 1)} files with the key ${withKey.fingerprint}`);
  };
  if (key !== undefined) return signAll(key);
  return withThrowAwayKey(async (thrownAway) => {
    await signAll(thrownAway);
    await exportKey(thrownAway, join(folder, testKeyName));
    console.log(`${testKeyName} is its public half; the other one is gone`);
  });
}

/** The key that the built app takes updates by; undefined for an app that takes none. Throws where it is not at hand. */
function updateKeyFor({ updateKey }) {
  const named = updateKeyIn(process.env);
  if ((named && publicHalf(named)) === updateKey) return named;
  throw new Error(
    updateKey === undefined
      ? "What was built takes no updates, so none is signed. Build it with EVERCRED_UPDATE_KEY, or unset that."
      : "EVERCRED_UPDATE_KEY is not the key that what was built takes updates by. Set it to that one.",
  );
}

/** What an earlier signing of this release has left, and nothing else: it would stay where this one fails. */
async function removeEarlier(folder, release) {
  const metadata = [...offered(release).keys()].flatMap((name) => [name, signatureOf(name)]);
  const described = [...release.files.map(({ name }) => name), ...metadata, releaseName, sumsName];
  const signatures = described.map((name) => `${name}.asc`);
  const earlier = [...signatures, ...metadata, sumsName, testKeyName, testCertificateName];
  for (const name of earlier) await rm(join(folder, name), { force: true });
}

/** Signs the programs for Windows, and lists them as they are then. */
async function signPrograms(folder, release, testBuild) {
  const programs = release.files.filter(({ kind }) => kind === "shim-exe");
  if (programs.length === 0) return;
  const signWith = async (signer) => {
    for (const entry of programs) {
      const file = join(folder, entry.name);
      await signProgram(file, signer);
      entry.sha256 = await digestOf(file);
      entry.size = (await stat(file)).size;
      console.log(`signed ${entry.name} for Windows`);
    }
    await writeRelease(folder, release);
  };
  if (testBuild) {
    await withThrowAwayCertificate(async (signer) => {
      await signWith(signer);
      await copyFile(signer.certificate, join(folder, testCertificateName));
    });
    return;
  }
  const certificate = given("EVERCRED_WINDOWS_CERTIFICATE");
  const key = given("EVERCRED_WINDOWS_KEY");
  if (certificate === undefined || key === undefined) {
    throw new Error(
      `${programs[0].name} is signed with the files that EVERCRED_WINDOWS_CERTIFICATE and EVERCRED_WINDOWS_KEY name. Set both.`,
    );
  }
  const passwordFile = given("EVERCRED_WINDOWS_KEY_PASSWORD_FILE");
  const timestampUrl = given("EVERCRED_TIMESTAMP_URL");
  await signWith({ certificate, key, passwordFile, timestampUrl });
}

function parsed() {
  try {
    const options = { "test-build": { type: "boolean", default: false } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [folder] = positionals;
    if (positionals.length === 1) return { folder, testBuild: values["test-build"] };
  } catch {
    // An unknown option is answered by the usage as well.
  }
  console.error(usage);
  return process.exit(2);
}

const { folder, testBuild } = parsed();
try {
  await signRelease(folder, testBuild);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
