import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

/** What a signature's file is called beside the file that it is of. */
export const signatureOf = (name) => `${name}.sig`;

/**
 * The key that the environment names for signing updates: Ed25519, in PEM. Undefined where it names none. Throws a sentence
 * where it cannot be used.
 * @param {NodeJS.ProcessEnv} env `EVERCRED_UPDATE_KEY` and, where it has one, `EVERCRED_UPDATE_PASSPHRASE_FILE`
 */
export function updateKeyIn(env) {
  const { EVERCRED_UPDATE_KEY: file, EVERCRED_UPDATE_PASSPHRASE_FILE: passphraseFile } = env;
  if (!file) return undefined;
  let key;
  try {
    const passphrase = passphraseFile
      ? readFileSync(passphraseFile, "utf8").replace(/\r?\n$/, "")
      : undefined;
    key = createPrivateKey({ key: readFileSync(file), passphrase });
  } catch {
    throw new Error(
      "EVERCRED_UPDATE_KEY names no private key that can be read. Name a PEM file, and its passphrase's in EVERCRED_UPDATE_PASSPHRASE_FILE.",
    );
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new Error(
    "EVERCRED_UPDATE_KEY names a key of another kind. Make one with: openssl genpkey -algorithm ed25519",
  );
}

/** The public half as the app has it: SubjectPublicKeyInfo in DER, in base64. */
export const publicHalf = (key) =>
  createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");

/** Signs a file's bytes; writes the signature, in base64, beside it. */
export async function signUpdate(file, key) {
  const signature = sign(undefined, await readFile(file), key);
  await writeFile(signatureOf(file), `${signature.toString("base64")}\n`);
}

/** Whether the signature beside a file is by the key with this public half. */
export async function isSignedUpdate(file, half) {
  try {
    const key = createPublicKey({ key: Buffer.from(half, "base64"), format: "der", type: "spki" });
    const signature = Buffer.from(await readFile(signatureOf(file), "utf8"), "base64");
    return (
      key.asymmetricKeyType === "ed25519" && verify(undefined, await readFile(file), key, signature)
    );
  } catch {
    return false;
  }
}
