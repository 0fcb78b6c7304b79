import type { AuditReader } from "../../electron/commands/audit-ports.ts";
import type { AuditLine, StoredLine } from "../../electron/core/audit.ts";

/** A record in memory, the oldest line first. */
export class FakeAuditReader implements AuditReader {
  readonly file = "/home/ann/.local/state/evercred/audit.jsonl";
  readonly lines: StoredLine[] = [];
  readonly #listeners = new Set<(stored: StoredLine) => void>();

  /** Something is written. */
  add(line: AuditLine): void {
    const stored = { line, text: JSON.stringify(line) };
    this.lines.push(stored);
    for (const listener of this.#listeners) listener(stored);
  }

  /** How many follow it just now. */
  get followers(): number {
    return this.#listeners.size;
  }

  newestFirst(): Iterable<StoredLine> {
    return [...this.lines].reverse();
  }

  follow(listener: (stored: StoredLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
