import { EventEmitter } from "node:events";
import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { HttpsProxyAgent } from "https-proxy-agent";
import { EvercredError } from "../core/errors.ts";
import { reasonOf } from "./atomic-file.ts";
import { proxyRefusal } from "./proxy-refusal.ts";
import type { ProxyLogin } from "./proxy-login.ts";
import { failedHandshakeIn } from "./tls-line.ts";

/** What stands between us and a host. */
export interface ProxyWithLogin {
  /** Without user and password. */
  readonly url: URL;
  readonly login: ProxyLogin | undefined;
}

interface ProxyReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * What is wrong with a proxy. `away`: nobody is there. `mute`: whoever is there ends the connection, or says what is not
 * HTTP. `tls`: it speaks TLS, and was not asked to.
 */
export type ProxyFault = "away" | "mute" | "tls";

/** A proxy that is of no use, by its own failure: another one may be tried. */
export class ProxyGone extends EvercredError {
  readonly proxy: URL;
  readonly fault: ProxyFault;

  constructor(proxy: URL, fault: ProxyFault, cause: unknown) {
    const { what, remedy } = faultWords[fault];
    super("unreachable", `The proxy ${proxy.host} ${what}.`, { remedy, cause });
    this.proxy = proxy;
    this.fault = fault;
  }
}

const faultWords: Readonly<Record<ProxyFault, { readonly what: string; readonly remedy: string }>> =
  {
    away: {
      what: "cannot be reached",
      remedy: "Check the network, and network.proxy in the configuration.",
    },
    mute: {
      what: "is there, but does not answer as an HTTP proxy does",
      remedy: "Check its address: something else may listen there.",
    },
    tls: {
      what: "speaks TLS, and is named as one that does not",
      remedy: "Name it as https://host:port.",
    },
  };

/**
 * A connection that a proxy has led on to a host, with nothing sent over it yet. Rejects with ProxyGone (also where the
 * signal ends it), HandshakeFailed where the proxy's own certificate is no good, `proxy-refused` or `unreachable` where
 * the proxy says so, or as the login does.
 */
export const openTunnel = async (
  proxy: ProxyWithLogin,
  target: { readonly host: string; readonly port: number },
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Socket> => {
  const { url, login } = proxy;
  const authorization = await login?.authorization();
  const headers = authorization === undefined ? {} : { "Proxy-Authorization": authorization };
  const agent = new HttpsProxyAgent(url, { signal, secureContext, headers, keepAlive: true });
  let reply: ProxyReply = { statusCode: 200, headers: {} };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- All that is done to a request is to tell it what the proxy has answered: whoever looks at a certificate has none.
  const listener = new EventEmitter().once("proxyConnect", (said: ProxyReply) => {
    reply = said;
  }) as ClientRequest;
  let socket;
  try {
    socket = await agent.connect(listener, { ...target, secureEndpoint: false });
  } catch (thrown) {
    throw failedHandshakeIn(thrown) ?? new ProxyGone(url, faultIn(thrown), thrown);
  }
  if (reply.statusCode === 200) return socket;
  socket.destroy();
  // What is no status line of HTTP has no number there.
  if (!Number.isInteger(reply.statusCode)) throw new ProxyGone(url, "mute", undefined);
  throw proxyRefusal(proxy, reply.statusCode, reply.headers["proxy-authenticate"], target.host);
};

/** The agent's own errors, of an answer that is none, have no code. */
const faultIn = (thrown: unknown): ProxyFault =>
  ["ECONNRESET", "EPIPE", "Error"].includes(reasonOf(thrown)) ? "mute" : "away";
