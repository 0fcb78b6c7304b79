import type { TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { insistMs, isStale } from "../../core/policy.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, instantOf } from "../../core/time.ts";
import type { SavedToken, SavedTokens } from "./tokens.ts";

/** Whose tokens are handed out, and when. */
export interface HandOut {
  /** Of the source. */
  readonly id: string;
  /** Whether there can be another exchange. */
  readonly renewable: boolean;
  /** The issuer's present time. */
  readonly now: Instant;
}

/**
 * Hands out one of the tokens of an exchange, to its end. Rejects with `token-rejected` where another exchange gives one,
 * never right after one; with `access-denied` where exchanges give none.
 */
export const handOut = (
  of: HandOut,
  form: "access" | "id",
  tokens: SavedTokens | undefined,
): TokenCredential => {
  const { id, renewable, now } = of;
  if (tokens === undefined) {
    if (renewable) throw renewalNeeded(id);
    throw new EvercredError("access-denied", `${id} has given no refresh token for this one.`, {
      remedy: `Add offline_access to scopes of sources.${id}, and sign in again.`,
    });
  }
  const { access, scopes, id: identity } = tokens;
  if (form === "access") return usable(of, access, scopes);
  if (identity?.issuedAt === access.issuedAt) return usable(of, identity, []);
  // The last exchange has given none: that of an earlier one is as good as it gets.
  if (identity !== undefined && identity.expiresAt > now) return credentialOf(identity, []);
  if (renewable && isStale(credentialOf(access, []), now) && isDue(access, now)) {
    throw renewalNeeded(id);
  }
  throw new EvercredError("access-denied", `${id} gives no identity token at a renewal.`, {
    remedy: `Have the key hand out the access token, or sign in again: evercred login ${id}`,
  });
};

const usable = (
  { id, now }: HandOut,
  token: SavedToken,
  scopes: readonly string[],
): TokenCredential => {
  if (token.expiresAt > now) return credentialOf(token, scopes);
  if (isDue(token, now)) throw renewalNeeded(id);
  throw new EvercredError("reply-invalid", `${id} gives tokens that have already ended.`, {
    remedy: "Ask whoever runs the issuer.",
  });
};

/** Whether to ask again for what is not good any more: what was over when it came is not asked for at once. */
const isDue = ({ issuedAt, expiresAt }: SavedToken, now: Instant): boolean =>
  expiresAt > issuedAt || now - issuedAt >= insistMs;

const credentialOf = (
  { token, issuedAt, expiresAt }: SavedToken,
  scopes: readonly string[],
): TokenCredential => ({
  kind: "token",
  token: new Secret(token),
  scopes,
  issuedAt: instantOf(issuedAt),
  expiresAt: instantOf(expiresAt),
});

const renewalNeeded = (id: string): EvercredError =>
  new EvercredError("token-rejected", `The sign-in to ${id} has to be renewed for this token.`);
