import type { Caller } from "../core/caller.ts";
import type { Gate } from "../core/gate.ts";
import type { Log } from "../core/log.ts";
import type { Clock } from "../core/time.ts";
import type { Callers } from "./callers.ts";
import { Connections } from "./connections.ts";
import { loopbackServer } from "./loopback-http.ts";
import { hostsAt, listenOnLoopback } from "./loopback-port.ts";
import { hasMetadata, metadataAnswer, type Router, said, type Spoken } from "./metadata-answer.ts";
import { isOurs } from "./peer-owner.ts";

export interface MetadataPortOptions {
  readonly spoken: Spoken;
  /** The port of before; undefined: any free one. */
  readonly port: number | undefined;
  readonly issuer: Router;
  readonly gate: Gate;
  readonly callers: Pick<Callers, "ofLoopback">;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody who is served has asked. */
  used(): void;
}

export interface MetadataPort {
  readonly port: number;
  /** Takes no more connections, and cuts those that there are. */
  close(): void;
}

/** Google's libraries send their requests in one piece, at once. */
const limits = { most: 256, patienceMs: 2_000 };

const flavor = "Google";

/**
 * A loopback port that speaks as the metadata server of a Google machine does, for one target. The protocol has no
 * secret: whoever asks has to be a program of this user, and no web page, no proxy and no other name leads there.
 * Rejects with PortTaken where the port of before cannot be had.
 */
export const openMetadataPort = async (options: MetadataPortOptions): Promise<MetadataPort> => {
  const { spoken, issuer, callers, log } = options;
  const connections = new Connections(limits);
  let hosts: readonly string[] = [];
  const server = loopbackServer({
    hosts: () => hosts,
    serves: isOurs,
    refused: ({ path, headers }) => {
      if (headers["x-forwarded-for"] !== undefined) {
        return said(403, "What comes through a proxy is not served.");
      }
      // The bare address is how a metadata server is looked for, and says nothing.
      return path === "/" || headers["metadata-flavor"] === flavor
        ? undefined
        : said(403, `The header Metadata-Flavor: ${flavor} is missing.`);
    },
    knows: (path) => hasMetadata(spoken, path, issuer),
    answer: ({ path }, peer) => {
      options.used();
      const caller = (): Promise<Caller> => callers.ofLoopback(peer);
      return metadataAnswer(spoken, path, { ...options, caller });
    },
    refusal: (status, _code, message) => said(status, message),
    headers: (status) => ({
      "Metadata-Flavor": flavor,
      ...(status === 503 ? { "Retry-After": "1" } : {}),
    }),
    connections,
    log,
  });
  server.on("connection", (socket) => connections.admit(socket));
  const port = await listenOnLoopback(server, options.port);
  hosts = hostsAt(port);
  return {
    port,
    close: () => {
      server.close();
      connections.cut();
    },
  };
};
