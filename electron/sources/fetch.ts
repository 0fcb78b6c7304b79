import { type IncomingMessage, request as requestPlainly } from "node:http";
import { type Agent, request as requestSecurely } from "node:https";
import { TLSSocket } from "node:tls";
import { EvercredError } from "../core/errors.ts";
import type { Clock } from "../core/time.ts";
import { networkErrorOf, proxyErrorOf, silenceErrorOf } from "./network-errors.ts";
import type { ProviderTime } from "./provider-time.ts";
import { loadErrorOf, wholeBody } from "./reply.ts";
import type { Headers as PlainHeaders } from "./retry-after.ts";

/** What requests need of the world. */
export interface FetchPorts {
  /** All encrypted requests go through it: proxy, certificates and keep-alive are its matter. */
  readonly agent: Agent;
  readonly clock: Clock;
  readonly providerTime: ProviderTime;
  /** How long a whole reply may take, in milliseconds. */
  readonly requestMs: number;
}

const formType = "application/x-www-form-urlencoded;charset=UTF-8";

/**
 * `fetch` for libraries that take one: as `replyOver`, and a host that has no time, or a fault of its own, rejects with
 * an EvercredError too.
 */
export const fetchOver = (ports: FetchPorts): typeof fetch => {
  const ask = replyOver(ports);
  return async (input, init) => {
    const response = await ask(input, init);
    const { host } = new URL(input instanceof Request ? input.url : input);
    const refused = loadErrorOf(host, response.status, Object.fromEntries(response.headers));
    if (refused !== undefined) throw refused;
    return response;
  };
};

/**
 * Asks over our own agent. What passes is a provider's own word; whatever keeps it from us (network, proxy, TLS, time, a
 * reply without end) rejects with an EvercredError. A redirect is a reply: a secret is not carried on to wherever it
 * leads. Unencrypted addresses, of this computer and its like, are asked without a proxy.
 */
export const replyOver =
  ({ agent, clock, providerTime, requestMs }: FetchPorts): typeof fetch =>
  async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { host } = url;
    const headers = Object.fromEntries(new Headers(init.headers));
    // As `fetch` itself does: a form says that it is one.
    if (init.body instanceof URLSearchParams) headers["content-type"] ??= formType;
    const sentAt = clock.now();
    const ending = new AbortController();
    const caller = init.signal ?? undefined;
    const relay = (): void => {
      ending.abort();
    };
    caller?.addEventListener("abort", relay, { once: true });
    if (caller?.aborted === true) relay();
    const timer = setTimeout(() => {
      ending.abort(silenceErrorOf(host, requestMs));
    }, requestMs);
    try {
      const message = await send(url, agent, {
        method: init.method ?? "GET",
        headers,
        body: bytesOf(init.body),
        signal: ending.signal,
      });
      // https-proxy-agent hands on the answer to its CONNECT, on a socket that was never encrypted.
      if (url.protocol === "https:" && !(message.socket instanceof TLSSocket)) {
        message.destroy();
        throw proxyErrorOf(host, message.statusCode ?? 0);
      }
      const body = (await wholeBody(message))?.toString("utf8");
      if (body === undefined) {
        throw new EvercredError("reply-invalid", `The reply of ${host} breaks off.`);
      }
      const { statusCode: status = 0 } = message;
      const received = headersOf(message);
      providerTime.note(url.hostname, received["date"], sentAt, clock.now());
      const isEmpty = status === 204 || status === 205 || status === 304;
      return new Response(isEmpty ? null : body, { status, headers: received });
    } catch (thrown) {
      const reason: unknown = ending.signal.reason;
      if (reason instanceof EvercredError) throw reason;
      if (thrown instanceof EvercredError) throw thrown;
      caller?.throwIfAborted();
      throw networkErrorOf(host, thrown);
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener("abort", relay);
    }
  };

interface Sent {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
}

const send = (url: URL, agent: Agent, { body, ...options }: Sent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // A request says nothing of its end before it has a connection.
    options.signal.addEventListener("abort", reject, { once: true });
    const request =
      url.protocol === "https:"
        ? requestSecurely(url, { ...options, agent }, resolve)
        : requestPlainly(url, options, resolve);
    request.once("error", reject);
    request.end(body);
  });

const bytesOf = (body: unknown): Buffer | undefined => {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof URLSearchParams) return Buffer.from(body.toString());
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new EvercredError("internal", "A request has a body of a kind that nobody sends here.");
};

const headersOf = (message: IncomingMessage): PlainHeaders =>
  Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
