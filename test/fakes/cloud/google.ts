import type { Clock } from "./clock.ts";
import type { Site } from "./exchange.ts";
import { AccessTokens } from "./google/access-tokens.ts";
import { createAccountsSite } from "./google/accounts.ts";
import { createApiSite } from "./google/apis.ts";
import { Clients } from "./google/clients.ts";
import type { GoogleClient, GoogleClientOptions } from "./google/clients.ts";
import { createIamCredentialsSite } from "./google/iam-credentials.ts";
import { IdTokens } from "./google/id-tokens.ts";
import type { Claims } from "./google/jwt.ts";
import { createOauthSite } from "./google/oauth.ts";
import { People } from "./google/people.ts";
import type { Person, PersonState } from "./google/people.ts";
import { PersonGrants } from "./google/person-grants.ts";
import type { PersonGrant, SessionControl } from "./google/person-grants.ts";
import { Pools, tokenTypes } from "./google/pools.ts";
import type { Pool, PoolOptions } from "./google/pools.ts";
import { Records } from "./google/records.ts";
import type { ApiCall, GoogleRequestKind, Presentation } from "./google/records.ts";
import { usualScopes } from "./google/scopes.ts";
import { ServiceAccounts } from "./google/service-accounts.ts";
import type { ServiceAccount } from "./google/service-accounts.ts";
import { createStsSite } from "./google/sts.ts";
import { Vertex } from "./google/vertex.ts";
import { createWorkforceSite } from "./google/workforce.ts";
import { WorkforceGrants } from "./google/workforce-grants.ts";
import type { WorkforceGrant } from "./google/workforce-grants.ts";

/** How long things last, in ms. May be changed while the cloud runs. */
export interface GoogleLifetimes {
  accessTokenMs: number;
  idTokenMs: number;
  codeMs: number;
}

/** How Google is set up. */
export interface GoogleOptions {
  /** Addresses of people; left out: dev@example.com. */
  readonly people?: readonly string[];
  readonly lifetimes?: Partial<GoogleLifetimes>;
}

/** The hosts on which APIs answer: each says whose token it got. */
export const googleApiHosts = [
  "cloudresourcemanager.googleapis.com",
  "aiplatform.googleapis.com",
  "aiplatform.us.rep.googleapis.com",
  "aiplatform.eu.rep.googleapis.com",
  "us-central1-aiplatform.googleapis.com",
  "us-east5-aiplatform.googleapis.com",
  "europe-west1-aiplatform.googleapis.com",
] as const;

/** Google's sign-in, token and API servers, and all that people and administrators can do there. */
export class GoogleCloud {
  /** May be changed at any time. */
  readonly lifetimes: GoogleLifetimes;
  /** How long a sign-in of people with a domain lasts before their organisation asks again. May be changed. */
  readonly sessionControl: SessionControl = { lengthMs: Infinity, subtype: "invalid_rapt" };
  /** Claude at Google. */
  readonly vertex = new Vertex();
  /** What is behind each host name. */
  readonly sites: ReadonlyMap<string, Site>;
  readonly #clock: Clock;
  readonly #clients = new Clients();
  readonly #people = new People();
  readonly #pools = new Pools();
  readonly #serviceAccounts = new ServiceAccounts();
  readonly #records = new Records();
  readonly #idTokens: IdTokens;
  readonly #accessTokens: AccessTokens;
  readonly #personGrants: PersonGrants;
  readonly #workforceGrants: WorkforceGrants;

  constructor(options: GoogleOptions, clock: Clock) {
    this.#clock = clock;
    this.lifetimes = {
      accessTokenMs: 3_600_000,
      idTokenMs: 3_600_000,
      codeMs: 600_000,
      ...options.lifetimes,
    };
    for (const email of options.people ?? ["dev@example.com"]) this.#people.add(email);
    this.#idTokens = new IdTokens(clock, this.lifetimes);
    this.#accessTokens = new AccessTokens(clock);
    const shared = {
      clock,
      lifetimes: this.lifetimes,
      clients: this.#clients,
      people: this.#people,
      pools: this.#pools,
      serviceAccounts: this.#serviceAccounts,
      records: this.#records,
      idTokens: this.#idTokens,
      accessTokens: this.#accessTokens,
    };
    this.#personGrants = new PersonGrants(shared, this.sessionControl);
    this.#workforceGrants = new WorkforceGrants(shared);
    const parts = {
      ...shared,
      personGrants: this.#personGrants,
      workforceGrants: this.#workforceGrants,
      vertex: this.vertex,
    };
    const accounts = createAccountsSite(parts);
    const workforce = createWorkforceSite(parts);
    const api = createApiSite(parts);
    this.sites = new Map<string, Site>([
      ["accounts.google.com", accounts.site],
      ["oauth2.googleapis.com", createOauthSite(parts, accounts.codes)],
      ["auth.cloud.google", workforce.site],
      ["sts.googleapis.com", createStsSite(parts, workforce.codes)],
      ["iamcredentials.googleapis.com", createIamCredentialsSite(parts)],
      ["openidconnect.googleapis.com", api],
      ["www.googleapis.com", api],
      ...googleApiHosts.map((host): [string, Site] => [host, api]),
    ]);
  }

