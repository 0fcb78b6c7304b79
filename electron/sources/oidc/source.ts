import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError, hasCode } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type Reach,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
} from "../../core/source.ts";
import { claimsOf } from "../jwt.ts";
import { type Ask, type KeyAsk, nameOf, plainScopes } from "./ask.ts";
import { signInByPage } from "./code-sign-in.ts";
import { bindingOf, type OidcDefinition, wholeAskOf } from "./definition.ts";
import { signInByDevice } from "./device-sign-in.ts";
import { Exchanges } from "./exchanges.ts";
import { handOut } from "./hand-out.ts";
import type { Issuer } from "./issuer.ts";
import { asksOf, offersOf } from "./offers.ts";
import { personIn } from "./person.ts";
import type { OidcPorts } from "./ports.ts";
import {
  exchangedAt,
  grantOf,
  readGrant,
  renewedGrant,
  type SavedGrant,
  savedIn,
  type TokenReply,
  tokensOf,
} from "./tokens.ts";

/** A company's sign-in: an OpenID provider, and the tokens that its keys are. */
export class OidcSource implements Source {
  readonly kind = "oidc";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly hasDeviceFlow = true;
  readonly renewsApart = true;
  readonly shared = undefined;
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly #definition: OidcDefinition;
  readonly #issuer: Issuer;
  readonly #exchanges: Exchanges;
  readonly #log: OidcPorts["log"];
  readonly #asks: ReadonlyMap<string, KeyAsk>;
  /** What a grant of this source can give at most. */
  readonly #whole: readonly string[];

  constructor(definition: OidcDefinition, issuer: Issuer, ports: OidcPorts) {
    const { id, title } = definition;
    this.#definition = definition;
    this.#issuer = issuer;
    this.#exchanges = new Exchanges(definition, issuer, (name) => ports.secretOf(name));
    this.#log = ports.log;
    this.#asks = asksOf(definition);
    this.#whole = plainScopes(wholeAskOf(definition).scopes);
    this.id = sourceIdOf(id);
    this.title = title;
    this.organisation = new URL(definition.issuer).host;
    this.boundTo = bindingOf(definition);
    this.reach = { issuer: definition.issuer };
    this.offers = offersOf(definition);
  }

  pageHosts(): readonly string[] {
    return this.#issuer.pageHosts();
  }

  offsetMs(): number {
    return this.#issuer.offsetMs();
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    signal.throwIfAborted();
    // A person waits anyway: nobody is sent to a page that is no longer there, and the clock is known.
    this.#issuer.forget();
    const isByDevice = this.#definition.flow === "device" || options.flow === "device";
    const signIn = isByDevice ? signInByDevice : signInByPage;
    const reply = await signIn(this.#definition, this.#issuer, this.#exchanges, options, signal);
    const now = this.#issuer.clock.now();
    const own = tokensOf(reply, now, this.#whole);
    const person = await this.#personOf(reply, signal);
    return grantOf({
      version: 1,
      kind: "oidc",
      boundTo: this.boundTo,
      ...(reply.refresh_token !== undefined && { refreshToken: reply.refresh_token }),
      ...person,
      signedInAt: now,
      issuedAt: now,
      own,
      others: {},
    });
  }

  async renew(grant: Grant, signal: AbortSignal, wanted?: string): Promise<Grant> {
    const saved = savedIn(grant, this.id);
    const { refreshToken } = saved;
    if (refreshToken === undefined) {
      throw new EvercredError("internal", `What ${this.id} has cannot be renewed.`);
    }
    const { own } = this.#definition;
    const ask = wanted === undefined ? own : this.#askOf(wanted);
    const narrows = plainScopes(ask.scopes).join(" ") !== this.#whole.join(" ");
    const reply = await this.#exchanges
      .refresh(refreshToken, ask, narrows, signal)
      .catch((thrown: unknown) => {
        throw this.#otherName(ask) === undefined ? thrown : this.#ofThatAlone(thrown);
      });
    const now = this.#issuer.clock.now();
    const fresh = tokensOf(reply, exchangedAt(saved, now), ask.scopes);
    return grantOf(renewedGrant(saved, reply, fresh, this.#otherName(ask), now));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
  async issue(grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    signal.throwIfAborted();
    const ask = this.#askOf(key);
    const saved = savedIn(grant, this.id);
    const { id } = this;
    const name = this.#otherName(ask);
    const tokens = name === undefined ? saved.own : saved.others[name];
    const of = { id, renewable: grant.renewable, now: this.#issuer.clock.now() };
    return handOut(of, ask.token, tokens);
  }

  identify(grant: Grant): Promise<string | undefined> {
    return Promise.resolve(grant.account);
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    const { own, subject } = savedIn(grant, this.id);
    if (subject !== undefined) await this.#exchanges.userInfo(own.access.token, subject, signal);
  }

  async revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    const { refreshToken } = savedIn(grant, this.id);
    if (refreshToken !== undefined) await this.#exchanges.revoke(refreshToken, signal);
  }

  restore(saved: Secret): Grant | undefined {
    const read = readGrant(saved);
    return read && grantOf(read);
  }

  /** Where the issuer wants a person for what one key asks beside the source, the sign-in goes on for all else. */
  #ofThatAlone(thrown: unknown): unknown {
    if (!hasCode(thrown, "reauth-needed")) return thrown;
    const sentence = `${this.id} gives this token only after another sign-in.`;
    return new EvercredError("access-denied", sentence, {
      remedy: `Run: evercred login ${this.id}`,
      cause: thrown,
      // Issuers may spend the refresh token before they look at what is asked for.
      unanswered: true,
    });
  }

  #askOf(key: string): KeyAsk {
    const ask = this.#asks.get(key);
    if (ask === undefined) throw new EvercredError("access-denied", `${this.id} has no such key.`);
    return ask;
  }

  /** Under which name a grant has what is asked; undefined where it is what the source itself asks for. */
  #otherName(ask: Ask): string | undefined {
    const name = nameOf(ask);
    return name === nameOf(this.#definition.own) ? undefined : name;
  }

  /** Who signed in, and whether the issuer tells that by the source's own access token. */
  async #personOf(
    { access_token: accessToken, id_token: idToken }: TokenReply,
    signal: AbortSignal,
  ): Promise<Pick<SavedGrant, "account" | "subject">> {
    const claims = claimsOf(idToken ?? "");
    const subject = claims?.["sub"];
    if (typeof subject !== "string") return {};
    const told = await this.#told(accessToken, subject, signal);
    const account = personIn(claims, told);
    return {
      ...(account !== undefined && { account }),
      ...(told !== undefined && { subject }),
    };
  }

  async #told(
    accessToken: string,
    subject: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    try {
      return await this.#exchanges.userInfo(accessToken, subject, signal);
    } catch {
      signal.throwIfAborted();
      // The token is for another place than the issuer itself: what the identity token tells has to do.
      this.#log.debug("oidc: no user info", { source: this.id });
      return undefined;
    }
  }
}
