import type { Caller } from "../../electron/core/caller.ts";
import type { Patience } from "../../electron/core/consent.ts";
import type { EvercredError } from "../../electron/core/errors.ts";
import { WatchedGate } from "../../electron/core/gate.ts";
import type { Target } from "../../electron/core/source.ts";
import { MemoryAudit } from "./audit.ts";

/** Someone who was asked about. */
export interface Asked {
  readonly caller: Caller;
  readonly target: Target;
  readonly patience: Patience;
}

/** A gate that lets everything through, unless a test says otherwise. The record is the real one. */
export class FakeGate extends WatchedGate {
  readonly asked: Asked[];
  /** Why nothing gets through; undefined: it does. */
  refusal: EvercredError | undefined;

  constructor(audit = new MemoryAudit()) {
    const asked: Asked[] = [];
    const admit = (caller: Caller, target: Target, patience: Patience): Promise<void> => {
      asked.push({ caller, target, patience });
      return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
    };
    super({ admit }, audit);
    this.asked = asked;
  }
}
