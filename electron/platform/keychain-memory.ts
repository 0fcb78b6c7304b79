import type { EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Keychain } from "./keychain.ts";

/** Keeps secrets for as long as the process lives, and says so. */
export class KeychainMemory implements Keychain {
  readonly durability = "memory";
  readonly refusal: () => EvercredError | undefined;
  readonly #values = new Map<string, Secret>();

  constructor(options: { memoryRefusal(): EvercredError | undefined }) {
    this.refusal = () => options.memoryRefusal();
  }

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

  keys(): Promise<readonly string[]> {
    return Promise.resolve([...this.#values.keys()]);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }
}
