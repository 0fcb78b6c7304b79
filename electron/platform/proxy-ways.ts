import { fileURLToPath } from "node:url";
import type { Log } from "../core/log.ts";
import { AskedProxies, type SystemProxy } from "./asked-proxies.ts";
import type { SecretOf } from "./client-certificate.ts";
import { asHttps, NetworkAgent } from "./network-agent.ts";
import { PacFile } from "./pac-file.ts";
import type { Problem } from "./problem.ts";
import { loginFor, type ProxyLoginSettings } from "./proxy-login.ts";
import type { ProxyChoice, ProxyRoute } from "./proxy-settings.ts";
import type { ProxyWithLogin } from "./proxy-tunnel.ts";
import type { Trust } from "./trust.ts";
import type { WaysTo } from "./ways.ts";

export interface ProxyWaysOptions {
  readonly settings: ProxyLoginSettings;
  readonly secretOf: SecretOf;
  readonly trust: Trust;
  readonly log: Log;
  /** Called when `problem` is another one. */
  readonly changed: () => void;
}

/** The ways to hosts that a choice of proxy comes to. */
export interface ProxyWays {
  readonly waysTo: WaysTo;
  /** What keeps it from being followed. */
  readonly problem: Problem | undefined;
  /** The file that decides, where there is one. */
  readonly file: string | undefined;
  close(): void;
}

export const proxyWays = (
  choice: ProxyChoice,
  system: SystemProxy | undefined,
  options: ProxyWaysOptions,
): ProxyWays => {
  const { settings, secretOf } = options;
  const withLogin = (route: ProxyRoute): ProxyWithLogin => ({
    url: route.url,
    login: loginFor(route, settings, secretOf),
  });
  const { saidBy } = choice;
  if (choice.kind === "route") return always({ proxy: withLogin(choice.route), saidBy });
  if (choice.kind === "none" || system === undefined) return always({ proxy: undefined, saidBy });
  const pac = choice.kind === "pac" ? openPac(choice.saidBy, options) : undefined;
  // Whoever can change what comes in clear, or answers where a system looks for proxies, must not get the password.
  const isNamed = choice.kind === "pac" && !/^http:/iu.test(choice.saidBy);
  const asked = new AskedProxies({
    system,
    pac: pac?.file,
    saidBy: choice.saidBy,
    withLogin: (url) => withLogin({ url, authorization: undefined, isNamed }),
  });
  return {
    waysTo: (host, port) => asked.waysTo(host, port),
    get problem() {
      return pac?.file.problem;
    },
    file: pac === undefined ? undefined : pathIn(choice.saidBy),
    close: () => pac?.agent.destroy(),
  };
};

const always = (way: Awaited<ReturnType<WaysTo>>[number]): ProxyWays => ({
  waysTo: () => Promise.resolve([way]),
  problem: undefined,
  file: undefined,
  close: () => undefined,
});

/** It is fetched directly: it is what says which proxy to use. */
const openPac = (
  address: string,
  { trust, log, changed }: ProxyWaysOptions,
): { readonly file: PacFile; readonly agent: NetworkAgent } => {
  const agent = new NetworkAgent({
    trust,
    waysTo: () => Promise.resolve([{ proxy: undefined, saidBy: undefined }]),
  });
  return { agent, file: new PacFile({ address, agent: asHttps(agent), log, changed }) };
};

/** Undefined for what is no file of this computer: then the fetch says so. */
const pathIn = (address: string): string | undefined => {
  if (/^https?:/iu.test(address)) return undefined;
  if (!/^file:/iu.test(address)) return address;
  try {
    return fileURLToPath(address);
  } catch {
    return undefined;
  }
};
