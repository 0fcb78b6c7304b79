import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlainServer, type Server as PlainServer } from "node:http";
import { createServer, type Server } from "node:https";
import { networkInterfaces } from "node:os";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { SystemProxy } from "../../electron/platform/asked-proxies.ts";
import type { Network, NetworkSettings } from "../../electron/platform/network.ts";
import { type Authority, createAuthority } from "../fakes/cloud/authority.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { takeRefusals } from "../loopback-only.ts";
import { temporaryFolder } from "./folder.ts";
import { get, openNetwork, secretsOf } from "./network-rig.ts";
import { startTunnelProxy, type TunnelProxy } from "./tunnel-proxy.ts";

const url = "https://api.example.test/";
let folder: string;
let authority: Authority;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "evercred-pac-"));
  authority = await createAuthority(folder, ["api.example.test", "localhost"]);
  const server = createServer(tls(), (_, reply) => reply.end("hello"));
  port = await listen(server);
  return () => {
    server.close();
    server.closeAllConnections();
  };
});

afterAll(() => rmSync(folder, { recursive: true }));

const tls = (): { readonly key: string; readonly cert: string } => ({
  key: authority.key,
  cert: authority.certificate,
});

/** Runs scripts of one statement: it takes what they return as it stands there. */
class Runner implements SystemProxy {
  readonly used: (string | undefined)[] = [];
  /** Whether it runs none, until it is given one anew. */
  isDown = false;

  async use(script: string | undefined): Promise<void> {
    this.used.push(script);
    if (this.used.length > 1) this.isDown = false;
  }

  async resolve(): Promise<string> {
    if (this.isDown) return "";
    return /return "([^"]*)"/.exec(this.used.at(-1) ?? "")?.[1] ?? "";
  }

  giveUp(): void {
    throw new Error("It answers at once.");
  }
}

const leadingTo = (proxy: { readonly port: number }): string =>
  `function FindProxyForURL(url, host) { return "PROXY 127.0.0.1:${proxy.port}"; }`;

/** What a test gives to whoever asks for the file. */
interface Place {
  readonly address: string;
  text: string;
  status: number;
  fetched: number;
}

async function placeAt(server: Server | PlainServer, scheme: string): Promise<Place> {
  const place = { text: "", status: 200, fetched: 0, address: "" };
  server.on("request", (_, reply) => {
    place.fetched += 1;
    reply.writeHead(place.status).end(place.text);
  });
  place.address = `${scheme}://localhost:${await listen(server)}/proxy.pac`;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return place;
}

const secure = (): Promise<Place> => placeAt(createServer(tls()), "https");
const plain = (): Promise<Place> => placeAt(createPlainServer(), "http");

const open = (pac: string, more: Partial<NetworkSettings> = {}, system = new Runner()): Network =>
  openNetwork({
    system,
    settings: { proxy: { pac }, caFiles: [authority.caFile], ...more },
    secretOf: secretsOf({ proxy: "theirs" }),
  });

/** One request over a connection of its own. */
async function ask(network: Network): Promise<string> {
  const own = network.openAgent();
  try {
    return (await get(own, url)).body;
  } finally {
    own.close();
  }
}

const answered = async (network: Network, proxy: TunnelProxy, times: number): Promise<void> => {
  expect(await ask(network)).toBe("hello");
  expect(proxy.asked).toHaveLength(times);
};

