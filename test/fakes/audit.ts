import type { Audit, AuditEntry } from "../../electron/core/audit.ts";

/** A record that a test can read. */
export class MemoryAudit implements Audit {
  readonly entries: AuditEntry[] = [];

  note(entry: AuditEntry): void {
    this.entries.push(entry);
  }
}
