import type { ClientRequest } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Agent, type AgentConnectOpts } from "agent-base";
import { type Line, LineOpener } from "./network-line.ts";
import { certificateOn, type SeenCertificate } from "./seen-certificate.ts";
import type { Trust } from "./trust.ts";
import type { Way, WaysTo } from "./ways.ts";

/** How connections are made. */
export interface Routing {
  readonly trust: Trust;
  readonly waysTo: WaysTo;
}

/** What a connection of ours is like. */
export interface ConnectionFacts {
  readonly way: Way;
  /** What the host has shown. */
  readonly certificate: SeenCertificate | undefined;
}

/** Requests come in bursts. A longer life only brings connections that died while the machine slept. */
const idleMs = 5_000;

/** Makes TLS connections by the present routing, and keeps a few of them for the next request. */
export class NetworkAgent extends Agent {
  readonly #ways = new WeakMap<Socket, Way>();
  #opener: LineOpener;
  #generation = 0;

  constructor(routing: Routing) {
    super({ keepAlive: true, maxFreeSockets: 4, timeout: idleMs, scheduling: "lifo" });
    this.#opener = new LineOpener(routing);
  }

  /** Connections made before are used to their request's end, not for another one. */
  use(routing: Routing): void {
    this.#opener = new LineOpener(routing);
    // A client's TLS does not use this option, and it is part of the name under which a connection is kept.
    this.options = { ...this.options, sessionIdContext: `routing ${++this.#generation}` };
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  /** Undefined for a connection of somebody else. */
  factsOf(socket: Socket): ConnectionFacts | undefined {
    const way = this.#ways.get(socket);
    if (way === undefined || !(socket instanceof TLSSocket)) return undefined;
    return { way, certificate: certificateOn(socket) };
  }

  override isSecureEndpoint(): boolean {
    return true;
  }

  /** Rejects as LineOpener does. */
  override async connect(_request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    const { host = "localhost", port } = options;
    const line: Line = await this.#opener.open({ ...options, host, port });
    this.#ways.set(line.socket, line.way);
    return line.socket;
  }
}

/** As the SDKs want it. */
export const asHttps = (agent: NetworkAgent): HttpsAgent =>
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- It does what https.Agent does; agent-base's class has no other ancestor than http.Agent.
  agent;
