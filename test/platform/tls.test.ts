import { createServer } from "node:https";
import { createServer as createPlainServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { EvercredError } from "../../electron/core/errors.ts";
import { onTheWay } from "../../electron/sources/captive-portal.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { get, openNetwork } from "./network-rig.ts";
import { type Pair, Throwaway } from "./throwaway-certificates.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

const host = "login.example.com";
let folder: string;
let made: Throwaway;
let trusted: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "evercred-tls-"));
  made = new Throwaway(folder);
  made.make({ name: "Example Root", isAuthority: true });
  made.make({ name: "Example Proxy CA", isAuthority: true });
  trusted = made.path("Example-Root.pem");
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A server that shows a certificate and asks for one, behind a proxy that leads every host there. */
async function siteWith(pair: Pair): Promise<{
  readonly proxy: string;
  readonly shown: readonly unknown[];
  readonly asked: string[];
}> {
  const shown: unknown[] = [];
  const asked: string[] = [];
  const server = createServer(
    { ...pair, requestCert: true, rejectUnauthorized: false },
    (incoming, reply) => {
      asked.push(incoming.url ?? "");
      reply.end("hello");
    },
  );
  server.on("secureConnection", (socket: TLSSocket) =>
    shown.push(socket.getPeerCertificate().subject?.CN),
  );
  const { port } = await startTunnelProxy(await listen(server));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { proxy: `http://127.0.0.1:${port}`, shown, asked };
}

const failureBy = async (proxy: string, caFiles = [trusted]): Promise<EvercredError> => {
  const network = openNetwork({ settings: { proxy, caFiles } });
  return get(network, `https://${host}/secret`).then(
    () => expect.fail("it was trusted"),
    (thrown: unknown) => thrown as EvercredError,
  );
};

const today = new Date().toISOString().slice(0, 10);

