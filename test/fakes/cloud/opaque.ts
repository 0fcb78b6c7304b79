import { randomBytes, randomInt } from "node:crypto";

/** A random string of `length` URL-safe characters. */
export function opaque(length: number): string {
  return randomBytes(length).toString("base64url").slice(0, length);
}

/** A random string of `length` characters of `alphabet`. */
export function spell(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}

/** Something with the look and the size (about 2 KB) of a signed JWT. */
export function opaqueJwt(): string {
  const header = Buffer.from('{"kid":"key-1564028099","alg":"HS384"}').toString("base64url");
  return `${header}.${opaque(1900)}.${opaque(64)}`;
}
