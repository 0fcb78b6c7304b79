import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { BridgeFacts, Bridges, StillValid } from "../commands/ports.ts";
import { EvercredError, errorOf } from "../core/errors.ts";
import { judgeBridges, mayBridge, throwWhere } from "../core/judging.ts";
import type { Rule } from "../core/limits.ts";
import { nearest } from "../core/nearest.ts";
import { SingleFlight } from "../core/single-flight.ts";
import type { Target } from "../core/source.ts";
import type { SecretStore } from "../core/store.ts";
import { type Instant, plus } from "../core/time.ts";
import type { Trouble } from "../protocol/view.ts";
import { Bridge, type BridgeRecord, bridgeRecordSchema, type BridgeWorld } from "./bridge.ts";
import { removeBridgeDirectory } from "./bridge-directory.ts";
import { Kept } from "./kept.ts";
import { PortTaken } from "./loopback-port.ts";

/** What the bridges need of the world. */
export interface BridgePorts extends BridgeWorld {
  readonly store: SecretStore;
  /** The rule that binds bridges. */
  rule(): Rule;
  /** A bridge has ended: another one may get its name. */
  ended(name: string): void;
  /** Called after each change of `troubles`. */
  changed(): void;
}

/** The bridges of this computer. They outlive a restart of the daemon, with their tokens and ports, in the keychain. */
export class LocalBridges implements Bridges {
  readonly #ports: BridgePorts;
  readonly #kept: Kept<BridgeRecord[]>;
  readonly #work = new SingleFlight();
  readonly #bridges = new Map<string, Bridge>();
  readonly #alarms = new Map<Bridge, () => void>();
  readonly #troubles = new Map<string, Trouble>();
  #known = false;
  #isSaved = true;
  #closed = false;

  constructor(ports: BridgePorts) {
    this.#ports = ports;
    this.#kept = new Kept(ports.store, "bridges", z.array(bridgeRecordSchema), ports.log);
  }

