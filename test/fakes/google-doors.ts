import type { GoogleDoor, GoogleDoors } from "../../electron/commands/ports.ts";
import type { EvercredError } from "../../electron/core/errors.ts";
import type { Target } from "../../electron/core/source.ts";

/** Doors that open to nothing, and remember for whom. */
export class FakeGoogleDoors implements GoogleDoors {
  /** What every call fails with. */
  failure: EvercredError | undefined;
  /** The runs whose door is open, and the project that it tells. */
  readonly running = new Map<Target, string | undefined>();

  async forRun(
    target: Target,
    { project }: { readonly project: string | undefined },
    until: AbortSignal,
  ): Promise<GoogleDoor> {
    if (this.failure !== undefined) throw this.failure;
    this.running.set(target, project);
    until.addEventListener("abort", () => this.running.delete(target), { once: true });
    return { host: "127.0.0.1:41002", tokenFile: `/run/user/1000/evercred/run-${target}` };
  }

  async standing(target: Target): Promise<GoogleDoor> {
    if (this.failure !== undefined) throw this.failure;
    return { host: "127.0.0.1:41003", tokenFile: `/run/user/1000/evercred/token-${target}` };
  }
}
