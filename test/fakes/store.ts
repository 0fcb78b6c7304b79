import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { SecretStore } from "../../electron/core/store.ts";

/** How a keychain behaves. `hanging`: no call is ever answered, as behind a prompt that nobody sees. */
export type StoreMood = "well" | "locked" | "hanging" | "unavailable" | "newer";

/**
 * A keychain in memory, with the faults of real ones. `crash` is the moment of the next write at which
 * the process is gone: nothing after it happens, and what follows is another process on the same store.
 */
export class MemoryStore implements SecretStore {
  readonly durability: "persisted" | "memory";
  mood: StoreMood = "well";
  /** Writing fails, although reading works. */
  readOnly = false;
  crash: "before-write" | "after-write" | undefined;
  /** Called when a write begins. */
  onWrite: () => void = () => undefined;
  /** Called when a deletion begins. */
  onDelete: () => void = () => undefined;
  /** How many reads and writes were asked for. */
  reads = 0;
  writes = 0;
  /** How many writes are under way. */
  writing = 0;
  readonly #values = new Map<string, string>();

  constructor(durability: "persisted" | "memory" = "persisted") {
    this.durability = durability;
  }

  /** What stands there, whatever the mood. */
  peek(key: string): string | undefined {
    return this.#values.get(key);
  }

  async get(key: string): Promise<Secret | undefined> {
    this.reads += 1;
    await this.#answer();
    const value = this.#values.get(key);
    return value === undefined ? undefined : new Secret(value);
  }

  async set(key: string, value: Secret): Promise<void> {
    this.writes += 1;
    this.onWrite();
    const { crash } = this;
    this.crash = undefined;
    if (crash === "before-write" || this.mood === "hanging") return new Promise(() => undefined);
    this.writing += 1;
    try {
      await this.#answer();
    } finally {
      this.writing -= 1;
    }
    if (this.readOnly) throw new EvercredError("keychain-unavailable");
    this.#values.set(key, value.reveal());
    if (crash === "after-write") return new Promise(() => undefined);
  }

  async delete(key: string): Promise<void> {
    this.onDelete();
    await this.#answer();
    this.#values.delete(key);
  }

  async #answer(): Promise<void> {
    switch (this.mood) {
      case "well":
        return Promise.resolve();
      case "locked":
        throw new EvercredError("keychain-locked");
      case "newer":
        throw new EvercredError("saved-by-newer");
      case "unavailable":
        throw new EvercredError("keychain-unavailable");
      case "hanging":
        return new Promise(() => undefined);
    }
  }
}
