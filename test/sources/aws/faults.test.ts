import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { AwsPorts, AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { never, nothing, proxyAgent, put, startWorld, type World } from "./world.ts";

const host = "oidc.us-east-1.amazonaws.com";
let world: World;
let grant: Grant;
let servers: Server[] = [];

beforeEach(async () => {
  world = await startWorld();
  grant = await world.signIn(world.source());
});

afterEach(async () => {
  for (const server of servers) server.close();
  servers = [];
  await world.close();
});

const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** A proxy that treats each connection so. */
const oddProxy = async (treat: (socket: Socket) => void): Promise<string> => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    treat(socket);
  });
  return `http://127.0.0.1:${await listen(server)}`;
};

/** A source behind another proxy; its grant is good for it. */
const behind = (proxyUrl: string, ports: Partial<AwsPorts> = {}): AwsSsoSource =>
  world.source({}, { agent: proxyAgent(proxyUrl, world.cloud.ca), ...ports });

const redirectTo = (location: string) =>
  ({ kind: "status", status: 302, headers: { location } }) as const;

const renewing = (source: AwsSsoSource = world.source()) =>
  expect(source.renew(grant, never)).rejects;

test("a proxy that wants a password is proxy-refused, and the remedy says what to set", async () => {
  const fault = { kind: "proxy-authentication", user: "u", password: "p" } as const;
  const handle = world.cloud.faults.add({ host, ...fault });
  await renewing(behind(world.cloud.proxyUrl)).toMatchObject({
    code: "proxy-refused",
    remedy: expect.stringContaining("network.proxyPasswordKey"),
  });
  handle.remove();
  await expect(behind(world.cloud.proxyUrl).renew(grant, never)).resolves.toBeDefined();
});

test("a proxy that does not allow the host is proxy-refused, with the host in the sentence", async () => {
  const other = world.source({ region: "eu-west-3" });
  await expect(world.signIn(other)).rejects.toMatchObject({
    code: "proxy-refused",
    message: "The proxy does not let us reach oidc.eu-west-3.amazonaws.com (403).",
  });
});

test("a proxy that cannot reach the host is unreachable", async () => {
  world.cloud.faults.add({ host, kind: "unreachable" });
  await renewing(behind(world.cloud.proxyUrl)).toMatchObject({
    code: "unreachable",
    message: `The proxy cannot reach ${host} (502).`,
  });
});

test("what a proxy answers is never taken for the provider's word", async () => {
  const body = '{"error":"invalid_grant"}';
  const reply = `HTTP/1.1 400 Bad\r\nx-amzn-errortype: InvalidGrantException\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const proxyUrl = await oddProxy((socket) => socket.once("data", () => socket.end(reply)));
  await renewing(behind(proxyUrl)).toMatchObject({ code: "proxy-refused" });
});

test("a proxy that is not there is unreachable", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  await renewing(behind(`http://127.0.0.1:${port}`)).toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});

test("a proxy that hangs up is unreachable", async () => {
  const proxyUrl = await oddProxy((socket) => socket.once("data", () => socket.destroy()));
  await renewing(behind(proxyUrl)).toMatchObject({ code: "unreachable" });
});

test("a proxy that says nothing is unreachable after the time for a connection", async () => {
  const proxyUrl = await oddProxy(() => undefined);
  const timeouts = { connectMs: 50, requestMs: 20_000 };
  await renewing(behind(proxyUrl, { timeouts })).toMatchObject({ code: "unreachable" });
});

test("a host that says nothing is unreachable after the time for a request", async () => {
  world.cloud.faults.add({ path: "/token", kind: "hang" });
  const source = world.source({}, { timeouts: { connectMs: 10_000, requestMs: 60 } });
  await renewing(source).toMatchObject({
    code: "unreachable",
    message: `${host} has not answered within 0.06 s.`,
  });
});

test("a certificate of an unknown authority is tls-failed, and the remedy names network.caFiles", async () => {
  const agent = proxyAgent(world.cloud.proxyUrl, "");
  await renewing(world.source({}, { agent })).toMatchObject({
    code: "tls-failed",
    message: expect.stringMatching(new RegExp(`${host} .*UNABLE_TO_VERIFY_LEAF_SIGNATURE`)),
    remedy: expect.stringContaining("network.caFiles"),
    captive: true,
  });
});

test("a certificate of another host is tls-failed", async () => {
  const key = join(world.home, "key.pem");
  const cert = join(world.home, "cert.pem");
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-subj", "/CN=evil.example", "-keyout", key, "-out", cert],
  ]);
  expect(made.status).toBe(0);
  const tls = createTlsServer({ key: await readFile(key), cert: await readFile(cert) });
  const port = await listen(tls);
  const proxyUrl = await oddProxy((socket) =>
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const inner = new (socket.constructor as typeof Socket)().connect(port, "127.0.0.1");
      inner.on("error", () => undefined);
      socket.pipe(inner).pipe(socket);
    }),
  );
  const agent = proxyAgent(proxyUrl, await readFile(cert, "utf8"));
  await renewing(world.source({}, { agent })).toMatchObject({
    code: "tls-failed",
    message: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID"),
    captive: true,
  });
});

