import type { AuditEntry } from "./audit.ts";
import type { HoldingPorts } from "./holding.ts";
import type { Random } from "./policy.ts";

/** What a session needs of the world. */
export interface SessionPorts extends HoldingPorts {
  readonly random: Random;
  /** Called after each change of anything that `Session` shows. */
  changed(): void;
  /** Called with what the record is to tell of its sign-ins and their ends. */
  befell(entry: AuditEntry): void;
}
