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
import { claimsOf } from "../jwt.ts";
import type { AdcEntry } from "./adc-writer.ts";
import { askOf, cloudPlatform, issueAsk } from "./asks.ts";
import {
  freshTokensOf,
  type FreshTokens,
  googleRevokeUrl,
  refreshOAuth,
  revokeToken,
  tokenInfoOf,
} from "./exchanges.ts";
import type { PlainToken } from "./impersonation.ts";
import { type GoogleKey, googleOffers } from "./offer.ts";
import { adcPlaceOf, type ClientDefinition, renewedTokens, signInByPage } from "./own-client.ts";
import { fullScopes, redeemErrorOf } from "./own-redeem.ts";
import { googleHosts, type GooglePorts } from "./ports.ts";
import { grantOf, readGrant, restored, type SavedTokens, tokensIn } from "./tokens.ts";

/** A Google account, signed in to with an OAuth client of one's own. */
export interface OwnDefinition extends ClientDefinition {
  /** Who is to sign in. */
  readonly account: string | undefined;
}

/** A Google account, signed in to with an OAuth client of one's own. */
export class OwnClientSource implements Source {
  readonly kind = "google";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly organisation = "accounts.google.com";
  readonly directory = undefined;
  readonly reach = { isGoogle: true };
  readonly id: SourceId;
  readonly title: string;
  readonly account: string | undefined;
  readonly boundTo: string;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #definition: OwnDefinition;
  readonly #ports: GooglePorts;

  constructor(definition: OwnDefinition, ports: GooglePorts, keys: readonly GoogleKey[]) {
    const { id, title, client, account, scopes, impersonate, quotaProject } = definition;
    this.#definition = definition;
    this.#ports = ports;
    this.id = sourceIdOf(id);
    this.title = title;
    this.account = account;
    this.boundTo = JSON.stringify([client.id, ...fullScopes(scopes)]);
    const whose = impersonate.at(-1) ?? account ?? title;
    this.offers = googleOffers({ id, whose, project: quotaProject, keys });
    this.shared = adcPlaceOf(definition, this.boundTo, ports, (grant) => this.adcEntryOf(grant));
  }

