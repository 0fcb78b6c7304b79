import type { NetworkFacts, NetworkProbe } from "../../electron/commands/network-ports.ts";
import type { EvercredError } from "../../electron/core/errors.ts";

/** A network in which hosts answer directly, except as a test says. */
export class FakeNetworkProbe implements NetworkProbe {
  /** By host: what is found out, or what is in the way. */
  readonly hosts = new Map<string, Partial<NetworkFacts> | EvercredError>();
  readonly asked: string[] = [];

  async probe({ host }: URL): Promise<NetworkFacts> {
    this.asked.push(host);
    const said = this.hosts.get(host) ?? {};
    if (said instanceof Error) throw said;
    return {
      way: { kind: "direct", proxy: undefined, saidBy: undefined },
      issuer: "Example Root CA",
      status: 200,
      offsetMs: 0,
      ...said,
    };
  }
}
