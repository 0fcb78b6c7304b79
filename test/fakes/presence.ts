import type { Presence } from "../../electron/core/person.ts";

/** A person who leaves and comes back, and wants to be left alone, when a test says so. */
export class FakePresence implements Presence {
  #there = true;
  #busy = false;
  readonly #listeners = new Set<() => void>();

  isThere(): boolean {
    return this.#there;
  }

  isBusy(): boolean {
    return this.#busy;
  }

  onReturn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  beBusy(busy: boolean): void {
    this.#busy = busy;
    if (!busy) for (const listener of this.#listeners) listener();
  }

  leave(): void {
    this.#there = false;
  }

  /** Comes back, and nobody is told. */
  sneakIn(): void {
    this.#there = true;
  }

  comeBack(): void {
    this.#there = true;
    for (const listener of this.#listeners) listener();
  }
}
