import { expect, test } from "vitest";
import { SystemClock } from "../../electron/platform/clock.ts";
import { fetchOver } from "../../electron/sources/fetch.ts";
import { ProviderTime } from "../../electron/sources/provider-time.ts";
import { openNetwork } from "./network-rig.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

/** `fetch` behind a proxy that never leads anywhere. */
async function behindNowhere(
  requestMs: number,
): Promise<{ readonly fetch: typeof fetch; readonly asked: readonly string[] }> {
  const { port, asked } = await startTunnelProxy(1, { answer: "hang" });
  const { agent } = openNetwork({ settings: { proxy: `http://127.0.0.1:${port}` } });
  const ports = { agent, clock: new SystemClock(), providerTime: new ProviderTime(), requestMs };
  return { fetch: fetchOver(ports), asked };
}

const url = "https://api.example.test/";

test("a request that is given up ends at once, also while it has no connection", async () => {
  const { fetch, asked } = await behindNowhere(60_000);
  const leaving = new AbortController();
  const reason = new Error("gone");
  const began = performance.now();
  const left = expect(fetch(url, { signal: leaving.signal })).rejects.toBe(reason);
  await expect.poll(() => asked).toHaveLength(1);
  leaving.abort(reason);
  await left;
  expect(performance.now() - began).toBeLessThan(9_000);
});

test("a request that takes too long ends in its own time, not in the proxy's", async () => {
  const { fetch } = await behindNowhere(200);
  const began = performance.now();
  await expect(fetch(url)).rejects.toMatchObject({
    code: "unreachable",
    message: "api.example.test has not answered within 0.2 s.",
  });
  expect(performance.now() - began).toBeLessThan(9_000);
});
