import { randomBytes } from "node:crypto";
import type { SignInOptions } from "../../core/source.ts";
import { signInWithCode } from "../code-flow.ts";
import { withAsk, withTarget } from "./ask.ts";
import { type OidcDefinition, wholeAskOf } from "./definition.ts";
import type { Exchanges } from "./exchanges.ts";
import type { Issuer } from "./issuer.ts";
import type { TokenReply } from "./tokens.ts";

/** What people see of us on our own pages. */
const product = "Evercred";

/** Signs in by a page (OpenID Connect Core 3.1, RFC 7636, RFC 9207). Rejects as `signInWithCode` does. */
export const signInByPage = (
  definition: OidcDefinition,
  issuer: Issuer,
  exchanges: Exchanges,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<TokenReply> => {
  const { id, title, own, redirect, authorizeParams } = definition;
  const all = wholeAskOf(definition);
  const nonce = all.scopes.includes("openid") ? randomBytes(32).toString("base64url") : undefined;
  return signInWithCode(
    {
      ...redirect,
      id,
      clock: issuer.clock,
      words: { product, title },
      // Not each issuer has the flow for other machines.
      pastes: true,
      show: options.show.bind(options),
      addressOf: ({ redirectUri, state, challenge }) => {
        const parameters = withAsk(all, new URLSearchParams(authorizeParams));
        const ours = {
          redirect_uri: redirectUri,
          state,
          code_challenge: challenge,
          code_challenge_method: "S256",
          response_type: "code",
          client_id: definition.clientId,
          ...(nonce !== undefined && { nonce }),
        };
        for (const [name, value] of Object.entries(ours)) parameters.set(name, value);
        return exchanges.run(
          "sign-in",
          (sdk, configuration) => sdk.buildAuthorizationUrl(configuration, parameters),
          signal,
        );
      },
      redeem: ({ redirect: brought, state, codeVerifier }, inner) =>
        exchanges.run(
          "sign-in",
          (sdk, configuration) =>
            sdk.authorizationCodeGrant(
              configuration,
              brought,
              {
                pkceCodeVerifier: codeVerifier,
                expectedState: state,
                ...(nonce !== undefined && { expectedNonce: nonce }),
              },
              withTarget(own),
            ),
          inner,
        ),
    },
    signal,
  );
};