  /** Registers an OAuth client: left as it is, one for the desktop. */
  addClient(options: GoogleClientOptions = {}): GoogleClient {
    return this.#clients.add(options);
  }

  /** The client of this id, who must be there. */
  client(id: string): GoogleClient {
    const client = this.#clients.find(id);
    if (client === undefined) throw new Error(`No client: ${id}`);
    return client;
  }

  /** Deletes a client: sign-ins and renewals with it are refused. */
  deleteClient({ id }: GoogleClient): void {
    this.#clients.setState(id, "deleted");
  }

  /** Disables a client. */
  disableClient({ id }: GoogleClient): void {
    this.#clients.setState(id, "disabled");
  }

  /** Adds an account. `hd` left out: the domain of the address. */
  addPerson(email: string, hd?: string): Person {
    return this.#people.add(email, hd);
  }

  /** Disables or deletes an account (its tokens end), or restores it. */
  setPerson(email: string, state: PersonState): void {
    this.#people.setState(email, state);
  }

  /** Takes back all consents, or one person's: refresh and access tokens end. */
  revokeAll(email?: string): void {
    this.#personGrants.revoke(email);
  }

  /** Ends the organisation's session of everybody, or of one person: renewals need a new sign-in, access tokens live on. */
  expireSessions(email?: string): void {
    this.#personGrants.expireSessions(email);
  }

  /** Adds a service account, with a key. */
  addServiceAccount(name = "robot", projectId = "example-project"): ServiceAccount {
    return this.#serviceAccounts.add(name, projectId);
  }

  /** Deletes a service account's key. */
  deleteKey({ email }: ServiceAccount): void {
    this.#serviceAccounts.deleteKey(email);
  }

  /** Disables or enables a service account. */
  setServiceAccount({ email }: ServiceAccount, isEnabled: boolean): void {
    this.#serviceAccounts.setEnabled(email, isEnabled);
  }

  /** Lets a member (an address, or `principalOf` a pool) become a service account. */
  allowImpersonation(member: string, { email }: ServiceAccount): void {
    this.#serviceAccounts.allow(member, email);
  }

  /** Takes that away again. */
  forbidImpersonation(member: string, { email }: ServiceAccount): void {
    this.#serviceAccounts.disallow(member, email);
  }

  /** Adds a pool of outside identities. */
  addPool(options: PoolOptions = {}): Pool {
    return this.#pools.add(options);
  }

  /** A token of a pool's issuer, good for an exchange. Left out: a JWT that lives for an hour. */
  subjectToken(
    pool: Pool,
    subject: string,
    options: { readonly type?: string; readonly lifetimeMs?: number } = {},
  ): string {
    const { type = tokenTypes.jwt, lifetimeMs = 3_600_000 } = options;
    const endsAt = this.#clock.now() + lifetimeMs;
    return this.#pools.issueToken({ pool, subject, type, endsAt });
  }

  /** Ends the sign-ins of a workforce pool, or one person's. */
  endWorkforceSessions(user?: string): void {
    this.#workforceGrants.end(user);
  }

  /** What a sign-in in the browser would have given. */
  grant(
    client: GoogleClient,
    email = "dev@example.com",
    scopes: readonly string[] = usualScopes,
  ): PersonGrant {
    return this.#personGrants.add(this.#people.get(email), client, scopes);
  }

  /** What a sign-in to a workforce pool would have given. */
  workforceGrant(pool: Pool, client: GoogleClient, user = "dev@example.com"): WorkforceGrant {
    return this.#workforceGrants.add(pool, client, user);
  }

  /** An access token of a person, as a sign-in would have given it. */
  accessToken(grant: PersonGrant): string {
    return this.#personGrants.accessToken(grant).token;
  }

  /** Where the last answered sign-in page led the browser; undefined: none was answered. */
  get lastRedirect(): string | undefined {
    return this.#records.redirects.at(-1);
  }

  /** How many requests of this kind took effect or were refused; those that a fault struck do not count. */
  count(kind: GoogleRequestKind): number {
    return this.#records.count(kind);
  }

  /** Every refresh token that was presented, in order, people's and workforce. */
  presentations(): readonly Presentation[] {
    return this.#records.presentations;
  }

  /** Every API call that was let in. */
  apiCalls(): readonly ApiCall[] {
    return this.#records.calls;
  }

  /** Whose access token this is; undefined when it is not good now. */
  whose(accessToken: string): string | undefined {
    return this.#accessTokens.find(accessToken)?.principal.name;
  }

  /** The scopes of a good access token. */
  scopesOf(accessToken: string): readonly string[] | undefined {
    return this.#accessTokens.find(accessToken)?.scopes;
  }

  /** The claims of an identity token that Google signed and that has not expired. */
  claimsOf(idToken: string): Claims | undefined {
    return this.#idTokens.read(idToken);
  }
}
