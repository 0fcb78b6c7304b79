import type { STSClient } from "@aws-sdk/client-sts";
import { type Instant, shifted } from "../../core/time.ts";
import type { AwsKeys } from "./aws-keys.ts";
import { type AwsPorts, usualTimeouts } from "./ports.ts";
import { mayBeClock } from "./sts-errors.ts";

type Sdk = typeof import("./sts-client.ts");

/** What the token service is reached through. */
export type StsPorts = Pick<AwsPorts, "agent" | "clock" | "providerTime" | "timeouts">;

/** AWS takes a time of signing that is up to five minutes off: less than this has to do with nothing. */
const skewMs = 60_000;

/** The way to the token service of every region. The SDK is loaded at the first request. */
export class StsConnection {
  readonly #ports: StsPorts;
  #loaded: ReturnType<typeof load> | undefined;

  constructor(ports: StsPorts) {
    this.#ports = ports;
  }

  /** The provider's time in a region. */
  now(region: string): Instant {
    const { clock, providerTime } = this.#ports;
    return shifted(clock, () => providerTime.offsetMs(region)).now();
  }

  /** Asks, and once more where the reply has shown that the time of signing was wrong. Rejects as the SDK does. */
  async ask<T>(
    region: string,
    keys: AwsKeys | undefined,
    signal: AbortSignal,
    ask: (client: STSClient, sdk: Sdk) => Promise<T>,
  ): Promise<T> {
    const { sdk, clientFor } = await (this.#loaded ??= load(this.#ports));
    const { providerTime } = this.#ports;
    for (let isFirst = true; ; isFirst = false) {
      const offsetMs = providerTime.offsetMs(region);
      try {
        return await ask(clientFor(region, keys, this.now(region)), sdk);
      } catch (thrown) {
        signal.throwIfAborted();
        const learnt = Math.abs(providerTime.offsetMs(region) - offsetMs) > skewMs;
        if (!isFirst || !learnt || !mayBeClock(thrown)) throw thrown;
      }
    }
  }
}

const load = async ({ agent, clock, providerTime, timeouts = usualTimeouts }: StsPorts) => {
  const sdk = await import("./sts-client.ts");
  return { sdk, clientFor: sdk.connectSts({ agent, clock, providerTime, timeouts }) };
};
