import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { Audit } from "../core/audit.ts";
import type { Gate } from "../core/gate.ts";
import type { Log } from "../core/log.ts";
import { type Target, targetOf } from "../core/source.ts";
import type { Clock, Instant } from "../core/time.ts";
import type { Connections } from "./connections.ts";
import {
  type Answer,
  containerCredentials,
  credentialAnswer,
  type Issuer,
  refusal,
} from "./credential-answer.ts";
import { credentialServer } from "./credential-http.ts";
import { hostsAt, listenOnLoopback } from "./loopback-port.ts";

export interface BridgePortOptions {
  readonly name: string;
  readonly allow: readonly Target[];
  /** In hexadecimal: what `Authorization` has to say. */
  readonly token: string;
  /** The port of before; undefined: any free one. */
  readonly port: number | undefined;
  readonly connections: Connections;
  readonly issuer: Issuer;
  readonly gate: Gate;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes a connection of a shim, of which nothing has been read. */
  takeShim(socket: Socket): void;
  used(): void;
  served(target: Target, expiresAt: Instant): void;
}

export interface BridgePort {
  readonly port: number;
  /** Takes no more connections. */
  close(): void;
}

/** The first byte of a shim: the frame with the token. HTTP begins with a method's name, and none begins with it. */
const shimByte = "K".charCodeAt(0);

/**
 * A bridge's loopback port, for Docker Desktop and WSL: frames for the shim and, for what cannot run it, credentials
 * over HTTP at `/aws/PROFILE`. Rejects with `config-invalid` where the port cannot be had.
 */
export const openBridgePort = async (options: BridgePortOptions): Promise<BridgePort> => {
  const { connections } = options;
  let hosts: readonly string[] = [];
  const http = credentialServer({
    hosts: () => hosts,
    // Whoever asks from a container is nobody that this system knows.
    serves: () => Promise.resolve(true),
    knows: (path) => profileOf(path) !== undefined,
    answer: (path, authorization) => answer(path, authorization, options),
    connections,
    log: options.log,
  });
  const server = createServer((socket) => {
    connections.admit(socket);
    socket.once("data", (chunk) => {
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === shimByte) options.takeShim(socket);
      else http.emit("connection", socket);
      socket.resume();
    });
  });
  const port = await listenOnLoopback(server, options.port);
  hosts = [...hostsAt(port), `host.docker.internal:${String(port)}`];
  return {
    port,
    close: () => {
      server.close();
    },
  };
};

const answer = async (
  path: string,
  authorization: string,
  options: BridgePortOptions,
): Promise<Answer> => {
  const { name, allow, token, audit } = options;
  if (!isSame(authorization, token)) {
    return refusal(403, "WrongToken", "This token is not good here.");
  }
  options.used();
  const target = targetOf("aws", profileOf(path) ?? "");
  if (!allow.includes(target)) {
    audit.note({ event: "refused", bridge: name, verb: containerCredentials });
    return refusal(403, "NotAllowed", `The bridge ${name} does not serve ${target}.`);
  }
  return credentialAnswer({ caller: { kind: "bridge", name }, target }, options, (credential) => {
    options.served(target, credential.expiresAt);
  });
};

/** `/aws/PROFILE`, percent-encoded. */
const profileOf = (path: string): string | undefined => {
  const [, name] = /^\/aws\/([^/?#]+)$/u.exec(path) ?? [];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return undefined;
  }
};

/** By their hashes: how long comparing takes says nothing about either. */
const isSame = (given: string, token: string): boolean =>
  timingSafeEqual(hashOf(given), hashOf(token));

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();
