import type * as z from "zod";
import { errorOf, hasCode } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Secret } from "../core/secret.ts";
import type { SecretStore } from "../core/store.ts";

/**
 * One record in the keychain, as JSON: what a door has to know again after a restart. A list names no version, so it is of
 * the first one; a later one would be no list.
 */
export class Kept<T> {
  readonly #store: SecretStore;
  readonly #key: string;
  readonly #schema: z.ZodType<T>;
  readonly #log: Log;

  constructor(store: SecretStore, key: string, schema: z.ZodType<T>, log: Log) {
    this.#store = store;
    this.#key = key;
    this.#schema = schema;
    this.#log = log;
  }

  /**
   * What stands there; undefined where there is none, none that can be read, or no keychain at all. Rejects with
   * `keychain-locked` or `saved-by-newer`: what stands there then is not known, and must not be written over.
   */
  async load(): Promise<T | undefined> {
    let saved;
    try {
      saved = await this.#store.get(this.#key);
    } catch (thrown) {
      if (hasCode(thrown, "keychain-unavailable")) return undefined;
      throw thrown;
    }
    if (saved === undefined) return undefined;
    try {
      return this.#schema.parse(JSON.parse(saved.reveal()));
    } catch {
      // Its text may hold anything, so nothing of it is said.
      this.#log.warn("server: a record of the keychain makes no sense", { key: this.#key });
      return undefined;
    }
  }

  /** Whether the keychain now says so; `undefined` takes the record away. Never rejects. */
  async save(record: T | undefined): Promise<boolean> {
    try {
      if (record === undefined) await this.#store.delete(this.#key);
      else await this.#store.set(this.#key, new Secret(JSON.stringify(versioned(record))));
      return true;
    } catch (thrown) {
      this.#log.warn("server: not saved", { key: this.#key, code: errorOf(thrown).code });
      return false;
    }
  }
}

const versioned = (record: unknown): unknown =>
  typeof record === "object" && !Array.isArray(record) ? { version: 1, ...record } : record;
