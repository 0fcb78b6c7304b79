import type { Environment } from "./browser.ts";
import type { Problem } from "./problem.ts";

/** The proxy that all go through who may not go around it. */
export interface ProxyRoute {
  /** Without user and password, so that no log or error can show them. */
  readonly url: URL;
  /** The value of a Proxy-Authorization header. */
  readonly authorization: string | undefined;
  /** Whether the configuration names it: the environment is of whoever happened to start us. */
  readonly isNamed: boolean;
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

/**
 * The proxy that is chosen; `problem` where that one cannot be used. `none`, or an http(s) URL, or `auto`: what the
 * daemon's environment says. `system` is the same as `auto`: Node cannot ask the system.
 */
export const proxyRoute = (
  choice: string,
  env: Environment,
): { readonly route: ProxyRoute | undefined; readonly problem: Problem | undefined } => {
  if (choice === "none") return { route: undefined, problem: undefined };
  if (choice !== "auto" && choice !== "system") return routeTo(choice, "network.proxy");
  const name = variables.find((variable) => (env[variable] ?? "") !== "");
  return name === undefined
    ? { route: undefined, problem: undefined }
    : routeTo(env[name] ?? "", name);
};

/** What the environment says of hosts that need no proxy. */
export const noProxyOf = (env: Environment): string => env["no_proxy"] ?? env["NO_PROXY"] ?? "";

const routeTo = (text: string, place: string): ReturnType<typeof proxyRoute> => {
  const url = parse(text.includes("://") ? text : `http://${text}`);
  if (url === undefined) {
    const problem: Problem = {
      severity: "error",
      file: place,
      line: undefined,
      sentence: `${place} names no HTTP proxy, so none is used.`,
      remedy: "Write it as http://host:port; SOCKS is not supported.",
    };
    return { route: undefined, problem };
  }
  const authorization = authorizationOf(url);
  url.username = "";
  url.password = "";
  return { route: { url, authorization, isNamed: place === "network.proxy" }, problem: undefined };
};

const parse = (text: string): URL | undefined => {
  try {
    const url = new URL(text);
    return /^https?:$/u.test(url.protocol) && url.hostname !== "" ? url : undefined;
  } catch {
    return undefined;
  }
};

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
