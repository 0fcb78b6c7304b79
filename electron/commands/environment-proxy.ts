import { Secret } from "../core/secret.ts";
import {
  type Difference,
  type Environment,
  savable,
  settingAt,
  textsAt,
  type Ways,
} from "./environment-ways.ts";
import { plain } from "./plain.ts";

/** In the order in which they count: Node, curl and we agree on it. */
const proxyNames = [
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "http_proxy",
  "HTTP_PROXY",
];

const exceptionNames = ["no_proxy", "NO_PROXY"];

/** The variables that lead to a proxy, or around it. */
export const proxyVariables: readonly string[] = [...proxyNames, ...exceptionNames];

/** A proxy as a variable names it. */
interface NamedProxy {
  readonly variable: string;
  /** Without user and password. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Where somebody goes through another proxy than the daemon, or around it to other hosts. */
export const proxyDifferences = (environment: Environment, ways: Ways): readonly Difference[] => {
  const theirs = proxyIn(environment.variables);
  if (theirs === undefined) return [];
  const way = proxyDifference(theirs, environment, ways);
  const around = exceptionDifference(environment, ways);
  return [way, around].filter((each) => each !== undefined);
};

const proxyDifference = (
  theirs: NamedProxy,
  { where }: Environment,
  ways: Ways,
): Difference | undefined => {
  const named = settingAt("network.proxy", ways);
  // Whoever has written one of these has decided: an organisation's script, the system's settings, no proxy.
  if (named === "none" || named === "system" || typeof named === "object") return undefined;
  const isOurOwn = typeof named !== "string" || named === "auto";
  const ours = isOurOwn ? proxyIn(ways.environment) : proxyOf("network.proxy", named);
  const isSame = ours?.url === theirs.url;
  const isKnown =
    ours !== undefined &&
    (ours.password !== "" ||
      (!isOurOwn && settingAt("network.proxyPasswordKey", ways) !== undefined));
  if (isSame && (isKnown || theirs.password === "")) return undefined;
  const sentence = isSame
    ? `${where} has a password for the proxy ${plain(theirs.url)} (${theirs.variable}), and Evercred has none.`
    : `${where} goes through the proxy ${plain(theirs.url)} (${theirs.variable}), and Evercred through ${ours === undefined ? "none that it was told of" : plain(ours.url)}.`;
  const user = { path: ["network", "proxyUser"], value: theirs.user };
  return savable(
    theirs.variable,
    sentence,
    [{ path: ["network", "proxy"], value: theirs.url }, ...(theirs.password === "" ? [] : [user])],
    theirs.password === ""
      ? undefined
      : {
          secret: new Secret(theirs.password),
          key: "proxy",
          path: ["network", "proxyPasswordKey"],
        },
  );
};

const exceptionDifference = (
  { where, variables }: Environment,
  ways: Ways,
): Difference | undefined => {
  const written = textsAt("network.noProxy", ways);
  const known = new Set([...written, ...exceptionsIn(ways.environment)].map(barely));
  const missing = exceptionsIn(variables).filter((entry) => !known.has(barely(entry)));
  if (missing.length === 0) return undefined;
  return savable(
    named(exceptionNames, variables) ?? "NO_PROXY",
    `${where} reaches ${plain(missing.join(", "))} without the proxy (NO_PROXY), and Evercred does not.`,
    [{ path: ["network", "noProxy"], value: [...written, ...missing] }],
  );
};

/** Reached without a proxy always. */
const loopback = new Set(["localhost", "127.0.0.1", "::1", "[::1]"]);

const exceptionsIn = (variables: Environment["variables"]): readonly string[] => {
  const name = named(exceptionNames, variables);
  const entries = name === undefined ? [] : (variables[name] ?? "").split(/[\s,]+/);
  return entries.filter((entry) => entry !== "" && !loopback.has(entry.toLowerCase()));
};

/** `example.com`, `.example.com` and `*.example.com` mean the same. */
const barely = (entry: string): string => entry.toLowerCase().replace(/^\*?\./, "");

const named = (names: readonly string[], variables: Environment["variables"]): string | undefined =>
  names.find((name) => (variables[name] ?? "") !== "");

const proxyIn = (variables: Environment["variables"]): NamedProxy | undefined => {
  const variable = named(proxyNames, variables);
  return variable === undefined ? undefined : proxyOf(variable, variables[variable] ?? "");
};

/** Undefined for what is no HTTP proxy: it could not be used anyhow. */
const proxyOf = (variable: string, text: string): NamedProxy | undefined => {
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    if (!["http:", "https:"].includes(url.protocol)) return undefined;
    const [user, password] = [decoded(url.username), decoded(url.password)];
    return { variable, url: `${url.protocol}//${url.host}`, user, password };
  } catch {
    return undefined;
  }
};

/** People also write a bare `%` into their passwords. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
