import type { Audit, AuditEntry } from "../core/audit.ts";
import { LineFile } from "./line-file.ts";

export interface AuditOptions {
  readonly file: string;
  /** A file is put aside before it grows beyond this; undefined: 5 MB. */
  readonly maxBytes?: number;
}

/** The record as JSON lines in a file (0600), and the one before it as FILE.1. Times are ISO 8601, UTC. */
export class AuditFile implements Audit {
  readonly #lines: LineFile;

  constructor({ file, maxBytes = 5_000_000 }: AuditOptions) {
    this.#lines = new LineFile({ file, maxBytes, keep: 2 });
  }

  note({ expiresAt, ...entry }: AuditEntry): void {
    const until = expiresAt === undefined ? {} : { expiresAt: dateOf(expiresAt) };
    this.#lines.add(JSON.stringify({ at: dateOf(Date.now()), ...entry, ...until }));
  }

  close(): void {
    this.#lines.close();
  }
}

/** `never` is no date. */
const dateOf = (epochMs: number): string | undefined =>
  Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : undefined;
