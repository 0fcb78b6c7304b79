import { fingerprintOf } from "./gpg.mjs";

/** What the environment says under a name; undefined also where it says nothing. */
export const given = (name) => process.env[name] || undefined;

/**
 * The key that the environment names; undefined for a test build, which gets a throw-away one. Throws a sentence where
 * neither may be.
 * @param {boolean} testBuild
 * @returns {import("./gpg.mjs").SigningKey | undefined}
 */
export function signingKey(testBuild) {
  const named = given("EVERCRED_SIGNING_KEY");
  if (named === undefined) {
    if (testBuild) return undefined;
    throw new Error(
      "A release is signed with the key whose fingerprint is in EVERCRED_SIGNING_KEY. Set it, or say --test-build.",
    );
  }
  if (testBuild) {
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
