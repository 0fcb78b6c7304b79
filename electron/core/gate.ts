import type { Audit } from "./audit.ts";
import { type Caller, recordOf } from "./caller.ts";
import type { Consent, Patience } from "./consent.ts";
import type { EvercredError } from "./errors.ts";
import type { Target } from "./source.ts";
import type { Instant } from "./time.ts";

/** What everything that is handed out passes: whether its caller may have it, and the record of it. */
export interface Gate {
  /**
   * Resolves where the caller may have what the target names: at once, or once a person has said so. Rejects with
   * `consent-refused` where they said no; with `consent-pending` where nobody has answered in time, when the question
   * stays open; with the signal's reason.
   */
  admit(caller: Caller, target: Target, patience: Patience): Promise<void>;
  /** Records that it was given. Costs the caller nothing. */
  served(caller: Caller, target: Target, expiresAt: Instant, verb: string): void;
  /** Records that it was asked for and not given, and why. Costs the caller nothing. */
  refused(caller: Caller, target: Target, error: EvercredError, verb: string): void;
}

/** The gate of a daemon: a person decides, and the record has it. */
export class WatchedGate implements Gate {
  readonly #consent: Pick<Consent, "admit">;
  readonly #audit: Audit;

  constructor(consent: Pick<Consent, "admit">, audit: Audit) {
    this.#consent = consent;
    this.#audit = audit;
  }

  admit(caller: Caller, target: Target, patience: Patience): Promise<void> {
    return this.#consent.admit(caller, target, patience);
  }

  served(caller: Caller, target: Target, expiresAt: Instant, verb: string): void {
    this.#audit.note({ event: "served", ...recordOf(caller), target, verb, exit: 0, expiresAt });
  }

  refused(caller: Caller, target: Target, { code, exit }: EvercredError, verb: string): void {
    this.#audit.note({ event: "refused", ...recordOf(caller), target, verb, exit, code });
  }
}
