import { connect, type Socket } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { EvercredError } from "../core/errors.ts";
import { reasonOf } from "./atomic-file.ts";
import type { Routing } from "./network-agent.ts";
import type { Problem } from "./problem.ts";
import { openTunnel, ProxyGone, type ProxyWithLogin } from "./proxy-tunnel.ts";
import { certificateOn, type SeenCertificate } from "./seen-certificate.ts";
import { HandshakeFailed, secured } from "./tls-line.ts";
import { tlsErrorOf } from "./tls-words.ts";
import type { Way } from "./ways.ts";

/** A host by TLS: its name and port, and what Node wants to know besides. */
export interface LineTarget extends Omit<ConnectionOptions, "host" | "port"> {
  readonly host: string;
  readonly port: number;
}

/** A secure connection, and the way by which it was made. */
export interface Line {
  readonly socket: TLSSocket;
  readonly way: Way;
}

/** How long it may take to reach a host, or to have a proxy lead there; and the handshake after that. */
const reachMs = 10_000;
const handshakeMs = 10_000;

/** How long a proxy that was not there is asked only after all others. */
const shunnedMs = 5 * 60_000;

/** How long what a host shows is taken as seen, however often it fails. */
const seenMs = 60_000;

interface Seen {
  readonly certificate: Promise<SeenCertificate | undefined>;
  readonly until: number;
}

/**
 * Opens secure connections by one routing. Fails with an EvercredError where a proxy refuses (`proxy-refused`), something
 * is not there in time or goes away (`unreachable`), the certificate of either is no good (`tls-failed`) or ours cannot be
 * shown (`config-invalid`); a host that refuses a connection is Node's own error. Nothing of a request was sent then.
 */
export class LineOpener {
  readonly #routing: Routing;
  readonly #shunned = new Map<string, number>();
  readonly #seen = new Map<string, Seen>();

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  async open(target: LineTarget): Promise<Line> {
    const { trust, waysTo } = this.#routing;
    const secureContext = await trust.forHost(target.host);
    const ways = this.#inOrder(await waysTo(target.host, target.port));
    const { socket, way } = await this.#reach(ways, target);
    try {
      const { host } = target;
      return { socket: await handshake(socket, host, { ...target, secureContext }), way };
    } catch (thrown) {
      if (!(thrown instanceof HandshakeFailed)) throw thrown;
      throw tlsErrorOf(target.host, thrown, await this.#seenAt(target, way));
    }
  }

  /** By the first way that leads there. The error is that of the last. */
  async #reach(
    ways: readonly Way[],
    target: LineTarget,
  ): Promise<{ readonly socket: Socket; readonly way: Way }> {
    let failure: unknown;
    for (const way of ways) {
      try {
        const socket = await this.#reachBy(way, target);
        if (way.proxy !== undefined) this.#shunned.delete(way.proxy.url.host);
        return { socket, way };
      } catch (thrown) {
        if (thrown instanceof ProxyGone) {
          this.#shunned.set(thrown.proxy.host, performance.now() + shunnedMs);
        } else if (way.proxy !== undefined) {
          throw thrown;
        }
        failure = way.instead === undefined ? thrown : leftBy(way.instead, target.host, thrown);
      }
    }
    throw failure;
  }

  #reachBy({ proxy }: Way, { host, port }: LineTarget): Promise<Socket> {
    const limited =
      proxy === undefined ? noConnection(host) : new ProxyGone(proxy.url, "away", undefined);
    return within(reachMs, limited, async (signal) =>
      proxy === undefined
        ? openDirectly(host, port, signal)
        : this.#throughProxy(proxy, host, port, signal),
    );
  }

  async #throughProxy(
    proxy: ProxyWithLogin,
    host: string,
    port: number,
    signal: AbortSignal,
  ): Promise<Socket> {
    const { hostname, protocol } = proxy.url;
    const direct: Way = { proxy: undefined, saidBy: undefined };
    const secureContext = await this.#routing.trust.forProxy(hostname);
    try {
      return await openTunnel(proxy, { host, port }, secureContext, signal);
    } catch (thrown) {
      if (thrown instanceof ProxyGone && thrown.fault === "mute" && protocol === "http:") {
        const own = { host: bare(hostname), port: Number(proxy.url.port || 80) };
        const seen = await this.#seenAt(own, direct);
        throw seen === undefined ? thrown : new ProxyGone(proxy.url, "tls", thrown);
      }
      if (!(thrown instanceof HandshakeFailed)) throw thrown;
      const own = { host: bare(hostname), port: Number(proxy.url.port || 443) };
      throw tlsErrorOf(proxy.url.host, thrown, await this.#seenAt(own, direct));
    }
  }

  #inOrder(ways: readonly Way[]): readonly Way[] {
    const now = performance.now();
    const isShunned = ({ proxy }: Way): boolean =>
      proxy !== undefined && (this.#shunned.get(proxy.url.host) ?? 0) > now;
    return [...ways.filter((way) => !isShunned(way)), ...ways.filter(isShunned)];
  }

  /** What a host shows that was just found to be no good: for words only. Looked at once a minute at most. */
  #seenAt(target: LineTarget, way: Way): Promise<SeenCertificate | undefined> {
    const name = `${target.host}:${target.port}`;
    const now = performance.now();
    const known = this.#seen.get(name);
    if (known !== undefined && known.until > now) return known.certificate;
    const certificate = this.#look(target, way).catch(() => undefined);
    this.#seen.set(name, { certificate, until: now + seenMs });
    return certificate;
  }

  async #look(target: LineTarget, way: Way): Promise<SeenCertificate | undefined> {
    const secureContext = this.#routing.trust.plain();
    const socket = await this.#reachBy(way, target);
    // Nothing is ever sent over it, and nobody but this function has it.
    const careless = { ...target, secureContext, rejectUnauthorized: false };
    const line = await handshake(socket, target.host, careless);
    const seen = certificateOn(line);
    line.destroySoon();
    return seen;
  }
}

const handshake = (socket: Socket, host: string, options: ConnectionOptions): Promise<TLSSocket> =>
  within(handshakeMs, noConnection(host), (signal) => secured(socket, host, options, signal));

const noConnection = (host: string): EvercredError =>
  new EvercredError("unreachable", `${host} cannot be reached: it does not answer.`);

/** A way that was only what is left, and leads nowhere: the reason is what should have said another one. */
const leftBy = ({ sentence, remedy }: Problem, host: string, cause: unknown): EvercredError => {
  const message = `${sentence} And without one ${host} cannot be reached (${reasonOf(cause)}).`;
  return new EvercredError("unreachable", message, { remedy, cause });
};

const openDirectly = (host: string, port: number, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: bare(host), port, noDelay: true, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });

/** What `work` gives; its signal aborts after `ms`, and then it is `late`. */
const within = async <T>(
  ms: number,
  late: Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(late), ms);
  try {
    return await work(ending.signal);
  } catch (thrown) {
    throw ending.signal.aborted ? late : thrown;
  } finally {
    clearTimeout(timer);
  }
};

/** An IPv6 address without its brackets. */
const bare = (host: string): string => host.replace(/^\[|\]$/gu, "");
