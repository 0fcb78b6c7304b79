import type { Presence } from "../../electron/core/person.ts";

/** A person who leaves and comes back when a test says so. */
export class FakePresence implements Presence {
  #there = true;
  readonly #listeners = new Set<() => void>();

  isThere(): boolean {
    return this.#there;
  }

  onReturn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  leave(): void {
    this.#there = false;
  }

  comeBack(): void {
    this.#there = true;
    for (const listener of this.#listeners) listener();
  }
}
