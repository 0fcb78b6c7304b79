import { createPrivateKey, type KeyObject } from "node:crypto";
import { EvercredError } from "../../core/errors.ts";
import { shown } from "../shown.ts";
import type { Algorithm, KeyFamily } from "./algorithms.ts";

/** What signs, as the end of `needs …`. */
const needed: Readonly<Record<KeyFamily, string>> = {
  rsa: "a plain RSA key of 2048 bits or more",
  "p-256": "an EC key on the curve P-256",
  ed25519: "an Ed25519 key",
};

/** The least that an RSA key may have (RFC 7518, 3.3 and 3.5). */
const leastRsaBits = 2048;

/** OpenSSL's names of curves, where people know others. */
const curves: Readonly<Record<string, string>> = {
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/**
 * The private key in a text, as PEM by itself. Throws `usage` where there is none, or it is not of the `family` that
 * `algorithm` needs. `name` is the key's in the configuration.
 */
export const privateKeyIn = (
  entered: string,
  algorithm: Algorithm,
  family: KeyFamily,
  name: string,
): string => {
  const { pem, label } = blockIn(entered);
  const refuse = (what: string, remedy: string): never => {
    throw new EvercredError("usage", `${algorithm} needs ${needed[family]}; this is ${what}.`, {
      remedy,
    });
  };
  if (pem === undefined) {
    const isPart = label?.endsWith("PRIVATE KEY") === true;
    if (isPart) return refuse("only the beginning of one", copyAgain);
    return refuse(otherBlock(label), "Enter the private key itself, as PEM.");
  }
  if (label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type:.*ENCRYPTED/m.test(pem)) {
    return refuse(
      "one that is encrypted with a passphrase",
      `Decrypt it first: openssl pkey -in FILE | evercred api-key set ${name}`,
    );
  }
  if (label === "OPENSSH PRIVATE KEY") {
    return refuse("one in the form of OpenSSH", "Convert it first: ssh-keygen -p -m PEM -f FILE");
  }
  const key = keyIn(pem);
  if (key === undefined) return refuse("one that cannot be read", copyAgain);
  if (!isOf(key, family)) {
    return refuse(
      nameOf(key),
      `Enter the key that ${algorithm} needs, or correct algorithm of keys.${name} in the configuration.`,
    );
  }
  return pem;
};

const copyAgain = "Copy it again, whole.";

interface Block {
  /** Undefined where there is no private key. */
  readonly pem: string | undefined;
  /** Of the private key, else of the first block there is. */
  readonly label: string | undefined;
}

/** The first private key among the blocks of a text (RFC 7468): certificates and parameters may stand beside it. */
const blockIn = (text: string): Block => {
  const [pem, label] =
    /-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----[\s\S]+?-----END \1-----/.exec(text) ?? [];
  return { pem, label: label ?? /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1] };
};

const otherBlock = (label: string | undefined): string => {
  if (label === undefined) return "no PEM";
  if (label.endsWith("PUBLIC KEY")) return "a public key";
  if (label === "CERTIFICATE") return "a certificate";
  return `a PEM with no private key in it (${shown(label)})`;
};

const keyIn = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
};

const isOf = ({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject, family: KeyFamily) => {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  switch (family) {
    case "rsa":
      return type === "rsa" && modulusLength >= leastRsaBits;
    case "p-256":
      return type === "ec" && namedCurve === "prime256v1";
    case "ed25519":
      return type === "ed25519";
  }
};

const nameOf = ({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string => {
  const { modulusLength = 0, namedCurve = "" } = asymmetricKeyDetails ?? {};
  switch (type) {
    case "rsa":
      return `an RSA key of ${modulusLength} bits`;
    case "rsa-pss":
      // Neither Web Crypto nor anything built on it takes one.
      return "an RSA key that is tied to PSS";
    case "ec":
      return `an EC key on the curve ${curves[namedCurve] ?? namedCurve}`;
    case "ed25519":
      return "an Ed25519 key";
    default:
      return `a key of the type ${String(type)}`;
  }
};
