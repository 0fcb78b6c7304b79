import { connect, createServer, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Edge } from "../fakes/cloud/edge.ts";
import { listen } from "../fakes/cloud/listening.ts";
import type { Pair } from "../platform/throwaway-certificates.ts";
import { startTunnelProxy, type TunnelProxy } from "../platform/tunnel-proxy.ts";

/**
 * A proxy that looks into everything, as companies have it: each host shows `pair`. With `clients`, an authority in PEM,
 * only who shows a certificate of it is let through. It ends with the test.
 */
export const startInspectingProxy = async (
  edge: Pick<Edge, "sitePort" | "ca">,
  pair: Pair,
  clients?: string,
): Promise<TunnelProxy> => {
  const demand = clients === undefined ? {} : { ca: clients, requestCert: true };
  const inspector = createServer({ ...pair, ...demand }, (inner) => {
    const { servername } = inner as TLSSocket & { readonly servername: string };
    const site = connect({ host: "127.0.0.1", port: edge.sitePort, servername, ca: edge.ca });
    inner.on("error", () => site.destroy());
    inner.on("close", () => site.destroy());
    site.on("error", () => inner.destroy());
    site.on("close", () => inner.destroy());
    site.pipe(inner).pipe(site);
  });
  const proxy = await startTunnelProxy(await listen(inspector));
  onTestFinished(() => void inspector.close());
  return proxy;
};
