import * as z from "zod";
import { EvercredError } from "../../core/errors.ts";
import { type Instant, plus } from "../../core/time.ts";
import { ownErrorIn } from "../own-error.ts";
import { exchangeErrorOf, senselessReply } from "./errors.ts";
import type { GooglePorts } from "./ports.ts";
import { refusalIn } from "./refusal.ts";
import { googleClock } from "./tokens.ts";

/** The OAuth client that a refresh token was given to, and the token. */
export interface OAuthGrant {
  /** Of the source, for the sentences. */
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Left out: Google's own. */
  readonly tokenUrl?: string | undefined;
}

/** A sign-in to a workforce pool, at the token service. */
export interface FederatedGrant extends OAuthGrant {
  readonly tokenUrl: string;
}

/** What one exchange has given. */
export interface FreshTokens {
  readonly accessToken: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** Empty where the reply does not tell. */
  readonly scopes: readonly string[];
  /** Only where there is a new one. */
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
}

const text = z.string().min(1);

const tokensForm = z.object({
  access_token: text,
  expires_in: z.number().positive(),
  scope: z.string().optional(),
  refresh_token: text.optional(),
  id_token: text.optional(),
});

/** What a token endpoint's reply gives. Rejects what is none with `reply-invalid`. */
export const freshTokensOf = (reply: unknown, ports: GooglePorts): FreshTokens => {
  const parsed = tokensForm.safeParse(reply);
  if (!parsed.success) throw senselessReply(parsed.error);
  const { access_token, expires_in, scope = "", refresh_token, id_token } = parsed.data;
  const issuedAt = googleClock(ports).now();
  return {
    accessToken: access_token,
    issuedAt,
    expiresAt: plus(issuedAt, Math.floor(expires_in * 1000)),
    scopes: scope.split(" ").filter((name) => name !== ""),
    refreshToken: refresh_token,
    idToken: id_token,
  };
};

/**
 * A new access token for a person's consent; of fewer `scopes` where they are named. Rejects with one of `endings` on
 * Google's own word.
 */
export const refreshOAuth = async (
  { id, clientId, clientSecret, refreshToken, tokenUrl }: OAuthGrant,
  scopes: readonly string[] | undefined,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<FreshTokens> => {
  const { OAuth2Client, Transport } = await import("./sdk.ts");
  const transporter = new Transport(ports, signal);
  const url = tokenUrl ?? "https://oauth2.googleapis.com/token";
  const renewed = async (): Promise<unknown> => {
    const client = new OAuth2Client({
      ...{ clientId, clientSecret, transporter, useAuthRequestParameters: false },
      endpoints: { oauth2TokenUrl: url },
    });
    client.setCredentials({ refresh_token: refreshToken });
    let reply: unknown;
    client.once("tokens", ({ expiry_date: end, ...tokens }) => {
      // Only here does the library tell of a new refresh token. It has counted from this computer's clock, a moment ago.
      reply = { ...tokens, expires_in: Math.round(((end ?? 0) - Date.now()) / 1000) };
    });
    await client.refreshAccessToken();
    return reply;
  };
  const narrowed = async (): Promise<unknown> => {
    // The library has no way to ask for less than all.
    const data = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: clientId,
      client_secret: clientSecret,
      scope: (scopes ?? []).join(" "),
    });
    return (await transporter.request<unknown>({ url, method: "POST", data })).data;
  };
  try {
    return freshTokensOf(await (scopes === undefined ? renewed() : narrowed()), ports);
  } catch (thrown) {
    signal.throwIfAborted();
    throw exchangeErrorOf(id, false, thrown);
  }
};

/**
 * A new access token for a sign-in to a workforce pool. It may have spent the refresh token: then there is a new one.
 * Rejects with one of `endings` on Google's own word.
 */
