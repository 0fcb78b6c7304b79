import type { AwsCredential, TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, plus } from "../../core/time.ts";
import { faultOfRegion } from "./checks.ts";

/** The least and the most that Bedrock takes, in milliseconds (Bedrock user guide, "short-term API keys"). */
const leastMs = 1_000;
const mostMs = 12 * 60 * 60_000;

/**
 * A short-term Bedrock API key: a request that these keys have signed ahead of time, so it ends with them at the
 * latest. Nobody is asked. Rejects with `usage` for what cannot be, with `timed-out` where the keys have ended.
 */
export const bedrockKeyOf = async (
  credential: AwsCredential,
  region: string,
  lifetimeMs: number,
  now: Instant,
): Promise<TokenCredential> => {
  const fault = faultOfRegion(region);
  if (fault !== undefined) {
    throw new EvercredError("usage", `${fault.sentence}.`, { remedy: fault.remedy });
  }
  if (!(lifetimeMs >= leastMs && lifetimeMs <= mostMs)) {
    throw new EvercredError("usage", "A Bedrock key is good for a second to 12 hours.", {
      remedy: "Ask for a time between the two.",
    });
  }
  const leftMs = credential.expiresAt - now;
  if (leftMs < leastMs) {
    throw new EvercredError("timed-out", "The keys ended before a Bedrock key was made of them.");
  }
  const seconds = Math.floor(Math.min(lifetimeMs, leftMs) / 1_000);
  // It brings many of the SDK's modules with it.
  const { getToken } = await import("@aws/bedrock-token-generator");
  const token = await getToken({
    credentials: {
      accessKeyId: credential.accessKeyId,
      secretAccessKey: credential.secretAccessKey.reveal(),
      sessionToken: credential.sessionToken.reveal(),
    },
    region,
    expiresInSeconds: seconds,
  });
  return {
    kind: "token",
    token: new Secret(token),
    scopes: [],
    // What ends with the keys is as old as they are: it grows stale when they do.
    issuedAt: lifetimeMs < leftMs ? now : credential.issuedAt,
    expiresAt: plus(now, seconds * 1_000),
  };
};
