import type { SiteRequest } from "../exchange.ts";
import type { AccessToken, Principal } from "./access-tokens.ts";
import { isTimely } from "./assertions.ts";
import { refuseApi } from "./errors.ts";
import type { GoogleParts } from "./parts.ts";
import { cloudPlatform } from "./scopes.ts";

/** Who calls an API, and with what. */
export interface Caller {
  readonly principal: Principal;
  readonly scopes: readonly string[];
  readonly token: string;
}

/** A service account may call an API with a token that it signed itself, for that host or for scopes. */
function readSelfSigned(
  { host, at }: SiteRequest,
  token: string,
  { serviceAccounts }: GoogleParts,
): Caller | undefined {
  const asserted = serviceAccounts.read(token);
  if (typeof asserted === "string" || !isTimely(asserted.claims, at)) return undefined;
  const { account, claims } = asserted;
  const scope = typeof claims["scope"] === "string" ? claims["scope"] : undefined;
  const isForUs = scope !== undefined || claims["aud"] === `https://${host}/`;
  if (!isForUs || claims["sub"] !== account.email) return undefined;
  return {
    principal: { kind: "service-account", name: account.email, sub: account.uniqueId },
    scopes: scope === undefined ? [cloudPlatform] : scope.split(" "),
    token,
  };
}

/** Who calls, by the bearer token; refuses as APIs do. `scopes`: one of them the token must have; empty: none. */
export function authenticate(
  request: SiteRequest,
  parts: GoogleParts,
  scopes: readonly string[],
): Caller {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const access: AccessToken | undefined = parts.accessTokens.find(token);
  const caller = access ?? readSelfSigned(request, token, parts);
  if (caller === undefined) {
    throw refuseApi(
      "UNAUTHENTICATED",
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie " +
        "or other valid authentication credential. " +
        "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
      { reason: token === "" ? "CREDENTIALS_MISSING" : "ACCESS_TOKEN_TYPE_UNSUPPORTED" },
    );
  }
  if (scopes.length > 0 && !scopes.some((scope) => caller.scopes.includes(scope))) {
    const message = "Request had insufficient authentication scopes.";
    throw refuseApi("PERMISSION_DENIED", message, { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" });
  }
  return { principal: caller.principal, scopes: caller.scopes, token };
}
