/** What an access token is to be good for. */
export interface Ask {
  readonly scopes: readonly string[];
  /** The parameter `audience`, which several issuers know and no RFC names. */
  readonly audience: string | undefined;
  /** The parameter `resource` (RFC 8707). */
  readonly resources: readonly string[];
}

/** What a key hands out: one of the two tokens that an exchange for its ask gives. */
export interface KeyAsk extends Ask {
  readonly token: "access" | "id";
}

/** A name that equal asks share, and no others. */
export const nameOf = ({ scopes, audience, resources }: Ask): string =>
  JSON.stringify([plainScopes(scopes), audience ?? "", [...resources].sort()]);

/** The key of an offer: equal ones are the same credential. */
export const keyOf = (ask: KeyAsk): string => `${ask.token} ${nameOf(ask)}`;

/** Each scope once, in an order of no meaning. */
export const plainScopes = (scopes: readonly string[]): readonly string[] =>
  [...new Set(scopes)].sort();

/** The parameters of a request for it; those that are there already are kept. */
export const withAsk = (
  { scopes, audience, resources }: Ask,
  parameters: URLSearchParams = new URLSearchParams(),
): URLSearchParams => {
  if (scopes.length > 0) parameters.set("scope", scopes.join(" "));
  return withTarget({ audience, resources }, parameters);
};

/** As `withAsk`, where the scopes are settled already. */
export const withTarget = (
  { audience, resources }: Pick<Ask, "audience" | "resources">,
  parameters: URLSearchParams = new URLSearchParams(),
): URLSearchParams => {
  if (audience !== undefined) parameters.set("audience", audience);
  parameters.delete("resource");
  for (const resource of resources) parameters.append("resource", resource);
  return parameters;
};
