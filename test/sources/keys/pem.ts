import { generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";

/** A private key and its public half, as PEM. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** How a private key is written. */
interface PrivateForm {
  readonly type: "pkcs8" | "pkcs1" | "sec1";
  readonly cipher?: string;
  readonly passphrase?: string;
}

const written = (
  { privateKey, publicKey }: KeyPairKeyObjectResult,
  form: PrivateForm = { type: "pkcs8" },
): KeyPair => ({
  privateKey: privateKey.export({ format: "pem", ...form }).toString(),
  publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
});

const newRsa = (modulusLength = 2048): KeyPairKeyObjectResult =>
  generateKeyPairSync("rsa", { modulusLength });

const encryption = { cipher: "aes-256-cbc", passphrase: "open sesame" };

export const rsaPair = (bits?: number): KeyPair => written(newRsa(bits));
export const pssPair = (): KeyPair =>
  written(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }));
export const ecPair = (namedCurve = "P-256"): KeyPair =>
  written(generateKeyPairSync("ec", { namedCurve }));
export const ed25519Pair = (): KeyPair => written(generateKeyPairSync("ed25519"));
export const ed448Pair = (): KeyPair => written(generateKeyPairSync("ed448"));

/** An RSA key as PKCS#1 has it. */
export const pkcs1Pair = (): KeyPair => written(newRsa(), { type: "pkcs1" });

/** An EC key as SEC 1 has it. */
export const sec1Pair = (): KeyPair =>
  written(generateKeyPairSync("ec", { namedCurve: "P-256" }), { type: "sec1" });

/** An RSA key that is encrypted, as PKCS#8 does it, or as the older tools do. */
export const encryptedKey = (type: "pkcs8" | "pkcs1"): string =>
  written(newRsa(), { type, ...encryption }).privateKey;

/** The public half of an RSA key as PKCS#1 has it. */
export const pkcs1Public = (): string =>
  newRsa().publicKey.export({ type: "pkcs1", format: "pem" }).toString();
