import type { AwsCredential } from "../../core/credential.ts";
import type { Secret } from "../../core/secret.ts";
import { type Instant, plus } from "../../core/time.ts";

/** What a request is signed with: the keys of a session, or long-lived ones, which have no session token. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | undefined;
}

/** Keys that were not fetched from AWS, but found on this machine. */
export interface FoundKeys extends AwsKeys {
  readonly accountId: string | undefined;
  /** Undefined where nobody says. */
  readonly endsAt: Instant | undefined;
}

/** How long keys of a session are relied upon, in milliseconds, where nobody says when they end. */
const unsaidLifeMs = 15 * 60_000;

/** Keys of a session that were found at `now`, as they are handed out; undefined for long-lived ones. */
export const credentialOf = (keys: FoundKeys, now: Instant): AwsCredential | undefined => {
  const { accountId, accessKeyId, secretAccessKey, sessionToken, endsAt } = keys;
  if (sessionToken === undefined) return undefined;
  const expiresAt = endsAt ?? plus(now, unsaidLifeMs);
  return {
    kind: "aws",
    accountId,
    accessKeyId,
    secretAccessKey,
    sessionToken,
    issuedAt: now,
    expiresAt,
  };
};
