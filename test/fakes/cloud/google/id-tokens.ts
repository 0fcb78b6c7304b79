import { createHash } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { GoogleLifetimes } from "../google.ts";
import { jwkOf, newRsaKey, readJwt, signJwt } from "./jwt.ts";
import type { Claims } from "./jwt.ts";

// Making a key takes a while, and nothing tells one cloud's key from another's.
const key = newRsaKey();
const keyId = createHash("sha1").update(key.publicKey).digest("hex");

/** The identity tokens that Google signs. */
export class IdTokens {
  readonly #clock: Clock;
  readonly #lifetimes: GoogleLifetimes;

  constructor(clock: Clock, lifetimes: GoogleLifetimes) {
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** Signs what is claimed of somebody, for an hour. */
  issue(claims: Claims): string {
    const iat = Math.floor(this.#clock.now() / 1000);
    const exp = iat + Math.floor(this.#lifetimes.idTokenMs / 1000);
    return signJwt(
      { iss: "https://accounts.google.com", ...claims, iat, exp },
      keyId,
      key.privateKey,
    );
  }

  /** The claims of a token that was signed here and has not expired. */
  read(token: string): Claims | undefined {
    const jwt = readJwt(token);
    if (jwt?.isSignedBy(key.publicKey) !== true) return undefined;
    return Number(jwt.claims["exp"]) * 1000 > this.#clock.now() ? jwt.claims : undefined;
  }

  /** The key set, as it is published. */
  keySet(): { readonly keys: readonly JsonWebKey[] } {
    return { keys: [{ ...jwkOf(key.publicKey), kid: keyId, alg: "RS256", use: "sig" }] };
  }
}
