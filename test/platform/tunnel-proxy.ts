import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { listen } from "../fakes/cloud/listening.ts";

/** A proxy that leads every host to one local port, and does to CONNECT what a test wants. */
export interface TunnelProxy {
  readonly port: number;
  /** What was asked for, in order: `api.example.test:443`. */
  readonly asked: string[];
  /** The Proxy-Authorization headers that came. */
  readonly authorizations: (string | undefined)[];
  /** How many connections to it are open. */
  open(): number;
}

/** `answer`: a status line other than 200, or `hang`. */
export async function startTunnelProxy(
  targetPort: number,
  { answer, tls }: { readonly answer?: string; readonly tls?: ServerOptions } = {},
): Promise<TunnelProxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const sockets = new Set<Duplex>();
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    asked.push(request.url ?? "");
    authorizations.push(request.headers["proxy-authorization"]);
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    if (answer === "hang") {
      socket.resume();
      return;
    }
    if (answer !== undefined) {
      socket.end(`HTTP/1.1 ${answer}\r\nContent-Length: 4\r\n\r\nhush`);
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
  return { port, asked, authorizations, open: () => sockets.size };
}
