import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { EvercredError, errorOf } from "../../../electron/core/errors.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { askGateway } from "../../../electron/sources/keys/gateway.ts";
import { ProviderTime } from "../../../electron/sources/provider-time.ts";
import { type Authority, createAuthority } from "../../fakes/cloud/authority.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { listen } from "../../fakes/cloud/listening.ts";
import { startTunnelProxy } from "../../platform/tunnel-proxy.ts";
import { proxyAgent } from "../aws/world.ts";
import { never } from "./world.ts";

const key = "sk-ant-0123456789abcdef";
let folder: string;
let authority: Authority;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gateway-"));
  authority = await createAuthority(folder, ["gateway.example.com", "localhost"]);
});

afterAll(() => rmSync(folder, { recursive: true }));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

const opened = async (server: Server): Promise<number> => {
  const port = await listen(server);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return port;
};

const gateway = async (handler: Handler): Promise<URL> =>
  new URL(`http://127.0.0.1:${await opened(createServer(handler))}/v1/models`);

const secureGateway = (handler: Handler): Promise<number> =>
  opened(createTlsServer({ key: authority.key, cert: authority.certificate }, handler));

const ask = (url: URL, { agent = new Agent(), signal = never, secret = key } = {}) => {
  onTestFinished(() => agent.destroy());
  const clock = new FakeClock();
  const ports = { agent, clock, providerTime: new ProviderTime(), requestMs: 10_000 };
  return askGateway(ports)(url, new Secret(secret), signal);
};

describe("a gateway", () => {
  test("is asked as Claude Code asks, and what it says is told", async () => {
    let seen: IncomingMessage | undefined;
    const url = await gateway((request, response) => {
      seen = request;
      response.end('{"data":[]}');
    });
    expect(await ask(url)).toEqual({ status: 200, says: '{"data":[]}' });
    expect(seen).toMatchObject({
      method: "GET",
      url: "/v1/models",
      headers: {
        authorization: `Bearer ${key}`,
        "x-api-key": key,
        "anthropic-version": "2023-06-01",
      },
    });
  });

  test.each([
    [401, { error: { message: "invalid x-api-key" } }, "invalid x-api-key"],
    [401, { type: "error", error: { type: "a", message: "no" }, message: "other" }, "no"],
    [403, { message: "not for you" }, "not for you"],
    [404, { detail: "Not Found" }, "Not Found"],
    [400, { error: "invalid_request" }, "invalid_request"],
    [400, { error: { detail: "odd" } }, "odd"],
    [422, { detail: [{ msg: "x" }] }, '{"detail":[{"msg":"x"}]}'],
    [401, { error: { message: "" }, detail: "no" }, "no"],
    [200, "", ""],
    [200, "null", "null"],
    [
      200,
      "<!doctype html><html><head><style>p {}</style><title>Sign in</title></head>\n<body><script>a<b</script><p>Hotel  Wi-Fi</p></body>",
      "Sign in Hotel Wi-Fi",
    ],
    [401, `\u001b[31m${"no ".repeat(40)}`, `${"no ".repeat(26)}n…`],
  ])("that answers %s %j says: %s", async (status, body, says) => {
    expect(await ask(await gateway(answering(status, body)))).toEqual({ status, says });
  });

  test("is not followed to where it leads: the key would go there too", async () => {
    let visits = 0;
    const other = await gateway((_, response) => {
      visits += 1;
      response.end();
    });
    const url = await gateway(answering(302, "moved", { location: other.href }));
    expect(await ask(url)).toEqual({ status: 302, says: other.host });
    expect(visits).toBe(0);
  });

  test("that leads to a host with the key in its name does not get it printed in small letters", async () => {
    const secret = "sk-AbCdEfGhIjKl";
    const location = `https://${secret}.example.com/`;
    const url = await gateway(answering(302, "moved", { location }));
    expect(await ask(url, { secret })).toEqual({ status: 302, says: "….example.com" });
  });

  test.each([
    [key, "…"],
    [`Received "${key}", thanks`, 'Received "…", thanks'],
    [`bad key ${key.toUpperCase()}`, "bad key …"],
    [`bad key ${key.slice(0, 8)}...${key.slice(-6)}`, "bad key ……"],
    ["x".repeat(70) + key, `${"x".repeat(70)}…`],
    ["sk-an is short", "sk-an is short"],
  ])("that repeats the key does not get it printed: %#", async (message, says) => {
    const url = await gateway(answering(401, { error: { message } }));
    const answer = await ask(url);
    expect(answer.says.replace("...", "…").replace("………", "……")).toBe(says);
    expect(answer.says).not.toContain(key.slice(0, 8));
  });

  test("that repeats a short key does not get it printed either", async () => {
    const url = await gateway(answering(401, "bad key: abc."));
    expect((await ask(url, { secret: "abc" })).says).toBe("bad key: ….");
  });

  test("that repeats the key at the end of a long reply does not get a part of it printed", async () => {
    const url = await gateway(answering(401, `${"\n".repeat(16_384 - 10)}${key}`));
    expect((await ask(url)).says).toBe("…");
  });
});

