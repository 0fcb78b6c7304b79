import { EvercredError } from "./errors.ts";
import type { Secret } from "./secret.ts";
import type { Instant } from "./time.ts";

/** What a sign-in gave us: long-lived, kept only in the keychain. */
export interface Grant {
  /** The whole of it, as the keychain keeps it. Only its source can read it. */
  readonly saved: Secret;
  /** Issuer, region and scopes: a configuration that says otherwise has no use for this grant. */
  readonly boundTo: string;
  /** When a person signed in. */
  readonly signedInAt: Instant;
  /** When the access token inside was handed out. */
  readonly issuedAt: Instant;
  /** When the access token inside ends; not the end of the grant. */
  readonly expiresAt: Instant;
  /** Whether `renew` can prolong it. */
  readonly renewable: boolean;
  /** Who signed in, where the sign-in itself has told: a name that people know and that stays the same. */
  readonly account?: string | undefined;
  /** What the access token is good for, as far as anybody tells; left out, or empty: nobody does. */
  readonly scopes?: readonly string[];
  /** When our registration with the provider ends, where it has one that ends. */
  readonly registeredUntil?: Instant | undefined;
}

/** AWS keys of a session: a role's, or a user's. */
export interface AwsCredential {
  readonly kind: "aws";
  /** Undefined where whoever issued them does not tell. */
  readonly accountId: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** One word that opens a door by itself: an access token, an identity token. */
export interface TokenCredential {
  readonly kind: "token";
  readonly token: Secret;
  /** What an access token is good for; empty where nobody tells. */
  readonly scopes: readonly string[];
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** What we hand out: short-lived, kept only in memory. */
export type Credential = AwsCredential | TokenCredential;

/** A credential that can only be AWS keys. */
export const awsKeysOf = (credential: Credential): AwsCredential => {
  if (credential.kind === "aws") return credential;
  throw new EvercredError("internal", "A token stands where AWS keys were asked for.");
};

/** A credential that can only be a token. */
export const tokenOf = (credential: Credential): TokenCredential => {
  if (credential.kind === "token") return credential;
  throw new EvercredError("internal", "AWS keys stand where a token was asked for.");
};
