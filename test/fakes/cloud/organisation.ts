import type { Clock } from "./clock.ts";
import { ssoSession } from "./identity.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { partitionOf } from "./partition.ts";
import { Session } from "./session.ts";

/** An account, and the roles that everybody in the organisation has in it. */
export interface AccountOptions {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** An IAM Identity Center instance. `startUrl` is `https://NAME.awsapps.com/start`; the first user is the usual one. */
export interface OrganisationOptions {
  readonly startUrl: string;
  readonly region: string;
  readonly name: string;
  readonly users: readonly [string, ...string[]];
  readonly accounts: readonly AccountOptions[];
}

/** The organisation that a cloud has when none is given. */
export const exampleOrganisation: OrganisationOptions = {
  startUrl: "https://d-1234567890.awsapps.com/start",
  region: "us-east-1",
  name: "Example Corp",
  users: ["dev@example.com"],
  accounts: [
    {
      id: "111122223333",
      name: "Development",
      email: "aws-development@example.com",
      roles: ["Developer", "ReadOnly"],
    },
    {
      id: "444455556666",
      name: "Production",
      email: "aws-production@example.com",
      roles: ["ReadOnly"],
    },
  ],
};

/** As many accounts as a large company has. */
export function manyAccounts(
  count: number,
  roles: readonly string[] = ["ReadOnly"],
): readonly AccountOptions[] {
  return Array.from({ length: count }, (_, index) => {
    const id = String(100_000_000_000 + index);
    return { id, name: `Team ${String(index)}`, email: `aws-${id}@example.com`, roles };
  });
}

/** A start URL without the trailing slash or fragment that people copy along. */
export function plainStartUrl(startUrl: string): string {
  return startUrl.replace(/#.*$/, "").replace(/\/+$/, "");
}

interface Surroundings {
  readonly clock: Clock;
  readonly lifetimes: Lifetimes;
  readonly keyRing: KeyRing;
}

/** An organisation, with what its administrator can do to it while it runs. */
export class Organisation {
  readonly startUrl: string;
  readonly region: string;
  readonly name: string;
  readonly users: readonly [string, ...string[]];
  /** Whether a renewal hands out a new refresh token and spends the old one, or leaves it in force unmentioned. */
  rotation: "always" | "never" = "always";
  /** While set, the portal answers 429 with this Retry-After, or with none. */
  retryAfterSeconds: number | "unsaid" | undefined;
  readonly #accounts: readonly AccountOptions[];
  readonly #surroundings: Surroundings;
  readonly #denied = new Set<string>();
  readonly #roleLifetimesMs = new Map<string, number>();
  #sessions: readonly Session[] = [];

  constructor(options: OrganisationOptions, surroundings: Surroundings) {
    this.startUrl = plainStartUrl(options.startUrl);
    this.region = options.region;
    this.name = options.name;
    this.users = options.users;
    this.#accounts = options.accounts;
    this.#surroundings = surroundings;
  }

  /** Signs a person in. */
  signIn(user: string): Session {
    const { clock, lifetimes } = this.#surroundings;
    const session = new Session(user, clock.now(), lifetimes.sessionMs);
    this.#sessions = [...this.#sessions, session];
    return session;
  }

  /** The sessions that are alive, oldest first. */
  sessions(): readonly Session[] {
    const now = this.#surroundings.clock.now();
    return this.#sessions.filter((session) => session.isAlive(now));
  }

  /** Ends every session, as an administrator or the person can. */
  signOutEverywhere(): void {
    this.#sessions.forEach((session) => {
      session.end();
    });
  }

  /** Takes a role away from everybody. */
  denyRole(accountId: string, roleName: string): void {
    this.#denied.add(`${accountId}/${roleName}`);
  }

  /** Gives a denied role back. */
  allowRole(accountId: string, roleName: string): void {
    this.#denied.delete(`${accountId}/${roleName}`);
  }

  /** Sets how long the credentials of one role live from now on. */
  setRoleLifetime(accountId: string, roleName: string, lifetimeMs: number): void {
    this.#roleLifetimesMs.set(`${accountId}/${roleName}`, lifetimeMs);
  }

  /** The roles assigned in an account; undefined when there is no such account. */
  roles(accountId: string): readonly string[] | undefined {
    const account = this.#accounts.find(({ id }) => id === accountId);
    return account?.roles.filter((role) => !this.#denied.has(`${accountId}/${role}`));
  }

  /** The accounts in which at least one role is assigned. */
  accounts(): readonly AccountOptions[] {
    return this.#accounts.filter(({ id }) => this.roles(id)?.length !== 0);
  }

  /** Makes keys for a role; undefined when it is not assigned. */
  issueKeys(user: string, accountId: string, roleName: string): IssuedKeys | undefined {
    if (this.roles(accountId)?.includes(roleName) !== true) return undefined;
    const { clock, lifetimes, keyRing } = this.#surroundings;
    const own = this.#roleLifetimesMs.get(`${accountId}/${roleName}`);
    return keyRing.issue({
      identity: ssoSession(partitionOf(this.region).name, accountId, roleName, user),
      accountId,
      roleName,
      user,
      startUrl: this.startUrl,
      issuedAt: clock.now(),
      lifetimeMs: own ?? lifetimes.roleMs,
    });
  }

  /** All role credentials ever issued, oldest first. */
  keys(): readonly IssuedKeys[] {
    return this.#surroundings.keyRing.of(this.startUrl);
  }
}
