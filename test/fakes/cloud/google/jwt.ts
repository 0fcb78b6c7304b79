import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import type { JsonWebKey } from "node:crypto";

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** An RSA key pair, PEM. */
export interface RsaKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** A token taken apart; the signature is not judged yet. */
export interface ReadJwt {
  readonly header: Claims;
  readonly claims: Claims;
  isSignedBy(publicKey: string): boolean;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Makes a key pair as Google gives them to service accounts. */
export function newRsaKey(): RsaKey {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

/** The public half as JWKS has it. */
export function jwkOf(publicKey: string): JsonWebKey {
  return createPublicKey(publicKey).export({ format: "jwk" });
}

/** A token signed with RS256. */
export function signJwt(claims: Claims, keyId: string, privateKey: string): string {
  const text = `${encode({ alg: "RS256", kid: keyId, typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a token; undefined for what is none of RS256. */
export function readJwt(text: string): ReadJwt | undefined {
  const [head = "", body = "", signature = "", ...rest] = text.split(".");
  const header = decode(head);
  const claims = decode(body);
  if (header?.["alg"] !== "RS256" || claims === undefined || rest.length > 0) return undefined;
  return {
    header,
    claims,
    isSignedBy: (publicKey) =>
      verify(
        "sha256",
        Buffer.from(`${head}.${body}`),
        publicKey,
        Buffer.from(signature, "base64url"),
      ),
  };
}
