import type { ClientAuth, Configuration, CustomFetch } from "openid-client";
import type { Secret } from "../../core/secret.ts";
import { type Clock, type Instant, shifted } from "../../core/time.ts";
import { fetchOver } from "../fetch.ts";
import { ProviderTime } from "../provider-time.ts";
import { discoveryErrorOf, isGone } from "./errors.ts";
import { pageHostsIn } from "./page-hosts.ts";
import type { OidcPorts } from "./ports.ts";

/** What we are to an issuer. */
export interface OidcClient {
  readonly id: string;
  /** Undefined: a public client, which has none. */
  readonly secret: Secret | undefined;
}

/** How a call to an issuer is made. */
export interface CallOptions {
  /** How far the times of an identity token may be off, in seconds. Left out: as the library has it, 30 s. */
  readonly toleranceS?: number;
}

/** Under which name the clock of an issuer is known. */
const oneName = "issuer";

/** All hosts of an issuer have one clock. */
class IssuerTime extends ProviderTime {
  override note(
    _host: string,
    date: string | undefined,
    sentAt: Instant,
    receivedAt: Instant,
  ): void {
    super.note(oneName, date, sentAt, receivedAt);
  }
}

/**
 * An OpenID provider. What it says of its endpoints (OpenID Connect Discovery 1.0), and of its clock, is remembered: a
 * renewal is one request.
 */
export class Issuer {
  readonly url: string;
  /** The issuer's, as far as its replies have told. */
  readonly clock: Clock;
  readonly #ports: OidcPorts;
  readonly #time = new IssuerTime();
  readonly #over: typeof fetch;
  /** What its discovery document says, once the library has accepted it. */
  #document: string | undefined;

  constructor(url: string, ports: OidcPorts) {
    const { agent, clock, requestMs = 20_000 } = ports;
    this.url = url;
    this.#ports = ports;
    this.#over = fetchOver({ agent, clock, providerTime: this.#time, requestMs });
    this.clock = shifted(clock, () => this.offsetMs());
  }

  /** How far its clock is ahead of ours, in milliseconds. */
  offsetMs(): number {
    return this.#time.offsetMs(oneName);
  }

  /** The hosts that its pages are on, as far as it is known where they are. */
  pageHosts(): readonly string[] {
    return pageHostsIn(this.url, this.#document);
  }

  /** Has the next call look up the endpoints, and the clock, anew. */
  forget(): void {
    this.#document = undefined;
  }

  /**
   * What `work` gives. Where an endpoint that was remembered is gone, the issuer is asked where it has it now. Rejects
   * with an EvercredError where it cannot be looked up, and with what `work` rejects with.
   */
  async call<T>(
    client: OidcClient,
    work: (configuration: Configuration) => Promise<T>,
    signal: AbortSignal,
    options: CallOptions = {},
  ): Promise<T> {
    const known = this.#document;
    const configuration = await this.#configuration(client, signal, options);
    try {
      return await work(configuration);
    } catch (thrown) {
      if (known === undefined || !isGone(thrown)) throw thrown;
      this.forget();
      const anew = await this.#configuration(client, signal, options);
      if (this.#document === known) throw thrown;
      return await work(anew);
    }
  }

  async #configuration(
    { id, secret }: OidcClient,
    signal: AbortSignal,
    { toleranceS }: CallOptions,
  ): Promise<Configuration> {
    const sdk = await import("./sdk.ts");
    const document = (this.#document ??= await this.#lookUp(id, signal));
    // The library can be told what the document says only in this way, and knows some issuers by it.
    let isRead = false;
    const fetch: CustomFetch = async (address, request) => {
      if (isRead) return this.#fetch(address, request, signal);
      isRead = true;
      return new Response(document, { headers: { "content-type": "application/json" } });
    };
    const skewS = Math.round((this.clock.now() - Date.now()) / 1000);
    const byBasic: ClientAuth = (server, ...rest) => {
      // Without a word of the issuer it is the first of them (RFC 8414, 2).
      const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
      const isBasic =
        methods.includes("client_secret_basic") || !methods.includes("client_secret_post");
      const prove = isBasic ? sdk.ClientSecretBasic : sdk.ClientSecretPost;
      prove(secret?.reveal())(server, ...rest);
    };
    return sdk.discovery(
      new URL(this.url),
      id,
      {
        [sdk.clockSkew]: skewS,
        ...(toleranceS !== undefined && { [sdk.clockTolerance]: toleranceS }),
      },
      secret === undefined ? sdk.None() : byBasic,
      { [sdk.customFetch]: fetch },
    );
  }

  async #lookUp(clientId: string, signal: AbortSignal): Promise<string> {
    const sdk = await import("./sdk.ts");
    let document = "";
    const fetch: CustomFetch = async (address, request) => {
      const response = await this.#fetch(address, request, signal);
      document = await response.clone().text();
      return response;
    };
    this.#ports.log.debug("oidc: discovery", { issuer: this.url });
    try {
      const options = { [sdk.customFetch]: fetch };
      await sdk.discovery(new URL(this.url), clientId, {}, sdk.None(), options);
      return document;
    } catch (thrown) {
      signal.throwIfAborted();
      throw discoveryErrorOf(this.url, thrown);
    }
  }

  async #fetch(
    address: string,
    { body, headers, method }: Parameters<CustomFetch>[1],
    signal: AbortSignal,
  ): Promise<Response> {
    const form = body instanceof URLSearchParams ? { body } : {};
    const response = await this.#over(address, { method, headers, signal, ...form });
    // Why an exchange is refused stands in the body (RFC 6749, 5.2): where there is a challenge, the library looks no further.
    if (method === "POST") response.headers.delete("www-authenticate");
    return response;
  }
}
