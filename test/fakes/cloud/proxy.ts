import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { Faults } from "./faults.ts";
import { listen } from "./listening.ts";

interface Tunnel {
  readonly host: string;
  readonly ends: readonly Duplex[];
}

/** What the proxy needs to know. */
export interface ProxyOptions {
  readonly sitePort: number;
  readonly faults: Faults;
  knows(host: string): boolean;
}

function refuse(socket: Duplex, status: string, headers: readonly string[] = []): void {
  const lines = [`HTTP/1.1 ${status}`, ...headers, "Content-Length: 0", "Connection: close"];
  socket.end(`${lines.join("\r\n")}\r\n\r\n`);
}

/** An HTTP proxy on 127.0.0.1 that knows CONNECT only, and leads known host names to the local site server. */
export class Proxy {
  /** Hosts that somebody asked for and the proxy does not know, in order. */
  readonly refusedHosts: string[] = [];
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #tunnels = new Set<Tunnel>();

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#refusePlain(request, response);
    });
    this.#server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#connect(request, socket, head);
    });
    options.faults.onCut((isMeant) => {
      this.#cut(isMeant);
    });
  }

  /** Starts to listen; gives the port. */
  listen(): Promise<number> {
    return listen(this.#server);
  }

  /** Ends all tunnels and stops. */
  close(): void {
    this.#cut(() => true);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #refusePlain(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    this.refusedHosts.push(URL.canParse(url) ? new URL(url).host : url);
    response.writeHead(403).end();
  }

  #connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client may go away at any time; what it misses is its own matter.
    socket.on("error", () => socket.destroy());
    const [host = "", port] = (request.url ?? "").split(":");
    if (!this.#options.knows(host) || port !== "443") {
      this.refusedHosts.push(host);
      refuse(socket, "403 Forbidden");
      return;
    }
    const { faults, sitePort } = this.#options;
    const verdict = faults.judgeTunnel(host, request.headers["proxy-authorization"]);
    if (verdict === "unreachable") {
      refuse(socket, "502 Bad Gateway");
      return;
    }
    if (verdict === "authenticate") {
      const challenge = 'Proxy-Authenticate: Basic realm="proxy"';
      refuse(socket, "407 Proxy Authentication Required", [challenge]);
      return;
    }
    const site = connect(sitePort, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      site.write(head);
      site.pipe(socket);
      socket.pipe(site);
    });
    const tunnel: Tunnel = { host, ends: [socket, site] };
    this.#tunnels.add(tunnel);
    site.on("error", () => socket.destroy());
    site.on("close", () => {
      this.#tunnels.delete(tunnel);
      socket.end();
    });
    socket.on("close", () => site.destroy());
  }

  #cut(isMeant: (host: string) => boolean): void {
    for (const tunnel of this.#tunnels) {
      if (isMeant(tunnel.host)) tunnel.ends.forEach((end) => end.destroy());
    }
  }
}
