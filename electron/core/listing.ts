import type { Grant } from "./credential.ts";
import { EvercredError } from "./errors.ts";
import { listMs } from "./policy.ts";
import { Recent } from "./recent.ts";
import type { Account, Directory, Source } from "./source.ts";
import type { Clock } from "./time.ts";

/** Runs a request with a grant that is good now. */
export type WithGrant = <T>(work: (grant: Grant, signal: AbortSignal) => Promise<T>) => Promise<T>;

/** What the provider of a session lists, kept for a while. Rejects with `usage` where it lists nothing. */
export class Listing {
  readonly #source: () => Source;
  readonly #withGrant: WithGrant;
  readonly #accounts: Recent<readonly Account[]>;
  readonly #roles: Recent<readonly string[]>;

  constructor(source: () => Source, withGrant: WithGrant, clock: Clock) {
    this.#source = source;
    this.#withGrant = withGrant;
    this.#accounts = new Recent(clock, listMs);
    this.#roles = new Recent(clock, listMs);
  }

  async accounts(fresh: boolean): Promise<readonly Account[]> {
    const directory = this.#directory();
    const list = (grant: Grant, signal: AbortSignal): Promise<readonly Account[]> =>
      directory.accounts(grant, signal);
    return this.#accounts.get("", fresh, () => this.#withGrant(list));
  }

  async roles(account: string, fresh: boolean): Promise<readonly string[]> {
    const directory = this.#directory();
    const list = (grant: Grant, signal: AbortSignal): Promise<readonly string[]> =>
      directory.roles(grant, account, signal);
    return this.#roles.get(account, fresh, () => this.#withGrant(list));
  }

  clear(): void {
    this.#accounts.clear();
    this.#roles.clear();
  }

  #directory(): Directory {
    const { directory, id } = this.#source();
    if (directory !== undefined) return directory;
    throw new EvercredError("usage", `${id} lists no accounts and no roles.`);
  }
}