describe("a PAC file", () => {
  test.each(["https", "http", "file", "path"])(
    "is had from its %s, when it is needed",
    async (kind) => {
      const proxy = await startTunnelProxy(port);
      const path = join(temporaryFolder(), "proxy.pac");
      writeFileSync(path, leadingTo(proxy));
      const place = kind === "https" ? await secure() : await plain();
      place.text = leadingTo(proxy);
      const address =
        kind === "path" ? path : kind === "file" ? pathToFileURL(path).href : place.address;
      const network = open(address);
      expect(place.fetched).toBe(0);
      await answered(network, proxy, 1);
      await answered(network, proxy, 2);
      expect(place.fetched).toBe(kind.startsWith("http") ? 1 : 0);
      expect(network.problems).toEqual([]);
    },
  );

  test("that is not there is a problem, and no proxy is used until it is", async () => {
    const proxy = await startTunnelProxy(port);
    const path = join(temporaryFolder(), "proxy.pac");
    const network = open(path);
    const told = vi.fn();
    network.subscribe(told);
    const own = network.openAgent();
    const { socket } = await get(own, `https://localhost:${port}/`);
    expect(own.factsOf(socket)?.way.proxy).toBeUndefined();
    own.close();
    await expect(ask(network)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(
        /^The PAC file .* cannot be had \(ENOENT\)\. .* And without one api\.example\.test cannot be reached/,
      ),
      remedy: expect.stringContaining("network.proxy"),
    });
    takeRefusals();
    expect(network.problems).toEqual([
      {
        severity: "error",
        file: "network.proxy",
        line: undefined,
        sentence: `The PAC file ${path} cannot be had (ENOENT). Until it is there no proxy is used.`,
        remedy: expect.stringContaining("network.proxy"),
      },
    ]);
    expect(told).toHaveBeenCalled();
    writeFileSync(path, leadingTo(proxy));
    await expect
      .poll(() => ask(network).catch(() => takeRefusals()), { timeout: 10_000 })
      .toBe("hello");
    expect(network.problems).toEqual([]);
  });

  test("that changes counts at once", async () => {
    const [first, second] = [await startTunnelProxy(port), await startTunnelProxy(port)];
    const path = join(temporaryFolder(), "proxy.pac");
    writeFileSync(path, leadingTo(first));
    const network = open(path);
    await answered(network, first, 1);
    writeFileSync(path, leadingTo(second));
    network.check();
    await answered(network, second, 1);
  });

  test.each([
    ["answers 404", 404, "", /localhost:\d+ answers 404\./],
    ["leads elsewhere", 302, "", /localhost:\d+ answers 302\./],
    ["is a sign-in page", 200, "<html>Welcome</html>", /: What is there is no PAC file\./],
    [
      "has no end",
      200,
      `FindProxyForURL${" ".repeat(1 << 20)}`,
      /: What is there is no PAC file\./,
    ],
  ])("whose place %s cannot be had", async (_, status, text, words) => {
    const place = Object.assign(await secure(), { status, text });
    const network = open(place.address);
    await expect(ask(network)).rejects.toThrow();
    takeRefusals();
    expect(network.problems).toMatchObject([{ sentence: expect.stringMatching(words) }]);
  });

  test("whose place shows a certificate of nobody is not taken, and that is said", async () => {
    const place = await secure();
    place.text = leadingTo(await startTunnelProxy(port));
    const network = open(place.address, { caFiles: [] });
    await expect(ask(network)).rejects.toThrow();
    takeRefusals();
    expect(network.problems).toMatchObject([
      {
        sentence: expect.stringMatching(
          /cannot be had: localhost shows a certificate of "Throw-away CA/,
        ),
      },
    ]);
  });

  test("is fetched anew each hour; where it is gone the last one counts", async () => {
    const [first, second] = [await startTunnelProxy(port), await startTunnelProxy(port)];
    const place = await secure();
    place.text = leadingTo(first);
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const network = open(place.address);
    await answered(network, first, 1);
    vi.advanceTimersByTime(59 * 60_000);
    await answered(network, first, 2);
    expect(place.fetched).toBe(1);
    place.status = 500;
    vi.advanceTimersByTime(2 * 60_000);
    await answered(network, first, 3);
    expect(network.problems).toMatchObject([
      { sentence: expect.stringContaining("Until it is there the last one counts.") },
    ]);
    Object.assign(place, { status: 200, text: leadingTo(second) });
    vi.advanceTimersByTime(61_000);
    await answered(network, second, 1);
    expect(network.problems).toEqual([]);
    expect(place.fetched).toBe(3);
  });

  test.each(["file://elsewhere.example.com/proxy.pac", "file:///a%2Fb"])(
    "that lies nowhere here is a problem: %s",
    async (address) => {
      const network = open(address);
      await expect(ask(network)).rejects.toThrow("cannot be had");
      takeRefusals();
      expect(network.problems).toMatchObject([
        { sentence: expect.stringContaining(`The PAC file ${address} cannot be had`) },
      ]);
    },
  );

  test.each([
    ["says nothing", "function FindProxyForURL(url, host) {", ""],
    [
      "says what nobody knows",
      'function FindProxyForURL() { return "NONSENSE 1.2.3.4:1"; }',
      " (it says: NONSENSE 1.2.3.4:1)",
    ],
  ])("that %s is a problem, which the first error names", async (_, script, said) => {
    const path = join(temporaryFolder(), "proxy.pac");
    writeFileSync(path, script);
    const network = open(path);
    const sentence = `The PAC file ${path} does not say which proxy leads to api.example.test${said}, so none is used.`;
    await expect(ask(network)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining(sentence),
    });
    takeRefusals();
    expect(network.problems).toMatchObject([{ sentence }]);
  });

  test("that was not run is given to the system again, and asked again at once", async () => {
    const proxy = await startTunnelProxy(port);
    const path = join(temporaryFolder(), "proxy.pac");
    writeFileSync(path, leadingTo(proxy));
    const runner = new Runner();
    runner.isDown = true;
    const network = open(path, {}, runner);
    await expect(ask(network)).rejects.toMatchObject({ code: "unreachable" });
    takeRefusals();
    expect(await ask(network)).toBe("hello");
    expect(proxy.asked).toHaveLength(1);
  });

  test("may name a proxy that gets the password, unless it came in clear", async () => {
    const proxy = await startTunnelProxy(port, { login: "jdoe:theirs" });
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    const [safe, clear] = [await secure(), await plain()];
    safe.text = clear.text = leadingTo(proxy);
    expect(await ask(open(safe.address, login))).toBe("hello");
    await expect(ask(open(clear.address, login))).rejects.toMatchObject({ code: "proxy-refused" });
    expect(proxy.authorizations.map((each) => each !== undefined)).toEqual([true, false]);
  });
});

vi.mock("node:os", async (original) => {
  const os = await original<typeof import("node:os")>();
  return { ...os, networkInterfaces: vi.fn(os.networkInterfaces) };
});

test("in another network it is fetched anew, and answers are forgotten", async () => {
  const [first, second] = [await startTunnelProxy(port), await startTunnelProxy(port)];
  const place = await secure();
  place.text = leadingTo(first);
  const network = open(place.address);
  await answered(network, first, 1);
  place.text = leadingTo(second);
  await answered(network, first, 2);
  vi.mocked(networkInterfaces).mockReturnValue({ eth7: [{ cidr: "10.9.8.7/24" } as never] });
  await answered(network, second, 1);
});
