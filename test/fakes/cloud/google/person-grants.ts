import { opaque } from "../opaque.ts";
import type { AccessToken } from "./access-tokens.ts";
import type { GoogleClient } from "./clients.ts";
import type { SharedParts } from "./parts.ts";
import type { Person } from "./people.ts";
import { cloudPlatform } from "./scopes.ts";

/** How long an organisation lets a sign-in stand, and which of its two words a refusal uses. */
export interface SessionControl {
  lengthMs: number;
  subtype: "invalid_rapt" | "rapt_required";
}

/** A person's consent to a client. */
export interface PersonGrant {
  readonly person: Person;
  readonly client: GoogleClient;
  readonly scopes: readonly string[];
  readonly refreshToken: string;
  readonly signedInAt: number;
}

interface Held extends PersonGrant {
  isRevoked: boolean;
  isExpired: boolean;
}

/** All consents of people. */
export class PersonGrants {
  readonly #grants = new Map<string, Held>();
  readonly #parts: SharedParts;
  readonly #control: SessionControl;

  constructor(parts: SharedParts, control: SessionControl) {
    this.#parts = parts;
    this.#control = control;
  }

  /** A new consent. */
  add(person: Person, client: GoogleClient, scopes: readonly string[]): PersonGrant {
    const refreshToken = `1//0${opaque(100)}`;
    const signedInAt = this.#parts.clock.now();
    const grant: Held = {
      ...{ person, client, scopes, refreshToken, signedInAt },
      ...{ isRevoked: false, isExpired: false },
    };
    this.#grants.set(refreshToken, grant);
    return grant;
  }

  /** A consent that was not taken back. */
  find(refreshToken: string): PersonGrant | undefined {
    const grant = this.#grants.get(refreshToken);
    return grant?.isRevoked === false ? grant : undefined;
  }

  /** Whether the person's organisation asks again before it renews. */
  needsReauth({ refreshToken, person, scopes, signedInAt }: PersonGrant): boolean {
    if (person.hd === undefined || !scopes.includes(cloudPlatform)) return false;
    const isExpired = this.#grants.get(refreshToken)?.isExpired === true;
    return isExpired || this.#parts.clock.now() >= signedInAt + this.#control.lengthMs;
  }

  /** How the refusal names it. */
  get reauthWord(): SessionControl["subtype"] {
    return this.#control.subtype;
  }

  /** Issues an access token; narrower where scopes are given. */
  accessToken(grant: PersonGrant, scopes = grant.scopes): AccessToken {
    const { accessTokens, lifetimes, people } = this.#parts;
    const { person, client, refreshToken } = grant;
    const principal = { kind: "person", name: person.email, sub: person.sub } as const;
    const isGood = (): boolean =>
      this.find(refreshToken) !== undefined && people.state(person) === "active";
    const token = { principal, scopes, clientId: client.id, refreshToken, isGood };
    return accessTokens.issue(token, lifetimes.accessTokenMs);
  }

  /** Takes back the consent that this token is of: of an access token the whole consent too. */
  revokeToken(token: string): boolean {
    const { accessTokens } = this.#parts;
    const refreshToken = accessTokens.find(token)?.refreshToken ?? token;
    const held = this.#grants.get(refreshToken);
    if (held?.isRevoked !== false) return false;
    held.isRevoked = true;
    return true;
  }

  /** Takes back everybody's consents, or one person's. */
  revoke(email?: string): void {
    for (const grant of this.#of(email)) grant.isRevoked = true;
  }

  /** Makes the organisation ask everybody again, or one person. */
  expireSessions(email?: string): void {
    for (const grant of this.#of(email)) grant.isExpired = true;
  }

  #of(email?: string): readonly Held[] {
    return [...this.#grants.values()].filter(
      ({ person }) => email === undefined || person.email === email,
    );
  }
}
