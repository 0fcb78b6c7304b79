import type { BridgeFacts, Bridges, StillValid } from "../../electron/commands/ports.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import type { Target } from "../../electron/core/source.ts";
import { type Clock, type Instant, plus } from "../../electron/core/time.ts";

/** Bridges that lead nowhere. They lapse when `list` is asked. */
export class FakeBridges implements Bridges {
  readonly #clock: Clock;
  readonly #bridges = new Map<string, BridgeFacts>();
  readonly #served: (StillValid & { readonly name: string })[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async add(wanted: Parameters<Bridges["add"]>[0]): Promise<BridgeFacts> {
    const { name, allow, lastsMs, tcp, madeFor } = wanted;
    if (this.#bridges.has(name)) {
      throw new EvercredError("usage", `There is a bridge ${name} already.`);
    }
    const bridge: BridgeFacts = {
      name,
      allow,
      directory: `/run/user/1000/evercred/bridges/${name}`,
      port: tcp ? 41_001 : undefined,
      endsAt: plus(this.#clock.now(), lastsMs),
      lastUsedAt: undefined,
      madeFor,
    };
    this.#bridges.set(name, bridge);
    return bridge;
  }

  list(): readonly BridgeFacts[] {
    const now = this.#clock.now();
    return [...this.#bridges.values()].filter(({ endsAt }) => now < endsAt);
  }

  async remove(name: string): Promise<readonly StillValid[]> {
    if (!this.#bridges.delete(name)) {
      throw new EvercredError("unknown-name", `There is no bridge ${name}.`);
    }
    const now = this.#clock.now();
    return this.#served.filter((each) => each.name === name && now < each.expiresAt);
  }

  served(name: string, target: Target, expiresAt: Instant): void {
    this.#served.push({ name, target, expiresAt });
    const bridge = this.#bridges.get(name);
    if (bridge !== undefined) {
      this.#bridges.set(name, { ...bridge, lastUsedAt: this.#clock.now() });
    }
  }
}
