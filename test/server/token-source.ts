import type { Grant, TokenCredential } from "../../electron/core/credential.ts";
import { type ErrorCode, EvercredError } from "../../electron/core/errors.ts";
import {
  type GoogleAsk,
  googleAskOf,
  googleKeyOf,
  plainGoogleAsk,
} from "../../electron/core/google.ts";
import { Secret } from "../../electron/core/secret.ts";
import { type Offer, type Source, sourceIdOf, targetOf } from "../../electron/core/source.ts";
import { type Clock, type Instant, plus } from "../../electron/core/time.ts";

/** How a token source differs from the usual one. */
export interface TokenSourceParts {
  readonly id?: string;
  readonly ask?: Partial<GoogleAsk>;
  readonly project?: string;
  /** Who signs in. */
  readonly account?: string;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A Google source whose sign-in succeeds at once; the test says what becomes of its tokens. */
export class TokenSource implements Source {
  readonly id;
  readonly kind = "google";
  readonly unattended = false;
  readonly keptBy = undefined;
  readonly organisation = "google.example";
  readonly boundTo = "google.example";
  readonly title;
  readonly shared = undefined;
  readonly directory = undefined;
  readonly offers;
  /** How long what it issues is good. */
  lifeMs = 60 * 60_000;
  grantMs = 60 * 60_000;
  /** How far the provider's clock is ahead. */
  skewMs = 0;
  scopes: readonly string[] = ["openid", "https://www.googleapis.com/auth/cloud-platform"];
  account: string | undefined;
  /** What every fetch fails with. */
  trouble: ErrorCode | undefined;
  /** What every renewal fails with. */
  renewals: ErrorCode | undefined;
  /** What was fetched, in order. */
  readonly fetched: GoogleAsk[] = [];
  /** How often it was asked, also in vain. */
  asked = 0;
  #gate: Promise<void> = Promise.resolve();
  readonly #clock: Clock;

  constructor(clock: Clock, parts: TokenSourceParts = {}) {
    const { id = "adc", ask = {}, project, account } = parts;
    this.#clock = clock;
    this.id = sourceIdOf(id);
    this.title = id;
    this.account = account;
    const key = googleKeyOf({ ...plainGoogleAsk, ...ask });
    const offer: Offer = { key, title: id, project };
    this.offers = new Map([[targetOf("gcp", id), offer]]);
  }

  /** Holds fetches back until the returned function is called. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  offsetMs(): number {
    return this.skewMs;
  }

  async signIn(): Promise<Grant> {
    return this.#grant();
  }

  async renew(): Promise<Grant> {
    if (this.renewals !== undefined) throw new EvercredError(this.renewals);
    return this.#grant();
  }

  async issue(_grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    this.asked += 1;
    await this.#gate;
    signal.throwIfAborted();
    if (this.trouble !== undefined) throw new EvercredError(this.trouble);
    const ask = googleAskOf(key)!;
    this.fetched.push(ask);
    const issuedAt = this.#now();
    const expiresAt = plus(issuedAt, this.lifeMs);
    const count = this.fetched.length;
    const claims = { aud: ask.audience, exp: Math.floor(expiresAt / 1_000), count };
    const text =
      ask.form === "id"
        ? `${base64({ alg: "none" })}.${base64(claims)}.c2ln`
        : `ya29.token-${count}`;
    const scopes = ask.form === "id" ? [] : ask.scopes.length > 0 ? ask.scopes : this.scopes;
    return { kind: "token", token: new Secret(text), scopes, issuedAt, expiresAt };
  }

  async identify(): Promise<string | undefined> {
    return this.account;
  }

  async probe(): Promise<void> {}

  async revoke(): Promise<void> {}

  restore(saved: Secret): Grant {
    const { issuedAt, expiresAt, signedInAt } = JSON.parse(saved.reveal());
    return { saved, boundTo: this.boundTo, issuedAt, expiresAt, signedInAt, renewable: true };
  }

  #now(): Instant {
    return plus(this.#clock.now(), this.skewMs);
  }

  #grant(): Grant {
    const issuedAt = this.#now();
    const expiresAt = plus(issuedAt, this.grantMs);
    const saved = new Secret(JSON.stringify({ issuedAt, expiresAt, signedInAt: issuedAt }));
    const { boundTo } = this;
    return { saved, boundTo, signedInAt: issuedAt, issuedAt, expiresAt, renewable: true };
  }
}
