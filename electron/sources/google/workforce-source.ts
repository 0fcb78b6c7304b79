import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { googleKeyOf, plainGoogleAsk } from "../../core/google.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../core/source.ts";
import { type CodeChallenge, type RedeemableCode, signInWithCode } from "../code-flow.ts";
import { type AdcEntry, type AdcMemory, AdcPlace } from "./adc-writer.ts";
import { askOf, issueAsk } from "./asks.ts";
import type { OAuthClient } from "./client-file.ts";
import {
  type FreshTokens,
  freshTokensOf,
  introspect,
  refreshFederated,
  revokeToken,
} from "./exchanges.ts";
import type { PlainToken } from "./impersonation.ts";
import { fullScopes, noRefreshToken, redeemErrorOf } from "./own-redeem.ts";
import { googleHosts, type GooglePorts } from "./ports.ts";
import { googleClock, grantOf, readGrant, type SavedTokens, tokensIn } from "./tokens.ts";
import type { WorkforceLogin } from "./workforce-file.ts";

/** A workforce pool of Google Cloud: people sign in by way of their own organisation. */
export interface WorkforceDefinition {
  readonly id: string;
  readonly title: string;
  readonly login: WorkforceLogin;
  readonly client: OAuthClient;
  readonly scopes: readonly string[];
  readonly quotaProject: string | undefined;
  readonly impersonate: readonly string[];
  /** The file of Application Default Credentials. */
  readonly adcFile: string;
  /** Whether that file is to be there for this source. */
  readonly keepsAdc: boolean;
  readonly adcMemory: AdcMemory;
}

/** A workforce pool of Google Cloud. Its refresh tokens may change at each renewal. */
export class WorkforceSource implements Source {
  readonly kind = "google-workforce";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #definition: WorkforceDefinition;
  readonly #ports: GooglePorts;

  constructor(definition: WorkforceDefinition, ports: GooglePorts) {
    const { id, title, login, client, scopes, adcFile, keepsAdc, adcMemory } = definition;
    this.#definition = definition;
    this.#ports = ports;
    this.id = sourceIdOf(id);
    this.title = title;
    this.organisation = new URL(login.authUrl).host;
    this.boundTo = JSON.stringify([login.audience, client.id, ...fullScopes(scopes)]);
    this.offers = offersOf(definition);
    this.shared = new AdcPlace({
      id,
      file: adcFile,
      keeps: keepsAdc,
      log: ports.log,
      boundTo: this.boundTo,
      memory: adcMemory,
      entryOf: (grant) => this.adcEntryOf(grant),
    });
  }

  /** By what a file is known to be of this source. */
  get adcIdentity(): Pick<AdcEntry, "type" | "client_id"> {
    return { type: "external_account_authorized_user", client_id: this.#definition.client.id };
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

  offsetMs(): number {
    return this.#ports.providerTime.offsetMs(googleHosts);
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { title, scopes } = this.#definition;
    const words = { product: this.#ports.productName, title };
    // Before a page is shown.
    signal.throwIfAborted();
    const fresh = await signInWithCode(
      {
        id: this.id,
        clock: googleClock(this.#ports),
        words,
        path: "/",
        // There is no flow for a browser on another machine.
        pastes: true,
        show: options.show.bind(options),
        addressOf: (challenge) => Promise.resolve(this.#addressOf(challenge)),
        redeem: (code, inner) => this.#redeem(code, inner),
      },
      signal,
    );
    const { accessToken, refreshToken, issuedAt, expiresAt } = fresh;
    if (refreshToken === undefined) throw noRefreshToken(this.id);
    return this.#grantOf({
      accessToken,
      refreshToken,
      scopes: [...(fresh.scopes.length > 0 ? fresh.scopes : scopes)],
      signedInAt: issuedAt,
      issuedAt,
      expiresAt,
    });
  }

  async renew(grant: Grant, signal: AbortSignal): Promise<Grant> {
    const saved = tokensIn(grant, this.id);
    const { login } = this.#definition;
    const { refreshToken = "" } = saved;
    const presented = { id: this.id, ...this.#client, refreshToken, tokenUrl: login.tokenUrl };
    const fresh = await refreshFederated(presented, this.#ports, signal);
    const { accessToken, issuedAt, expiresAt } = fresh;
    return this.#grantOf({
      ...saved,
      accessToken,
      issuedAt,
      expiresAt,
      ...(fresh.refreshToken !== undefined && { refreshToken: fresh.refreshToken }),
    });
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
    const name = await this.#introspect(grant, signal);
    // `principal://…/subject/NAME`: what is before it is the pool, which is the same for all.
    return name === undefined ? undefined : (/\/subject\/(.+)$/su.exec(name)?.[1] ?? name);
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
    const read = readGrant(saved);
    return read?.kind === this.kind ? grantOf(read) : undefined;
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
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
    try {
      // The library knows only sign-ins that are there already.
      const { data } = await new Transport(this.#ports, signal).request<unknown>({
        url: this.#definition.login.tokenUrl,
        method: "POST",
        headers: { authorization: `Basic ${basic}` },
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

const offersOf = ({
  id,
  title,
  impersonate,
  quotaProject,
}: WorkforceDefinition): ReadonlyMap<Target, Offer> => {
  const offer = {
    key: googleKeyOf(plainGoogleAsk),
    title: `Google access token of ${impersonate.at(-1) ?? title}`,
    project: quotaProject,
  };
  return new Map([[targetOf("gcp", id), offer]]);
};
