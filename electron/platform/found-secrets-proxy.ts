import { parseProxy } from "./proxy-address.ts";

/** A proxy's address in which a password stands. */
export interface ProxyWithPassword {
  readonly password: string;
  readonly user: string;
  /** The address without them, as it was written. */
  readonly url: string;
}

const names = new Set(["http_proxy", "https_proxy", "all_proxy"]);

/** Whether a variable names a proxy. */
export const isProxyVariable = (name: string): boolean => names.has(name.toLowerCase());

/** The password in a proxy's address, which may be written without its scheme; undefined where none stands there. */
export const passwordIn = (text: string): ProxyWithPassword | undefined => {
  const url = parseProxy(text);
  if (url === undefined || url.password === "") return undefined;
  const bare = text.replace(/^([a-z]+:\/\/)?[^/]*@/i, "$1");
  return { password: decoded(url.password), user: decoded(url.username), url: bare };
};

/** People also write a bare `%` into their passwords. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
