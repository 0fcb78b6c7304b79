import { createHash } from "node:crypto";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Secret } from "../core/secret.ts";
import type { SecretStore } from "../core/store.ts";
import { KeychainEntries } from "./keychain-entries.ts";
import { KeytarBackend } from "./keychain-keytar.ts";
import { KeychainMemory } from "./keychain-memory.ts";
import { KeychainQueue } from "./keychain-queue.ts";
import { KeychainValues } from "./keychain-values.ts";

/** `os`: the keychain of the system. `memory`: nothing outlives the process. */
export type KeychainMode = "os" | "memory";

export interface KeychainOptions {
  /** What all entries stand under: `keychainService`. */
  readonly service: string;
  readonly mode: KeychainMode;
  /** The longest entry, in bytes of UTF-8; undefined: what this system can hold. */
  readonly limitBytes?: number;
  /** How long a call may take; undefined: 5 s. */
  readonly timeoutMs?: number;
  readonly log: Log;
}

/** `Evercred`; where everything lives in a folder of its own (EVERCRED_HOME), with the hash of its path. */
export const keychainService = (home: string | undefined): string =>
  home === undefined
    ? "Evercred"
    : `Evercred-${createHash("sha256").update(home).digest("hex").slice(0, 8)}`;

/** The place for grants. Nothing is loaded or asked before the first call. */
export const openKeychain = (options: KeychainOptions): SecretStore =>
  options.mode === "memory" ? new KeychainMemory() : new Keychain(options);

/** Windows Credential Manager refuses an entry of more than 2,560 bytes. */
const systemLimitBytes = process.platform === "win32" ? 2_400 : undefined;

class Keychain implements SecretStore {
  readonly durability = "persisted";
  readonly #values: KeychainValues;
  readonly #queue: KeychainQueue;
  readonly #log: Log;

  constructor({ service, limitBytes, timeoutMs, log }: KeychainOptions) {
    const entries = new KeychainEntries(new KeytarBackend(service));
    this.#values = new KeychainValues(entries, limitBytes ?? systemLimitBytes);
    this.#queue = new KeychainQueue(timeoutMs ?? 5_000);
    this.#log = log;
  }

  async get(key: string): Promise<Secret | undefined> {
    const value = await this.#run("read", key, (signal) => this.#values.get(key, signal));
    return value === undefined ? undefined : new Secret(value);
  }

  async set(key: string, value: Secret): Promise<void> {
    await this.#run("write", key, (signal) => this.#values.set(key, value.reveal(), signal));
  }

  async delete(key: string): Promise<void> {
    await this.#run("delete", key, (signal) => this.#values.delete(key, signal));
  }

  async #run<T>(verb: string, key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#queue.run(work);
    } catch (thrown) {
      const code = thrown instanceof EvercredError ? thrown.code : "internal";
      this.#log.warn("keychain: failed", { verb, key, code });
      throw thrown;
    }
  }
}
