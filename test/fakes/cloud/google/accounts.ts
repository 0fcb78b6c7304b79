import { html } from "../exchange.ts";
import type { Site } from "../exchange.ts";
import { messagePage } from "../pages.ts";
import { Consents, errorPage, readAuthorization } from "./authorization.ts";
import { Codes } from "./codes.ts";
import type { GoogleParts } from "./parts.ts";
import type { PersonGrant } from "./person-grants.ts";

/** What a code of a person is good for. */
export interface PersonCode {
  readonly grant: PersonGrant;
  /** Whether the refresh token comes with it. */
  readonly isOffline: boolean;
}

const mandatory = ["openid", "https://www.googleapis.com/auth/userinfo.email"];
const signInPaths = ["/o/oauth2/v2/auth", "/o/oauth2/auth"];

/** `accounts.google.com`: people choose an account and consent. */
export function createAccountsSite(parts: GoogleParts): {
  readonly site: Site;
  readonly codes: Codes<PersonCode>;
} {
  const { clients, people, personGrants, records } = parts;
  const consents = new Consents(records.redirects);
  const codes = new Codes<PersonCode>(parts.clock, parts.lifetimes);
  // Who has consented to a client before: a web client then gets no refresh token unless it asks anew.
  const consented = new Set<string>();

  const site: Site = (request) => {
    const { method, path, query } = request;
    if (method === "GET" && signInPaths.includes(path)) {
      records.note("authorize");
      const authorization = readAuthorization(request, clients, [
        "login_hint",
        "hd",
        "nonce",
        "include_granted_scopes",
        "token_usage",
      ]);
      return consents.ask(authorization, {
        organisation: "Sign in with Google",
        users: people.able(query.get("login_hint") ?? "").map(({ email }) => email),
        scopes: authorization.scopes.filter((scope) => !mandatory.includes(scope)),
      });
    }
    if (method === "POST" && path === "/signin/oauth/consent") {
      return consents.answer(request, (authorization, user, ticked) => {
        const { client, isOffline, asksAnew } = authorization;
        const person = people.able().find(({ email }) => email === user);
        if (person === undefined) throw errorPage(400, "invalid_request", "Nobody is chosen.");
        if (client.internalTo !== undefined && client.internalTo !== person.hd) {
          const message = `${client.name} can only be used within its organization.`;
          throw errorPage(403, "org_internal", message);
        }
        if (client.isBlocked && person.hd !== undefined) {
          const message = "Your institution's admin needs to review this app.";
          throw errorPage(400, "admin_policy_enforced", message);
        }
        const scopes = authorization.scopes.filter(
          (scope) => mandatory.includes(scope) || ticked.includes(scope),
        );
        const isFirst = !consented.has(`${person.email} ${client.id}`);
        consented.add(`${person.email} ${client.id}`);
        const grant = personGrants.add(person, client, scopes);
        const code = codes.issue(authorization, {
          grant,
          isOffline: isOffline && (client.type === "desktop" || asksAnew || isFirst),
        });
        return {
          iss: "https://accounts.google.com",
          code,
          scope: scopes.join(" "),
          authuser: "0",
          ...(person.hd !== undefined && { hd: person.hd }),
          prompt: "consent",
        };
      });
    }
    return html(404, messagePage("Not found", "There is no such page."));
  };
  return { site, codes };
}