test("what speaks no TLS is tls-failed or unreachable, never a reply", async () => {
  const proxyUrl = await oddProxy((socket) =>
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n{}"));
    }),
  );
  await renewing(behind(proxyUrl)).toMatchObject({ code: "tls-failed", captive: false });
});

test.each([
  ["a connection that is reset", { kind: "reset" }, "unreachable"],
  ["a reply that is lost", { kind: "lose-reply" }, "unreachable"],
  ["a reply that breaks off", { kind: "truncate" }, "reply-invalid"],
  ["a captive portal's page", { kind: "html" }, "reply-invalid"],
  ["a captive portal's page with 400", { kind: "html", status: 400 }, "reply-invalid"],
  ["a captive portal's page with 511", { kind: "html", status: 511 }, "reply-invalid"],
  ["what is no JSON", { kind: "not-json" }, "reply-invalid"],
  ["a JSON list", { kind: "status", status: 200, body: "[]" }, "reply-invalid"],
  [
    "a redirect",
    { kind: "status", status: 302, headers: { location: "https://x.example/" } },
    "reply-invalid",
  ],
  ["a 500", { kind: "status", status: 500 }, "provider-unavailable"],
  ["a 503 with a page", { kind: "html", status: 503 }, "provider-unavailable"],
  ["a 429", { kind: "status", status: 429 }, "throttled"],
  [
    "a reply of two megabytes",
    { kind: "status", status: 200, body: `{"a":"${"x".repeat(2 << 20)}"}` },
    "reply-invalid",
  ],
] as const)(
  "%s rejects with its own code, once, with the host in the sentence",
  async (_, fault, code) => {
    world.cloud.log.clear();
    world.cloud.faults.add({ path: "/token", ...fault });
    await renewing().toMatchObject({ code, message: expect.stringContaining(host) });
    expect(world.cloud.log.count({ path: "/token" })).toBe(1);
  },
);

test.each([
  { what: "a page", fault: { kind: "html" }, captive: true },
  { what: "a 511", fault: { kind: "html", status: 511 }, captive: true },
  { what: "a redirect to another host", fault: redirectTo("https://x.example/"), captive: true },
  { what: "a redirect to the same host", fault: redirectTo("/elsewhere"), captive: false },
  { what: "a redirect to nowhere", fault: redirectTo("https://"), captive: false },
  { what: "a page with 400", fault: { kind: "html", status: 400 }, captive: false },
  { what: "a page with 503", fault: { kind: "html", status: 503 }, captive: false },
  { what: "what is no JSON", fault: { kind: "not-json" }, captive: false },
] as const)("$what in place of AWS's reply is a captive portal's: $captive", async (each) => {
  world.cloud.faults.add({ path: "/token", ...each.fault });
  await renewing().toMatchObject({ captive: each.captive });
});

test("a 429 and a 503 say how long to wait", async () => {
  for (const status of [429, 503]) {
    const headers = { "retry-after": "12" };
    const fault = world.cloud.faults.add({ path: "/token", kind: "status", status, headers });
    await renewing().toMatchObject({ retryAfterMs: 12_000 });
    fault.remove();
  }
});

test("a page that is not the provider's says nothing of the provider's clock", async () => {
  world.cloud.advance(60 * 60_000);
  world.cloud.faults.add({ path: "/token", kind: "html" });
  const source = world.source();
  await renewing(source).toMatchObject({ code: "reply-invalid" });
  expect(source.offsetMs()).toBe(0);
});

test("a call that is stopped while it waits rejects with the signal's reason, and ends its request", async () => {
  world.cloud.faults.add({ path: "/token", kind: "hang" });
  const stop = new AbortController();
  const renewal = world.source().renew(grant, stop.signal);
  const reason = new EvercredError("cancelled");
  const failed = expect(renewal).rejects.toBe(reason);
  await world.cloud.log.waitForArrival({ path: "/token", grantType: "refresh_token" });
  stop.abort(reason);
  await failed;
  const { status } = await world.cloud.log.waitFor({ grantType: "refresh_token" });
  expect(status).toBeUndefined();
});

test("variables and files of the AWS tools do not lead the SDK anywhere else", async () => {
  const file = await put(
    world.home,
    "config",
    "[default]\nendpoint_url = https://evil.example\nuse_fips_endpoint = true\nmax_attempts = 9\n[profile x\n",
  );
  const variables = {
    AWS_CONFIG_FILE: file,
    AWS_ENDPOINT_URL: "https://evil.example",
    AWS_ENDPOINT_URL_SSO: "https://evil.example",
    AWS_ENDPOINT_URL_SSO_OIDC: "https://evil.example",
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_USE_DUALSTACK_ENDPOINT: "true",
    AWS_REGION: "eu-west-9",
    AWS_PROFILE: "nobody",
    AWS_MAX_ATTEMPTS: "9",
    AWS_RETRY_MODE: "nonsense",
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const source = world.source();
  const next = await source.renew(grant, never);
  await source.issue(next, "111122223333/Developer", never, nothing);
  expect(world.cloud.refusedHosts).toEqual([]);
});
