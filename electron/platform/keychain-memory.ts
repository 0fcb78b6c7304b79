import type { Secret } from "../core/secret.ts";
import type { SecretStore } from "../core/store.ts";

/** Keeps secrets for as long as the process lives, and says so. */
export class KeychainMemory implements SecretStore {
  readonly durability = "memory";
  readonly #values = new Map<string, Secret>();

  get(key: string): Promise<Secret | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  set(key: string, value: Secret): Promise<void> {
    this.#values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key);
    return Promise.resolve();
  }
}
