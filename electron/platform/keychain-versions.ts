import { EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Keychain } from "./keychain.ts";
import { DamagedEntry } from "./keychain-values.ts";
import { versionOf } from "./versioned-file.ts";

/** The version in which grants, and the records of doors and bridges, are kept. */
const ours = 1;

/**
 * A keychain in which an entry of a newer Evercred is neither read, replaced nor taken away: every call for it rejects with
 * `saved-by-newer`. Entries are JSON that names its `version`; what names none is of the first one.
 */
export class VersionedKeychain implements Keychain {
  readonly #keychain: Keychain;
  /** The entries that are known not to be a newer one's. */
  readonly #known = new Set<string>();

  constructor(keychain: Keychain) {
    this.#keychain = keychain;
  }

  get durability(): Keychain["durability"] {
    return this.#keychain.durability;
  }

  refusal(): EvercredError | undefined {
    return this.#keychain.refusal?.();
  }

  async get(key: string): Promise<Secret | undefined> {
    const value = await this.#keychain.get(key);
    if (value !== undefined && isNewer(value)) {
      this.#known.delete(key);
      throw new EvercredError("saved-by-newer");
    }
    this.#known.add(key);
    return value;
  }

  async set(key: string, value: Secret): Promise<void> {
    await this.#check(key);
    await this.#keychain.set(key, value);
  }

  async delete(key: string): Promise<void> {
    await this.#check(key);
    await this.#keychain.delete(key);
  }

  keys(): Promise<readonly string[]> {
    return this.#keychain.keys();
  }

  settled(): Promise<void> {
    return this.#keychain.settled();
  }

  /** There is one owner at a time: what was once seen stays as it was seen. */
  async #check(key: string): Promise<void> {
    if (this.#known.has(key)) return;
    try {
      await this.get(key);
    } catch (thrown) {
      // A new sign-in is the way out of that.
      if (!(thrown instanceof DamagedEntry)) throw thrown;
    }
  }
}

const isNewer = (value: Secret): boolean => {
  try {
    return versionOf(JSON.parse(value.reveal())) > ours;
  } catch {
    return false;
  }
};
