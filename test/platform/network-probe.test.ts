import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { NetworkFacts } from "../../electron/commands/network-ports.ts";
import type { NetworkSettings } from "../../electron/platform/network.ts";
import { probeOver } from "../../electron/sources/network-probe.ts";
import { type Authority, createAuthority } from "../fakes/cloud/authority.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { openNetwork } from "./network-rig.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

const host = "api.example.test";
let folder: string;
let authority: Authority;
let port: number;
/** What came, and how it is answered. */
const asked: string[] = [];
let date: string | undefined;
let silent = false;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "evercred-probe-"));
  authority = await createAuthority(folder, [host, "localhost"]);
  const { key, certificate: cert } = authority;
  const server = createServer({ key, cert }, ({ method, url, headers }, reply) => {
    asked.push(`${method ?? ""} ${url ?? ""} ${Object.keys(headers).join()}`);
    reply.sendDate = false;
    if (date !== undefined) reply.setHeader("date", date);
    if (!silent) reply.writeHead(403).end();
  });
  port = await listen(server);
  return () => {
    server.close();
    server.closeAllConnections();
  };
});

afterAll(() => rmSync(folder, { recursive: true }));

const clock = new FakeClock();

function probing(
  settings: Partial<NetworkSettings>,
  signal = new AbortController().signal,
  url = `https://${host}/health`,
): Promise<NetworkFacts> {
  const network = openNetwork({ settings: { caFiles: [authority.caFile], ...settings } });
  return probeOver({ openAgent: () => network.openAgent(), clock })(new URL(url), signal);
}

test("says by which way a host is reached, who vouches for it, what it answers, and its time", async () => {
  const proxy = await startTunnelProxy(port);
  date = new Date(clock.now() + 90_000).toUTCString();
  asked.length = 0;
  const facts = await probing({ proxy: `http://127.0.0.1:${proxy.port}` });
  expect(facts).toEqual({
    way: { kind: "proxy", proxy: `127.0.0.1:${proxy.port}`, saidBy: "network.proxy" },
    issuer: expect.stringMatching(/^Throw-away CA /),
    status: 403,
    offsetMs: expect.any(Number),
  });
  expect(Math.abs((facts.offsetMs ?? 0) - 90_000)).toBeLessThan(20_000);
  expect(asked).toEqual(["HEAD /health host,connection"]);
  await expect.poll(() => proxy.open()).toBe(0);
});

test("says that it is reached directly, and nothing of a time that is not told", async () => {
  date = undefined;
  const direct = await probing({}, undefined, `https://localhost:${port}/`);
  expect(direct).toMatchObject({
    way: { kind: "direct", proxy: undefined, saidBy: undefined },
    offsetMs: undefined,
  });
});

test("rejects with what is in the way", async () => {
  const proxy = `http://127.0.0.1:${(await startTunnelProxy(port)).port}`;
  await expect(probing({ proxy, caFiles: [] })).rejects.toMatchObject({
    code: "tls-failed",
    message: expect.stringContaining('of "Throw-away CA'),
  });
  await expect(probing({ proxy: "http://127.0.0.1:1" })).rejects.toMatchObject({
    code: "unreachable",
    message: "The proxy 127.0.0.1:1 cannot be reached.",
  });
  await expect(probing({}, undefined, "https://localhost:1/")).rejects.toMatchObject({
    code: "unreachable",
    message: "localhost:1 cannot be reached (ECONNREFUSED).",
  });
});

test("ends with its signal, and after fifteen seconds", async () => {
  silent = true;
  onTestFinished(() => void (silent = false));
  const proxy = await startTunnelProxy(port);
  const settings = { proxy: `http://127.0.0.1:${proxy.port}` };
  const leaving = new AbortController();
  const reason = new Error("gone");
  const left = expect(probing(settings, leaving.signal)).rejects.toBe(reason);
  const late = expect(probing(settings)).rejects.toMatchObject({ code: "timed-out" });
  await expect.poll(() => proxy.asked).toHaveLength(2);
  leaving.abort(reason);
  await left;
  await clock.advance(15_000);
  await settle();
  await late;
  await expect.poll(() => proxy.open()).toBe(0);
});
