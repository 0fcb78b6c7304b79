import type { Clock } from "./clock.ts";
import { Fields } from "./fields.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { refuseOidc } from "./oidc-errors.ts";
import { opaque, opaqueJwt } from "./opaque.ts";
import { plainStartUrl } from "./organisation.ts";

/** The grant types that a public client may use (service model of sso-oidc). */
export const grantTypes = {
  code: "authorization_code",
  device: "urn:ietf:params:oauth:grant-type:device_code",
  refresh: "refresh_token",
} as const;

/** A grant type that a public client may use. */
export type GrantType = (typeof grantTypes)[keyof typeof grantTypes];

/** Whether this is a grant type that a public client may use. */
export function isGrantType(value: string): value is GrantType {
  return Object.values<string>(grantTypes).includes(value);
}

/** A registered client. `expiresAt` in epoch ms. */
export interface Client {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly redirectUris: readonly string[];
  /** The start URL it was registered for; the code flow needs it. */
  readonly issuerUrl: string | undefined;
  readonly expiresAt: number;
}

const fieldNames = [
  "clientName",
  "clientType",
  "scopes",
  "redirectUris",
  "grantTypes",
  "issuerUrl",
  "entitledApplicationArn",
];
const knownScope = /^(sso:account:access|sso-portal:\*|codewhisperer:[a-z_]+)$/;

/** The loopback redirect address without its port, which the service ignores (RFC 8252 section 7.3); else undefined. */
export function loopbackWithoutPort(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (url.protocol !== "http:" || !["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    return undefined;
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || uri.includes("#")) {
    return undefined;
  }
  url.port = "";
  return url.href;
}

/** The clients of one region. */
export class Registrations {
  readonly #clients = new Map<string, Client>();
  readonly #clock: Clock;
  readonly #lifetimes: Lifetimes;

  constructor(clock: Clock, lifetimes: Lifetimes) {
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** RegisterClient. `isStartUrl` says whether a start URL belongs to an organisation of this region. */
  register(body: string, isStartUrl: (startUrl: string) => boolean): unknown {
    const fields = new Fields(body);
    fields.allow(fieldNames);
    const name = fields.text("clientName");
    if (fields.text("clientType") !== "public") {
      throw refuseOidc("invalid_client_metadata", "The client type must be public.");
    }
    const scopes = fields.list("scopes");
    const strange = scopes.find((scope) => !knownScope.test(scope));
    if (strange !== undefined) throw refuseOidc("invalid_scope", `Unknown scope: ${strange}`);
    const redirectUris = fields.list("redirectUris");
    if (redirectUris.some((uri) => loopbackWithoutPort(uri) === undefined)) {
      throw refuseOidc("invalid_redirect_uri", "A redirect URI is no loopback address.");
    }
    const issuerUrl = fields.optionalText("issuerUrl");
    if (issuerUrl !== undefined && !isStartUrl(plainStartUrl(issuerUrl))) {
      throw refuseOidc("invalid_request", "Invalid issuer URL.");
    }
    const grants = this.#readGrantTypes(fields.list("grantTypes"));
    if (grants.includes("authorization_code")) {
      if (redirectUris.length === 0) {
        throw refuseOidc("invalid_redirect_uri", "The authorization_code grant needs one.");
      }
      if (issuerUrl === undefined) throw refuseOidc("invalid_request", "Missing field: issuerUrl");
    }
    const now = this.#clock.now();
    const client: Client = {
      id: opaque(32),
      secret: opaqueJwt(),
      name,
      scopes,
      grantTypes: grants,
      redirectUris,
      issuerUrl: issuerUrl === undefined ? undefined : plainStartUrl(issuerUrl),
      expiresAt: Math.floor((now + this.#lifetimes.registrationMs) / 1000) * 1000,
    };
    this.#clients.set(client.id, client);
    return {
      clientId: client.id,
      clientSecret: client.secret,
      clientIdIssuedAt: Math.floor(now / 1000),
      clientSecretExpiresAt: client.expiresAt / 1000,
    };
  }

  /** The client of this id, if its registration has not expired. */
  find(clientId: string): Client | undefined {
    const client = this.#clients.get(clientId);
    return client !== undefined && this.#clock.now() < client.expiresAt ? client : undefined;
  }

  /** The client with this id and secret; anything else is an `invalid_client`. */
  authenticate(fields: Fields): Client {
    const client = this.find(fields.text("clientId"));
    if (client?.secret !== fields.text("clientSecret")) {
      throw refuseOidc("invalid_client", "Invalid client provided");
    }
    return client;
  }

  #readGrantTypes(asked: readonly string[]): readonly GrantType[] {
    // A client that names none gets the device flow and renewals, as the AWS CLI's device flow relies on.
    if (asked.length === 0) return [grantTypes.device, grantTypes.refresh];
    return asked.map((grantType) => {
      if (isGrantType(grantType)) return grantType;
      throw refuseOidc("unsupported_grant_type", `Unsupported grant type: ${grantType}`);
    });
  }
}
