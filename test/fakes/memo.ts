import type { Memo } from "../../electron/core/store.ts";

/** A memo in memory; it outlives the sessions that share it, and on its disk is what was engraved. */
export class MemoryMemo implements Memo {
  #facts = new Map<string, string>();
  #disk = new Map<string, string>();

  get(name: string): string | undefined {
    return this.#facts.get(name);
  }

  set(name: string, fact: string | undefined): void {
    if (fact === undefined) this.#facts.delete(name);
    else this.#facts.set(name, fact);
  }

  engrave(name: string, fact: string | undefined): void {
    this.set(name, fact);
    this.#disk = new Map(this.#facts);
  }

  /** The process ends in an orderly way. */
  close(): void {
    this.#disk = new Map(this.#facts);
  }

  /** The process is gone at once: what was not written yet is forgotten. */
  crash(): void {
    this.#facts = new Map(this.#disk);
  }
}
