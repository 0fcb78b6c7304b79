import type { Agent as HttpsAgent } from "node:https";
import type { Log } from "../core/log.ts";
import type { Environment } from "./browser.ts";
import { readCertificates } from "./certificates.ts";
import { NetworkAgent } from "./network-agent.ts";
import { bypassesProxy } from "./no-proxy.ts";
import type { Problem } from "./problem.ts";
import { noProxyOf, proxyRoute } from "./proxy-settings.ts";

export interface NetworkSettings {
  /** `auto`, `system`, `none` or a URL: see `proxyRoute`. */
  readonly proxy: string;
  /** Entries like those of NO_PROXY, which counts too. */
  readonly noProxy: readonly string[];
  readonly caFiles: readonly string[];
  readonly systemCa: boolean;
}

export interface NetworkOptions {
  /** The daemon's own. */
  readonly env: Environment;
  readonly settings: NetworkSettings;
  readonly log: Log;
}

/** The one way out: every SDK is given its agent, so proxy and certificates are decided in one place. */
export class Network {
  readonly #env: Environment;
  readonly #log: Log;
  readonly #agent: NetworkAgent;
  #problems: readonly Problem[] = [];

  constructor({ env, settings, log }: NetworkOptions) {
    this.#env = env;
    this.#log = log;
    this.#agent = new NetworkAgent();
    this.apply(settings);
  }

  /**
   * For https requests; picks the route of each new connection. Fails with an EvercredError where a proxy refuses
   * (`proxy-refused`) or is not there (`unreachable`); what the host itself does is Node's own error.
   */
  get agent(): HttpsAgent {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- It does what https.Agent does; agent-base's class has no other ancestor than http.Agent.
    return this.#agent;
  }

  /** What of the settings could not be used. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Requests from now on obey these settings; those under way are not touched. Reads the certificates anew. */
  apply(settings: NetworkSettings): void {
    const { route, problem } = proxyRoute(settings.proxy, this.#env);
    const certificates = readCertificates({
      caFiles: settings.caFiles,
      systemCa: settings.systemCa,
      extraFile: this.#env["NODE_EXTRA_CA_CERTS"] || undefined,
    });
    const noProxy = [...settings.noProxy, noProxyOf(this.#env)].join(",");
    this.#agent.use({
      certificates: certificates.pem,
      proxyFor: (host, port) => (bypassesProxy(host, port, noProxy) ? undefined : route),
    });
    this.#problems = [...(problem === undefined ? [] : [problem]), ...certificates.problems];
    this.#log.info("network: settings", {
      proxy: route?.url.host,
      problems: this.#problems.length,
    });
  }

  /** Ends all connections. */
  close(): void {
    this.#agent.destroy();
  }
}
