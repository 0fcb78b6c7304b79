import { createHash } from "node:crypto";
import type { Site, SiteReply, SiteRequest } from "../exchange.ts";
import { Refusal } from "../exchange.ts";
import type { PersonCode } from "./accounts.ts";
import { expiresIn } from "./access-tokens.ts";
import type { AccessToken } from "./access-tokens.ts";
import { grantByAssertion } from "./assertions.ts";
import { authenticateClient } from "./client-authentication.ts";
import type { Codes } from "./codes.ts";
import { Form, googleJson, refuseToken } from "./errors.ts";
import type { GoogleParts } from "./parts.ts";
import type { PersonGrant } from "./person-grants.ts";
import { readScopes } from "./scopes.ts";

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const accountWords = { disabled: "Account disabled", deleted: "Account has been deleted" };

function idTokenOf(
  { person, client }: PersonGrant,
  access: AccessToken,
  parts: GoogleParts,
): string {
  const hash = createHash("sha256").update(access.token).digest().subarray(0, 16);
  return parts.idTokens.issue({
    azp: client.id,
    aud: client.id,
    sub: person.sub,
    ...(person.hd !== undefined && { hd: person.hd }),
    email: person.email,
    email_verified: true,
    at_hash: hash.toString("base64url"),
  });
}

function tokens(grant: PersonGrant, access: AccessToken, parts: GoogleParts): object {
  return {
    access_token: access.token,
    expires_in: expiresIn(parts.lifetimes.accessTokenMs),
    scope: access.scopes.join(" "),
    token_type: "Bearer",
    ...(access.scopes.includes("openid") && { id_token: idTokenOf(grant, access, parts) }),
  };
}

function redeem(
  request: SiteRequest,
  form: Form,
  parts: GoogleParts,
  codes: Codes<PersonCode>,
): SiteReply {
  parts.records.note("code");
  form.allow(["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"]);
  const client = authenticateClient(request, form, parts.clients);
  const { grant, isOffline } = codes.redeem(form, client);
  const { refreshToken } = grant;
  return googleJson(200, {
    ...tokens(grant, parts.personGrants.accessToken(grant), parts),
    ...(isOffline && { refresh_token: refreshToken }),
  });
}

function renew(request: SiteRequest, form: Form, parts: GoogleParts): SiteReply {
  form.allow(["grant_type", "refresh_token", "client_id", "client_secret", "scope", "rapt"]);
  const client = authenticateClient(request, form, parts.clients);
  const { people, personGrants } = parts;
  const grant = personGrants.find(form.text("refresh_token"));
  if (grant === undefined) {
    throw refuseToken(400, "invalid_grant", "Token has been expired or revoked.");
  }
  if (grant.client.id !== client.id) throw refuseToken(401, "unauthorized_client", "Unauthorized");
  const state = people.state(grant.person);
  if (state !== "active") throw refuseToken(400, "invalid_grant", accountWords[state]);
  if (personGrants.needsReauth(grant)) {
    const subtype = personGrants.reauthWord;
    throw refuseToken(400, "invalid_grant", `reauth related error (${subtype})`, {
      error_uri: "https://support.google.com/a/answer/9368756",
      error_subtype: subtype,
    });
  }
  const asked = form.optional("scope");
  const scopes = asked === undefined ? grant.scopes : readScopes(asked);
  if (scopes?.every((scope) => grant.scopes.includes(scope)) !== true) {
    throw refuseToken(400, "invalid_scope", "Bad Request");
  }
  return googleJson(200, tokens(grant, personGrants.accessToken(grant, scopes), parts));
}

/** A renewal, noted with what came of it. */
function renewNoted(request: SiteRequest, form: Form, parts: GoogleParts): SiteReply {
  const { records } = parts;
  records.note("refresh");
  return records.present(form, request, () => renew(request, form, parts));
}

function revoke({ query, body }: SiteRequest, { personGrants, records }: GoogleParts): SiteReply {
  records.note("revoke");
  const token = query.get("token") ?? new URLSearchParams(body).get("token") ?? "";
  if (personGrants.revokeToken(token)) return googleJson(200, {});
  throw refuseToken(400, "invalid_token", "Token expired or revoked");
}

function tokenInfo({ query, body, headers, at }: SiteRequest, parts: GoogleParts): SiteReply {
  parts.records.note("token-info");
  const form = new URLSearchParams(body);
  const ask = (name: string): string | undefined => query.get(name) ?? form.get(name) ?? undefined;
  const idToken = ask("id_token");
  if (idToken !== undefined) {
    const claims = parts.idTokens.read(idToken);
    if (claims === undefined) throw refuseToken(400, "invalid_token", "Invalid Value");
    const texts = Object.entries(claims).map(([name, value]) => [name, String(value)]);
    return googleJson(200, Object.fromEntries(texts));
  }
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  const access = parts.accessTokens.find(ask("access_token") ?? bearer ?? "");
  if (access === undefined) throw refuseToken(400, "invalid_token", "Invalid Value");
  const { clientId, principal, scopes, expiresAt } = access;
  const isNamed = scopes.some((scope) => scope.endsWith("/userinfo.email"));
  return googleJson(200, {
    azp: clientId ?? principal.sub,
    aud: clientId ?? principal.sub,
    sub: principal.sub,
    scope: scopes.join(" "),
    exp: String(Math.floor(expiresAt / 1000)),
    expires_in: String(Math.floor((expiresAt - at) / 1000)),
    ...(isNamed && { email: principal.name, email_verified: "true" }),
    access_type: access.refreshToken === undefined ? "online" : "offline",
  });
}

/** `oauth2.googleapis.com`: tokens of people and of service accounts. */
export function createOauthSite(parts: GoogleParts, codes: Codes<PersonCode>): Site {
  return (request) => {
    const { method, path, headers, body } = request;
    switch (`${method} ${path}`) {
      case "POST /token": {
        const form = new Form(body, headers["content-type"]);
        const grantType = form.text("grant_type");
        switch (grantType) {
          case "authorization_code":
            return redeem(request, form, parts, codes);
          case "refresh_token":
            return renewNoted(request, form, parts);
          case jwtBearer:
            return grantByAssertion(form, parts);
          default:
            throw refuseToken(400, "unsupported_grant_type", `Invalid grant_type: ${grantType}`);
        }
      }
      case "POST /revoke":
        return revoke(request, parts);
      case "POST /tokeninfo":
      case "GET /tokeninfo":
        return tokenInfo(request, parts);
      default:
        throw new Refusal(googleJson(404, { error: "not_found" }));
    }
  };
}
