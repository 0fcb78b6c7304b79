import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Log } from "../core/log.ts";
import { errorOf } from "../core/errors.ts";
import type { Connections } from "./connections.ts";
import { type Answer, refusal } from "./credential-answer.ts";
import { clearJson } from "./reply.ts";

/** One request, as far as it matters. */
export interface Asked {
  readonly path: string;
  readonly authorization: string;
  readonly from: IncomingMessage["socket"];
}

/** How a door for SDKs differs from others. */
export interface CredentialHttp {
  /** What `Host` may say, the port included. Asked at each request. */
  hosts(): readonly string[];
  /** Whether there is anything at a path. */
  knows(path: string): boolean;
  /** Answers a GET of a path that is known, with some authorization. */
  answer(asked: Asked): Promise<Answer>;
  readonly connections: Connections;
  readonly log: Log;
}

/**
 * A server for the container provider of the SDKs, which is not listening yet. It takes one request a connection,
 * without a body, and sends no CORS headers: a web page learns nothing, whatever it tries.
 */
export const credentialServer = (door: CredentialHttp): Server => {
  const server = createServer({ maxHeaderSize: 8_192 }, (request, response) => {
    door.connections.busy(request.socket);
    void answerTo(request, door).then((answer) => {
      write(response, answer);
    });
  });
  server.maxRequestsPerSocket = 1;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  return server;
};

const answerTo = async (request: IncomingMessage, door: CredentialHttp): Promise<Answer> => {
  try {
    const { headers, socket, url: path = "" } = request;
    const refused = refusalOf(request, door);
    if (refused !== undefined) return refused;
    return await door.answer({ path, authorization: headers.authorization ?? "", from: socket });
  } catch (thrown) {
    door.log.error("server: a credential request failed", { code: errorOf(thrown).code });
    return refusal(503, "internal", "Something went wrong inside Evercred. See: evercred status");
  }
};

/** What is refused whoever asks. A name that was rebound to this computer stands in `Host`, a web page in `Origin`. */
const refusalOf = (
  { method, url = "", headers }: IncomingMessage,
  door: CredentialHttp,
): Answer | undefined => {
  if (!door.hosts().includes(headers.host ?? "")) {
    return refusal(403, "ForeignHost", "This host name does not lead here.");
  }
  if (headers.origin !== undefined) {
    return refusal(403, "ForeignOrigin", "Web pages are not served.");
  }
  if (!door.knows(url)) return refusal(404, "NotFound", "There is nothing here.");
  if (method !== "GET") return refusal(405, "MethodNotAllowed", "Only GET is served.");
  const { "content-length": length = "0", "transfer-encoding": coding } = headers;
  if (length !== "0" || coding !== undefined) {
    return refusal(413, "BodyNotAllowed", "A request here has no body.");
  }
  if (headers.authorization === undefined) {
    return refusal(401, "MissingToken", "The token is missing in Authorization.");
  }
  return undefined;
};

const write = (response: ServerResponse, { status, body }: Answer): void => {
  const text = clearJson(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(status === 405 ? { Allow: "GET" } : {}),
  });
  response.end(text);
};
