import { once } from "node:events";
import { type OutgoingHttpHeaders, request as httpRequest } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { noRule, type Rule } from "../../electron/core/limits.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { SecretStore } from "../../electron/core/store.ts";
import type { CredentialDoor } from "../../electron/commands/ports.ts";
import { ContainerDoor } from "../../electron/server/container-door.ts";
import { World, type WorldParts } from "../core/world.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { FakeCallers } from "../fakes/callers.ts";
import { FakeGate } from "../fakes/gate.ts";

/** A world with a broker in which somebody has signed in to `corp`. */
export interface BrokerWorld {
  readonly world: World;
  readonly broker: Broker;
}

export const brokerWorld = async (parts: WorldParts = {}): Promise<BrokerWorld> => {
  const world = new World({ alone: true, ...parts });
  const broker = new Broker(world.ports);
  onTestFinished(() => broker.close());
  await broker.configure([world.source]);
  await world.signIn(broker.session("corp")!);
  return { world, broker };
};

/** The door of one daemon; a second one over the same world stands for the daemon's next start. */
export interface OpenDoor {
  readonly door: ContainerDoor;
  readonly audit: MemoryAudit;
  readonly gate: FakeGate;
  readonly callers: FakeCallers;
  /** What the configuration says. */
  standing: boolean;
  /** What an organisation says. */
  rule: Rule;
  /** How often its troubles have changed. */
  changes: number;
}

export const doorOf = (
  { world, broker }: BrokerWorld,
  standing = false,
  store: SecretStore = world.store,
): OpenDoor => {
  const { clock, log } = world;
  const audit = new MemoryAudit();
  const gate = new FakeGate(audit);
  const callers = new FakeCallers();
  const opened: OpenDoor = {
    door: new ContainerDoor({
      store,
      clock,
      log,
      issuer: broker,
      gate,
      callers,
      rule: () => opened.rule,
      standingAllowed: () => opened.standing,
      changed: () => {
        opened.changes += 1;
      },
    }),
    ...{ audit, gate, callers },
    standing,
    rule: noRule,
    changes: 0,
  };
  onTestFinished(() => opened.door.close());
  return opened;
};

/** What came back over HTTP. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What came back, with its body as JSON. */
export interface HttpAnswer extends Omit<RawAnswer, "body"> {
  readonly body: Record<string, string>;
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Asks over HTTP. Rejects where there is nobody, or the connection is cut. */
export const askRaw = (url: string, question: Question = {}): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    const { method = "GET", path = pathname, headers = {}, body } = question;
    const request = httpRequest({ hostname, port, method, path, headers, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode!, headers: response.headers, body: text });
      });
    });
    request.end(body);
  });

/** As `askRaw`, for JSON. */
export const askHttp = async (url: string, question: Question = {}): Promise<HttpAnswer> => {
  const { body, ...answer } = await askRaw(url, question);
  return { ...answer, body: body === "" ? {} : JSON.parse(body) };
};

/** As an SDK asks at a door. */
export const askDoor = (
  { url, token }: CredentialDoor,
  { headers = {}, ...question }: Question = {},
): Promise<HttpAnswer> =>
  askHttp(url, { ...question, headers: { Authorization: token.reveal(), ...headers } });

/** A door's token, spoiled in its last letter. */
export const spoiled = ({ url, token }: CredentialDoor): CredentialDoor => {
  const text = token.reveal();
  return { url, token: new Secret(`${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`) };
};

/** Somebody else listens at a port. */
export const squat = async (port: number): Promise<Server> => {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return server;
};

/** As many connections as one wants, each with the beginning of a request. */
export const crowd = async (port: number, count: number): Promise<readonly Socket[]> => {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    socket.on("connect", () => socket.write("GET /credentials HTTP/1.1\r\nHost: 127."));
    return socket;
  });
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets) {
    // One that was cut at once is through, too.
    if (socket.connecting) await Promise.race([once(socket, "connect"), once(socket, "close")]);
  }
  return sockets;
};
