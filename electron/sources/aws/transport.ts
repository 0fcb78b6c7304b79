import { IncomingMessage } from "node:http";
import type { Agent } from "node:https";
import { TLSSocket } from "node:tls";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { EvercredError } from "../../core/errors.ts";
import type { Clock } from "../../core/time.ts";
import { onTheWay } from "../captive-portal.ts";
import { networkErrorOf, proxyErrorOf, silenceErrorOf } from "../network-errors.ts";
import type { ProviderTime } from "../provider-time.ts";
import { wholeBody } from "../reply.ts";
import { type ReplyForm, replyErrorOf, senselessReply } from "./replies.ts";

/** How long we wait for a connection and for a whole reply, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  readonly requestMs: number;
}

/** What a transport needs. */
export interface TransportOptions {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly providerTime: ProviderTime;
  readonly timeouts: Timeouts;
  /** Left out: JSON. */
  readonly form?: ReplyForm;
}

type Handle = NodeHttpHandler["handle"];

/**
 * Carries the SDK's requests. Whatever keeps a usable reply from us (network, proxy, TLS, time, load,
 * a page of somebody else) becomes an EvercredError here; what passes is the service's own word.
 */
export class Transport extends NodeHttpHandler {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    super({ httpsAgent: options.agent, connectionTimeout: options.timeouts.connectMs });
    this.#options = options;
  }

  override async handle(
    request: Parameters<Handle>[0],
    options: Parameters<Handle>[1] = {},
  ): ReturnType<Handle> {
    const { clock, providerTime, timeouts, form = "json" } = this.#options;
    const host = request.hostname;
    const caller = options.abortSignal instanceof AbortSignal ? options.abortSignal : undefined;
    const ending = new AbortController();
    const end = (): void => {
      ending.abort();
    };
    caller?.addEventListener("abort", end, { once: true });
    if (caller?.aborted === true) end();
    const timer = setTimeout(() => {
      ending.abort(silenceErrorOf(host, timeouts.requestMs));
    }, timeouts.requestMs);
    const sentAt = clock.now();
    try {
      const { response } = await super.handle(request, { abortSignal: ending.signal });
      const message: unknown = response.body;
      if (!(message instanceof IncomingMessage)) throw senselessReply(host);
      // https-proxy-agent hands on the answer to its CONNECT, on a socket that was never encrypted.
      if (!(message.socket instanceof TLSSocket)) {
        message.destroy();
        throw proxyErrorOf(host, response.statusCode);
      }
      const body = await wholeBody(message);
      if (body === undefined) throw senselessReply(host);
      const error = replyErrorOf(host, response.statusCode, response.headers, body, form);
      if (error !== undefined) throw error;
      providerTime.note(host, response.headers["date"], sentAt, clock.now());
      response.body = body;
      return { response };
    } catch (thrown) {
      const reason: unknown = ending.signal.reason;
      if (reason instanceof EvercredError) throw reason;
      if (thrown instanceof EvercredError) throw onTheWay(thrown);
      if (caller?.aborted === true) throw thrown;
      throw onTheWay(networkErrorOf(host, thrown));
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener("abort", end);
    }
  }
}
