import { schemesIn } from "../core/challenges.ts";
import { EvercredError } from "../core/errors.ts";
import { plain } from "./plain.ts";
import type { Request } from "./verb.ts";

/**
 * Throws `policy-refused` where the proxy that the caller has to do with is another one than `configured`: whoever can
 * name a proxy in a project's settings must not get what belongs to the company's.
 */
export const checkProxy = (configured: URL | undefined, { env }: Request): void => {
  if (configured === undefined) return;
  const asking = [env["CLAUDE_CODE_PROXY_HOST"], env["CLAUDE_CODE_PROXY_URL"]];
  const other = asking.find((text = "") => text !== "" && !isAt(configured, text));
  if (other === undefined) return;
  const url = urlOf(other, configured);
  // With a user's password it is shown to nobody.
  const [asks, is] =
    url?.hostname === configured.hostname
      ? [addressOf(url), addressOf(configured)]
      : [url?.hostname ?? other, configured.hostname];
  const sentence = `The proxy that asks is ${shortened(asks)}, and the one that is configured is ${is}.`;
  throw new EvercredError("policy-refused", sentence, {
    remedy: "Correct HTTPS_PROXY where the program runs, or network.proxy in the configuration.",
  });
};

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;

/** A URL, `HOST:PORT` or a host, of which the scheme is that of `proxy`; undefined where it is none of them. */
const urlOf = (text: string, proxy: URL): URL | undefined => {
  try {
    return new URL(scheme.test(text) ? text : `${proxy.protocol}//${text}`);
  } catch {
    return undefined;
  }
};

/** Whether a text leads to this proxy, as far as it says: a host by itself may be at any port. */
const isAt = (proxy: URL, text: string): boolean => {
  const url = urlOf(text, proxy);
  if (url === undefined) return false;
  const isWhole = scheme.test(text) || /:\d+$/.test(text);
  return isWhole ? addressOf(url) === addressOf(proxy) : url.hostname === proxy.hostname;
};

/** Scheme, host and port, the port only where it is not the usual one. */
const addressOf = ({ protocol, host }: URL): string => `${protocol}//${host}`;

/** Throws `access-denied` where the proxy says what it takes, and this is not among it. */
export const checkScheme = (scheme: "Basic" | "Bearer", { env }: Request): void => {
  const offered = schemesIn(env["CLAUDE_CODE_PROXY_AUTHENTICATE"] ?? "");
  if (offered.length === 0) return;
  if (offered.some((each) => each.toLowerCase() === scheme.toLowerCase())) return;
  const sentence = `The proxy takes ${shortened(offered.join(", "))}, and not ${scheme}.`;
  throw new EvercredError("access-denied", sentence, {
    remedy: "Evercred has Basic, of a user and a password, and Bearer, of a key.",
  });
};

const shortened = (text: string): string =>
  plain(text.length > 80 ? `${text.slice(0, 79)}…` : text);