  /** What of a grant other programs may have; undefined where it cannot be renewed. */
  adcEntryOf(grant: Grant): AdcEntry | undefined {
    const saved = readGrant(grant.saved);
    if (saved?.refreshToken === undefined) return undefined;
    const { client, quotaProject } = this.#definition;
    return {
      type: "authorized_user",
      account: saved.account ?? "",
      client_id: client.id,
      client_secret: client.secret.reveal(),
      refresh_token: saved.refreshToken,
      universe_domain: "googleapis.com",
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
      addressOf: (challenge: CodeChallenge) => this.#addressOf(challenge),
      redeem: (code: RedeemableCode, inner: AbortSignal) => this.#redeem(code, inner),
    };
    const signedIn = await signInByPage(this.#definition, page, this.#ports, options, signal);
    const who = emailIn(signedIn.idToken);
    return this.#grantOf({ ...signedIn.tokens, ...(who !== undefined && { account: who }) });
  }

  async renew(grant: Grant, signal: AbortSignal): Promise<Grant> {
    const saved = tokensIn(grant, this.id);
    return this.#grantOf(renewedTokens(saved, await this.#refresh(saved, undefined, signal)));
  }

  async issue(grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    signal.throwIfAborted();
    const saved = tokensIn(grant, this.id);
    const { id, impersonate } = this.#definition;
    const means = {
      id,
      impersonate,
      plain: (scopes: readonly string[]) => this.#plain(grant, saved, scopes, signal),
      ownIdToken: async () => {
        const { idToken } = await this.#refresh(saved, undefined, signal);
        if (idToken !== undefined) return idToken;
        throw new EvercredError("access-denied", `Google gives ${id} no identity token.`, {
          remedy: "Add openid to its scopes, and sign in again.",
        });
      },
    };
    return issueAsk(askOf(key, id), means, this.#ports, signal);
  }

  async identify(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    if (grant.account !== undefined) return grant.account;
    return (await this.#tokenInfo(grant, signal)).email;
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#tokenInfo(grant, signal);
  }

  async revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    const { refreshToken = "" } = tokensIn(grant, this.id);
    await revokeToken(this.id, googleRevokeUrl, refreshToken, this.#ports, signal);
  }

  restore(saved: Secret): Grant | undefined {
    return restored(saved, this.kind);
  }

  async #addressOf({ redirectUri, state, challenge }: CodeChallenge): Promise<URL> {
    const { CodeChallengeMethod, OAuth2Client } = await import("./sdk.ts");
    const { client, scopes, account } = this.#definition;
    const url = new OAuth2Client({ clientId: client.id, redirectUri }).generateAuthUrl({
      // Both, or a person who has consented before brings no refresh token back.
      access_type: "offline",
      prompt: "consent",
      scope: [...scopes],
      state,
      code_challenge_method: CodeChallengeMethod.S256,
      code_challenge: challenge,
      ...(account !== undefined && { login_hint: account }),
    });
    return new URL(url);
  }

  async #redeem(
    { code, redirectUri, codeVerifier }: RedeemableCode,
    signal: AbortSignal,
  ): Promise<FreshTokens> {
    const { OAuth2Client, Transport } = await import("./sdk.ts");
    const { id, client } = this.#definition;
    const oauth = new OAuth2Client({
      clientId: client.id,
      clientSecret: client.secret.reveal(),
      redirectUri,
      transporter: new Transport(this.#ports, signal),
      useAuthRequestParameters: false,
    });
    let fresh;
    try {
      const { tokens } = await oauth.getToken({ code, codeVerifier });
      const { expiry_date: end, ...rest } = tokens;
      // The library has counted from this computer's clock, a moment ago.
      const reply = { ...rest, expires_in: Math.round(((end ?? 0) - Date.now()) / 1000) };
      fresh = freshTokensOf(reply, this.#ports);
    } catch (thrown) {
      signal.throwIfAborted();
      throw redeemErrorOf(id, thrown);
    }
    this.#checkConsent(fresh.scopes);
    return fresh;
  }

  /** On Google's page people may leave out what was asked for. */
  #checkConsent(granted: readonly string[]): void {
    const { id, scopes } = this.#definition;
    if (granted.length === 0 || !scopes.includes(cloudPlatform)) return;
    if (granted.includes(cloudPlatform)) return;
    throw new EvercredError(
      "sign-in-denied",
      `The sign-in to ${id} did not allow ${cloudPlatform}.`,
      { remedy: "Sign in again, and leave it ticked on Google's page." },
    );
  }

  async #plain(
    grant: Grant,
    saved: SavedTokens,
    scopes: readonly string[],
    signal: AbortSignal,
  ): Promise<PlainToken> {
    if (scopes.length === 0) {
      const { issuedAt, expiresAt } = grant;
      return { token: saved.accessToken ?? "", scopes: saved.scopes, issuedAt, expiresAt };
    }
    const fresh = await this.#refresh(saved, scopes, signal);
    const { accessToken: token, issuedAt, expiresAt } = fresh;
    return { token, issuedAt, expiresAt, scopes: fresh.scopes };
  }

  #refresh(
    { refreshToken = "" }: SavedTokens,
    scopes: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<FreshTokens> {
    const { id, client } = this.#definition;
    // The client as it is configured now: its secret may have been changed meanwhile.
    const grant = { id, clientId: client.id, clientSecret: client.secret.reveal(), refreshToken };
    return refreshOAuth(grant, scopes, this.#ports, signal);
  }

  #tokenInfo(grant: Grant, signal: AbortSignal): ReturnType<typeof tokenInfoOf> {
    const { accessToken = "" } = tokensIn(grant, this.id);
    return tokenInfoOf(this.id, accessToken, this.#ports, signal);
  }

  #grantOf(tokens: Omit<SavedTokens, "version" | "kind" | "boundTo">): Grant {
    return grantOf({ ...tokens, version: 1, kind: this.kind, boundTo: this.boundTo });
  }
}

/** Whose an identity token is. It came from Google over TLS, in answer to us: nobody needs to verify it. */
const emailIn = (idToken: string | undefined): string | undefined => {
  const email = claimsOf(idToken ?? "")?.["email"];
  return typeof email === "string" && email !== "" ? email : undefined;
};
