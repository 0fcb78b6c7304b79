import { html } from "../exchange.ts";
import type { Site } from "../exchange.ts";
import { messagePage } from "../pages.ts";
import { Consents, errorPage, readAuthorization } from "./authorization.ts";
import { Codes } from "./codes.ts";
import type { GoogleParts } from "./parts.ts";
import type { WorkforceGrant } from "./workforce-grants.ts";

/** `auth.cloud.google`: people of a workforce pool sign in by way of their own organisation. */
export function createWorkforceSite(parts: GoogleParts): {
  readonly site: Site;
  readonly codes: Codes<WorkforceGrant>;
} {
  const { clients, pools, records, workforceGrants } = parts;
  const consents = new Consents(records.redirects);
  const codes = new Codes<WorkforceGrant>(parts.clock, parts.lifetimes);

  const site: Site = (request) => {
    const { method, path, query } = request;
    if (method === "GET" && path === "/authorize") {
      records.note("workforce-authorize");
      const more = ["provider_name", "token_usage"];
      const authorization = readAuthorization(request, clients, more);
      const pool = pools.ofProvider(query.get("provider_name") ?? "");
      if (pool === undefined) throw errorPage(400, "invalid_request", "No such provider.");
      return consents.ask(authorization, {
        organisation: `Sign in to ${pool.id}`,
        users: pool.users,
        scopes: [],
      });
    }
    if (method === "POST" && path === "/signin/oauth/consent") {
      return consents.answer(request, (authorization, user) => {
        const pool = pools.ofProvider(authorization.query.get("provider_name") ?? "");
        if (pool?.users.includes(user) !== true) {
          throw errorPage(400, "invalid_request", "Nobody is chosen.");
        }
        const { client, scopes } = authorization;
        return {
          code: codes.issue(authorization, workforceGrants.add(pool, client, user, scopes)),
        };
      });
    }
    return html(404, messagePage("Not found", "There is no such page."));
  };
  return { site, codes };
}
