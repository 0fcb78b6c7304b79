import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { errorOf } from "../../../electron/core/errors.ts";
import { type Algorithm, signers } from "../../../electron/sources/keys/algorithms.ts";
import { privateKeyIn } from "../../../electron/sources/keys/private-key.ts";
import * as pem from "./pem.ts";

const folder = mkdtempSync(join(tmpdir(), "pem-"));

afterAll(() => rmSync(folder, { recursive: true }));

const accepted = (text: string, algorithm: Algorithm): string => {
  const signer = signers[algorithm];
  if (signer.kind === "text") throw new Error("It signs with a text.");
  return privateKeyIn(text, algorithm, signer.family, "minted");
};

const refusal = (text: string, algorithm: Algorithm): { message: string; remedy: string } => {
  try {
    accepted(text, algorithm);
  } catch (thrown) {
    const { code, message, remedy } = errorOf(thrown);
    expect(code).toBe("usage");
    return { message, remedy };
  }
  throw new Error("It was accepted.");
};

const file = (name: string): string => join(folder, name);

/** What the `openssl` command writes. */
const openssl = (name: string, ...args: readonly string[]): string => {
  execFileSync("openssl", [...args, "-out", file(name)], { stdio: "ignore" });
  return readFileSync(file(name), "utf8");
};

const rsa = pem.rsaPair();

const certificate = (): string => {
  const subject = ["-subj", "/CN=dev.example.com", "-nodes", "-newkey", "rsa:2048"];
  return openssl("cert.pem", "req", "-x509", ...subject, "-keyout", file("cert.key"));
};

describe("a private key is taken", () => {
  test.each([
    ["as PKCS#8", "RS256", rsa.privateKey],
    ["as PKCS#1", "PS256", pem.pkcs1Pair().privateKey],
    ["as SEC 1", "ES256", pem.sec1Pair().privateKey],
    ["of Ed25519", "EdDSA", pem.ed25519Pair().privateKey],
  ] as const)("%s", (_, algorithm, key) => {
    expect(accepted(key, algorithm)).toBe(key.trim());
  });

  test("from among its parameters, a certificate and words; with the lines of another system", () => {
    const parameters = openssl("ec.pem", "ecparam", "-name", "prime256v1", "-genkey");
    expect(parameters).toContain("-----BEGIN EC PARAMETERS-----");
    const kept = accepted(parameters, "ES256");
    expect(kept).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    expect(createPrivateKey(kept).asymmetricKeyType).toBe("ec");
    const text = `Key of dev\n${certificate()}\n${rsa.privateKey}`.replaceAll("\n", "\r\n");
    expect(accepted(text, "RS256").replaceAll("\r", "")).toBe(rsa.privateKey.trim());
  });
});

const rsaNeeded = (algorithm: string): string =>
  `${algorithm} needs a plain RSA key of 2048 bits or more; this is`;
const ecNeeded = "ES256 needs an EC key on the curve P-256; this is";
const edNeeded = "EdDSA needs an Ed25519 key; this is";

describe("of the wrong kind it is refused, with what it is and what is needed:", () => {
  const toCorrect = (algorithm: string): string =>
    `Enter the key that ${algorithm} needs, or correct algorithm of keys.minted in the configuration.`;

  test.each([
    ["RS256", pem.rsaPair(1024).privateKey, `${rsaNeeded("RS256")} an RSA key of 1024 bits.`],
    ["PS256", pem.pssPair().privateKey, `${rsaNeeded("PS256")} an RSA key that is tied to PSS.`],
    ["RS512", pem.pssPair().privateKey, `${rsaNeeded("RS512")} an RSA key that is tied to PSS.`],
    ["RS256", pem.ecPair().privateKey, `${rsaNeeded("RS256")} an EC key on the curve P-256.`],
    ["PS384", pem.ed25519Pair().privateKey, `${rsaNeeded("PS384")} an Ed25519 key.`],
    ["ES256", rsa.privateKey, `${ecNeeded} an RSA key of 2048 bits.`],
    ["ES256", pem.ecPair("P-384").privateKey, `${ecNeeded} an EC key on the curve P-384.`],
    ["ES256", pem.ecPair("P-521").privateKey, `${ecNeeded} an EC key on the curve P-521.`],
    ["ES256", pem.ecPair("secp256k1").privateKey, `${ecNeeded} an EC key on the curve secp256k1.`],
    ["ES256", pem.ed25519Pair().privateKey, `${ecNeeded} an Ed25519 key.`],
    ["EdDSA", pem.ecPair().privateKey, `${edNeeded} an EC key on the curve P-256.`],
    ["EdDSA", pem.ed448Pair().privateKey, `${edNeeded} a key of the type ed448.`],
  ] as const)("%s %#", (algorithm, key, message) => {
    expect(refusal(key, algorithm)).toEqual({ message, remedy: toCorrect(algorithm) });
  });
});

describe("what is no usable private key is refused, with what it is and what is to be done:", () => {
  const again = "Copy it again, whole.";
  const itself = "Enter the private key itself, as PEM.";
  const decrypt = "Decrypt it first: openssl pkey -in FILE | evercred api-key set minted";
  const encrypted = "one that is encrypted with a passphrase";
  const openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----\n";
  const request = (): string =>
    openssl("csr.pem", "req", "-new", "-subj", "/CN=x", "-nodes", "-keyout", file("csr.key"));

  test.each([
    ["a public key", () => rsa.publicKey, "a public key", itself],
    ["an older public key", pem.pkcs1Public, "a public key", itself],
    ["a certificate", certificate, "a certificate", itself],
    ["a request", request, "a PEM with no private key in it (CERTIFICATE REQUEST)", itself],
    ["a text", () => "sk-1234", "no PEM", itself],
    ["an encrypted key", () => pem.encryptedKey("pkcs8"), encrypted, decrypt],
    ["an older encrypted key", () => pem.encryptedKey("pkcs1"), encrypted, decrypt],
    ["OpenSSH's", () => openssh, "one in the form of OpenSSH", expect.stringContaining("-m PEM")],
    ["a part", () => rsa.privateKey.slice(0, 900), "only the beginning of one", again],
    [
      "a broken one",
      () => rsa.privateKey.replace(/\n.{8}/, "\n"),
      "one that cannot be read",
      again,
    ],
  ])("%s", (_, key, what, remedy) => {
    expect(refusal(key(), "RS256")).toEqual({ message: `${rsaNeeded("RS256")} ${what}.`, remedy });
  });
});
