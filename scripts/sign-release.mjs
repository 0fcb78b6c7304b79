// Signs a release: node scripts/sign-release.mjs FOLDER [--test-build]. docs/verifying.md says what is written.
import { copyFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { signProgram, withThrowAwayCertificate } from "./authenticode.mjs";
import { exportKey, fingerprintOf, sign, withThrowAwayKey } from "./gpg.mjs";
import {
  changedFile,
  digestOf,
  readRelease,
  releaseName,
  sumsName,
  sumsOf,
  testCertificateName,
  testKeyName,
  writeRelease,
} from "./release.mjs";
import { writeUpdateMetadata } from "./update-metadata.mjs";

const usage = "Usage: node scripts/sign-release.mjs FOLDER [--test-build]";
const given = (name) => process.env[name] || undefined;

/**
 * Signs all of a release's files; writes its update metadata and sums. Throws a sentence where that cannot be, and before
 * it signs anything that is not as release.json lists it.
 */
async function signRelease(folder, testBuild) {
  const release = await readRelease(folder);
  const key = keyFor(release, testBuild);
  const changed = await changedFile(folder, release);
  if (changed !== undefined) throw new Error(changed);
  await removeEarlier(folder);

  await signPrograms(folder, release, key === undefined);
  const metadata = await writeUpdateMetadata(folder);
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

/** The key that the environment names; undefined for a test build, which gets a throw-away one. Throws where neither may be. */
function keyFor({ electron }, testBuild) {
  const named = given("EVERCRED_SIGNING_KEY");
  if (named === undefined) {
    if (testBuild || electron.standIn) return undefined;
    throw new Error(
      "A release is signed with the key whose fingerprint is in EVERCRED_SIGNING_KEY. Set it, or say --test-build.",
    );
  }
  if (testBuild || electron.standIn) {
    throw new Error("A test build gets a throw-away key. Unset EVERCRED_SIGNING_KEY.");
  }
  const fingerprint = fingerprintOf(named);
  if (fingerprint !== undefined) {
    return { fingerprint, passphraseFile: given("EVERCRED_SIGNING_PASSPHRASE_FILE") };
  }
  throw new Error(
    "EVERCRED_SIGNING_KEY is no fingerprint. Set it to the key's 40 digits, as gpg --fingerprint shows them.",
  );
}

/** What an earlier signing has left would else stay beside what is no longer there. */
async function removeEarlier(folder) {
  const earlier = (await readdir(folder)).filter((name) => /\.(?:asc|yml)$/.test(name));
  for (const name of [...earlier, testCertificateName]) {
    await rm(join(folder, name), { force: true });
  }
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
