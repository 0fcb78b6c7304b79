import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { networkErrorOf } from "../../electron/sources/network-errors.ts";
import type { AwsPorts } from "../../electron/sources/aws/source.ts";
import { never, proxyAgent, startWorld, type World } from "./aws/world.ts";

describe("a request that failed", () => {
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

  const proxyThat = async (treat: (socket: Socket) => void): Promise<string> => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      treat(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const renewing = (ports: Partial<AwsPorts> = {}) =>
    expect(world.source({}, ports).renew(grant, never)).rejects;

  const behind = (proxyUrl: string): Partial<AwsPorts> => ({
    agent: proxyAgent(proxyUrl, world.cloud.ca),
  });

  test("a request for which there never was a connection has not been carried out", async () => {
    const proxyUrl = await proxyThat(() => undefined);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    await renewing(behind(proxyUrl)).toMatchObject({ code: "unreachable", unanswered: false });
    const silent = behind(await proxyThat(() => undefined));
    const timeouts = { connectMs: 50, requestMs: 20_000 };
    await renewing({ ...silent, timeouts }).toMatchObject({
      code: "unreachable",
      unanswered: false,
    });
  });

  test("one that was sent and not answered may have been", async () => {
    world.cloud.faults.add({ path: "/token", kind: "hang" });
    const timeouts = { connectMs: 10_000, requestMs: 60 };
    await renewing({ timeouts }).toMatchObject({ code: "unreachable", unanswered: true });
  });

  test("one whose connection broke off may have been", async () => {
    world.cloud.faults.add({ path: "/token", kind: "reset" });
    await renewing().toMatchObject({ code: "unreachable", unanswered: true });
  });
});

test.each([
  ["no address of the host answers", new AggregateError([]), false],
  ["its name is unknown", Object.assign(new Error(), { syscall: "getaddrinfo" }), false],
  ["the connection is reset", Object.assign(new Error(), { code: "ECONNRESET" }), true],
  [
    "the connection falls silent",
    Object.assign(new Error(), { name: "TimeoutError", code: "ETIMEDOUT" }),
    true,
  ],
  ["something else is thrown", "x", true],
])("where %s, whether it was sent is known, or assumed", (_, thrown, unanswered) => {
  expect(networkErrorOf("host", thrown)).toMatchObject({ code: "unreachable", unanswered });
});

describe("a handshake that failed", () => {
  const failed = (code: string, message = "") =>
    networkErrorOf("gateway.example.com", Object.assign(new Error(message), { code }));

  test.each([
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", ""],
    [
      "EPROTO",
      "write EPROTO 80:error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate",
    ],
  ])("by the other side's no (%s) is about our certificate", (code, message) => {
    expect(failed(code, message)).toMatchObject({
      code: "tls-failed",
      message: `gateway.example.com ends the handshake: it may want a certificate of ours, or another one (${code}).`,
      remedy: "Name it in network.clientCertificate, with this host among its hosts.",
    });
  });

  test("with a server that speaks plain HTTP is told as that", () => {
    expect(failed("EPROTO", "routines:ssl3_get_record:wrong version number")).toMatchObject({
      code: "tls-failed",
      message: "gateway.example.com does not speak TLS (EPROTO).",
      remedy: "Check the address: it may be one of plain HTTP.",
    });
    expect(failed("ERR_SSL_WRONG_VERSION_NUMBER").message).toContain("does not speak TLS");
  });

  test("else is about theirs", () => {
    expect(failed("EPROTO", "something else")).toMatchObject({
      code: "tls-failed",
      message: "The certificate that gateway.example.com shows is not trusted (EPROTO).",
    });
  });
});
