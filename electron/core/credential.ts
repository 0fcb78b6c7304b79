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

/** What we hand out: short-lived, kept only in memory. */
export type Credential = AwsCredential;
