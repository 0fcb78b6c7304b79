import type { EvercredError } from "./errors.ts";
import type { Secret } from "./secret.ts";

/**
 * Where grants are kept. Every call settles within a few seconds.
 * Rejects with `keychain-locked` (it may work later), `keychain-unavailable` (there is none here), or `saved-by-newer` (what
 * stands there is left alone, whatever is asked).
 */
export interface SecretStore {
  /** `memory`: what is kept here is gone when the daemon ends, and the UI says so. */
  readonly durability: "persisted" | "memory";
  /**
   * Why what cannot be saved may not be kept in memory instead; undefined, or left out, where it may. Of a store that is
   * itself in memory: why nothing new may be kept there.
   */
  refusal?(): EvercredError | undefined;
  /** Undefined only where the store itself answered that it has no such key: never for a locked one. */
  get(key: string): Promise<Secret | undefined>;
  /** Resolves once the value has been read back as it was written. */
  set(key: string, value: Secret): Promise<void>;
  /** Of nothing is success. */
  delete(key: string): Promise<void>;
}

/** Small facts, no secrets, that outlive the daemon. Lost ones cost comfort, never a session. */
export interface Memo {
  get(name: string): string | undefined;
  /** Kept at once in memory, and soon on disk. */
  set(name: string, fact: string | undefined): void;
  /** As `set`, but on disk when it returns, as far as a disk takes it: a process that dies at once has said it. */
  engrave(name: string, fact: string | undefined): void;
}