describe("a certificate that is no good is said in words", () => {
  test("of an authority that nobody trusts: with its name, and where to add it", async () => {
    const site = await siteWith(
      made.make({ name: "inspected", issuer: "Example Proxy CA", hosts: [host] }),
    );
    expect(await failureBy(site.proxy)).toMatchObject({
      code: "tls-failed",
      message: `${host} shows a certificate of "Example Proxy CA", which is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
      remedy: expect.stringContaining("network.caFiles"),
      unanswered: false,
    });
    const network = openNetwork({
      settings: { proxy: site.proxy, caFiles: [made.path("Example-Proxy-CA.pem")] },
    });
    expect((await get(network, `https://${host}/`)).body).toBe("hello");
  });

  test("of a chain: with the name of the topmost", async () => {
    const between = made.make({
      name: "Issuing CA 2",
      issuer: "Example Proxy CA",
      isAuthority: true,
    });
    const leaf = made.make({ name: "by two", issuer: "Issuing CA 2", hosts: [host] });
    const site = await siteWith({ ...leaf, cert: leaf.cert + between.cert });
    expect((await failureBy(site.proxy)).message).toContain('of "Example Proxy CA", which');
  });

  test("that the host has issued itself", async () => {
    const site = await siteWith(made.make({ name: "my own", hosts: [host] }));
    expect(await failureBy(site.proxy)).toMatchObject({
      message: `${host} shows a certificate that it has issued itself, as "my own", and that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).`,
      remedy: expect.stringContaining("add the certificate"),
    });
  });

  test("that has ended, or not begun: with the day, and the one here", async () => {
    const wish = { issuer: "Example Root", hosts: [host] };
    const ended = await siteWith(
      made.make({ ...wish, name: "ended", days: ["20200101", "20210203"] }),
    );
    const failure = await failureBy(ended.proxy);
    expect(onTheWay(failure).captive).toBe(false);
    expect(failure).toMatchObject({
      code: "tls-failed",
      message: `${host} shows a certificate of "Example Root" that has ended on 2021-02-03; here it is ${today}.`,
      remedy: expect.stringContaining("clock"),
    });
    const later = await siteWith(
      made.make({ ...wish, name: "later", days: ["20480101", "20490101"] }),
    );
    expect(await failureBy(later.proxy)).toMatchObject({
      message: `${host} shows a certificate of "Example Root" that begins on 2048-01-01 only; here it is ${today}.`,
      remedy: "Set this computer's clock.",
    });
  });

  test.each([
    [["portal.example.org"], "portal.example.org"],
    [["a.example.org", "b.example.org"], "a.example.org and b.example.org"],
    [["a.org", "b.org", "c.org", "d.org"], "a.org, b.org and 2 more"],
  ])("that is for %j", async (hosts, words) => {
    const site = await siteWith(
      made.make({ name: hosts.join("-"), issuer: "Example Root", hosts }),
    );
    const failure = await failureBy(site.proxy);
    expect(failure).toMatchObject({
      message: `${host} shows a certificate of "Example Root" for ${words}, and not for itself.`,
      remedy: expect.stringContaining("sign-in page"),
    });
    expect(onTheWay(failure)).toMatchObject({ message: failure.message, captive: true });
  });

  test("whose names would steer a terminal", async () => {
    const name = "x\u001b[31m\u202e red";
    made.make({ name, isAuthority: true });
    const site = await siteWith(made.make({ name: "steering", issuer: name, hosts: [host] }));
    expect((await failureBy(site.proxy)).message).toContain('of "x [31m red"');
  });

  test("of a proxy, which is named", async () => {
    const pair = made.make({ name: "proxy", issuer: "Example Proxy CA", hosts: ["localhost"] });
    const { port, asked } = await startTunnelProxy(1, { tls: pair });
    expect(await failureBy(`https://localhost:${port}`)).toMatchObject({
      code: "tls-failed",
      message: expect.stringMatching(
        `^localhost:${port} shows a certificate of "Example Proxy CA", which is not trusted`,
      ),
    });
    expect(asked).toEqual([]);
  });
});

describe("looking at a certificate that is no good", () => {
  test("sends nothing, shows nothing of ours, and is done once a minute at most", async () => {
    made.make({ name: "ann", issuer: "Example Root" });
    const site = await siteWith(
      made.make({ name: "looked at", issuer: "Example Proxy CA", hosts: [host] }),
    );
    const clientCertificate = {
      certFile: made.path("ann.pem"),
      keyFile: made.path("ann.key"),
      hosts: [host],
    };
    const settings = { proxy: site.proxy, caFiles: [trusted], clientCertificate };
    const network = openNetwork({ settings });
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const failed = (): Promise<void> =>
      expect(get(network, `https://${host}/secret`)).rejects.toMatchObject({
        message: expect.stringContaining("Example Proxy CA"),
      });
    for (let times = 0; times < 3; times += 1) await failed();
    await expect.poll(() => site.shown).toEqual([undefined]);
    vi.advanceTimersByTime(60_001);
    await failed();
    await expect.poll(() => site.shown).toEqual([undefined, undefined]);
    expect(site.asked).toEqual([]);
  });

  test("that comes to nothing leaves the code", async () => {
    const pair = made.make({ name: "refusing", issuer: "Example Proxy CA", hosts: [host] });
    const server = createServer(pair);
    let connections = 0;
    server.on("connection", (socket: Socket) => {
      if (++connections > 1) socket.destroy();
    });
    const { port } = await startTunnelProxy(await listen(server));
    onTestFinished(() => void server.close());
    expect(await failureBy(`http://127.0.0.1:${port}`)).toMatchObject({
      code: "tls-failed",
      message: `The certificate that ${host} shows is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
      remedy: "Add your company's root certificate to network.caFiles.",
    });
    expect(connections).toBe(2);
  });
});

describe("a host that", () => {
  /** What a server that treats each connection so comes to. */
  const failureAt = async (treat: (socket: Socket) => void): Promise<EvercredError> => {
    const sockets = new Set<Socket>();
    const server = createPlainServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      treat(socket);
    });
    const { port } = await startTunnelProxy(await listen(server));
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return failureBy(`http://127.0.0.1:${port}`);
  };

  test("hangs up instead of a handshake has been sent nothing", async () => {
    expect(await failureAt((socket) => socket.once("data", () => socket.destroy()))).toMatchObject({
      code: "unreachable",
      message: `${host} ends the connection before it is a secure one (ECONNRESET).`,
      unanswered: false,
    });
  });

  test("does not speak TLS is told apart", async () => {
    const failure = await failureAt((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    expect(failure).toMatchObject({
      code: "tls-failed",
      message: expect.stringMatching(`^${host} does not speak TLS`),
      remedy: "Check the address: it may be one of plain HTTP.",
    });
  });

  test("says nothing is given ten seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let reached: () => void = () => undefined;
    const there = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const failure = failureAt((socket) => socket.once("data", reached));
    await there;
    vi.advanceTimersByTime(10_000);
    expect(await failure).toMatchObject({
      code: "unreachable",
      message: `${host} cannot be reached: it does not answer.`,
      unanswered: false,
    });
  });
});
