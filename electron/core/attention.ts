import type { Presence } from "./person.ts";
import type { Quiet } from "./quiet.ts";

/** Whether a person may be asked: somebody is there, and has not said that they want to be left alone. */
export class Attention implements Presence {
  readonly #presence: Presence;
  readonly #quiet: Quiet;
  readonly #listeners = new Set<() => void>();
  readonly #stops: readonly (() => void)[];

  constructor(presence: Presence, quiet: Quiet) {
    this.#presence = presence;
    this.#quiet = quiet;
    const look = (): void => {
      if (this.mayAsk()) for (const listener of this.#listeners) listener();
    };
    this.#stops = [presence.onReturn(look), quiet.subscribe(look)];
  }

  /** Whoever asks and hears "no" is told by `onReturn` once they may. */
  mayAsk(): boolean {
    return !this.isBusy() && this.isThere();
  }

  isThere(): boolean {
    return this.#presence.isThere();
  }

  isBusy(): boolean {
    return this.#quiet.until !== undefined || this.#presence.isBusy();
  }

  /** Calls `listener` each time that somebody who may be asked comes back, or may be asked again. */
  onReturn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
  }
}
