import { gaxios } from "google-auth-library";
import { EvercredError } from "../../core/errors.ts";
import { onTheWay, portalIn } from "../captive-portal.ts";
import { type FetchPorts, fetchOver } from "../fetch.ts";
import { ownErrorIn } from "../own-error.ts";
import type { GooglePorts } from "./ports.ts";

/** An exchange that is repeated may spend what it presents twice. */
const once = { retry: 0, noResponseRetries: 0 };

/** Carries the requests of google-auth-library over our own agent: each is sent once, and ends with the signal. */
export class Transport extends gaxios.Gaxios {
  readonly #signal: AbortSignal;
  readonly #agent: GooglePorts["agent"];

  constructor(ports: GooglePorts, signal: AbortSignal) {
    const { agent, clock, providerTime, requestMs = 20_000 } = ports;
    super({ fetchImplementation: fetchCloud({ agent, clock, providerTime, requestMs }) });
    this.#signal = signal;
    this.#agent = agent;
  }

  override async request<T>(options: gaxios.GaxiosOptions = {}): Promise<gaxios.GaxiosResponse<T>> {
    try {
      // With an agent the library looks for no proxy of its own.
      const ours = { agent: this.#agent, signal: this.#signal, retryConfig: once };
      return await super.request<T>({ ...options, ...ours });
    } catch (thrown) {
      const own = ownErrorIn(thrown);
      // Wrapped, since the library writes into the messages of what it catches.
      throw own === undefined ? thrown : new Error("not sent, or not answered", { cause: own });
    }
  }
}

/** As `fetchOver`, with captive portals told from what Google says. A company's hosts, where tokens are exchanged, may have pages. */
const fetchCloud = (ports: FetchPorts): typeof fetch => {
  const ask = fetchOver(ports);
  return async (input, init) => {
    const { host } = new URL(input instanceof Request ? input.url : input);
    if (!/\.googleapis\.com$/.test(host)) return ask(input, init);
    const response = await ask(input, init).catch((thrown: unknown) => {
      throw thrown instanceof EvercredError ? onTheWay(thrown) : thrown;
    });
    const portal = portalIn(host, response.status, Object.fromEntries(response.headers));
    if (portal !== undefined) throw portal;
    return response;
  };
};
