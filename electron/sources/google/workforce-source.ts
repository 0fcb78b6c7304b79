import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
} from "../../core/source.ts";
import type { CodeChallenge, RedeemableCode } from "../code-flow.ts";
import type { AdcEntry } from "./adc-writer.ts";
import { askOf, issueAsk } from "./asks.ts";
import {
  basicOf,
  type FreshTokens,
  freshTokensOf,
  introspect,
  refreshFederated,
  revokeToken,
} from "./exchanges.ts";
import type { PlainToken } from "./impersonation.ts";
import { type GoogleKey, googleOffers } from "./offer.ts";
import { adcPlaceOf, type ClientDefinition, renewedTokens, signInByPage } from "./own-client.ts";
import { fullScopes, redeemErrorOf } from "./own-redeem.ts";
import { googleHosts, type GooglePorts } from "./ports.ts";
import { grantOf, readGrant, restored, type SavedTokens, tokensIn } from "./tokens.ts";
import type { WorkforceLogin } from "./workforce-file.ts";

/** A workforce pool of Google Cloud: people sign in by way of their own organisation. */
export interface WorkforceDefinition extends ClientDefinition {
  readonly login: WorkforceLogin;
}

/** A workforce pool of Google Cloud. Its refresh tokens may change at each renewal. */
export class WorkforceSource implements Source {
  readonly kind = "google-workforce";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly directory = undefined;
  readonly reach = { isGoogle: true };
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #definition: WorkforceDefinition;
  readonly #ports: GooglePorts;

  constructor(definition: WorkforceDefinition, ports: GooglePorts, keys: readonly GoogleKey[]) {
    const { id, title, login, client, scopes, impersonate, quotaProject } = definition;
    this.#definition = definition;
    this.#ports = ports;
    this.id = sourceIdOf(id);
    this.title = title;
    this.organisation = new URL(login.authUrl).host;
    this.boundTo = JSON.stringify([login.audience, client.id, ...fullScopes(scopes)]);
    const whose = impersonate.at(-1) ?? title;
    this.offers = googleOffers({ id, whose, project: quotaProject, keys });
    this.shared = adcPlaceOf(definition, this.boundTo, ports, (grant) => this.adcEntryOf(grant));
  }

  /** What of a grant other programs may have; undefined where it cannot be renewed. */
  adcEntryOf(grant: Grant): AdcEntry | undefined {
    const saved = readGrant(grant.saved);
    if (saved?.refreshToken === undefined) return undefined;
    const { login, client, quotaProject } = this.#definition;
    return {
      type: "external_account_authorized_user",
      audience: login.audience,
      client_id: client.id,
      client_secret: client.secret.reveal(),
      refresh_token: saved.refreshToken,
      token_info_url: login.tokenInfoUrl,
      token_url: login.tokenUrl,
      universe_domain: login.universeDomain,
      ...(quotaProject !== undefined && { quota_project_id: quotaProject }),
    };
  }

  pageHosts(): readonly string[] {
    return [this.organisation];
  }

  offsetMs(): number {
    return this.#ports.providerTime.offsetMs(googleHosts);
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const page = {
      addressOf: (challenge: CodeChallenge) => Promise.resolve(this.#addressOf(challenge)),
      redeem: (code: RedeemableCode, inner: AbortSignal) => this.#redeem(code, inner),
    };
    const { tokens } = await signInByPage(this.#definition, page, this.#ports, options, signal);
    return this.#grantOf(tokens);
  }

  async renew(grant: Grant, signal: AbortSignal): Promise<Grant> {
    const saved = tokensIn(grant, this.id);
    const { login } = this.#definition;
    const { refreshToken = "" } = saved;
    const presented = { id: this.id, ...this.#client, refreshToken, tokenUrl: login.tokenUrl };
    const fresh = await refreshFederated(presented, this.#ports, signal);
    return this.#grantOf(renewedTokens(saved, fresh));
  }

  async issue(grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    signal.throwIfAborted();
    const { id, impersonate } = this.#definition;
    const means = {
      id,
      impersonate,
      plain: (scopes: readonly string[]) => this.#plain(grant, scopes),
    };
    return issueAsk(askOf(key, id), means, this.#ports, signal);
  }

  async identify(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    return this.#introspect(grant, signal);
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#introspect(grant, signal);
  }

  async revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    const { refreshToken = "" } = tokensIn(grant, this.id);
    // The configuration does not name it: it stands beside the other addresses of the token service.
    const { href } = new URL("revoke", this.#definition.login.tokenUrl);
    await revokeToken(this.id, href, refreshToken, this.#ports, signal, this.#client);
  }

  restore(saved: Secret): Grant | undefined {
    return restored(saved, this.kind);
  }

  get #client(): { readonly clientId: string; readonly clientSecret: string } {
    const { id, secret } = this.#definition.client;
    return { clientId: id, clientSecret: secret.reveal() };
  }

  #addressOf({ redirectUri, state, challenge }: CodeChallenge): URL {
    const { login, client, scopes } = this.#definition;
    const url = new URL(login.authUrl);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: client.id,
      redirect_uri: redirectUri,
      scope: scopes.join(" "),
      state,
      code_challenge_method: "S256",
      code_challenge: challenge,
      access_type: "offline",
      provider_name: login.provider,
    }).toString();
    return url;
  }

  async #redeem(
    { code, redirectUri, codeVerifier }: RedeemableCode,
    signal: AbortSignal,
  ): Promise<FreshTokens> {
    const { Transport } = await import("./sdk.ts");
    const { clientId, clientSecret } = this.#client;
    try {
      // The library knows only sign-ins that are there already.
      const { data } = await new Transport(this.#ports, signal).request<unknown>({
        url: this.#definition.login.tokenUrl,
        method: "POST",
        headers: { authorization: basicOf(clientId, clientSecret) },
        data: new URLSearchParams({
          grant_type: "authorization_code",
          code,
          redirect_uri: redirectUri,
          code_verifier: codeVerifier,
        }),
      });
      return freshTokensOf(data, this.#ports);
    } catch (thrown) {
      signal.throwIfAborted();
      throw redeemErrorOf(this.id, thrown);
    }
  }

  #plain(grant: Grant, scopes: readonly string[]): Promise<PlainToken> {
    const { accessToken = "", scopes: granted } = tokensIn(grant, this.id);
    const other = scopes.find((scope) => !fullScopes(granted).includes(scope));
    if (other !== undefined || (scopes.length > 0 && scopes.length < granted.length)) {
      throw new EvercredError(
        "access-denied",
        `The scopes of ${this.id} are those of its sign-in: ${granted.join(", ")}.`,
        { remedy: "Leave scopes out, or impersonate a service account." },
      );
    }
    const { issuedAt, expiresAt } = grant;
    return Promise.resolve({ token: accessToken, scopes: granted, issuedAt, expiresAt });
  }

  #introspect(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    const { accessToken = "" } = tokensIn(grant, this.id);
    const { tokenInfoUrl } = this.#definition.login;
    const who = { id: this.id, ...this.#client };
    return introspect(who, tokenInfoUrl, accessToken, this.#ports, signal);
  }

  #grantOf(tokens: Omit<SavedTokens, "version" | "kind" | "boundTo">): Grant {
    return grantOf({ ...tokens, version: 1, kind: this.kind, boundTo: this.boundTo });
  }
}
