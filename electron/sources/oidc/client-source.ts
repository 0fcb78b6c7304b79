import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type Reach,
  type SharedPlace,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
} from "../../core/source.ts";
import { instantOf } from "../../core/time.ts";
import { foundPlace } from "../found-place.ts";
import type { KeyAsk } from "./ask.ts";
import { bindingOf, type OidcDefinition } from "./definition.ts";
import { Exchanges } from "./exchanges.ts";
import type { Issuer } from "./issuer.ts";
import { asksOf, offersOf } from "./offers.ts";
import type { OidcPorts } from "./ports.ts";
import { tokensOf } from "./tokens.ts";

/** A client of an OpenID provider that gets tokens for itself (RFC 6749, 4.4): it needs nobody. */
export class OidcClientSource implements Source {
  readonly kind = "oidc";
  readonly unattended = true;
  readonly keptBy = "the configuration";
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #issuer: Issuer;
  readonly #exchanges: Exchanges;
  readonly #asks: ReadonlyMap<string, KeyAsk>;

  constructor(definition: OidcDefinition, issuer: Issuer, ports: OidcPorts) {
    const { id, title } = definition;
    this.#issuer = issuer;
    this.#exchanges = new Exchanges(definition, issuer, (name) => ports.secretOf(name));
    this.#asks = asksOf(definition);
    this.id = sourceIdOf(id);
    this.title = title;
    this.organisation = new URL(definition.issuer).host;
    this.boundTo = bindingOf(definition);
    this.reach = { issuer: definition.issuer };
    this.offers = offersOf(definition);
    this.shared = foundPlace(this.boundTo, () => ports.clock.now());
  }

  offsetMs(): number {
    return this.#issuer.offsetMs();
  }

  signIn(): Promise<Grant> {
    return Promise.reject(new EvercredError("usage", `${this.title} needs no sign-in.`));
  }

  renew(): Promise<Grant> {
    return Promise.reject(new EvercredError("internal", `What ${this.id} has cannot be renewed.`));
  }

  async issue(_grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    const ask = this.#asks.get(key);
    if (ask === undefined) throw new EvercredError("access-denied", `${this.id} has no such key.`);
    const reply = await this.#exchanges.asItself(ask, signal);
    const { access, scopes } = tokensOf(reply, this.#issuer.clock.now(), ask.scopes);
    return {
      kind: "token",
      token: new Secret(access.token),
      scopes,
      issuedAt: instantOf(access.issuedAt),
      expiresAt: instantOf(access.expiresAt),
    };
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  /** There is nothing that an issuer could end. */
  revoke(): Promise<void> {
    return Promise.resolve();
  }

  restore(): undefined {
    return undefined;
  }
}
