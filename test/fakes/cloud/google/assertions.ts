import type { SiteReply } from "../exchange.ts";
import { expiresIn } from "./access-tokens.ts";
import type { Form } from "./errors.ts";
import { googleJson, refuseToken } from "./errors.ts";
import type { Claims } from "./jwt.ts";
import type { GoogleParts } from "./parts.ts";
import { readScopes } from "./scopes.ts";

/** How far an assertion's times may be off. */
const skewMs = 5 * 60_000;
const longestMs = 60 * 60_000;
const audiences = [
  "https://oauth2.googleapis.com/token",
  "https://accounts.google.com/o/oauth2/token",
];

/** Whether the times of an assertion are right: made about now, for an hour at most. */
export function isTimely({ iat, exp }: Claims, now: number): boolean {
  const from = Number(iat) * 1000;
  const to = Number(exp) * 1000;
  return from <= now + skewMs && to > now - skewMs && to > from && to - from <= longestMs;
}

/** Who a service account is, as the claims of its identity tokens. */
export function identityOf(
  { email, uniqueId }: { readonly email: string; readonly uniqueId: string },
  audience: string,
  includeEmail = true,
): Claims {
  return {
    aud: audience,
    azp: email,
    sub: uniqueId,
    ...(includeEmail && { email, email_verified: true }),
  };
}

/** The JWT bearer grant of service accounts (RFC 7523): an access token, or an identity token for an audience. */
export function grantByAssertion(form: Form, parts: GoogleParts): SiteReply {
  const { accessTokens, clock, idTokens, lifetimes, records, serviceAccounts } = parts;
  records.note("assertion");
  form.allow(["grant_type", "assertion"]);
  const asserted = serviceAccounts.read(form.text("assertion"));
  if (asserted === "unreadable") {
    throw refuseToken(400, "invalid_grant", "Invalid JWT: Failed to parse.");
  }
  if (asserted === "unknown") {
    throw refuseToken(400, "invalid_grant", "Invalid grant: account not found");
  }
  if (asserted === "badly signed") {
    throw refuseToken(400, "invalid_grant", "Invalid JWT Signature.");
  }
  const { account, claims } = asserted;
  if (!audiences.includes(String(claims["aud"]))) {
    throw refuseToken(400, "invalid_grant", "Invalid JWT: Failed audience check.");
  }
  if (!isTimely(claims, clock.now())) {
    throw refuseToken(
      400,
      "invalid_grant",
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
        "Check your iat and exp values in the JWT claim.",
    );
  }
  if (claims["sub"] !== undefined && claims["sub"] !== account.email) {
    throw refuseToken(
      401,
      "unauthorized_client",
      "Client is unauthorized to retrieve access tokens using this method, " +
        "or client not authorized for any of the scopes requested.",
    );
  }
  const audience = claims["target_audience"];
  if (typeof audience === "string" && audience !== "") {
    return googleJson(200, { id_token: idTokens.issue(identityOf(account, audience)) });
  }
  const scopes = readScopes(typeof claims["scope"] === "string" ? claims["scope"] : "");
  if (scopes === undefined || scopes.length === 0) {
    throw refuseToken(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  }
  const principal = {
    kind: "service-account",
    name: account.email,
    sub: account.uniqueId,
  } as const;
  const isGood = (): boolean => serviceAccounts.find(account.email) !== undefined;
  const about = { principal, scopes, clientId: undefined, isGood };
  const { token } = accessTokens.issue(about, lifetimes.accessTokenMs);
  return googleJson(200, {
    access_token: token,
    expires_in: expiresIn(lifetimes.accessTokenMs),
    token_type: "Bearer",
  });
}
