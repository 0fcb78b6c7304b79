import type { Memo } from "../../electron/core/store.ts";

/** A memo in memory; it outlives the sessions that share it. */
export class MemoryMemo implements Memo {
  readonly #facts = new Map<string, string>();

  get(name: string): string | undefined {
    return this.#facts.get(name);
  }

  set(name: string, fact: string | undefined): void {
    if (fact === undefined) this.#facts.delete(name);
    else this.#facts.set(name, fact);
  }
}
