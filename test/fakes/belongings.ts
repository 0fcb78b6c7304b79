import type {
  Belonging,
  Belongings,
  Left,
  Remainder,
} from "../../electron/commands/reset-ports.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import type { StrayGrant } from "../../electron/core/source.ts";

/** What is on a machine of which a test says everything. What has gone stays gone. */
export class FakeBelongings implements Belongings {
  /** Titles of set-ups, and of files. */
  readonly setUp = new Set<string>();
  readonly filed = new Set<string>();
  /** Titles of what cannot be taken away, and of what has to stay. */
  readonly stuck = new Set<string>();
  readonly staying = new Map<string, string>();
  readonly entries = new Set<string>();
  /** The grants among them of which the source is not configured. */
  readonly strays = new Map<string, StrayGrant>();
  /** Why nobody can tell what was set up, or what the keychain has. */
  setupsRefusal: EvercredError | undefined;
  keysRefusal: EvercredError | undefined;
  left: readonly Remainder[] = [];
  /** What went, in its order. */
  readonly gone: string[] = [];
  leaves = 0;
  /** What cannot be taken away at the very end. */
  remains: readonly Left[] = [];

  async setups(): Promise<readonly Belonging[]> {
    if (this.setupsRefusal !== undefined) throw this.setupsRefusal;
    return [...this.setUp].map((title) => this.#belonging(title, this.setUp));
  }

  files(): readonly Belonging[] {
    return [...this.filed].map((title) => this.#belonging(title, this.filed));
  }

  async remainders(): Promise<readonly Remainder[]> {
    return this.left;
  }

  async keys(): Promise<readonly string[]> {
    if (this.keysRefusal !== undefined) throw this.keysRefusal;
    return [...this.entries];
  }

  async stray(key: string): Promise<StrayGrant | undefined> {
    if (this.keysRefusal !== undefined) throw this.keysRefusal;
    return this.strays.get(key);
  }

  async forget(key: string): Promise<void> {
    if (this.keysRefusal !== undefined) throw this.keysRefusal;
    if (this.entries.delete(key)) this.gone.push(key);
  }

  async leave(): Promise<readonly Left[]> {
    this.leaves += 1;
    return this.remains;
  }

  #belonging(title: string, among: Set<string>): Belonging {
    return {
      title,
      remove: async () => {
        if (this.stuck.has(title)) {
          throw new EvercredError("config-invalid", "It is read-only.", { remedy: "Make it so." });
        }
        const sentence = this.staying.get(title);
        if (sentence !== undefined) return sentence;
        among.delete(title);
        this.gone.push(title);
        return undefined;
      },
    };
  }
}
