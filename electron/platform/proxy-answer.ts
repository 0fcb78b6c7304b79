import { parseProxy } from "./proxy-address.ts";

/** One way to a host, as a PAC script or the system names it. */
export type Hop =
  | { readonly kind: "direct" }
  | { readonly kind: "proxy"; readonly url: URL }
  | { readonly kind: "socks"; readonly host: string };

const schemes: Readonly<Record<string, string>> = {
  PROXY: "http:",
  HTTP: "http:",
  HTTPS: "https:",
};

/**
 * What FindProxyForURL returned, in the order in which it is to be tried: `PROXY a:3128; HTTPS b:443; SOCKS5 c; DIRECT`.
 * Nothing at all means directly; what nobody knows is left out.
 */
export const hopsOf = (answer: string): readonly Hop[] => {
  const entries = answer
    .split(";")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return entries.length === 0 ? [{ kind: "direct" }] : entries.flatMap(hopOf);
};

const hopOf = (entry: string): readonly Hop[] => {
  const [word = "", host = ""] = entry.split(/\s+/u);
  const kind = word.toUpperCase();
  if (kind === "DIRECT") return [{ kind: "direct" }];
  if (/^SOCKS[45]?$/u.test(kind)) return [{ kind: "socks", host }];
  const scheme = schemes[kind];
  const url = scheme === undefined ? undefined : parseProxy(`${scheme}//${host}`);
  return url === undefined ? [] : [{ kind: "proxy", url }];
};
