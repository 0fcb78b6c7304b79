import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { exchangedToken } from "./adc-external.ts";
import { chainIn } from "./adc-file.ts";
import type { Adc, AdcBase, AdcExternal, AdcImpersonated, AdcPerson } from "./adc-forms.ts";
import { adcIn } from "./adc-grant.ts";
import { assertedIdToken, assertedToken } from "./adc-service-account.ts";
import { cloudPlatform, type Means } from "./asks.ts";
import { refreshOAuth } from "./exchanges.ts";
import { impersonatedIdToken, impersonatedToken, type PlainToken } from "./impersonation.ts";
import { fullScopes } from "./own-redeem.ts";
import type { GooglePorts } from "./ports.ts";
import { type SavedTokens, tokensIn } from "./tokens.ts";

/** What of a source its means depend on. */
export interface AdcMeans {
  readonly id: string;
  readonly impersonate: readonly string[];
  readonly allowExecutables: boolean;
}

/** What a source can do with the file that its grant was found in. */
export const meansOf = (
  about: AdcMeans,
  grant: Grant,
  ports: GooglePorts,
  signal: AbortSignal,
): Means => {
  const saved = tokensIn(grant, about.id);
  const adc = adcIn(saved, about.id);
  const own = new OwnMeans(about, grant, saved, ports, signal);
  const { id, impersonate } = about;
  const iamEndpoint = `https://iamcredentials.${adc.universe_domain}`;
  return { id, impersonate, iamEndpoint, ...own.of(adc) };
};

type Own = Pick<Means, "plain" | "idToken" | "ownIdToken">;

class OwnMeans {
  readonly #about: AdcMeans;
  readonly #grant: Grant;
  readonly #saved: SavedTokens;
  readonly #ports: GooglePorts;
  readonly #signal: AbortSignal;

  constructor(
    about: AdcMeans,
    grant: Grant,
    saved: SavedTokens,
    ports: GooglePorts,
    signal: AbortSignal,
  ) {
    this.#about = about;
    this.#grant = grant;
    this.#saved = saved;
    this.#ports = ports;
    this.#signal = signal;
  }

  of(adc: Adc): Own {
    if (adc.type !== "impersonated_service_account") return this.#ofBase(adc);
    const { plain } = this.#ofBase(adc.source_credentials);
    return this.#becoming(adc, () => plain([]), { usual: adc.scopes, lifetime: undefined });
  }

  #ofBase(adc: AdcBase): Own {
    const { id } = this.#about;
    switch (adc.type) {
      case "authorized_user":
        return {
          plain: (scopes) => this.#personal(adc, scopes),
          ownIdToken: () => this.#personalIdToken(adc),
        };
      case "external_account_authorized_user":
        return { plain: (scopes) => this.#federated(scopes) };
      case "service_account":
        return {
          plain: (scopes) => assertedToken(id, adc, orUsual(scopes, []), this.#ports, this.#signal),
          idToken: (audience) => assertedIdToken(id, adc, audience, this.#ports, this.#signal),
        };
      case "external_account":
        return this.#external(adc);
    }
  }

  #external(adc: AdcExternal): Own {
    const { id, allowExecutables } = this.#about;
    const identity = { id, adc, becomes: chainIn(adc)[0], allowExecutables };
    const exchanged = (scopes: readonly string[]): Promise<PlainToken> =>
      exchangedToken(identity, orUsual(scopes, []), this.#ports, this.#signal);
    if (identity.becomes === undefined) {
      return {
        plain: exchanged,
        idToken: () => {
          throw new EvercredError("usage", "A federated identity cannot choose an audience.", {
            remedy:
              "Name a service account with --impersonate, or impersonate in the configuration.",
          });
        },
      };
    }
    const lifetime = adc.service_account_impersonation?.token_lifetime_seconds;
    return this.#becoming(adc, () => exchanged([]), { usual: [], lifetime });
  }

  /** The service account that the file itself leads to, by means of a token to start from. */
  #becoming(
    adc: AdcImpersonated | AdcExternal,
    start: () => Promise<PlainToken>,
    how: { readonly usual: readonly string[]; readonly lifetime: number | undefined },
  ): Own {
    const { id } = this.#about;
    const [first = "", ...rest] = chainIn(adc);
    const chain = [first, ...rest] as const;
    const endpoint = new URL(adc.service_account_impersonation_url ?? "").origin;
    const begun = async () => {
      const { token } = await start();
      return { id, chain, start: token, endpoint, lifetime: how.lifetime };
    };
    return {
      plain: async (scopes) => {
        const wanted = orUsual(scopes, how.usual);
        return impersonatedToken(await begun(), wanted, this.#ports, this.#signal);
      },
      idToken: async (audience) =>
        impersonatedIdToken(await begun(), audience, this.#ports, this.#signal),
    };
  }

  async #personal(person: AdcPerson, scopes: readonly string[]): Promise<PlainToken> {
    if (scopes.length === 0 || this.#hasJust(scopes)) return this.#granted();
    const fresh = await refreshOAuth(
      this.#consentOf(person),
      fullScopes(scopes),
      this.#ports,
      this.#signal,
    );
    const { accessToken: token, issuedAt, expiresAt } = fresh;
    return { token, scopes: fresh.scopes, issuedAt, expiresAt };
  }

  async #personalIdToken(person: AdcPerson): Promise<string> {
    const consent = this.#consentOf(person);
    const { idToken } = await refreshOAuth(consent, undefined, this.#ports, this.#signal);
    if (idToken !== undefined) return idToken;
    const sentence = `Google gives ${this.#about.id} no identity token.`;
    throw new EvercredError("access-denied", sentence, {
      remedy: "Sign in again with the scope openid.",
    });
  }

  /** A renewal for the sake of fewer scopes might spend the refresh token. */
  #federated(scopes: readonly string[]): Promise<PlainToken> {
    if (scopes.length === 0 || this.#hasJust(scopes)) return Promise.resolve(this.#granted());
    const { id } = this.#about;
    throw new EvercredError("access-denied", `The scopes of ${id} are those of its sign-in.`, {
      remedy: "Leave scopes out, or impersonate a service account.",
    });
  }

  #consentOf(person: AdcPerson) {
    return consentOf(this.#about.id, person, this.#saved);
  }

  #hasJust(scopes: readonly string[]): boolean {
    const granted = fullScopes(orUsual(this.#saved.scopes, []));
    return fullScopes(scopes).join(" ") === granted.join(" ");
  }

  #granted(): PlainToken {
    const { accessToken, scopes } = this.#saved;
    // It was only found, and not renewed yet.
    if (accessToken === undefined) throw new EvercredError("token-rejected");
    const { issuedAt, expiresAt } = this.#grant;
    return { token: accessToken, scopes, issuedAt, expiresAt };
  }
}

/** What a person's refresh token is presented with. */
export const consentOf = (id: string, person: AdcPerson, { refreshToken = "" }: SavedTokens) => ({
  id,
  clientId: person.client_id,
  clientSecret: person.client_secret,
  refreshToken,
  tokenUrl: person.token_uri,
});

const orUsual = (scopes: readonly string[], usual: readonly string[]): readonly string[] => {
  if (scopes.length > 0) return scopes;
  return usual.length > 0 ? usual : [cloudPlatform];
};
