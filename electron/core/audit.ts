import type { Instant } from "./time.ts";

/** What the record tells of. */
export type AuditEvent =
  | "served"
  | "refused"
  | "signed-in"
  | "sign-in-failed"
  | "signed-out"
  | "session-ended"
  | "renewed"
  | "renewal-failed"
  | "consent"
  | "consent-on"
  | "consent-off"
  | "consent-forgotten"
  | "policy-refused"
  | "bridge-added"
  | "bridge-removed";

/** One line of the record of what was done for whom. Never holds a secret. */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly target?: string;
  /** Which place to sign in to it is about. */
  readonly source?: string;
  readonly bridge?: string;
  /** Who asked, as people call it. */
  readonly program?: string;
  /** The file of that program. */
  readonly path?: string;
  /** Those that started it, the nearest first. */
  readonly parents?: readonly string[];
  readonly verb?: string;
  /** The exit code that the caller got. */
  readonly exit?: number;
  /** Why, as a code. */
  readonly code?: string;
  /** What a person has said: `once`, `today`, `always`, `never`, `not now`, or `nothing`. */
  readonly answer?: string;
  /** Whose answer was forgotten, as people call it. */
  readonly of?: string;
  /** How often, where one line tells of several times; the line's own time is that of the last one. */
  readonly count?: number;
  /** The first of those times, in epoch milliseconds. */
  readonly since?: number;
  /** When what was served or renewed ends, or what is still served though it could not be renewed, in epoch milliseconds. */
  readonly expiresAt?: number;
}

/** An entry, and when it was; of several that one line tells of, the last one. */
export interface AuditLine extends AuditEntry {
  readonly at: Instant;
}

/** A line as it is kept, in JSON, and what it says. */
export interface StoredLine {
  readonly text: string;
  readonly line: AuditLine;
}

/** The record, on this machine only. Never throws. */
export interface Audit {
  note(entry: AuditEntry): void;
}