  /** What is wrong with bridges, for people. */
  get troubles(): readonly Trouble[] {
    return [...this.#troubles.values()];
  }

  /** Opens the bridges of before. Never rejects: the sweep tries again. */
  open(): Promise<void> {
    return this.sweep();
  }

  /**
   * Ends those whose time is over, or that may no longer be, puts back what has vanished, saves what is not saved. Never
   * rejects.
   */
  async sweep(): Promise<void> {
    if (!mayBridge(this.#ports.rule())) for (const bridge of this.#bridges.values()) bridge.cut();
    try {
      await this.#work.after("bridges", () => this.#tidy());
    } catch (thrown) {
      this.#ports.log.warn("server: the bridges wait", { code: errorOf(thrown).code });
    }
  }

  add(wanted: {
    readonly name: string;
    readonly allow: readonly Target[];
    readonly lastsMs: number;
    readonly tcp: boolean;
    readonly madeFor: string | undefined;
  }): Promise<BridgeFacts> {
    const { clock, audit } = this.#ports;
    return this.#work.after("bridges", async () => {
      throwWhere(judgeBridges(this.#ports.rule()));
      await this.#learn();
      const record = bridgeRecordSchema.safeParse({
        ...wanted,
        token: randomBytes(32).toString("hex"),
        // There is no socket that could be mounted from Windows.
        tcp: wanted.tcp || process.platform === "win32",
        endsAt: plus(clock.now(), wanted.lastsMs),
      });
      if (!record.success) throw unfit();
      const { name } = wanted;
      if (this.#bridges.has(name)) throw taken(name);
      const bridge = new Bridge(record.data, this.#ports);
      try {
        await bridge.open();
        if (this.#closed) throw new EvercredError("cancelled");
      } catch (thrown) {
        await bridge.remove();
        throw thrown;
      }
      this.#keep(bridge);
      await this.#save();
      this.#blame(name, undefined);
      audit.note({ event: "bridge-added", bridge: name, target: wanted.allow.join(" ") });
      return bridge.facts;
    });
  }

  list(): readonly BridgeFacts[] {
    return [...this.#bridges.values()].map(({ facts }) => facts);
  }

  async remove(name: string): Promise<readonly StillValid[]> {
    // A daemon that stops cuts off what runs: what was to end with it goes on under the next one.
    if (this.#closed) throw new EvercredError("cancelled");
    // At once: the keychain may take its time.
    this.#bridges.get(name)?.cut();
    return this.#work.after("bridges", async () => {
      await this.#learn();
      const bridge = this.#bridges.get(name);
      if (bridge === undefined && !this.#troubles.has(name)) throw this.#unknown(name);
      this.#blame(name, undefined);
      if (bridge === undefined) return [];
      await this.#end(bridge);
      await this.#save();
      return bridge.stillValid(this.#ports.clock.now());
    });
  }

  served(name: string, target: Target, expiresAt: Instant): void {
    this.#bridges.get(name)?.served(target, expiresAt);
  }

  /** Shuts them all; what is in the keychain, and their directories, stay for the next daemon. */
  close(): void {
    this.#closed = true;
    for (const bridge of this.#bridges.values()) {
      this.#alarms.get(bridge)?.();
      bridge.cut();
    }
  }

  async #tidy(): Promise<void> {
    if (this.#closed) return;
    await this.#learn();
    for (const bridge of this.#bridges.values()) await this.#look(bridge);
    if (!this.#isSaved) await this.#save();
  }

  async #look(bridge: Bridge): Promise<void> {
    const { name, endsAt } = bridge.record;
    const isOver = this.#ports.clock.now() >= endsAt;
    if (isOver || !mayBridge(this.#ports.rule())) return this.#end(bridge);
    try {
      await bridge.open();
      if (this.#closed) bridge.cut();
    } catch (thrown) {
      this.#ports.log.error("server: a bridge is not open", { name, code: errorOf(thrown).code });
      if (!(thrown instanceof PortTaken)) return;
      // Who holds the port may have got the token.
      await this.#end(bridge);
      this.#blame(name, {
        code: "bridge-void",
        sentence: `Another program holds port ${String(thrown.port)} of the bridge ${name}: its token is void.`,
        remedy: `Make it anew: evercred bridge add ${name}`,
      });
    }
  }

  /** What the daemon before this one has left. */
  async #learn(): Promise<void> {
    if (this.#known) return;
    const records = (await this.#kept.load()) ?? [];
    this.#known = true;
    for (const record of records) this.#keep(new Bridge(record, this.#ports));
    const { folder } = this.#ports;
    for (const name of await readdir(folder).catch(() => [])) {
      if (!this.#bridges.has(name)) await removeBridgeDirectory(join(folder, name));
    }
  }

  #keep(bridge: Bridge): void {
    const { name, endsAt } = bridge.record;
    this.#bridges.set(name, bridge);
    this.#alarms.set(
      bridge,
      this.#ports.clock.alarm(endsAt, () => void this.sweep()),
    );
  }

  async #end(bridge: Bridge): Promise<void> {
    const { name } = bridge.record;
    this.#alarms.get(bridge)?.();
    this.#alarms.delete(bridge);
    this.#bridges.delete(name);
    this.#isSaved = false;
    await bridge.remove();
    this.#ports.ended(name);
    this.#ports.audit.note({ event: "bridge-removed", bridge: name });
  }

  async #save(): Promise<void> {
    const records = [...this.#bridges.values()].map(({ record }) => record);
    this.#isSaved = await this.#kept.save(records.length === 0 ? undefined : records);
  }

  #blame(name: string, trouble: Trouble | undefined): void {
    if (trouble === undefined && !this.#troubles.delete(name)) return;
    if (trouble !== undefined) this.#troubles.set(name, trouble);
    this.#ports.changed();
  }

  #unknown(name: string): EvercredError {
    const near = nearest(name, this.#bridges.keys());
    return new EvercredError("unknown-name", `There is no bridge ${name}.`, {
      remedy: near === undefined ? "See: evercred bridge list" : `Did you mean ${near}?`,
    });
  }
}

const taken = (name: string): EvercredError =>
  new EvercredError("usage", `There is a bridge ${name} already.`, {
    remedy: `Choose another name, or run: evercred bridge rm ${name}`,
  });

const unfit = (): EvercredError =>
  new EvercredError("usage", "That is no name for a bridge.", {
    remedy: "Use at most 32 of the characters a-z, 0-9 and -.",
  });
