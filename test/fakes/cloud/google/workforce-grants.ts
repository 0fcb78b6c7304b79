import { opaque } from "../opaque.ts";
import type { AccessToken } from "./access-tokens.ts";
import type { GoogleClient } from "./clients.ts";
import type { SharedParts } from "./parts.ts";
import { principalOf } from "./pools.ts";
import type { Pool } from "./pools.ts";
import { cloudPlatform } from "./scopes.ts";

interface Session {
  readonly pool: Pool;
  readonly client: GoogleClient;
  readonly user: string;
  readonly scopes: readonly string[];
  readonly signedInAt: number;
  isEnded: boolean;
}

/** A person's sign-in to a workforce pool, with its newest refresh token at the time. */
export interface WorkforceGrant extends Readonly<Session> {
  readonly refreshToken: string;
}

interface Held {
  readonly session: Session;
  isSpent: boolean;
}

/** All sign-ins to workforce pools. */
export class WorkforceGrants {
  readonly #tokens = new Map<string, Held>();
  readonly #parts: SharedParts;

  constructor(parts: SharedParts) {
    this.#parts = parts;
  }

  /** A new sign-in. */
  add(
    pool: Pool,
    client: GoogleClient,
    user: string,
    scopes: readonly string[] = [cloudPlatform],
  ): WorkforceGrant {
    const signedInAt = this.#parts.clock.now();
    return this.#renewed({ pool, client, user, scopes, signedInAt, isEnded: false });
  }

  /** The sign-in of this refresh token; undefined when it is over. A spent token ends it where the pool rotates. */
  present(refreshToken: string, client: GoogleClient): WorkforceGrant | undefined {
    const held = this.#tokens.get(refreshToken);
    if (held?.session.client.id !== client.id) return undefined;
    const { session } = held;
    if (held.isSpent) session.isEnded = true;
    if (!this.#isAlive(session)) return undefined;
    if (session.pool.rotation === "never") return { ...session, refreshToken };
    held.isSpent = true;
    return this.#renewed(session);
  }

  /** Issues an access token: it ends with the sign-in. */
  accessToken({ refreshToken, scopes }: WorkforceGrant): AccessToken {
    const { accessTokens, clock, lifetimes } = this.#parts;
    const session = this.#tokens.get(refreshToken)?.session;
    if (session === undefined) throw new Error("No such sign-in.");
    const { pool, user, client, signedInAt } = session;
    const name = principalOf(pool, user);
    const principal = { kind: "workforce", name, sub: user } as const;
    const left = signedInAt + pool.sessionMs - clock.now();
    const token = { principal, scopes, clientId: client.id, isGood: () => !session.isEnded };
    return accessTokens.issue(token, Math.min(lifetimes.accessTokenMs, left));
  }

  /** Ends the sign-in of this refresh token. */
  revokeToken(refreshToken: string): boolean {
    const held = this.#tokens.get(refreshToken);
    if (held === undefined) return false;
    held.session.isEnded = true;
    return true;
  }

  /** Ends everybody's sign-ins, or one person's. */
  end(user?: string): void {
    for (const { session } of this.#tokens.values()) {
      if (user === undefined || session.user === user) session.isEnded = true;
    }
  }

  #isAlive({ isEnded, signedInAt, pool }: Session): boolean {
    return !isEnded && this.#parts.clock.now() < signedInAt + pool.sessionMs;
  }

  #renewed(session: Session): WorkforceGrant {
    const refreshToken = `rt_${opaque(300)}`;
    this.#tokens.set(refreshToken, { session, isSpent: false });
    return { ...session, refreshToken };
  }
}
