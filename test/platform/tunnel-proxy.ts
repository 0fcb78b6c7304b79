import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { listen } from "../fakes/cloud/listening.ts";

/** A proxy that leads every host to one local port, and does to CONNECT what a test wants. */
export interface TunnelProxy {
  readonly port: number;
  /** What was asked for, in order: `api.example.test:443`. */
  readonly asked: string[];
  /** The Proxy-Authorization headers that came. */
  readonly authorizations: (string | undefined)[];
  /** Whose certificates came with that, by name. */
  readonly peers: unknown[];
  /** How many connections to it are open. */
  open(): number;
}

/** What a proxy may do otherwise. */
export interface TunnelProxyOptions {
  /** A status line other than 200, or `hang`. */
  readonly answer?: string;
  /** Lines that come with it. */
  readonly headers?: readonly string[];
  /** The only user that it lets through, with the password: `jo:secret` (RFC 7617). */
  readonly login?: string;
  readonly tls?: ServerOptions;
}

export async function startTunnelProxy(
  targetPort: number,
  { answer, headers = [], login, tls }: TunnelProxyOptions = {},
): Promise<TunnelProxy> {
  const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const peers: unknown[] = [];
  const sockets = new Set<Duplex>();
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    asked.push(request.url ?? "");
    authorizations.push(request.headers["proxy-authorization"]);
    if (socket instanceof TLSSocket) peers.push(socket.getPeerCertificate().subject?.CN);
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    if (answer === "hang") {
      socket.resume();
      return;
    }
    const isKnown = wanted === undefined || request.headers["proxy-authorization"] === wanted;
    const refusal = isKnown ? answer : "407 Proxy Authentication Required";
    if (refusal !== undefined) {
      const head = [`HTTP/1.1 ${refusal}`, ...headers, "Content-Length: 4"].join("\r\n");
      socket.end(`${head}\r\n\r\nhush`);
      return;
    }
    const site = connect(targetPort, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      site.pipe(socket).pipe(site);
    });
    site.on("error", () => socket.destroy());
    site.on("close", () => socket.destroy());
    socket.on("close", () => site.destroy());
  });
  server.on("connection", (socket: Duplex) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(server);
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port, asked, authorizations, peers, open: () => sockets.size };
}
