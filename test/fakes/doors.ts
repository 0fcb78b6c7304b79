import type { CredentialDoor, Doors } from "../../electron/commands/ports.ts";
import type { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { Target } from "../../electron/core/source.ts";

/** Doors that open to nothing, and remember for whom. */
export class FakeDoors implements Doors {
  /** What every call fails with. */
  failure: EvercredError | undefined;
  /** The runs whose door is open. */
  readonly running = new Set<Target>();

  async forRun(target: Target, until: AbortSignal): Promise<CredentialDoor> {
    if (this.failure !== undefined) throw this.failure;
    this.running.add(target);
    until.addEventListener("abort", () => this.running.delete(target), { once: true });
    return this.#door(`run-token-${target}`);
  }

  async standing(target: Target): Promise<CredentialDoor> {
    if (this.failure !== undefined) throw this.failure;
    return this.#door(`standing-token-${target}`);
  }

  #door(token: string): CredentialDoor {
    return { url: "http://127.0.0.1:41000/credentials", token: new Secret(token) };
  }
}
