import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorOf, EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { reasonOf } from "./atomic-file.ts";
import type { Environment } from "./browser.ts";
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

/** Where a certificate of ours and its key lie, and whom it is for. */
interface Origin {
  readonly certFile: string;
  readonly keyFile: string;
  readonly isFor: (host: string) => boolean;
  readonly isForProxy: (host: string) => boolean;
  /** How an encrypted private key is opened; undefined: nobody has said it. */
  readonly passphrase: ((secretOf: SecretOf) => Promise<Secret>) | undefined;
  /** What to do about a passphrase that is missing, and one that is wrong. */
  readonly missing: string;
  readonly wrong: { readonly sentence: string; readonly remedy: string };
  readonly remedy: string;
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
  /** Whether it is for a host that is a proxy of ours. */
  isForProxy(host: string): boolean;
  /**
   * Asks for the passphrase where the private key is encrypted. Rejects with `config-invalid` where there is none, or
   * it is not the right one, or opens the key of another certificate.
   */
  open(secretOf: SecretOf): Promise<ClientPair>;
}

/** What was made of the files: where they cannot be used there is a problem, and no certificate. */
export interface ReadCertificate {
  readonly certificate: ClientCertificate | undefined;
  readonly problem: Problem | undefined;
  /** The files that were read. */
  readonly files: readonly string[];
}

/** The variables of Claude Code that name a certificate. */
const variables = {
  cert: "CLAUDE_CODE_CLIENT_CERT",
  key: "CLAUDE_CODE_CLIENT_KEY",
  passphrase: "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
};

/**
 * The certificate that the configuration names, else the one of Claude Code's variables in the daemon's environment.
 * Reads the files. Never throws.
 */
export const readClientCertificate = (
  settings: ClientCertificateSettings | undefined,
  env: Environment,
): ReadCertificate => {
  const origin = settings === undefined ? ofEnvironment(env) : ofSettings(settings);
  if (origin === undefined) return { certificate: undefined, problem: undefined, files: [] };
  const files = [origin.certFile, origin.keyFile].filter((file) => file !== "");
  try {
    return { certificate: usable(origin), problem: undefined, files };
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown;
    return { certificate: undefined, problem: thrown.problem, files };
  }
};

const ofSettings = ({
  certFile,
  keyFile,
  passphraseKey,
  hosts,
}: ClientCertificateSettings): Origin => {
  const isFor = (host: string): boolean => hosts.some((entry) => isNamed(host, entry));
  return {
    certFile,
    keyFile,
    isFor,
    isForProxy: isFor,
    passphrase:
      passphraseKey === undefined
        ? undefined
        : (secretOf) => secretFor(keyFile, passphraseKey, secretOf),
    missing: "no passphraseKey is named",
    wrong: {
      sentence: `The key ${passphraseKey ?? ""} does not open ${keyFile}.`,
      remedy: `Run: evercred api-key set ${passphraseKey ?? ""}`,
    },
    remedy: "Correct network.clientCertificate: until then no certificate is shown.",
  };
};

/** The environment names no hosts: whoever asks for a certificate is shown it, as Claude Code does. No proxy is. */
const ofEnvironment = (env: Environment): Origin | undefined => {
  const [certFile = "", keyFile = ""] = [env[variables.cert], env[variables.key]];
  if (certFile === "" && keyFile === "") return undefined;
  const passphrase = env[variables.passphrase] ?? "";
  const secret = new Secret(passphrase);
  return {
    certFile,
    keyFile,
    isFor: () => true,
    isForProxy: () => false,
    passphrase: passphrase === "" ? undefined : () => Promise.resolve(secret),
    missing: `${variables.passphrase} is not set where the daemon was started`,
    wrong: {
      sentence: `${variables.passphrase} does not open ${keyFile}.`,
      remedy: `Correct it where the daemon is started, or name network.clientCertificate.`,
    },
    remedy: `Correct ${variables.cert} and ${variables.key} where the daemon is started: until then no certificate is shown.`,
  };
};

const usable = (origin: Origin): ClientCertificate => {
  const { certFile, keyFile, isFor, isForProxy, passphrase, remedy } = origin;
  const unusable = (file: string, sentence: string): Unusable =>
    new Unusable({ severity: "error", file, line: undefined, sentence, remedy });
  const textOf = (file: string, variable: string): string => {
    if (file === "") throw unusable(variable, `${variable} is not set, and the other one is.`);
    try {
      return readFileSync(file, "latin1");
    } catch (thrown) {
      throw unusable(file, `${file} cannot be read (${reasonOf(thrown)}).`);
    }
  };
  const parsed = <T>(file: string, what: string, parse: () => T): T => {
    try {
      return parse();
    } catch {
      throw unusable(file, `${file} holds no ${what} in PEM.`);
    }
  };
  const other = `${keyFile} is not the private key of ${certFile}.`;
  const cert = textOf(certFile, variables.cert);
  const leaf = parsed(certFile, "certificate", () => new X509Certificate(cert));
  const pem = textOf(keyFile, variables.key);
  if (isEncrypted(pem)) {
    if (passphrase === undefined) {
      throw unusable(keyFile, `${keyFile} is encrypted, and ${origin.missing}.`);
    }
    return {
      isFor,
      isForProxy,
      open: async (secretOf) => {
        const key = unlocked(pem, await passphrase(secretOf), origin);
        if (leaf.checkPrivateKey(key)) return { cert, key: pemOf(key) };
        throw new EvercredError("config-invalid", other, { remedy });
      },
    };
  }
  const key = parsed(keyFile, "private key", () => createPrivateKey(pem));
  if (!leaf.checkPrivateKey(key)) throw unusable(keyFile, other);
  return { isFor, isForProxy, open: () => Promise.resolve({ cert, key: pem }) };
};

const secretFor = async (file: string, name: string, secretOf: SecretOf): Promise<Secret> => {
  try {
    return await secretOf(name);
  } catch (thrown) {
    const { message, remedy } = errorOf(thrown);
    const sentence = `The passphrase of ${file} is not there. ${message}`;
    throw new EvercredError("config-invalid", sentence, { remedy, cause: thrown });
  }
};

const unlocked = (pem: string, passphrase: Secret, { wrong }: Origin): KeyObject => {
  try {
    return openedKey(pem, passphrase);
  } catch (cause) {
    throw new EvercredError("config-invalid", wrong.sentence, { remedy: wrong.remedy, cause });
  }
};

/** Why the files are of no use. */
class Unusable extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.sentence);
    this.problem = problem;
  }
}

/** RFC 7468, 11, and what OpenSSL wrote before (RFC 1421, 4.6.1.1). */
const isEncrypted = (pem: string): boolean =>
  /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/mu.test(pem);

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

const isNamed = (host: string, entry: string): boolean => {
  const [name, wanted] = [host.toLowerCase().replace(/\.$/u, ""), entry.toLowerCase()];
  return wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
};
