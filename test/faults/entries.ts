import type { KeychainBackend } from "../../electron/platform/keychain-entries.ts";

/**
 * How it behaves. `locked`: it answers as libsecret does, reads with nothing and all else with an error. `hanging`: no call
 * is ever answered. `full`: nothing more can be written.
 */
export type Mood = "well" | "locked" | "hanging" | "full";

/** The entries of a keychain that outlives daemons, with the faults of real ones. */
export class Entries implements KeychainBackend {
  #mood: Mood = "well";
  readonly #texts = new Map<string, string>();
  #held: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  /** All that stands there, whatever the mood. */
  get texts(): readonly string[] {
    return [...this.#texts.values()];
  }

  /** Somebody empties it. */
  wipe(): void {
    this.#texts.clear();
  }

  /** It is so from now on. */
  fall(mood: Exclude<Mood, "well">): void {
    this.#mood = mood;
    if (mood !== "hanging") return;
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  /** What hangs is answered, and all that comes after it. */
  recover(): void {
    this.#mood = "well";
    this.#release();
  }

  async read(account: string): Promise<string | null> {
    await this.#held;
    return this.#mood === "locked" ? null : (this.#texts.get(account) ?? null);
  }

  async write(account: string, text: string): Promise<void> {
    await this.#writable();
    if (this.#mood === "full") throw new Error("No space left on device");
    this.#texts.set(account, text);
  }

  async remove(account: string): Promise<boolean> {
    await this.#held;
    return this.#mood !== "locked" && this.#texts.delete(account);
  }

  async accounts(): Promise<readonly string[]> {
    await this.#writable();
    return [...this.#texts.keys()];
  }

  async #writable(): Promise<void> {
    await this.#held;
    if (this.#mood === "locked") throw new Error("Cannot create an item in a locked collection");
  }
}
