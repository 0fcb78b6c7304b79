// Verifies a release, and says `ok` or what is wrong of each check: docs/verifying.md. Exit 1 for anything wrong.
import { parseArgs } from "node:util";
import semver from "semver";
import { fingerprintOf } from "./gpg.mjs";
import { verifyRelease } from "./release-checks.mjs";

const usage = `Usage: node scripts/verify-release.mjs FOLDER [--key FILE] [--fingerprint FPR] [--previous VERSION]
                                       [--certificate FILE] [--test-build]`;

/** What the command line asks for; undefined where it is not as the usage says. */
function parsedWords() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const options = { key: text, fingerprint: text, previous: text, certificate: text };
  const { values, positionals } = parseArgs({
    options: { ...options, "test-build": flag },
    allowPositionals: true,
  });
  const { key: keyFile, previous } = values;
  const testBuild = values["test-build"];
  // Right after the signing, on the same machine, it is that key that counts, and that certificate.
  const usual = testBuild || keyFile !== undefined ? undefined : process.env.EVERCRED_SIGNING_KEY;
  const chain = testBuild ? undefined : process.env.EVERCRED_WINDOWS_CERTIFICATE;
  const certificate = values.certificate ?? (chain || undefined);
  const named = values.fingerprint ?? (usual || undefined);
  const fingerprint = named === undefined ? undefined : fingerprintOf(named);
  const [folder] = positionals;
  if (positionals.length !== 1) return undefined;
  if (named !== undefined && fingerprint === undefined) return undefined;
  if (keyFile === undefined && fingerprint === undefined && !testBuild) return undefined;
  if (previous !== undefined && semver.valid(previous) === null) return undefined;
  return { folder, keyFile, fingerprint, previous, certificate, testBuild };
}

let wanted;
try {
  wanted = parsedWords();
} catch {
  // An unknown option is answered by the usage as well.
}
if (wanted === undefined) {
  console.error(usage);
  process.exit(2);
}
await verifyRelease(wanted, {
  ok: (text) => console.log(`ok ${text}`),
  fault: (text) => {
    console.error(text);
    process.exitCode = 1;
  },
});
