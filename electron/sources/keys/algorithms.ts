/** How a JWT may be signed (RFC 7518, 3.1; RFC 8037, 3.1). */
export type Algorithm =
  | "HS256"
  | "HS384"
  | "HS512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "EdDSA";

/** What kind of private key an algorithm signs with. */
export type KeyFamily = "rsa" | "p-256" | "ed25519";

/** What an algorithm signs with: a text of so many bytes at least, or a private key. */
export type Signer =
  | { readonly kind: "text"; readonly leastBytes: number }
  | { readonly kind: "private"; readonly family: KeyFamily };

/** A key for HMAC has the length of the hash at least (RFC 7518, 3.2). */
const text = (bits: number): Signer => ({ kind: "text", leastBytes: bits / 8 });

const rsa: Signer = { kind: "private", family: "rsa" };

/** What each algorithm signs with. */
export const signers: Readonly<Record<Algorithm, Signer>> = {
  HS256: text(256),
  HS384: text(384),
  HS512: text(512),
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: { kind: "private", family: "p-256" },
  EdDSA: { kind: "private", family: "ed25519" },
};

/** Names what can be signed with: algorithms with the same name can use the same secret. */
export const signerNameOf = (algorithm: Algorithm): string => {
  const signer = signers[algorithm];
  return signer.kind === "text" ? `text of ${signer.leastBytes} bytes` : signer.family;
};
