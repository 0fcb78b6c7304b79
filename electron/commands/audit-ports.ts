import type { StoredLine } from "../core/audit.ts";

/** The record of what was done for whom, as verbs read it. */
export interface AuditReader {
  readonly file: string;
  /** All that there is, the newest first. What cannot be read is left out. */
  newestFirst(): Iterable<StoredLine>;
  /** Calls `listener` with each further line that is written, until the returned function is called. */
  follow(listener: (stored: StoredLine) => void): () => void;
}
