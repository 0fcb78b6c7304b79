import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.mjs";

/**
 * A key that can sign: its fingerprint, the folder that gpg keeps it in (undefined: the caller's own), and the file of
 * its passphrase (undefined: gpg-agent knows it, or asks).
 * @typedef {{ fingerprint: string, home?: string, passphraseFile?: string }} SigningKey
 */

/** A fingerprint as gpg writes it: 40 hexadecimal digits, blanks left out. Undefined for anything else, also for a short id. */
export function fingerprintOf(text) {
  const digits = text.replaceAll(/\s/g, "").toUpperCase();
  return /^[0-9A-F]{40}$/.test(digits) ? digits : undefined;
}

/**
 * Runs `use` with a new key that is gone afterwards, with its gpg-agent. Its signatures say that nothing was changed
 * since; they say nothing of who made them.
 * @template T
 * @param {(key: SigningKey) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withThrowAwayKey(use) {
  const home = await mkdtemp(join(tmpdir(), "evercred-key-"));
  try {
    const made = ["--status-fd", "1", "--quick-generate-key", testUser, "ed25519", "sign", "never"];
    const status = await gpg([...unlocked, "--passphrase", "", ...made], { home });
    const fingerprint = /^\[GNUPG:\] KEY_CREATED \w (\w+)/m.exec(status)?.[1];
    if (fingerprint === undefined) throw new Error("gpg has made a key and does not name it.");
    return await use({ fingerprint, home });
  } finally {
    await run("gpgconf", ["--homedir", home, "--kill", "all"]);
    await rm(home, { recursive: true, force: true });
  }
}

const testUser = "Evercred test build, trusted by nobody <test@evercred.invalid>";
const unlocked = ["--pinentry-mode", "loopback"];

/**
 * Writes `FILE.asc`, the armoured signature over a file, in the place of an earlier one.
 * @param {string} file
 * @param {SigningKey} key
 */
export const sign = (file, key) => signInto(`${file}.asc`, ["--armor", "--detach-sign"], file, key);

/**
 * Writes a text with its signature around it, in the place of an earlier one.
 * @param {string} file
 * @param {string} out
 * @param {SigningKey} key
 */
export const clearSign = (file, out, key) => signInto(out, ["--clear-sign"], file, key);

async function signInto(out, words, file, { fingerprint, home, passphraseFile }) {
  const unlock =
    passphraseFile === undefined ? [] : [...unlocked, "--passphrase-file", passphraseFile];
  const whose = ["--local-user", fingerprint, "--yes", "--output", out];
  await gpg([...unlock, ...whose, ...words, file], { home });
}

/**
 * Writes the public half of a key, armoured.
 * @param {SigningKey} key
 * @param {string} file
 */
export async function exportKey({ fingerprint, home }, file) {
  await writeFile(file, await gpg(["--armor", "--export", fingerprint], { home }));
}

/** gpg's standard output. Throws a sentence with what gpg has said. */
async function gpg(args, { home }) {
  const at = home === undefined ? [] : ["--homedir", home];
  const { status, stdout, output } = await run("gpg", [...at, "--batch", "--quiet", ...args]);
  if (status === 127) throw missing("gpg", "gnupg");
  if (status !== 0) throw new Error(`gpg could not do its part. It said: ${output.trim()}`);
  return stdout;
}

const missing = (program, name) =>
  new Error(`${program} is not there. Install it (Debian: ${name}), then try again.`);

/**
 * Whose signatures count: the keys of a file (armoured or not), or one of the caller's own keyring, or both: that key in
 * the file. Makes `keyring` of them, for gpgv.
 * @param {{ keyFile?: string, fingerprint?: string }} whose
 * @param {string} keyring
 */
export async function writeKeyring({ keyFile, fingerprint }, keyring) {
  const home = await mkdtemp(join(tmpdir(), "evercred-keyring-"));
  try {
    await writeFile(keyring, await publicKeys());
  } finally {
    await rm(home, { recursive: true, force: true });
  }

  async function publicKeys() {
    if (keyFile === undefined) {
      const exported = join(home, "exported.asc");
      await exportKey({ fingerprint }, exported);
      const text = await readFile(exported, "utf8");
      if (text !== "") return dearmoured(exported);
      throw new Error(
        `${fingerprint} is not in your keyring. Import that key, or name its file with --key.`,
      );
    }
    const bytes = await readFile(keyFile).catch(() => {
      throw new Error(`${keyFile} cannot be read. Name the file of the public key with --key.`);
    });
    return bytes.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----") ? dearmoured(keyFile) : bytes;
  }

  async function dearmoured(file) {
    const binary = join(home, "keys.gpg");
    await gpg(["--yes", "--output", binary, "--dearmor", file], { home });
    return readFile(binary);
  }
}

/**
 * What is wrong with the signature `FILE.asc` over a file, as the end of a sentence and a remedy; undefined if nothing is.
 * @param {string} file
 * @param {{ keyring: string, fingerprint?: string }} whose `fingerprint`: only that key of the keyring counts
 * @returns {Promise<string | undefined>}
 */
export async function signatureFault(file, { keyring, fingerprint }) {
  const args = ["--status-fd", "1", "--keyring", keyring, `${file}.asc`, file];
  const { status, stdout } = await run("gpgv", args);
  if (status === 127) throw missing("gpgv", "gpgv");
  const said = (word) => new RegExp(String.raw`^\[GNUPG:\] ${word}\b(.*)$`, "m").exec(stdout)?.[1];
  if (said("BADSIG") !== undefined) {
    return "is not what was signed. Download it and its signature again.";
  }
  const stranger = said("NO_PUBKEY") ?? said("ERRSIG");
  if (stranger !== undefined) {
    const id = stranger.trim().split(" ")[0];
    return `is signed by the key ${id}, which is not the one that counts. Do not install it.`;
  }
  if (/^\[GNUPG:\] (?:EXPKEYSIG|EXPSIG|REVKEYSIG) /m.test(stdout)) {
    return "is signed by a key that has expired or was revoked. Get the current key, and this release anew.";
  }
  // The last word of VALIDSIG is the primary key, also where a subkey has signed.
  const signer = said("VALIDSIG")?.trim().split(" ").at(-1);
  if (status !== 0 || signer === undefined || said("GOODSIG") === undefined) {
    return "has a signature that gpgv cannot read. Download the signature again.";
  }
  if (fingerprint !== undefined && signer !== fingerprint) {
    return `is signed by ${signer}, not by ${fingerprint}. Do not install it.`;
  }
  return undefined;
}
