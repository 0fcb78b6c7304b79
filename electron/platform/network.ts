import type { Agent as HttpsAgent } from "node:https";
import type { Log } from "../core/log.ts";
import type { Environment } from "./browser.ts";
import { readCertificates } from "./certificates.ts";
import {
  type ClientCertificateSettings,
  readClientCertificate,
  type SecretOf,
} from "./client-certificate.ts";
import { NetworkAgent, type Routing } from "./network-agent.ts";
import { bypassesProxy } from "./no-proxy.ts";
import type { Problem } from "./problem.ts";
import { loginFor, type ProxyLoginSettings } from "./proxy-login.ts";
import { noProxyOf, proxyRoute } from "./proxy-settings.ts";
import { trustOf } from "./trust.ts";

export interface NetworkSettings extends ProxyLoginSettings {
  /** `auto`, `system`, `none` or a URL: see `proxyRoute`. */
  readonly proxy: string;
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
  readonly log: Log;
}

/** The proxy in force, as it is set. */
export interface ProxyFacts {
  /** Its address, without user and password, where the settings name one. */
  readonly url: URL | undefined;
  readonly user: string | undefined;
  readonly passwordKey: string | undefined;
}

/** The one way out: every SDK is given its agent, so proxy and certificates are decided in one place. */
export class Network {
  readonly #env: Environment;
  readonly #log: Log;
  readonly #secretOf: SecretOf;
  readonly #agent: NetworkAgent;
  #proxy: ProxyFacts = { url: undefined, user: undefined, passwordKey: undefined };
  #problems: readonly Problem[] = [];

  constructor({ env, settings, secretOf, log }: NetworkOptions) {
    this.#env = env;
    this.#log = log;
    this.#secretOf = secretOf;
    this.#agent = new NetworkAgent(this.#routingBy(settings));
  }

  /**
   * For https requests; picks the route of each new connection. Fails with an EvercredError where a proxy refuses
   * (`proxy-refused`) or is not there (`unreachable`), or our certificate cannot be shown (`config-invalid`); what the
   * host itself does is Node's own error.
   */
  get agent(): HttpsAgent {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- It does what https.Agent does; agent-base's class has no other ancestor than http.Agent.
    return this.#agent;
  }

  /** What of the settings could not be used. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get proxy(): ProxyFacts {
    return this.#proxy;
  }

  /** Requests from now on obey these settings; those under way are not touched. Reads the certificates anew. */
  apply(settings: NetworkSettings): void {
    this.#agent.use(this.#routingBy(settings));
  }

  #routingBy(settings: NetworkSettings): Routing {
    const { route, problem } = proxyRoute(settings.proxy, this.#env);
    const trusted = readCertificates({
      caFiles: settings.caFiles,
      systemCa: settings.systemCa,
      extraFile: this.#env["NODE_EXTRA_CA_CERTS"] || undefined,
    });
    const own = ownOf(settings);
    this.#problems = [problem, ...trusted.problems, own.problem].filter(
      (each) => each !== undefined,
    );
    this.#proxy = {
      url: route?.isNamed === true ? route.url : undefined,
      user: settings.proxyUser,
      passwordKey: settings.proxyPasswordKey,
    };
    this.#log.info("network: settings", {
      proxy: route?.url.host,
      problems: this.#problems.length,
    });
    const proxy = route && { url: route.url, login: loginFor(route, settings, this.#secretOf) };
    const noProxy = [...settings.noProxy, noProxyOf(this.#env)].join(",");
    return {
      trustFor: trustOf(trusted.pem, own.certificate, this.#secretOf),
      proxyFor: (host, port) => (bypassesProxy(host, port, noProxy) ? undefined : proxy),
    };
  }

  /** Ends all connections. */
  close(): void {
    this.#agent.destroy();
  }
}

const ownOf = ({ clientCertificate }: NetworkSettings): ReturnType<typeof readClientCertificate> =>
  clientCertificate === undefined
    ? { certificate: undefined, problem: undefined }
    : readClientCertificate(clientCertificate);
