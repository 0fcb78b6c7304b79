import type { Environment } from "./browser.ts";
import type { Problem } from "./problem.ts";
import { isSocks, parseProxy } from "./proxy-address.ts";

/** `network.proxy`: `auto`, `system`, `none`, the URL of a proxy, or where a PAC file lies (a URL or a path). */
export type ProxySetting = string | { readonly pac: string };

/** A proxy that the configuration or the environment names. */
export interface ProxyRoute {
  /** Without user and password, so that no log or error can show them. */
  readonly url: URL;
  /** The value of a Proxy-Authorization header. */
  readonly authorization: string | undefined;
  /** Whether the configuration names it: the environment is of whoever happened to start us. */
  readonly isNamed: boolean;
}

/** Who says which proxy leads to a host. `saidBy` is that name for people; undefined where nobody says anything. */
export type ProxyChoice =
  | { readonly kind: "none"; readonly saidBy: string | undefined }
  | { readonly kind: "route"; readonly saidBy: string; readonly route: ProxyRoute }
  | { readonly kind: "system"; readonly saidBy: string }
  | { readonly kind: "pac"; readonly saidBy: string };

interface Chosen {
  readonly choice: ProxyChoice;
  /** Why what was meant cannot be used, and what counts instead. */
  readonly problem?: Problem;
}

/** In the order in which they count. Many set only HTTP_PROXY and mean all. */
const variables = [
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "http_proxy",
  "HTTP_PROXY",
];

const setting = "network.proxy";
const system = "the system";

/**
 * `auto` is the proxy of the daemon's environment, else what the system says. Where the system cannot be asked
 * (`canAsk`: that takes Electron) its word is that of the environment, and a PAC file is a problem.
 */
export const proxyChoice = (proxy: ProxySetting, env: Environment, canAsk: boolean): Chosen => {
  if (typeof proxy !== "string") {
    return canAsk
      ? { choice: { kind: "pac", saidBy: proxy.pac } }
      : unusable(setting, `A PAC file can be used by the app only`, named);
  }
  if (proxy === "none") return { choice: { kind: "none", saidBy: setting } };
  if (proxy === "system" && canAsk) return { choice: { kind: "system", saidBy: system } };
  if (proxy !== "auto" && proxy !== "system") return routeTo(proxy, setting);
  const said = fromEnvironment(env);
  if (said !== undefined) return said;
  if (canAsk) return { choice: { kind: "system", saidBy: system } };
  return proxy === "system"
    ? unusable(setting, "The system's proxy can be found out by the app only", named)
    : { choice: { kind: "none", saidBy: undefined } };
};

/** What the environment says of hosts that need no proxy. Both spellings count: programs read the one or the other. */
export const noProxyOf = (env: Environment): string =>
  [env["no_proxy"], env["NO_PROXY"]].filter((text) => text !== undefined).join(",");

/** The first that can be used. What comes before it cannot, and is worth a word. */
const fromEnvironment = (env: Environment): Chosen | undefined => {
  const all = variables.flatMap((name) => {
    const text = env[name] ?? "";
    return text === "" ? [] : [routeTo(text, name)];
  });
  const [first] = all;
  const usable = all.find(({ problem }) => problem === undefined);
  if (usable === undefined || first?.problem === undefined) return usable ?? first;
  const { file, remedy } = first.problem;
  const sentence = `${file} names no proxy that Evercred can use, so ${usable.choice.saidBy ?? ""} counts.`;
  const problem: Problem = { severity: "warning", file, line: undefined, sentence, remedy };
  return { ...usable, problem };
};

const routeTo = (text: string, place: string): Chosen => {
  if (isSocks(text)) return unusable(place, `${place} names a SOCKS proxy`, socksRemedy);
  const url = parseProxy(text);
  if (url === undefined) {
    return unusable(place, `${place} names no HTTP proxy`, "Write it as http://host:port.");
  }
  const authorization = authorizationOf(url);
  url.username = "";
  url.password = "";
  const route = { url, authorization, isNamed: place === setting };
  return { choice: { kind: "route", saidBy: place, route } };
};

/** What helps where there is no proxy but one that speaks SOCKS. */
export const socksRemedy =
  "Name an HTTP proxy in network.proxy: most networks have one beside it, and privoxy makes one of it.";

const named =
  "Name the proxy itself in network.proxy, or in HTTPS_PROXY where the daemon is started.";

const unusable = (place: string, what: string, remedy: string): Chosen => ({
  choice: { kind: "none", saidBy: place },
  problem: {
    severity: "error",
    file: place,
    line: undefined,
    sentence: `${what}, so none is used.`,
    remedy,
  },
});

/** RFC 7617. */
const authorizationOf = ({ username, password }: URL): string | undefined => {
  if (username === "" && password === "") return undefined;
  const pair = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
};

/** People also write a bare `%` into their passwords. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
