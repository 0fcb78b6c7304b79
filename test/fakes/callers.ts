import { type Caller, unknownCaller } from "../../electron/core/caller.ts";
import type { Callers, Peer } from "../../electron/server/callers.ts";

/** Tells of every connection what a test says. */
export class FakeCallers implements Callers {
  peer: Peer = { kind: "ours", caller: unknownCaller };

  of(): Peer {
    return this.peer;
  }

  ofLoopback(): Promise<Caller> {
    return Promise.resolve(this.peer.kind === "ours" ? this.peer.caller : unknownCaller);
  }
}
