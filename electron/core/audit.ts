/** One line of the record of what was done for whom. Never holds a secret. */
export interface AuditEntry {
  /** `served`, `refused`, `bridge-added`, `bridge-removed`. */
  readonly event: string;
  readonly target?: string;
  readonly bridge?: string;
  readonly verb?: string;
  /** The exit code that the caller got. */
  readonly exit?: number;
  /** When what was served ends, in epoch milliseconds. */
  readonly expiresAt?: number;
}

/** The record, on this machine only. Never throws. */
export interface Audit {
  note(entry: AuditEntry): void;
}
