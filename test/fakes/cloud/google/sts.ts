import { Refusal } from "../exchange.ts";
import type { Site, SiteReply, SiteRequest } from "../exchange.ts";
import { expiresIn } from "./access-tokens.ts";
import type { AccessToken } from "./access-tokens.ts";
import { authenticateClient } from "./client-authentication.ts";
import type { Codes } from "./codes.ts";
import { Form, googleJson, refuseToken } from "./errors.ts";
import type { GoogleParts } from "./parts.ts";
import { principalOf, tokenTypes } from "./pools.ts";
import { readScopes } from "./scopes.ts";
import type { WorkforceGrant } from "./workforce-grants.ts";

const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
const clientFields = ["client_id", "client_secret"];

function exchange(request: SiteRequest, form: Form, parts: GoogleParts): SiteReply {
  const { accessTokens, clock, lifetimes, pools, records } = parts;
  records.note("exchange");
  form.allow([
    ...["grant_type", "audience", "scope", "requested_token_type", "subject_token"],
    ...["subject_token_type", "options", ...clientFields],
  ]);
  if (form.text("grant_type") !== exchangeGrant) {
    throw refuseToken(400, "unsupported_grant_type", "Invalid grant_type.");
  }
  const isClient =
    request.headers.authorization !== undefined || form.optional("client_id") !== undefined;
  const client = isClient ? authenticateClient(request, form, parts.clients) : undefined;
  if (form.text("requested_token_type") !== tokenTypes.accessToken) {
    throw refuseToken(400, "invalid_request", "Invalid value for requested_token_type.");
  }
  const pool = pools.ofAudience(form.text("audience"));
  if (pool === undefined) {
    throw refuseToken(
      400,
      "invalid_target",
      'The target service indicated by the "audience" parameters is invalid. This might either be ' +
        "because the pool or provider is disabled or deleted or because it doesn't exist.",
    );
  }
  const subject = pools.token(form.text("subject_token"));
  if (subject?.pool !== pool || subject.type !== form.text("subject_token_type")) {
    throw refuseToken(400, "invalid_grant", "The given credential is rejected.");
  }
  if (clock.now() >= subject.endsAt) {
    throw refuseToken(400, "invalid_grant", "ID Token in the request is stale to sign-in.");
  }
  const scopes = readScopes(form.optional("scope") ?? "");
  if (scopes === undefined || scopes.length === 0) {
    throw refuseToken(400, "invalid_scope", "Some scopes are invalid.");
  }
  const name = principalOf(pool, subject.subject);
  const principal = { kind: pool.kind, name, sub: subject.subject };
  const about = { principal, scopes, clientId: client?.id, isGood: () => true };
  const { token } = accessTokens.issue(about, lifetimes.accessTokenMs);
  return googleJson(200, {
    access_token: token,
    issued_token_type: tokenTypes.accessToken,
    token_type: "Bearer",
    expires_in: expiresIn(lifetimes.accessTokenMs),
  });
}

function workforceTokens(grant: WorkforceGrant, isNew: boolean, parts: GoogleParts): SiteReply {
  const access: AccessToken = parts.workforceGrants.accessToken(grant);
  return googleJson(200, {
    access_token: access.token,
    issued_token_type: tokenTypes.accessToken,
    token_type: "Bearer",
    expires_in: expiresIn(access.lifetimeMs),
    scope: access.scopes.join(" "),
    ...(isNew && { refresh_token: grant.refreshToken }),
  });
}

function redeem(
  request: SiteRequest,
  form: Form,
  parts: GoogleParts,
  codes: Codes<WorkforceGrant>,
): SiteReply {
  parts.records.note("workforce-code");
  form.allow(["grant_type", "code", "redirect_uri", "code_verifier", ...clientFields]);
  const client = authenticateClient(request, form, parts.clients);
  return workforceTokens(codes.redeem(form, client), true, parts);
}

function renew(request: SiteRequest, form: Form, parts: GoogleParts): SiteReply {
  form.allow(["grant_type", "refresh_token", ...clientFields]);
  const client = authenticateClient(request, form, parts.clients);
  const presented = form.text("refresh_token");
  const grant = parts.workforceGrants.present(presented, client);
  if (grant === undefined) {
    throw refuseToken(400, "invalid_grant", "The refresh token is invalid or has expired.");
  }
  return workforceTokens(grant, grant.refreshToken !== presented, parts);
}

function introspect(request: SiteRequest, form: Form, parts: GoogleParts): SiteReply {
  form.allow(["token", "token_type_hint", ...clientFields]);
  const client = authenticateClient(request, form, parts.clients);
  const access = parts.accessTokens.find(form.text("token"));
  if (access === undefined) return googleJson(200, { active: false });
  const { principal, scopes, expiresAt } = access;
  return googleJson(200, {
    active: true,
    scope: scopes.join(" "),
    client_id: client.id,
    username: principal.name,
    exp: Math.floor(expiresAt / 1000),
    sub: principal.sub,
    iss: "https://sts.googleapis.com/",
  });
}

function revoke(request: SiteRequest, form: Form, parts: GoogleParts): SiteReply {
  parts.records.note("revoke");
  form.allow(["token", "token_type_hint", ...clientFields]);
  authenticateClient(request, form, parts.clients);
  // A token that is unknown is as good as revoked (RFC 7009).
  parts.workforceGrants.revokeToken(form.text("token"));
  return googleJson(200, {});
}

/** `sts.googleapis.com`: tokens of outside identities. */
export function createStsSite(parts: GoogleParts, codes: Codes<WorkforceGrant>): Site {
  return (request) => {
    const { method, path, headers, body } = request;
    if (method !== "POST") throw new Refusal(googleJson(404, { error: "not_found" }));
    const form = new Form(body, headers["content-type"]);
    switch (path) {
      case "/v1/token":
        return exchange(request, form, parts);
      case "/v1/oauthtoken":
        switch (form.text("grant_type")) {
          case "authorization_code":
            return redeem(request, form, parts, codes);
          case "refresh_token":
            parts.records.note("workforce-refresh");
            return parts.records.present(form, request, () => renew(request, form, parts));
          default:
            throw refuseToken(400, "unsupported_grant_type", "Invalid grant_type.");
        }
      case "/v1/introspect":
        return introspect(request, form, parts);
      case "/v1/revoke":
        return revoke(request, form, parts);
      default:
        throw new Refusal(googleJson(404, { error: "not_found" }));
    }
  };
}
