import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Json } from "../commands/verb.ts";
import type { Secret } from "../core/secret.ts";
import { errorOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Connections } from "./connections.ts";
import { clearJson, clearText } from "./reply.ts";

/** One request, as far as it matters. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What goes back: a JSON document, or a text. */
export type HttpAnswer =
  | { readonly status: number; readonly body: Json }
  | { readonly status: number; readonly text: string | Secret };

/** How a loopback door for SDKs differs from others. */
export interface LoopbackHttp {
  /** What `Host` may say, the port included. Asked at each request. */
  hosts(): readonly string[];
  /** Whether whoever is at the other end is served at all. */
  serves(peer: Socket): Promise<boolean>;
  /** What is refused for its head alone, beyond what every door refuses; undefined: nothing. */
  refused?(asked: Asked): HttpAnswer | undefined;
  /** Whether there is anything at a path. */
  knows(path: string): boolean;
  /** Answers a GET of a path that is known, asked over this connection. */
  answer(asked: Asked, peer: Socket): Promise<HttpAnswer>;
  /** How this door words a refusal. */
  refusal(status: number, code: string, message: string): HttpAnswer;
  /** What goes with each reply of this status. */
  headers?(status: number): Readonly<Record<string, string>>;
  readonly connections: Connections;
  readonly log: Log;
}

/**
 * A server for SDKs on this computer, which is not listening yet. It takes one request a connection, without a body,
 * and sends no CORS headers: a web page learns nothing, whatever it tries.
 */
export const loopbackServer = (door: LoopbackHttp): Server => {
  const server = createServer({ maxHeaderSize: 8_192 }, (request, response) => {
    door.connections.busy(request.socket);
    void answerTo(request, door).then((answer) => {
      write(response, answer, door);
    });
  });
  server.maxRequestsPerSocket = 1;
  const head = { Connection: "close", ...door.headers?.(400) };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join("")}\r\n`);
    else socket.destroy();
  });
  return server;
};

const answerTo = async (request: IncomingMessage, door: LoopbackHttp): Promise<HttpAnswer> => {
  try {
    const refused = refusalOf(request, door);
    if (refused !== undefined) return refused;
    if (!(await door.serves(request.socket))) {
      return door.refusal(403, "ForeignUser", "This is another user's door.");
    }
    return await door.answer(askedOf(request), request.socket);
  } catch (thrown) {
    door.log.error("server: a credential request failed", { code: errorOf(thrown).code });
    const message = "Something went wrong inside Evercred. See: evercred status";
    return door.refusal(503, "internal", message);
  }
};

const askedOf = ({ url = "", headers }: IncomingMessage): Asked => ({ path: url, headers });

/** What is refused whoever asks. A name that was rebound to this computer stands in `Host`, a web page in `Origin`. */
const refusalOf = (request: IncomingMessage, door: LoopbackHttp): HttpAnswer | undefined => {
  const { method, url = "", headers } = request;
  if (!door.hosts().includes(headers.host ?? "")) {
    return door.refusal(403, "ForeignHost", "This host name does not lead here.");
  }
  if (headers.origin !== undefined) {
    return door.refusal(403, "ForeignOrigin", "Web pages are not served.");
  }
  const refused = door.refused?.(askedOf(request));
  if (refused !== undefined) return refused;
  if (!door.knows(url)) return door.refusal(404, "NotFound", "There is nothing here.");
  if (method !== "GET") return door.refusal(405, "MethodNotAllowed", "Only GET is served.");
  const { "content-length": length = "0", "transfer-encoding": coding } = headers;
  if (length !== "0" || coding !== undefined) {
    return door.refusal(413, "BodyNotAllowed", "A request here has no body.");
  }
  return undefined;
};

const write = (response: ServerResponse, answer: HttpAnswer, door: LoopbackHttp): void => {
  const { status } = answer;
  const isJson = "body" in answer;
  const text = isJson ? clearJson(answer.body) : clearText(answer.text);
  response.writeHead(status, {
    "Content-Type": isJson ? "application/json" : "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(status === 405 ? { Allow: "GET" } : {}),
    ...door.headers?.(status),
  });
  response.end(text);
};
