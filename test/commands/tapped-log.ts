import type { LogField } from "../../electron/core/log.ts";
import { MemoryLog } from "../fakes/log.ts";

/** A log whose lines can be followed as they come. */
export class TappedLog extends MemoryLog {
  readonly #listeners = new Set<(line: string) => void>();

  tap(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many follow it just now. */
  get followers(): number {
    return this.#listeners.size;
  }

  override info(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    super.info(event, fields);
    for (const listener of this.#listeners) listener(event);
  }
}
