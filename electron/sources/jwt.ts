import { type Instant, instantOf } from "../core/time.ts";

/** What a JWT says of itself; undefined for any other text. Nobody has verified it: it is good for its times only. */
export const claimsOf = (token: string): Readonly<Record<string, unknown>> | undefined => {
  const [, payload, signature, ...more] = token.split(".");
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims)
      ? { ...claims }
      : undefined;
  } catch {
    return undefined;
  }
};

/** The last instant that a date can name (ECMA-262, 21.4.1.1), in epoch ms: a later end is none. */
const lastInstant = 8.64e15;

/** When a JWT ends, as it says itself (RFC 7519, 4.1.4); undefined where it does not say so, or is none. */
export const jwtEndOf = (token: string): Instant | undefined => {
  const end = claimsOf(token)?.["exp"];
  return typeof end === "number" && Math.abs(end * 1000) <= lastInstant
    ? instantOf(end * 1000)
    : undefined;
};
