import type { Clock } from "./clock.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { refuseOidc } from "./oidc-errors.ts";
import { opaque } from "./opaque.ts";
import type { Organisation } from "./organisation.ts";
import { grantTypes } from "./registrations.ts";
import type { Client } from "./registrations.ts";
import type { Session } from "./session.ts";

/** A person signed in to an organisation. */
export interface SignIn {
  readonly organisation: Organisation;
  readonly session: Session;
}

interface AccessToken extends SignIn {
  readonly expiresAt: number;
}

interface RefreshToken extends SignIn {
  readonly client: Client;
  readonly spentAt: number | undefined;
}

/** Access and refresh tokens: issues, renews and checks them. */
export class Tokens {
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #clock: Clock;
  readonly #lifetimes: Lifetimes;

  constructor(clock: Clock, lifetimes: Lifetimes) {
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** The reply to a first token request. A refresh token comes with scopes and the refresh_token grant only. */
  issue(signIn: SignIn, client: Client): unknown {
    const isLegacy = client.scopes.length === 0;
    const lifetimeMs = isLegacy ? this.#lifetimes.legacyTokenMs : this.#lifetimes.accessTokenMs;
    const reply = this.#issueAccess(signIn, lifetimeMs);
    if (isLegacy || !client.grantTypes.includes(grantTypes.refresh)) return reply;
    return { ...reply, refreshToken: this.#issueRefresh(signIn, client) };
  }

  /** The reply to a renewal. A spent token, another client's, or one of an ended session is an `invalid_grant`. */
  renew(refreshToken: string, client: Client): unknown {
    const now = this.#clock.now();
    const found = this.#refresh.get(refreshToken);
    if (found?.client !== client || !found.session.isAlive(now)) {
      throw refuseOidc("invalid_grant", "Invalid refresh token provided");
    }
    if (found.spentAt !== undefined) {
      if (now >= found.spentAt + this.#lifetimes.refreshReuseGraceMs) {
        throw refuseOidc("invalid_grant", "Invalid refresh token provided");
      }
    } else if (found.organisation.rotation === "always") {
      this.#refresh.set(refreshToken, { ...found, spentAt: now });
    }
    const signIn: SignIn = { organisation: found.organisation, session: found.session };
    const reply = this.#issueAccess(signIn, this.#lifetimes.accessTokenMs);
    if (found.organisation.rotation === "never") return reply;
    return { ...reply, refreshToken: this.#issueRefresh(signIn, client) };
  }

  /** Who holds this access token; undefined when it is unknown, expired, or its session is over. */
  find(accessToken: string): SignIn | undefined {
    const now = this.#clock.now();
    const found = this.#access.get(accessToken);
    return found !== undefined && now < found.expiresAt && found.session.isAlive(now)
      ? found
      : undefined;
  }

  #issueAccess(signIn: SignIn, lifetimeMs: number): Readonly<Record<string, unknown>> {
    const accessToken = `aoaAAAAAG${opaque(1200)}`;
    this.#access.set(accessToken, { ...signIn, expiresAt: this.#clock.now() + lifetimeMs });
    return { accessToken, expiresIn: Math.floor(lifetimeMs / 1000), tokenType: "Bearer" };
  }

  #issueRefresh(signIn: SignIn, client: Client): string {
    const refreshToken = `aorAAAAAG${opaque(1200)}`;
    this.#refresh.set(refreshToken, { ...signIn, client, spentAt: undefined });
    return refreshToken;
  }
}
