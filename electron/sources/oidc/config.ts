import type { RedirectPlace } from "../loopback.ts";
import type { Report } from "../problem.ts";
import type { KeyAsk } from "./ask.ts";
import type { OidcDefinition } from "./definition.ts";

/** An entry of kind `oidc`. */
export interface OidcEntry {
  readonly kind: "oidc";
  readonly enabled: boolean;
  readonly title?: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly audience?: string;
  readonly resource?: readonly string[];
  readonly redirectUri: string;
  readonly flow: "code" | "device" | "client-credentials";
  readonly authorizeParams: Readonly<Record<string, string>>;
  /** The name of a static key. */
  readonly clientSecretKey?: string;
}

/** A key of kind `oidc`. */
export interface OidcKeyEntry {
  readonly kind: "oidc";
  readonly source: string;
  readonly token: "access" | "id";
  readonly audience?: string;
  readonly resource?: string;
  readonly scopes?: readonly string[];
}

/** What of Evercred's own configuration is about OIDC; entries of other kinds may stand beside. */
export interface OidcConfig {
  /** By id. */
  readonly sources: Readonly<
    Record<
      string,
      | OidcEntry
      | { readonly kind: "aws-sso" | "google" | "google-adc" | "google-workforce" | "command" }
    >
  >;
  /** By name. */
  readonly keys: Readonly<
    Record<
      string,
      | OidcKeyEntry
      | {
          readonly kind:
            "static" | "command" | "jwt" | "gcp-id-token" | "gcp-access-token" | "aws-bedrock";
        }
    >
  >;
}

/** What is asked for a person, and makes no sense for a client itself. */
const personal: ReadonlySet<string> = new Set(["openid", "offline_access"]);

/**
 * What an entry says; undefined where nobody can sign in with that. It is reported then, unless it is about a name of
 * which the configuration itself shows that nothing has it.
 */
export const definitionOf = (
  id: string,
  entry: OidcEntry,
  { keys }: OidcConfig,
  report: Report,
): OidcDefinition | undefined => {
  const { title = id, issuer, clientId, clientSecretKey, flow, authorizeParams } = entry;
  const redirect = redirectOf(entry.redirectUri);
  if (redirect === undefined) {
    report(
      undefined,
      `sources.${id}: redirectUri is no address on this computer that a browser can be sent to.`,
      "Write it like http://127.0.0.1:0/oauth/callback, or with localhost and a port.",
    );
    return undefined;
  }
  // Whoever has read the configuration has said so already, with the line.
  if (clientSecretKey !== undefined && keys[clientSecretKey]?.kind !== "static") return undefined;
  const isMachine = flow === "client-credentials";
  if (isMachine && clientSecretKey === undefined) {
    report(
      undefined,
      `sources.${id}: a client that gets tokens for itself needs a secret.`,
      "Name a static key that holds it as clientSecretKey.",
    );
    return undefined;
  }
  const scopesOf = (scopes: readonly string[]): readonly string[] =>
    isMachine ? scopes.filter((scope) => !personal.has(scope)) : scopes;
  const own = {
    scopes: scopesOf(entry.scopes),
    audience: entry.audience,
    resources: entry.resource ?? [],
  };
  const asks = new Map<string, KeyAsk>();
  for (const [name, key] of Object.entries(keys)) {
    if (key.kind !== "oidc" || key.source !== id) continue;
    const { token, audience, resource } = key;
    const scopes = scopesOf(key.scopes ?? entry.scopes);
    if (token === "id" && !scopes.includes("openid")) {
      report(
        undefined,
        isMachine
          ? `keys.${name}: ${id} signs nobody in, so it has no identity token.`
          : `keys.${name}: without the scope openid there is no identity token.`,
        isMachine
          ? "Have the key hand out the access token."
          : `Add openid to ${key.scopes === undefined ? `scopes of sources.${id}` : "its scopes"}.`,
      );
      continue;
    }
    // Where a key says for whom it is, it is not also for whom the source's own is.
    const isForOwn = audience === undefined && resource === undefined;
    const target = isForOwn
      ? { audience: own.audience, resources: own.resources }
      : { audience, resources: resource === undefined ? [] : [resource] };
    asks.set(name, { token, scopes, ...target });
  }
  return {
    ...{ id, title, issuer, clientId, clientSecretKey, flow, own, redirect, authorizeParams },
    keys: asks,
  };
};

/** Where a browser is sent back to; undefined where that is not this computer, or not an address to listen at. */
const redirectOf = (address: string): RedirectPlace | undefined => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" || url.search !== "" || url.hash !== "") return undefined;
  const { hostname: host, pathname: path, port } = url;
  if (url.username !== "" || (host !== "127.0.0.1" && host !== "localhost")) return undefined;
  return { host, path, port: Number(port) };
};