export const refreshFederated = async (
  { id, clientId, clientSecret, refreshToken, tokenUrl }: FederatedGrant,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<FreshTokens> => {
  const { ExternalAccountAuthorizedUserClient, Transport } = await import("./sdk.ts");
  const client = new ExternalAccountAuthorizedUserClient({
    type: "external_account_authorized_user",
    audience: "",
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
    token_url: tokenUrl,
    token_info_url: "",
    transporter: new Transport(ports, signal),
    useAuthRequestParameters: false,
  });
  try {
    const { res } = await client.getAccessToken();
    return freshTokensOf(res?.data, ports);
  } catch (thrown) {
    signal.throwIfAborted();
    throw exchangeErrorOf(id, true, thrown);
  }
};

/** What Google says of an access token. */
export interface TokenInfo {
  /** Where it may be told. */
  readonly email: string | undefined;
  readonly scopes: readonly string[];
}

const infoForm = z.object({ email: text.optional(), scopes: z.array(z.string()).optional() });

/** What Google says of a person's or a service account's access token. Rejects with `token-rejected` where it does not know it. */
export const tokenInfoOf = async (
  id: string,
  accessToken: string,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<TokenInfo> => {
  const { OAuth2Client, Transport } = await import("./sdk.ts");
  const transporter = new Transport(ports, signal);
  const client = new OAuth2Client({ transporter, useAuthRequestParameters: false });
  try {
    const info = infoForm.safeParse(await client.getTokenInfo(accessToken)).data;
    return { email: info?.email, scopes: info?.scopes ?? [] };
  } catch (thrown) {
    throw refusedToken(id, thrown, signal);
  }
};

const introspectionForm = z.object({ active: z.boolean(), username: text.optional() });

/** `principal://…/subject/NAME`: what is before it is the pool, which is the same for all. */
const nameIn = (principal: string): string =>
  /\/subject\/(.+)$/su.exec(principal)?.[1] ?? principal;

/** Who is behind an access token of the token service, as it says itself. Rejects with `token-rejected` where it does not know it. */
export const introspect = async (
  { id, clientId, clientSecret }: Pick<FederatedGrant, "id" | "clientId" | "clientSecret">,
  tokenInfoUrl: string,
  accessToken: string,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { Transport } = await import("./sdk.ts");
  try {
    // The library has no introspection.
    const { data } = await new Transport(ports, signal).request<unknown>({
      url: tokenInfoUrl,
      method: "POST",
      headers: { authorization: basicOf(clientId, clientSecret) },
      data: new URLSearchParams({
        token: accessToken,
        token_type_hint: "urn:ietf:params:oauth:token-type:access_token",
      }),
    });
    const said = introspectionForm.safeParse(data);
    if (!said.success) throw senselessReply(said.error);
    if (!said.data.active) throw unknownToken(id);
    return said.data.username && nameIn(said.data.username);
  } catch (thrown) {
    throw refusedToken(id, thrown, signal);
  }
};

/** Ends a consent, by its refresh token. One that has ended already is no failure. */
export const revokeToken = async (
  id: string,
  url: string,
  token: string,
  ports: GooglePorts,
  signal: AbortSignal,
  client?: { readonly clientId: string; readonly clientSecret: string },
): Promise<void> => {
  const { Transport } = await import("./sdk.ts");
  try {
    // The library would put the token into the address.
    await new Transport(ports, signal).request({
      url,
      method: "POST",
      ...(client && { headers: { authorization: basicOf(client.clientId, client.clientSecret) } }),
      data: new URLSearchParams({ token }),
    });
  } catch (thrown) {
    signal.throwIfAborted();
    const word = refusalIn(thrown)?.error;
    if (word === "invalid_token" || word === "invalid_grant") return;
    throw exchangeErrorOf(id, false, thrown);
  }
};

/** Where Google ends consents. */
export const googleRevokeUrl = "https://oauth2.googleapis.com/revoke";

/** A client, as RFC 6749 section 2.3.1 has it say who it is. */
export const basicOf = (clientId: string, clientSecret: string): string =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;

const unknownToken = (id: string, cause?: unknown): EvercredError =>
  new EvercredError("token-rejected", `Google no longer accepts the access token of ${id}.`, {
    cause,
  });

const refusedToken = (id: string, thrown: unknown, signal: AbortSignal): Error => {
  signal.throwIfAborted();
  const own = ownErrorIn(thrown);
  if (own !== undefined) return own;
  const refusal = refusalIn(thrown);
  if (refusal === undefined) return senselessReply(thrown);
  const isUnknown = refusal.status === 401 || refusal.error.startsWith("invalid_");
  return isUnknown ? unknownToken(id, thrown) : exchangeErrorOf(id, false, thrown);
};
