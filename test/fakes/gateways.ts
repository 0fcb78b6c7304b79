import type { Gateways } from "../../electron/commands/ports.ts";
import type { EvercredError } from "../../electron/core/errors.ts";
import type { Secret } from "../../electron/core/secret.ts";

/** Gateways that all say what a test has them say. */
export class FakeGateways implements Gateways {
  answer: Awaited<ReturnType<Gateways["ask"]>> = { status: 200, says: "" };
  /** Why they cannot be asked. */
  failure: EvercredError | undefined;
  /** Whether they answer at all; one that does not is left when its caller gives up. */
  silent = false;
  /** What they were asked, keys in clear. */
  readonly asked: { readonly url: string; readonly key: string }[] = [];
  /** How many who asked have gone before there was an answer. */
  left = 0;

  async ask(
    url: URL,
    key: Secret,
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<Gateways["ask"]>>> {
    this.asked.push({ url: url.href, key: key.reveal() });
    if (this.failure !== undefined) throw this.failure;
    if (!this.silent) return this.answer;
    return new Promise((_, reject) => {
      signal.addEventListener(
        "abort",
        () => {
          this.left += 1;
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
  }
}
