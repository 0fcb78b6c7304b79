import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { connect, type SecureContext } from "node:tls";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpsProxyAgent } from "https-proxy-agent";
import { EvercredError } from "../core/errors.ts";
import type { ProxyLogin } from "./proxy-login.ts";
import type { TrustFor } from "./trust.ts";

/** How connections are made. */
export interface Routing {
  readonly trustFor: TrustFor;
  /** Undefined: directly. */
  readonly proxyFor: (host: string, port: number) => ProxyWithLogin | undefined;
}

/** What stands between us and a host. */
export interface ProxyWithLogin {
  /** Without user and password. */
  readonly url: URL;
  readonly login: ProxyLogin | undefined;
}

/** Requests come in bursts. A longer life only brings connections that died while the machine slept. */
const idleMs = 5_000;

/** How long a proxy may take to open a way through. A request that was given up does not say so before that. */
const proxyMs = 10_000;

/** Makes TLS connections by the present routing, and keeps a few of them for the next request. */
export class NetworkAgent extends Agent {
  #routing: Routing;
  #generation = 0;

  constructor(routing: Routing) {
    super({ keepAlive: true, maxFreeSockets: 4, timeout: idleMs, scheduling: "lifo" });
    this.#routing = routing;
  }

  /** Connections made before are used to their request's end, not for another one. */
  use(routing: Routing): void {
    this.#routing = routing;
    // A client's TLS does not use this option, and it is part of the name under which a connection is kept.
    this.options = { ...this.options, sessionIdContext: `routing ${++this.#generation}` };
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  override isSecureEndpoint(): boolean {
    return true;
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    const { host = "localhost" } = options;
    const { port } = options;
    const { trustFor, proxyFor } = this.#routing;
    const secureContext = await trustFor(host);
    const secure = { ...options, secureEndpoint: true, port, secureContext } as const;
    const proxy = proxyFor(host, port);
    if (proxy === undefined) return connect({ ALPNProtocols: ["http/1.1"], ...secure });
    return tunnel(proxy, request, secure, await trustFor(proxy.url.hostname));
  }
}

const tunnel = async (
  proxy: ProxyWithLogin,
  request: ClientRequest,
  options: AgentConnectOpts & { readonly secureEndpoint: true },
  secureContext: SecureContext,
): Promise<Socket> => {
  const { url, login } = proxy;
  const authorization = await login?.authorization();
  const abandon = new AbortController();
  const headers = authorization === undefined ? {} : { "Proxy-Authorization": authorization };
  const signal = { signal: abandon.signal };
  const agent = new HttpsProxyAgent(url, { ...signal, secureContext, headers, keepAlive: true });
  let status = 200;
  request.once("proxyConnect", (reply: { readonly statusCode: number }) => {
    status = reply.statusCode;
  });
  const timer = setTimeout(() => abandon.abort(), proxyMs);
  let socket;
  try {
    socket = await agent.connect(request, options);
  } catch (thrown) {
    throw new EvercredError("unreachable", `The proxy ${url.host} cannot be reached.`, {
      remedy: "Check the network, and network.proxy in the configuration.",
      cause: thrown,
    });
  } finally {
    clearTimeout(timer);
  }
  if (status === 200) return socket;
  socket.destroy();
  throw refusal(status, proxy, options.host ?? "the host");
};

/** What a proxy's answer to CONNECT means (RFC 9110, 9.3.6 and 15). */
const refusal = (status: number, { url, login }: ProxyWithLogin, host: string): EvercredError => {
  const proxy = `The proxy ${url.host}`;
  if (status === 407) {
    return login === undefined
      ? new EvercredError("proxy-refused", `${proxy} wants a user and a password.`, {
          remedy:
            "Name it and them: network.proxy, network.proxyUser and network.proxyPasswordKey in the configuration.",
        })
      : new EvercredError("proxy-refused", `${proxy} refuses the user and the password.`, {
          remedy: login.remedy,
        });
  }
  return status >= 500
    ? new EvercredError("unreachable", `${proxy} cannot reach ${host} (${status}).`)
    : new EvercredError("proxy-refused", `${proxy} refuses ${host} (${status}).`);
};
