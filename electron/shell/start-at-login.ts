import { errorOf, type EvercredError } from "../core/errors.ts";
import type { LoginItem } from "./login-item.ts";

/** Has the system start the app at login as a person wants it, and leaves it alone where they have not said. */
export class StartAtLogin {
  readonly #item: LoginItem;
  readonly #wanted: () => boolean | undefined;
  #followed: boolean | undefined;

  constructor(item: LoginItem, wanted: () => boolean | undefined) {
    this.#item = item;
    this.#wanted = wanted;
  }

  /** What a person wants; where they have not said, what the system does. */
  get isOn(): boolean {
    return this.#wanted() ?? this.#item.isOn();
  }

  /**
   * Does as is wanted now, where that is another thing than before: what others do to the entry in between stays. Returns
   * why it cannot be done, and tries again the next time.
   */
  follow(): EvercredError | undefined {
    const wanted = this.#wanted();
    if (wanted === this.#followed) return undefined;
    try {
      if (wanted !== undefined) this.#item.set(wanted);
    } catch (thrown) {
      return errorOf(thrown);
    }
    this.#followed = wanted;
    return undefined;
  }
}
