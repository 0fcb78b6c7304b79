import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.mjs";

/**
 * What a program for Windows is signed with: files in PEM, the certificate's with those up to the authority's.
 * @typedef {{ certificate: string, key: string, passwordFile?: string, timestampUrl?: string }} Signer
 */

/**
 * Signs a program for Windows in its place.
 * @param {string} file
 * @param {Signer} signer
 */
export async function signProgram(file, { certificate, key, passwordFile, timestampUrl }) {
  const fresh = `${file}.signed`;
  const whose = ["-certs", certificate, "-key", key];
  const password = passwordFile === undefined ? [] : ["-readpass", passwordFile];
  const time = timestampUrl === undefined ? [] : ["-ts", timestampUrl];
  const what = ["-h", "sha256", "-n", "Evercred"];
  try {
    const files = ["-in", file, "-out", fresh];
    await runOrThrow("osslsigncode", ["sign", ...whose, ...password, ...what, ...time, ...files]);
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
}

/**
 * True if a program carries a whole signature that leads to a certificate of `authorities`, a file in PEM.
 * @param {string} file
 * @param {string} authorities
 */
export async function isSignedProgram(file, authorities) {
  const args = ["verify", "-CAfile", authorities, "-TSA-CAfile", authorities, "-in", file];
  const { status } = await run("osslsigncode", args);
  if (status === 127) throw missing("osslsigncode");
  return status === 0;
}

/**
 * Runs `use` with a new certificate whose key is gone afterwards; Windows does not trust it.
 * @template T
 * @param {(signer: Signer) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withThrowAwayCertificate(use) {
  const folder = await mkdtemp(join(tmpdir(), "evercred-certificate-"));
  try {
    const signer = { certificate: join(folder, "c.pem"), key: join(folder, "k.pem") };
    const kind = ["-newkey", "rsa:2048", "-nodes", "-days", "3650"];
    const usage = ["-addext", "extendedKeyUsage=codeSigning"];
    const subject = ["-subj", "/CN=Evercred test build, trusted by nobody"];
    const out = ["-keyout", signer.key, "-out", signer.certificate];
    await runOrThrow("openssl", ["req", "-x509", ...kind, ...usage, ...subject, ...out]);
    return await use(signer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOrThrow(program, args) {
  const { status, output } = await run(program, args);
  if (status === 127) throw missing(program);
  if (status !== 0) {
    throw new Error(`${program} could not do its part. It said: ${output.trim()}`);
  }
}

const missing = (program) =>
  new Error(`${program} is not there. Install it (Debian: ${program}), then try again.`);
