import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedAuthority } from "./authority.ts";
import type { Clock } from "./clock.ts";
import type { Site } from "./exchange.ts";
import { Faults } from "./faults.ts";
import { listen } from "./listening.ts";
import { Proxy } from "./proxy.ts";
import { RequestLog } from "./request-log.ts";
import { type Around, SiteServer } from "./site-server.ts";

/** Sites under their real host names, behind a CONNECT proxy and a throw-away CA, all on 127.0.0.1. */
export interface Edge {
  readonly proxyUrl: string;
  readonly caFile: string;
  readonly ca: string;
  readonly leafSpkiHash: string;
  /** The TLS server's own port, for a caller that goes around the proxy. */
  readonly sitePort: number;
  /** A private directory that goes away with the edge. */
  readonly directory: string;
  readonly refusedHosts: readonly string[];
  readonly log: RequestLog;
  readonly faults: Faults;
  /** From now on another certificate is shown, PEM; undefined: its own again. Open connections end. */
  present(shown: { readonly cert: string; readonly key: string } | undefined): void;
  /** Ends all connections and removes the directory. */
  close(): Promise<void>;
}

/** Opens the sites to clients. The host names are exact. */
export async function startEdge(
  sites: ReadonlyMap<string, Site>,
  clock: Clock,
  around?: Around,
): Promise<Edge> {
  const directory = await mkdtemp(join(tmpdir(), "cloud-"));
  const authority = await sharedAuthority(directory, [...sites.keys()]);
  const { caFile, ca, certificate, key, leafSpkiHash } = authority;
  const log = new RequestLog();
  const faults = new Faults();
  const siteServer = new SiteServer({ certificate, key, sites, clock, faults, log, around });
  const sitePort = await listen(siteServer.server);
  const proxy = new Proxy({ sitePort, faults, knows: (host) => sites.has(host) });
  const proxyPort = await proxy.listen();
  return {
    proxyUrl: `http://127.0.0.1:${String(proxyPort)}`,
    caFile,
    ca,
    leafSpkiHash,
    sitePort,
    directory,
    refusedHosts: proxy.refusedHosts,
    log,
    faults,
    present: (shown) => {
      siteServer.present(shown ?? { cert: certificate, key });
    },
    close: async () => {
      proxy.close();
      siteServer.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
