import type { RedirectPlace } from "../loopback.ts";
import { type Ask, type KeyAsk, plainScopes } from "./ask.ts";

/** An OIDC issuer, and what we are to it. */
export interface OidcDefinition {
  readonly id: string;
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  /** The static key that holds the client's secret; undefined: the client has none. */
  readonly clientSecretKey: string | undefined;
  readonly flow: "code" | "device" | "client-credentials";
  /** What is asked for where a key says nothing else. */
  readonly own: Ask;
  readonly redirect: RedirectPlace;
  /** What else the address of the sign-in page says: `prompt`, `login_hint`. */
  readonly authorizeParams: Readonly<Record<string, string>>;
  /** By the name of the key. */
  readonly keys: ReadonlyMap<string, KeyAsk>;
}

/** All that a sign-in has to allow, so that every key can be had of it without another one. */
export const wholeAskOf = ({ own, keys }: Pick<OidcDefinition, "own" | "keys">): Ask => {
  const asks = [own, ...keys.values()];
  return {
    scopes: [...new Set(asks.flatMap(({ scopes }) => scopes))],
    audience: own.audience,
    resources: [...new Set(asks.flatMap(({ resources }) => resources))],
  };
};

/** What a grant is bound to: another issuer, client, audience, scope or resource needs a new sign-in. */
export const bindingOf = (definition: OidcDefinition): string => {
  const { scopes, audience = "", resources } = wholeAskOf(definition);
  const { issuer, clientId } = definition;
  return JSON.stringify([issuer, clientId, audience, plainScopes(scopes), [...resources].sort()]);
};
