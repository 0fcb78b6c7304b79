import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorOf, EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { reasonOf } from "./atomic-file.ts";
import { openedKey } from "./network-secrets.ts";
import type { Problem } from "./problem.ts";

/** `network.clientCertificate` of the configuration. */
export interface ClientCertificateSettings {
  readonly certFile: string;
  readonly keyFile: string;
  /** The static key whose secret opens an encrypted private key. */
  readonly passphraseKey?: string;
  /** Whom it is shown to: `gateway.example.com`, or `.example.com` for all under it. */
  readonly hosts: readonly string[];
}

/** Where the secret of a static key is had. Rejects with an EvercredError where there is none. */
export type SecretOf = (key: string) => Promise<Secret>;

/** A certificate and its private key, as PEM. */
export interface ClientPair {
  readonly cert: string;
  readonly key: string;
}

/** What is shown to servers that ask who we are. */
export interface ClientCertificate {
  isFor(host: string): boolean;
  /**
   * Asks for the passphrase where the private key is encrypted. Rejects with `config-invalid` where there is none, or
   * it is not the right one, or opens the key of another certificate.
   */
  open(secretOf: SecretOf): Promise<ClientPair>;
}

/** Reads both files. Never throws: where they cannot be used there is a problem, and no certificate. */
export const readClientCertificate = (
  settings: ClientCertificateSettings,
): {
  readonly certificate: ClientCertificate | undefined;
  readonly problem: Problem | undefined;
} => {
  try {
    return { certificate: usable(settings), problem: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown;
    return { certificate: undefined, problem: thrown.problem };
  }
};

const usable = (settings: ClientCertificateSettings): ClientCertificate => {
  const { certFile, keyFile, passphraseKey, hosts } = settings;
  const cert = textOf(certFile);
  const leaf = parsed(certFile, "certificate", () => new X509Certificate(cert));
  const pem = textOf(keyFile);
  const isFor = (host: string): boolean => hosts.some((entry) => isNamed(host, entry));
  if (isEncrypted(pem)) {
    if (passphraseKey === undefined) {
      throw new Unusable(keyFile, `${keyFile} is encrypted, and no passphraseKey is named.`);
    }
    return {
      isFor,
      open: async (secretOf) => {
        const key = await unlocked(pem, keyFile, passphraseKey, secretOf);
        if (leaf.checkPrivateKey(key)) return { cert, key: pemOf(key) };
        throw new EvercredError("config-invalid", otherKey(settings), { remedy });
      },
    };
  }
  const key = parsed(keyFile, "private key", () => createPrivateKey(pem));
  if (!leaf.checkPrivateKey(key)) throw new Unusable(keyFile, otherKey(settings));
  return { isFor, open: () => Promise.resolve({ cert, key: pem }) };
};

const unlocked = async (
  pem: string,
  file: string,
  name: string,
  secretOf: SecretOf,
): Promise<KeyObject> => {
  let passphrase;
  try {
    passphrase = await secretOf(name);
  } catch (thrown) {
    const { message, remedy: advice } = errorOf(thrown);
    const sentence = `The passphrase of ${file} is not there. ${message}`;
    throw new EvercredError("config-invalid", sentence, { remedy: advice, cause: thrown });
  }
  try {
    return openedKey(pem, passphrase);
  } catch (cause) {
    throw new EvercredError("config-invalid", `The key ${name} does not open ${file}.`, {
      remedy: `Run: evercred api-key set ${name}`,
      cause,
    });
  }
};

const remedy = "Correct network.clientCertificate: until then no certificate is shown.";

/** Why the files are of no use. */
class Unusable extends Error {
  readonly problem: Problem;

  constructor(file: string, sentence: string) {
    super(sentence);
    this.problem = { severity: "error", file, line: undefined, sentence, remedy };
  }
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "latin1");
  } catch (thrown) {
    throw new Unusable(file, `${file} cannot be read (${reasonOf(thrown)}).`);
  }
};

const parsed = <T>(file: string, what: string, parse: () => T): T => {
  try {
    return parse();
  } catch {
    throw new Unusable(file, `${file} holds no ${what} in PEM.`);
  }
};

/** RFC 7468, 11, and what OpenSSL wrote before (RFC 1421, 4.6.1.1). */
const isEncrypted = (pem: string): boolean =>
  /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/mu.test(pem);

const otherKey = ({ certFile, keyFile }: ClientCertificateSettings): string =>
  `${keyFile} is not the private key of ${certFile}.`;

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

const isNamed = (host: string, entry: string): boolean => {
  const [name, wanted] = [host.toLowerCase().replace(/\.$/u, ""), entry.toLowerCase()];
  return wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
};
