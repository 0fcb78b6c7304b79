import type { CodeFlow } from "./code-flow.ts";
import type { DeviceFlow } from "./device-flow.ts";
import { json } from "./exchange.ts";
import type { Site } from "./exchange.ts";
import { Fields } from "./fields.ts";
import { refuseOidc } from "./oidc-errors.ts";
import type { Organisation } from "./organisation.ts";
import { grantTypes, isGrantType } from "./registrations.ts";
import type { GrantType, Registrations } from "./registrations.ts";
import type { Tokens } from "./tokens.ts";

/** What the OIDC service of one region is made of. */
export interface OidcParts {
  readonly registrations: Registrations;
  readonly deviceFlow: DeviceFlow;
  readonly codeFlow: CodeFlow;
  readonly tokens: Tokens;
  /** The organisations of this region, by start URL. */
  readonly organisations: ReadonlyMap<string, Organisation>;
}

// `scope` is accepted and has no effect, as in the real service.
const commonFields = ["clientId", "clientSecret", "grantType", "scope"];
const grantFields: Readonly<Record<GrantType, readonly string[]>> = {
  [grantTypes.code]: ["code", "redirectUri", "codeVerifier"],
  [grantTypes.device]: ["deviceCode"],
  [grantTypes.refresh]: ["refreshToken"],
};

function createToken(parts: OidcParts, body: string): unknown {
  const { registrations, deviceFlow, codeFlow, tokens } = parts;
  const fields = new Fields(body);
  const grantType = fields.text("grantType");
  if (!isGrantType(grantType)) {
    throw refuseOidc("unsupported_grant_type", `Unsupported grant type: ${grantType}`);
  }
  fields.allow([...commonFields, ...grantFields[grantType]]);
  const client = registrations.authenticate(fields);
  if (!client.grantTypes.includes(grantType)) {
    throw refuseOidc("unauthorized_client", `The client may not use ${grantType}.`);
  }
  switch (grantType) {
    case grantTypes.code:
      return tokens.issue(codeFlow.redeem(fields, client), client);
    case grantTypes.device:
      return tokens.issue(deviceFlow.redeem(fields.text("deviceCode"), client), client);
    case grantTypes.refresh:
      return tokens.renew(fields.text("refreshToken"), client);
  }
}

/** `oidc.REGION.amazonaws.com`. */
export function createOidcSite(parts: OidcParts): Site {
  const { registrations, deviceFlow, codeFlow, organisations } = parts;
  return ({ method, path, query, body }) => {
    switch (`${method} ${path}`) {
      case "POST /client/register":
        return json(
          200,
          registrations.register(body, (startUrl) => organisations.has(startUrl)),
        );
      case "POST /device_authorization":
        return json(200, deviceFlow.start(body, registrations, organisations));
      case "POST /token":
        return json(200, createToken(parts, body));
      case "GET /authorize":
        return codeFlow.authorize(query, registrations, organisations);
      default: {
        const headers = { "x-amzn-errortype": "UnknownOperationException" };
        return json(404, { message: "Unknown operation." }, headers);
      }
    }
  };
}