describe("what cannot be asked", () => {
  test.each([
    [429, "throttled"],
    [500, "provider-unavailable"],
    [503, "provider-unavailable"],
  ])("for %s is %s", async (status, code) => {
    await expect(ask(await gateway(answering(status, key)))).rejects.toMatchObject({ code });
  });

  test("since nobody listens is unreachable", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await expect(ask(new URL(`http://127.0.0.1:${port}`))).rejects.toMatchObject({
      code: "unreachable",
      message: `127.0.0.1:${port} cannot be reached (ECONNREFUSED).`,
    });
  });

  test("since its certificate is not trusted is tls-failed; with that of its authority it can be asked", async () => {
    const url = new URL(`https://localhost:${await secureGateway(answering(401, "no"))}`);
    await expect(ask(url)).rejects.toMatchObject({ code: "tls-failed" });
    const agent = new Agent({ ca: authority.ca });
    expect(await ask(url, { agent })).toEqual({ status: 401, says: "no" });
  });

  test("since the proxy wants to know who asks is proxy-refused; through one that does not it can be asked", async () => {
    const port = await secureGateway(answering(403, "no"));
    const through = async (answer?: string) => {
      const proxy = await startTunnelProxy(port, answer === undefined ? {} : { answer });
      const agent = proxyAgent(`http://127.0.0.1:${proxy.port}`, authority.ca);
      return ask(new URL("https://gateway.example.com/"), { agent });
    };
    expect(await through()).toEqual({ status: 403, says: "no" });
    await expect(through("407 Proxy Authentication Required")).rejects.toMatchObject({
      code: "proxy-refused",
    });
    await expect(through("502 Bad Gateway")).rejects.toMatchObject({ code: "unreachable" });
  });

  test("since the key is none is usage, and the key is not quoted", async () => {
    const url = await gateway(() => expect.unreachable());
    const asked = ask(url, { secret: `${key}\n${key}` });
    const error = await asked.then(() => expect.unreachable(), errorOf);
    expect(error).toMatchObject({ code: "usage", message: "The key has more than one line." });
    expect(JSON.stringify([error.message, error.remedy, error.cause])).not.toContain(key);
  });

  test("since it is no address of the web is usage", async () => {
    await expect(ask(new URL("ftp://gateway.example.com/"))).rejects.toMatchObject({
      code: "usage",
      message: "ftp: is no address of a gateway.",
    });
  });

  test("since nobody waits any more rejects with the reason", async () => {
    const stop = new AbortController();
    const reason = new EvercredError("cancelled");
    const url = await gateway(() => stop.abort(reason));
    await expect(ask(url, { signal: stop.signal })).rejects.toBe(reason);
  });
});
