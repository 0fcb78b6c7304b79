import type { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import type { Log } from "../core/log.ts";
import type { SystemProxy } from "./asked-proxies.ts";
import type { Environment } from "./browser.ts";
import { readCertificates } from "./certificates.ts";
import {
  type ClientCertificateSettings,
  readClientCertificate,
  type SecretOf,
} from "./client-certificate.ts";
import { asHttps, type ConnectionFacts, NetworkAgent, type Routing } from "./network-agent.ts";
import { bypassesProxy } from "./no-proxy.ts";
import type { Problem } from "./problem.ts";
import type { ProxyLoginSettings } from "./proxy-login.ts";
import { noProxyOf, proxyChoice, type ProxySetting } from "./proxy-settings.ts";
import { type ProxyWays, proxyWays } from "./proxy-ways.ts";
import { trustOf } from "./trust.ts";
import { Watches } from "./watch.ts";

export interface NetworkSettings extends ProxyLoginSettings {
  readonly proxy: ProxySetting;
  /** Entries like those of NO_PROXY, which counts too. */
  readonly noProxy: readonly string[];
  readonly caFiles: readonly string[];
  readonly systemCa: boolean;
  readonly clientCertificate?: ClientCertificateSettings;
}

export interface NetworkOptions {
  /** The daemon's own. */
  readonly env: Environment;
  readonly settings: NetworkSettings;
  /** Asked at the time of a connection that needs it. */
  readonly secretOf: SecretOf;
  /** Undefined where nobody can say what the system's proxy is, or run a PAC script. */
  readonly system: SystemProxy | undefined;
  readonly log: Log;
}

/** The proxy in force, as it is set. */
export interface ProxyFacts {
  /** Its address, without user and password, where the settings name one. */
  readonly url: URL | undefined;
  readonly user: string | undefined;
  readonly passwordKey: string | undefined;
}

/** An agent for one purpose. */
export interface OwnAgent {
  readonly agent: HttpsAgent;
  factsOf(socket: Socket): ConnectionFacts | undefined;
  close(): void;
}

/**
 * The one way out: every SDK is given its agent, so proxy and certificates are decided in one place. Follows the files of
 * certificates and keys.
 */
export class Network {
  readonly #options: NetworkOptions;
  readonly #agent: NetworkAgent;
  readonly #files = new Watches(() => this.apply(this.#settings));
  readonly #listeners = new Set<() => void>();
  #settings: NetworkSettings;
  #routing: Routing;
  #proxy: ProxyFacts = { url: undefined, user: undefined, passwordKey: undefined };
  #problems: readonly Problem[] = [];
  #ways: ProxyWays | undefined;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#routing = this.#routingBy(options.settings);
    this.#agent = new NetworkAgent(this.#routing);
  }

  /**
   * For https requests; picks the route of each new connection. Fails with an EvercredError where a proxy refuses
   * (`proxy-refused`), nothing answers in time (`unreachable`), a certificate is no good (`tls-failed`), or ours cannot be
   * shown (`config-invalid`): then nothing of a request was sent. Other failures are Node's own.
   */
  get agent(): HttpsAgent {
    return asHttps(this.#agent);
  }

  /** What of the settings, the environment and the files could not be used. */
  get problems(): readonly Problem[] {
    const problem = this.#ways?.problem;
    return problem === undefined ? this.#problems : [...this.#problems, problem];
  }

  get proxy(): ProxyFacts {
    return this.#proxy;
  }

  /** An agent that shares no connection with anybody, by the present settings. */
  openAgent(): OwnAgent {
    const agent = new NetworkAgent(this.#routing);
    return {
      agent: asHttps(agent),
      factsOf: (socket) => agent.factsOf(socket),
      close: () => agent.destroy(),
    };
  }

  /** Calls `listener` when the problems may be others, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Requests from now on obey these settings; those under way are not touched. Reads the files anew. */
  apply(settings: NetworkSettings): void {
    this.#settings = settings;
    this.#routing = this.#routingBy(settings);
    this.#agent.use(this.#routing);
    this.#changed();
  }

  /** Looks at the files where the system may have told nothing of a change. */
  check(): void {
    this.#files.check();
  }

  /** Ends all connections. */
  close(): void {
    this.#files.close();
    this.#listeners.clear();
    this.#agent.destroy();
    this.#ways?.close();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #routingBy(settings: NetworkSettings): Routing {
    const { env, log, secretOf, system } = this.#options;
    const { choice, problem } = proxyChoice(settings.proxy, env, system !== undefined);
    const trusted = readCertificates({
      caFiles: settings.caFiles,
      systemCa: settings.systemCa,
      extraFile: env["NODE_EXTRA_CA_CERTS"] || undefined,
    });
    const own = readClientCertificate(settings.clientCertificate, env);
    this.#problems = [problem, ...trusted.problems, own.problem].filter(
      (each) => each !== undefined,
    );
    const route = choice.kind === "route" ? choice.route : undefined;
    this.#proxy = {
      url: route?.isNamed === true ? route.url : undefined,
      user: settings.proxyUser,
      passwordKey: settings.proxyPasswordKey,
    };
    const trust = trustOf(trusted.pem, own.certificate, secretOf);
    const changed = (): void => this.#changed();
    this.#ways?.close();
    const ways = proxyWays(choice, system, { settings, secretOf, trust, log, changed });
    this.#ways = ways;
    const { file } = ways;
    this.#files.use([...trusted.files, ...own.files, ...(file === undefined ? [] : [file])]);
    const proxy = route?.url.host;
    log.info("network: settings", { by: choice.kind, proxy, problems: this.#problems.length });
    const noProxy = [...settings.noProxy, noProxyOf(env)].join(",");
    return {
      trust,
      waysTo: async (host, port) =>
        bypassesProxy(host, port, noProxy)
          ? [{ proxy: undefined, saidBy: choice.saidBy }]
          : ways.waysTo(host, port),
    };
  }
}
