import type { PageRequest, Source } from "./source.ts";
import { urlOf } from "./urls.ts";

/**
 * Why a sign-in page is not opened by itself. `foreign`: it is on no host of the provider's. `insecure`: what is entered
 * there can be read on the way.
 */
export type PageDoubt = "foreign" | "insecure";

/** Where browsers themselves take an address without encryption for safe. */
const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** What is doubtful about the page that a source's sign-in has named. */
export const doubtOf = (
  source: Pick<Source, "pageHosts">,
  { url }: Pick<PageRequest, "url">,
): PageDoubt | undefined => {
  const page = urlOf(url);
  if (page === undefined) return "insecure";
  const isHere = page.protocol === "http:" && loopback.has(page.hostname);
  if (page.protocol !== "https:" && !isHere) return "insecure";
  const hosts = source.pageHosts?.();
  return hosts === undefined || hosts.some((each) => isOn(page.host, each)) ? undefined : "foreign";
};

/** Whether a host is this one, or below it where it begins with `*.`. One with another port is another host. */
const isOn = (host: string, own: string): boolean =>
  own.startsWith("*.") ? host.endsWith(own.slice(1)) : host === own;
