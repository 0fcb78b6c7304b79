import type { Browser } from "../../electron/core/person.ts";
import type { SourceId } from "../../electron/core/source.ts";

/** A browser that remembers what it was asked to open. */
export class FakeBrowser implements Browser {
  /** Whether there is any way to open a page. */
  usable = true;
  /** Whether opening one is known to fail. */
  broken = false;
  #held: Promise<void> = Promise.resolve();
  readonly opened: { readonly url: string; readonly source: SourceId }[] = [];

  canOpen(): boolean {
    return this.usable;
  }

  async open(url: string, source: SourceId): Promise<boolean> {
    if (this.broken) return false;
    this.opened.push({ url, source });
    await this.#held;
    return true;
  }

  /** Pages take their time from now on, until the returned function is called. */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#held = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      release();
    };
  }
}
