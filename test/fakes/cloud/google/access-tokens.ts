import type { Clock } from "../clock.ts";
import { opaque } from "../opaque.ts";

/** Who holds an access token. */
export interface Principal {
  readonly kind: "person" | "service-account" | "workforce" | "workload";
  /** An address, or `principal://…`: as policies have it. */
  readonly name: string;
  /** The account's number; of an outside identity its subject. */
  readonly sub: string;
}

/** An access token that was issued. `expiresAt` in epoch ms. */
export interface AccessToken {
  readonly token: string;
  readonly principal: Principal;
  readonly scopes: readonly string[];
  /** The OAuth client it was issued to; undefined: none. */
  readonly clientId: string | undefined;
  /** The refresh token of the consent that it is of; undefined: none. */
  readonly refreshToken?: string;
  /** At its issue, in ms. */
  readonly lifetimeMs: number;
  readonly expiresAt: number;
  /** Whether what it was issued for still stands. */
  isGood(): boolean;
}

const beginnings = {
  person: "ya29.a0",
  "service-account": "ya29.c.c0",
  workforce: "ya29.d.c0",
  workload: "ya29.d.b0",
} as const;

/** All access tokens. */
export class AccessTokens {
  readonly #tokens = new Map<string, AccessToken>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Issues one. */
  issue(
    about: Omit<AccessToken, "token" | "lifetimeMs" | "expiresAt">,
    lifetimeMs: number,
  ): AccessToken {
    const token = `${beginnings[about.principal.kind]}${opaque(210)}`;
    const issued = { ...about, token, lifetimeMs, expiresAt: this.#clock.now() + lifetimeMs };
    this.#tokens.set(token, issued);
    return issued;
  }

  /** The token, if it is good now. */
  find(token: string): AccessToken | undefined {
    const found = this.#tokens.get(token);
    return found !== undefined && this.#clock.now() < found.expiresAt && found.isGood()
      ? found
      : undefined;
  }
}

/** How long a token lives, as replies say it: a second less than it does, as the network takes time. */
export function expiresIn(lifetimeMs: number): number {
  return lifetimeMs > 60_000 ? Math.floor(lifetimeMs / 1000) - 1 : Math.floor(lifetimeMs / 1000);
}
