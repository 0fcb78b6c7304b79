import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:https";
import { text } from "node:stream/consumers";
import type { Clock } from "./clock.ts";
import { html, json, Refusal } from "./exchange.ts";
import type { Site, SiteReply, SiteRequest } from "./exchange.ts";
import type { Faults, RequestFault } from "./faults.ts";
import type { OpenEntry, RequestLog } from "./request-log.ts";

/** What the site server needs. */
export interface SiteServerOptions {
  readonly certificate: string;
  readonly key: string;
  readonly sites: ReadonlyMap<string, Site>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly around?: Around | undefined;
}

/** What stands around an answer, which `answer` makes. */
export type Around = (request: SiteRequest, answer: () => Promise<SiteReply>) => Promise<SiteReply>;

const captivePage = "<!doctype html><title>Welcome</title><p>Sign in to use this network.";

/** The one TLS server behind all host names: finds the site by its host, strikes with faults, writes the log. */
export class SiteServer {
  readonly #options: SiteServerOptions;
  readonly #delays = new Set<NodeJS.Timeout>();
  readonly server: Server;

  constructor(options: SiteServerOptions) {
    this.#options = options;
    // An idle connection that the server ends by itself would race with a client's next request.
    const { certificate: cert, key } = options;
    this.server = createServer({ cert, key, keepAliveTimeout: 0 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  /** Shows this certificate from now on. */
  present(shown: { readonly cert: string; readonly key: string }): void {
    this.server.setSecureContext(shown);
    this.server.closeAllConnections();
  }

  /** Ends all connections, the held ones too, and stops. */
  close(): void {
    this.#delays.forEach((timer) => {
      clearTimeout(timer);
    });
    this.server.close();
    this.server.closeAllConnections();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, faults, log } = this.#options;
    const body = await text(incoming);
    const host = (incoming.headers.host ?? "").replace(/:443$/, "").toLowerCase();
    const url = new URL(incoming.url ?? "/", `https://${host}`);
    const request: SiteRequest = {
      host,
      method: incoming.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body,
      at: clock.now(),
    };
    const entry = log.open(request);
    response.once("close", () => {
      entry.end();
    });
    const strike = faults.strike(entry);
    if (strike === undefined) {
      this.#send(response, entry, await this.#answer(request));
      return;
    }
    entry.strike(strike.effect.kind);
    await this.#strike(strike.effect, strike.removed, request, response, entry);
  }

  async #strike(
    effect: RequestFault,
    removed: Promise<void>,
    request: SiteRequest,
    response: ServerResponse,
    entry: OpenEntry,
  ): Promise<void> {
    switch (effect.kind) {
      case "status": {
        const headers = { "content-type": "application/json", ...effect.headers };
        this.#send(response, entry, { status: effect.status, headers, body: effect.body ?? "" });
        return;
      }
      case "html":
        this.#send(response, entry, html(effect.status ?? 200, captivePage));
        return;
      case "not-json":
        this.#send(response, entry, { ...json(200, {}), body: "upstream ok" });
        return;
      case "reset":
        response.destroy();
        return;
      case "lose-reply":
        await this.#answer(request);
        response.destroy();
        return;
      case "truncate": {
        const { status, headers, body } = await this.#answer(request);
        response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
        response.write(body.slice(0, body.length / 2), () => response.destroy());
        return;
      }
      case "hang":
        await removed;
        break;
      case "delay":
        await this.#wait(effect.delayMs);
        break;
    }
    // The client may have given up meanwhile: then the request never took effect.
    if (response.destroyed) return;
    this.#send(response, entry, await this.#answer({ ...request, at: this.#options.clock.now() }));
  }

  #answer(request: SiteRequest): Promise<SiteReply> {
    const { around } = this.#options;
    const answer = (): Promise<SiteReply> => this.#judge(request);
    return around === undefined ? answer() : around(request, answer);
  }

  async #judge(request: SiteRequest): Promise<SiteReply> {
    const site = this.#options.sites.get(request.host);
    if (site === undefined) return json(421, { message: `No site is called ${request.host}.` });
    try {
      return await site(request);
    } catch (error) {
      if (error instanceof Refusal) return error.reply;
      return json(500, { message: error instanceof Error ? error.message : String(error) });
    }
  }

  #send(response: ServerResponse, entry: OpenEntry, reply: SiteReply): void {
    entry.answer(reply);
    response.sendDate = false;
    response.writeHead(reply.status, {
      date: new Date(this.#options.clock.now()).toUTCString(),
      "content-length": Buffer.byteLength(reply.body),
      ...reply.headers,
    });
    response.end(reply.body);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#delays.delete(timer);
        resolve();
      }, ms);
      this.#delays.add(timer);
    });
  }
}
