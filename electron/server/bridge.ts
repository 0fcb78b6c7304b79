import type { Socket } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import type { BridgeFacts, StillValid } from "../commands/ports.ts";
import type { Audit } from "../core/audit.ts";
import type { Gate } from "../core/gate.ts";
import type { Log } from "../core/log.ts";
import type { Target } from "../core/source.ts";
import { type Clock, type Instant, instantOf, later } from "../core/time.ts";
import { limits } from "../protocol/wire.ts";
import { openBridgeDirectory, removeBridgeDirectory } from "./bridge-directory.ts";
import { type BridgePort, openBridgePort } from "./bridge-port.ts";
import { type Handler, serve } from "./connection.ts";
import { Connections } from "./connections.ts";
import type { Issuer } from "./credential-answer.ts";
import type { Listener } from "./listener.ts";

/** What is kept of a bridge. */
export const bridgeRecordSchema = z.object({
  name: z.string().regex(/^[a-z0-9-]{1,32}$/u),
  allow: z.array(z.custom<Target>((value) => typeof value === "string" && value.includes(":"))),
  /** 32 bytes, in hexadecimal. */
  token: z.string().regex(/^[0-9a-f]{64}$/u),
  tcp: z.boolean(),
  /** Undefined where there is none, or none yet. */
  port: z.int().min(1).max(65_535).optional(),
  endsAt: z.number().transform(instantOf),
  /** The folder for whose container a set-up made it. */
  madeFor: z.string().optional(),
});

export type BridgeRecord = z.infer<typeof bridgeRecordSchema>;

/** What a bridge needs of the world. */
export interface BridgeWorld {
  /** Holds a directory for each bridge. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly gate: Gate;
  readonly issuer: Issuer;
  /** Serves the requests of shims. */
  readonly handle: Handler;
}

/** Longer than a request of a shim may take: that one is told why it is cut. */
const connectionLimits = { most: 256, patienceMs: limits.requestMs + 1_000 };

/** One scoped door: a directory with a socket and a token file and, where it is wanted, a loopback port. */
export class Bridge {
  readonly directory: string;
  readonly #record: BridgeRecord;
  readonly #world: BridgeWorld;
  readonly #connections = new Connections(connectionLimits);
  readonly #served = new Map<Target, Instant>();
  #listener: Listener | undefined;
  #port: BridgePort | undefined;
  #lastUsedAt: Instant | undefined;

  constructor(record: BridgeRecord, world: BridgeWorld) {
    this.directory = join(world.folder, record.name);
    this.#record = record;
    this.#world = world;
  }

  /** What is to be kept of it. */
  get record(): BridgeRecord {
    return { ...this.#record, port: this.#port?.port ?? this.#record.port };
  }

  get facts(): BridgeFacts {
    const { name, allow, port, endsAt, madeFor } = this.record;
    const { directory } = this;
    return { name, allow, directory, port, endsAt, lastUsedAt: this.#lastUsedAt, madeFor };
  }

  /**
   * Opens what is not open, and puts back what has vanished. Rejects with PortTaken where somebody else has its port
   * of before, with `config-invalid` where its directory cannot be made.
   */
  async open(): Promise<void> {
    if (this.#record.tcp) this.#port ??= await this.#openPort();
    if (this.#listener !== undefined) return this.#listener.mend();
    this.#listener = await openBridgeDirectory({
      directory: this.directory,
      token: this.#record.token,
      take: (socket) => {
        this.#connections.admit(socket);
        this.#takeShim(socket);
      },
      log: this.#world.log,
    });
  }

  /** Notes that it has given something out that is good until then. */
  served(target: Target, expiresAt: Instant): void {
    this.#served.set(target, later(expiresAt, this.#served.get(target) ?? expiresAt));
  }

  /** What it has given out that is still good. */
  stillValid(now: Instant): readonly StillValid[] {
    return [...this.#served]
      .filter(([, expiresAt]) => now < expiresAt)
      .map(([target, expiresAt]) => ({ target, expiresAt }));
  }

  /** Takes no more connections and cuts those that are open. Its directory stays, for `open` at the next start. */
  cut(): void {
    void this.#listener?.close();
    this.#listener = undefined;
    this.#port?.close();
    this.#port = undefined;
    this.#connections.cut();
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    this.cut();
    await removeBridgeDirectory(this.directory);
  }

  #openPort(): Promise<BridgePort> {
    const { name, allow, token, port } = this.#record;
    return openBridgePort({
      ...this.#world,
      name,
      allow,
      token,
      port,
      connections: this.#connections,
      takeShim: (socket) => this.#takeShim(socket),
      used: () => this.#use(),
      served: (target, expiresAt) => this.served(target, expiresAt),
    });
  }

  #takeShim(socket: Socket): void {
    const { name, allow, token } = this.#record;
    const { handle, log } = this.#world;
    const way = { token: Buffer.from(token, "hex"), bridge: { name, allow } };
    const serveOne: Handler = (request, reply) => {
      this.#connections.busy(socket);
      this.#use();
      return handle(request, reply);
    };
    serve(socket, way, { kind: "bridge", name }, serveOne, log);
  }

  #use(): void {
    this.#lastUsedAt = this.#world.clock.now();
  }
}
