import { createHash } from "node:crypto";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Secret } from "../core/secret.ts";
import type { SecretStore } from "../core/store.ts";
import { type KeychainBackend, KeychainEntries } from "./keychain-entries.ts";
import { KeytarBackend } from "./keychain-keytar.ts";
import { KeychainMemory } from "./keychain-memory.ts";
import { KeychainQueue } from "./keychain-queue.ts";
import { KeychainValues } from "./keychain-values.ts";
import { VersionedKeychain } from "./keychain-versions.ts";
import { realPath } from "./real-path.ts";

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
  /** Where the entries are; undefined: with the system. */
  readonly backend?: KeychainBackend;
  /** Why sign-ins may not be kept in memory; undefined where they may. */
  memoryRefusal(): EvercredError | undefined;
  readonly log: Log;
}

/**
 * `Evercred` for the state directory where this user's usually is; with the hash of its path for any other: two daemons
 * must not renew the same grants, and who leads one elsewhere gets none.
 */
export const keychainService = (stateDir: string, usual: string): string => {
  const path = realPath(stateDir) ?? stateDir;
  return path === (realPath(usual) ?? usual)
    ? "Evercred"
    : `Evercred-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
};

export interface Keychain extends SecretStore {
  /** All keys under which something stands, of whatever time. Rejects as `get` does. */
  keys(): Promise<readonly string[]>;
  /**
   * Resolves once no call is under way, or what is has passed its limit. A process that ends during one is aborted:
   * keytar's answer finds no JavaScript to go to.
   */
  settled(): Promise<void>;
}

/** The place for grants. Nothing is loaded or asked before the first call. */
export const openKeychain = (options: KeychainOptions): Keychain =>
  options.mode === "memory"
    ? new KeychainMemory(options)
    : new VersionedKeychain(new SystemKeychain(options));

/** Windows Credential Manager refuses an entry of more than 2,560 bytes. */
const systemLimitBytes = process.platform === "win32" ? 2_400 : undefined;

class SystemKeychain implements Keychain {
  readonly durability = "persisted";
  readonly #values: KeychainValues;
  readonly #queue: KeychainQueue;
  readonly #log: Log;
  readonly refusal: () => EvercredError | undefined;

  constructor(options: KeychainOptions) {
    const { service, limitBytes, timeoutMs, log } = options;
    const entries = new KeychainEntries(options.backend ?? new KeytarBackend(service));
    this.#values = new KeychainValues(entries, limitBytes ?? systemLimitBytes);
    this.#queue = new KeychainQueue(timeoutMs ?? 5_000);
    this.#log = log;
    this.refusal = () => options.memoryRefusal();
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

  keys(): Promise<readonly string[]> {
    return this.#run("list", "all", (signal) => this.#values.keys(signal));
  }

  settled(): Promise<void> {
    return this.#queue.settled();
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
