import type { Clock } from "../clock.ts";
import type { GoogleLifetimes } from "../google.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { Clients } from "./clients.ts";
import type { IdTokens } from "./id-tokens.ts";
import type { People } from "./people.ts";
import type { PersonGrants } from "./person-grants.ts";
import type { Pools } from "./pools.ts";
import type { Records } from "./records.ts";
import type { ServiceAccounts } from "./service-accounts.ts";
import type { Vertex } from "./vertex.ts";
import type { WorkforceGrants } from "./workforce-grants.ts";

/** What grants are made of. */
export interface SharedParts {
  readonly clock: Clock;
  readonly lifetimes: GoogleLifetimes;
  readonly clients: Clients;
  readonly people: People;
  readonly pools: Pools;
  readonly serviceAccounts: ServiceAccounts;
  readonly records: Records;
  readonly idTokens: IdTokens;
  readonly accessTokens: AccessTokens;
}

/** What Google's sites are made of. */
export interface GoogleParts extends SharedParts {
  readonly personGrants: PersonGrants;
  readonly workforceGrants: WorkforceGrants;
  readonly vertex: Vertex;
}
