import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import { createServer as createPlainServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { Environment } from "../../electron/platform/browser.ts";
import { Network, type NetworkSettings } from "../../electron/platform/network.ts";
import type { ProxySetting } from "../../electron/platform/proxy-settings.ts";
import { type Authority, createAuthority } from "../fakes/cloud/authority.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { MemoryLog } from "../fakes/log.ts";
import { takeRefusals } from "../loopback-only.ts";
import { temporaryFolder } from "./folder.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

const host = "api.example.test";
let folder: string;
let authority: Authority;
let server: Server;
let port: number;
let held: ((answer: string) => void)[] = [];

/** `/hold` is answered when the test says so; all else at once. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "evercred-network-"));
  authority = await createAuthority(folder, [host, "localhost"]);
  server = createServer(
    { key: authority.key, cert: authority.certificate, keepAliveTimeout: 60_000 },
    ({ url }, response) => {
      if (url === "/hold") held.push((answer) => response.end(answer));
      else response.end("hello");
    },
  );
  port = await listen(server);
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const log = new MemoryLog();

const settings = (others: Partial<NetworkSettings> = {}): NetworkSettings => ({
  proxy: "auto",
  noProxy: [],
  caFiles: [authority.caFile],
  systemCa: false,
  ...others,
});

/** What `secretOf` gives, by name. */
let secrets: Record<string, string> = {};

function networkWith(others: Partial<NetworkSettings> = {}, env: Environment = {}): Network {
  const secretOf = async (name: string): Promise<Secret> => {
    const secret = secrets[name];
    if (secret !== undefined) return new Secret(secret);
    const sentence = `The key ${name} is not there.`;
    throw new EvercredError("sign-in-needed", sentence, { remedy: `Set ${name}.` });
  };
  const network = new Network({
    env,
    settings: settings(others),
    secretOf,
    system: undefined,
    log,
  });
  onTestFinished(() => network.close());
  return network;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly reused: boolean;
  readonly socket: Socket;
}

async function get(
  network: Network,
  url = `https://${host}/`,
  signal?: AbortSignal,
): Promise<Answer> {
  const outgoing = request(url, { agent: network.agent, ...(signal && { signal }) });
  outgoing.end();
  const [reply] = await once(outgoing, "response");
  const { socket, statusCode: status } = reply;
  let body = "";
  for await (const chunk of reply) body += String(chunk);
  return { status, body, reused: outgoing.reusedSocket, socket };
}

const here = (path = "/"): string => `https://localhost:${port}${path}`;
const proxyUrl = (proxy: { readonly port: number }, user = ""): string =>
  `http://${user}127.0.0.1:${proxy.port}`;

/** Until the connection of a finished request is back in the agent's hands. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("certificates", () => {
  test("a host of an unknown authority is refused", async () => {
    const network = networkWith({ caFiles: [] });
    await expect(get(network, here())).rejects.toMatchObject({ code: "tls-failed" });
  });

  test("a certificate for another name is refused", async () => {
    await expect(get(networkWith(), `https://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: "tls-failed",
    });
  });

  test("an authority in caFiles is trusted, as PEM, as DER and in a folder", async () => {
    const place = temporaryFolder();
    const der = join(place, "ca.der");
    writeFileSync(der, new X509Certificate(authority.ca).raw);
    const inFolder = join(place, "folder");
    mkdirSync(inFolder);
    writeFileSync(join(inFolder, "README"), "not a certificate");
    writeFileSync(join(inFolder, "ca.crt"), `# ours\r\n${authority.ca.replaceAll("\n", "\r\n")}`);
    for (const path of [authority.caFile, der, inFolder]) {
      const network = networkWith({ caFiles: [path] });
      expect((await get(network, here())).body).toBe("hello");
      expect(network.problems).toEqual([]);
    }
  });

  test("the authority in NODE_EXTRA_CA_CERTS is trusted", async () => {
    const network = networkWith({ caFiles: [] }, { NODE_EXTRA_CA_CERTS: authority.caFile });
    expect((await get(network, here())).body).toBe("hello");
  });

  test("a file that changes counts at once, also one that was not there, and is told", async () => {
    const path = join(temporaryFolder(), "ca.pem");
    const network = networkWith({ caFiles: [path] });
    const told = vi.fn();
    network.subscribe(told);
    await expect(get(network, here())).rejects.toMatchObject({ code: "tls-failed" });
    expect(network.problems).toHaveLength(1);
    writeFileSync(path, authority.ca);
    await expect.poll(() => network.problems, { timeout: 10_000 }).toEqual([]);
    expect(told).toHaveBeenCalled();
    expect((await get(network, here())).body).toBe("hello");
    rmSync(path);
    network.check();
    expect(network.problems).toHaveLength(1);
    await expect(get(network, here())).rejects.toMatchObject({ code: "tls-failed" });
  });

  test("a file that cannot be used is a problem with a sentence, and all else works", async () => {
    const place = temporaryFolder();
    const [missing, empty, broken] = ["missing.pem", "empty.pem", "broken.pem"].map((name) =>
      join(place, name),
    ) as [string, string, string];
    writeFileSync(empty, "");
    const block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    writeFileSync(broken, block);
    const network = networkWith(
      { caFiles: [empty, broken, authority.caFile] },
      { NODE_EXTRA_CA_CERTS: missing },
    );
    expect(network.problems.map(({ file, severity }) => [file, severity])).toEqual(
      [missing, empty, broken].map((file) => [file, "warning"]),
    );
    expect(network.problems[0]?.sentence).toBe(
      `The certificate file ${missing} cannot be read (ENOENT).`,
    );
    expect((await get(network, here())).body).toBe("hello");
  });
});

describe("the proxy", () => {
  test.each([
    ["HTTPS_PROXY", "http://127.0.0.1:PORT"],
    ["https_proxy", "http://127.0.0.1:PORT/"],
    ["HTTPS_PROXY", "127.0.0.1:PORT"],
    ["ALL_PROXY", "http://127.0.0.1:PORT"],
    ["HTTP_PROXY", "http://127.0.0.1:PORT"],
  ])("of %s in the daemon's environment is used", async (name, value) => {
    const proxy = await startTunnelProxy(port);
    const env = { [name]: value.replace("PORT", String(proxy.port)) };
    for (const choice of ["auto", "system"]) {
      expect((await get(networkWith({ proxy: choice }, env))).body).toBe("hello");
    }
    expect(proxy.asked).toEqual([`${host}:443`, `${host}:443`]);
  });

  test("for https counts before the one for http", async () => {
    const proxy = await startTunnelProxy(port);
    const env = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: proxyUrl(proxy) };
    expect((await get(networkWith({}, env))).body).toBe("hello");
  });

  test("of the configuration counts before that of the environment", async () => {
    const proxy = await startTunnelProxy(port);
    const env = { HTTPS_PROXY: "http://127.0.0.1:1" };
    expect((await get(networkWith({ proxy: proxyUrl(proxy) }, env))).body).toBe("hello");
  });

  test("may itself be reached by TLS, with an authority of ours", async () => {
    const tls = { key: authority.key, cert: authority.certificate };
    const proxy = await startTunnelProxy(port, { tls });
    const network = networkWith({ proxy: `https://localhost:${proxy.port}` });
    expect((await get(network)).body).toBe("hello");
    expect(proxy.asked).toEqual([`${host}:443`]);
  });

  test("is not asked for hosts of noProxy and NO_PROXY, nor with proxy none", async () => {
    const proxy = await startTunnelProxy(port);
    const env = { HTTPS_PROXY: proxyUrl(proxy), NO_PROXY: "other.test .example.org" };
    await expect(get(networkWith({ noProxy: [".example.test"] }, env))).rejects.toThrow(host);
    await expect(get(networkWith({}, env), "https://a.example.org")).rejects.toThrow("example.org");
    await expect(get(networkWith({ proxy: "none" }, env))).rejects.toThrow(host);
    expect(proxy.asked).toEqual([]);
    expect(takeRefusals()).toEqual([host, "a.example.org", host]);
  });

  test("is never asked for this computer", async () => {
    const network = networkWith({ proxy: "http://127.0.0.1:1" });
    expect((await get(network, here())).body).toBe("hello");
  });

  test("gets user and password, and neither errors nor the log show them", async () => {
    const env = (address: string): Environment => ({ HTTPS_PROXY: address });
    const user = "jdoe:p%40ss%2Fword@";
    const header = `Basic ${Buffer.from("jdoe:p@ss/word").toString("base64")}`;
    const proxy = await startTunnelProxy(port);
    await get(networkWith({}, env(proxyUrl(proxy, user))));
    expect(proxy.authorizations).toEqual([header]);
    const refusing = await startTunnelProxy(port, { answer: "407 Proxy Authentication Required" });
    const errors = [];
    for (const address of [proxyUrl(refusing, user), proxyUrl({ port: 1 }, user)]) {
      errors.push(await get(networkWith({}, env(address))).catch((error: unknown) => error));
    }
    secrets = { proxy: "p@ss/word" };
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    const network = networkWith({ ...login, proxy: proxyUrl(refusing) });
    errors.push(await get(network).catch((error: unknown) => error), network);
    expect(errors).toMatchObject([
      { code: "proxy-refused" },
      { code: "unreachable" },
      { code: "proxy-refused" },
      {},
    ]);
    expect(refusing.authorizations).toEqual([header, header]);
    const shown = inspect([errors, log.lines], { depth: 10, showHidden: true });
    expect(shown).toContain("127.0.0.1");
    expect(shown).not.toMatch(/jdoe:|p@ss|p%40ss/);
    expect(shown).not.toContain(header);
  });

  test("gets the user and the password of the settings, asked for at each connection", async () => {
    const proxy = await startTunnelProxy(port, { login: "jdoe:pä:ss" });
    secrets = { proxy: "pä:ss" };
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    const network = networkWith({ ...login, proxy: proxyUrl(proxy) });
    expect((await get(network)).body).toBe("hello");
    expect(network.proxy).toEqual({
      url: new URL(proxyUrl(proxy)),
      user: "jdoe",
      passwordKey: "proxy",
    });
    secrets = { proxy: "old" };
    // One way is open still.
    await settled();
    expect((await get(network)).reused).toBe(true);
    network.apply(settings({ ...login, proxy: proxyUrl(proxy) }));
    await expect(get(network)).rejects.toMatchObject({
      code: "proxy-refused",
      message: `The proxy 127.0.0.1:${proxy.port} refuses the user and the password.`,
      remedy: "Correct network.proxyUser, or run: evercred api-key set proxy",
    });
    secrets = { proxy: "pä:ss" };
    expect((await get(network)).body).toBe("hello");
  });

  test("gets the user and the password of the settings only where these name it too", async () => {
    const proxy = await startTunnelProxy(port, { login: "jdoe:theirs" });
    secrets = { proxy: "theirs" };
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    const env = { HTTPS_PROXY: proxyUrl(proxy) };
    for (const choice of ["auto", "system"]) {
      const network = networkWith({ ...login, proxy: choice }, env);
      await expect(get(network)).rejects.toMatchObject({
        code: "proxy-refused",
        message: `The proxy 127.0.0.1:${proxy.port} wants a user and a password.`,
        remedy: expect.stringContaining("network.proxy, network.proxyUser and"),
      });
      expect(network.proxy).toEqual({ url: undefined, user: "jdoe", passwordKey: "proxy" });
    }
    expect(proxy.authorizations).toEqual([undefined, undefined]);
    const named = networkWith({ ...login, proxy: proxyUrl(proxy) }, env);
    expect((await get(named)).body).toBe("hello");
    expect(named.proxy.url).toEqual(new URL(proxyUrl(proxy)));
  });

  test("gets the user and the password of its own address, where there are any", async () => {
    const proxy = await startTunnelProxy(port, { login: "jo:own" });
    secrets = { proxy: "theirs" };
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    const env = { HTTPS_PROXY: proxyUrl(proxy, "jo:own@") };
    expect((await get(networkWith(login, env))).body).toBe("hello");
    const other = { HTTPS_PROXY: proxyUrl(proxy, "jo:other@") };
    await expect(get(networkWith(login, other))).rejects.toMatchObject({
      remedy: "Correct them where the proxy is named.",
    });
  });

  test("that wants a user and a password is told nothing where none are named", async () => {
    const proxy = await startTunnelProxy(port, { login: "jdoe:x" });
    for (const half of [{}, { proxyUser: "jdoe" }, { proxyPasswordKey: "proxy" }]) {
      await expect(get(networkWith({ ...half, proxy: proxyUrl(proxy) }))).rejects.toMatchObject({
        code: "proxy-refused",
        message: `The proxy 127.0.0.1:${proxy.port} wants a user and a password.`,
        remedy: expect.stringContaining("network.proxyUser and network.proxyPasswordKey"),
      });
    }
    expect(proxy.authorizations).toEqual([undefined, undefined, undefined]);
  });

  test("is not asked where the password for it is not there, and the reason is said", async () => {
    const proxy = await startTunnelProxy(port);
    secrets = {};
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    await expect(get(networkWith({ ...login, proxy: proxyUrl(proxy) }))).rejects.toMatchObject({
      code: "proxy-refused",
      message: `The password for the proxy 127.0.0.1:${proxy.port} is not there. The key proxy is not there.`,
      remedy: "Set proxy.",
    });
    expect(proxy.asked).toEqual([]);
    expect((await get(networkWith({ ...login, proxy: "none" }), here())).body).toBe("hello");
  });

  test.each([
    ["407 Proxy Authentication Required", "proxy-refused"],
    ["401 Unauthorized", "proxy-refused"],
    ["403 Forbidden", "proxy-refused"],
    ["502 Bad Gateway", "unreachable"],
    ["504 Gateway Timeout", "unreachable"],
  ])("that answers %s is an error of ours, not a reply of the host", async (answer, code) => {
    const proxy = await startTunnelProxy(port, { answer });
    await expect(get(networkWith({ proxy: proxyUrl(proxy) }))).rejects.toMatchObject({ code });
  });

  test.each([
    ["Negotiate", "Negotiate"],
    ["NTLM, Negotiate", "NTLM or Negotiate"],
    ['Kerberos realm="Basic, or so", Digest nonce="x"', "Kerberos or Digest"],
  ])("that takes %s only is named with the way out", async (offered, words) => {
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    secrets = { proxy: "x" };
    const headers = offered.split(/, (?=N)/).map((each) => `Proxy-Authenticate: ${each}`);
    const proxy = await startTunnelProxy(port, { answer: "407 Who", headers });
    for (const more of [{}, login]) {
      await expect(get(networkWith({ ...more, proxy: proxyUrl(proxy) }))).rejects.toMatchObject({
        code: "proxy-refused",
        message: `The proxy 127.0.0.1:${proxy.port} takes ${words} only, which Evercred does not speak.`,
        remedy: expect.stringMatching(/px, cntlm.*ask IT for Basic/),
      });
    }
  });

  test.each(["407 Who", "401 Unauthorized"])(
    "that answers %s to the user and the password refuses them",
    async (answer) => {
      const proxy = await startTunnelProxy(port, { answer });
      const env = { HTTPS_PROXY: proxyUrl(proxy, "jo:own@") };
      await expect(get(networkWith({}, env))).rejects.toMatchObject({
        message: `The proxy 127.0.0.1:${proxy.port} refuses the user and the password.`,
      });
    },
  );

  test.each(['Basic realm="x"', 'Negotiate, basic realm="x"'])(
    "that takes %s too wants a user",
    async (offered) => {
      const headers = [`Proxy-Authenticate: ${offered}`];
      const proxy = await startTunnelProxy(port, { answer: "407 Who", headers });
      await expect(get(networkWith({ proxy: proxyUrl(proxy) }))).rejects.toMatchObject({
        message: expect.stringContaining("wants a user and a password"),
      });
    },
  );

  test("that hangs is given ten seconds, then left", async () => {
    const proxy = await startTunnelProxy(port, { answer: "hang" });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const going = get(networkWith({ proxy: proxyUrl(proxy) }));
    const ended = expect(going).rejects.toMatchObject({ code: "unreachable" });
    await expect.poll(() => proxy.asked, { timeout: 10_000 }).toHaveLength(1);
    vi.advanceTimersByTime(9_999);
    expect(proxy.open()).toBe(1);
    vi.advanceTimersByTime(1);
    await ended;
    await expect.poll(() => proxy.open(), { timeout: 10_000 }).toBe(0);
  });

  test.each(["socks5://127.0.0.1:1080", "SOCKS5h://a", "socks://a", "socks4a://a:1"])(
    "'%s' is named with the way out, and none is used",
    async (address) => {
      const network = networkWith({}, { ALL_PROXY: address });
      expect(network.problems).toEqual([
        {
          severity: "error",
          file: "ALL_PROXY",
          line: undefined,
          sentence: "ALL_PROXY names a SOCKS proxy, so none is used.",
          remedy: expect.stringMatching(/HTTP proxy in network.proxy.*privoxy/),
        },
      ]);
      expect((await get(network, here())).body).toBe("hello");
    },
  );

  test("of a variable that can be used counts before one that cannot", async () => {
    const proxy = await startTunnelProxy(port);
    const env = { ALL_PROXY: "socks5://127.0.0.1:1", HTTP_PROXY: proxyUrl(proxy) };
    const network = networkWith({}, env);
    expect((await get(network)).body).toBe("hello");
    expect(network.problems).toMatchObject([
      {
        severity: "warning",
        file: "ALL_PROXY",
        sentence: "ALL_PROXY names no proxy that Evercred can use, so HTTP_PROXY counts.",
      },
    ]);
    const other = networkWith({}, { HTTPS_PROXY: proxyUrl(proxy), ALL_PROXY: "socks5://a" });
    expect(other.problems).toEqual([]);
  });

  test.each([
    ["ends the connection", "", false],
    ["says what is not HTTP", "hello\r\n\r\n", true],
    ["says half a head, and ends", "HTTP/1.1 200 OK\r\n", true],
  ])("that %s is named as one that is none", async (_, said, isLate) => {
    const server = createPlainServer((socket) => {
      socket.on("error", () => socket.destroy());
      if (isLate) socket.once("data", () => socket.end(said));
      else socket.destroy();
    });
    const proxy = { port: await listen(server) };
    onTestFinished(() => void server.close());
    await expect(get(networkWith({ proxy: proxyUrl(proxy) }))).rejects.toMatchObject({
      code: "unreachable",
      message: `The proxy 127.0.0.1:${proxy.port} is there, but does not answer as an HTTP proxy does.`,
    });
  });

  test("that speaks TLS where that is not said is named as such", async () => {
    const tls = { key: authority.key, cert: authority.certificate };
    const proxy = await startTunnelProxy(port, { tls });
    await expect(get(networkWith({ proxy: proxyUrl(proxy) }))).rejects.toMatchObject({
      code: "unreachable",
      message: `The proxy 127.0.0.1:${proxy.port} speaks TLS, and is named as one that does not.`,
      remedy: "Name it as https://host:port.",
    });
    expect(proxy.asked).toEqual([]);
  });

  test.each<[ProxySetting, string]>([
    ["system", "The system's proxy can be found out by the app only, so none is used."],
    [
      { pac: "https://pac.example.com/" },
      "A PAC file can be used by the app only, so none is used.",
    ],
  ])("%j is a problem where nobody can ask the system", async (proxy, sentence) => {
    const network = networkWith({ proxy });
    expect(network.problems).toMatchObject([
      { file: "network.proxy", sentence, remedy: expect.stringContaining("HTTPS_PROXY") },
    ]);
    expect((await get(network, here())).body).toBe("hello");
  });

  test.each(["http://", "http://[", "ftp://a"])(
    "'%s' is a problem, and none is used",
    async (address) => {
      const network = networkWith({}, { HTTPS_PROXY: address });
      expect(network.problems).toMatchObject([{ file: "HTTPS_PROXY", severity: "error" }]);
      expect((await get(network, here())).body).toBe("hello");
    },
  );
});

describe("connections", () => {
  test("are used again, directly and through a proxy", async () => {
    const proxy = await startTunnelProxy(port);
    const network = networkWith({ proxy: proxyUrl(proxy) });
    for (const url of [here(), undefined]) {
      expect((await get(network, url)).reused).toBe(false);
      await settled();
      expect((await get(network, url)).reused).toBe(true);
    }
    expect(proxy.asked).toHaveLength(1);
  });

  test("are kept for seconds only, and only a few", async () => {
    const network = networkWith();
    const answers = await Promise.all(Array.from({ length: 9 }, () => get(network, here())));
    await settled();
    const open = answers.filter(({ socket }) => !socket.destroyed);
    expect(open.length).toBeLessThanOrEqual(4);
    expect(open.map(({ socket }) => socket.timeout)).toEqual(open.map(() => 5_000));
  });

  test("obey new settings at once, without harm to a request under way", async () => {
    const [old, next] = [await startTunnelProxy(port), await startTunnelProxy(port)];
    const network = networkWith({ proxy: proxyUrl(old) });
    const idle = await get(network);
    await settled();
    held = [];
    const [first, second] = [
      get(network, `https://${host}/hold`),
      get(network, `https://${host}/hold`),
    ];
    await expect.poll(() => held, { timeout: 10_000 }).toHaveLength(2);
    network.apply(settings({ proxy: proxyUrl(next) }));
    const fresh = await get(network);
    expect(fresh.reused).toBe(false);
    expect(next.asked).toHaveLength(1);
    held.forEach((answer) => answer("late"));
    expect([(await first).body, (await second).body]).toEqual(["late", "late"]);
    await settled();
    expect((await get(network)).socket).toBe(fresh.socket);
    expect([old.asked.length, next.asked.length]).toEqual([2, 1]);
    expect(idle.socket.destroyed || (await first).socket === idle.socket).toBe(true);
  });

  test("trust no longer what new settings do not name", async () => {
    const network = networkWith();
    await get(network, here());
    await settled();
    network.apply(settings({ caFiles: [] }));
    await expect(get(network, here())).rejects.toMatchObject({ code: "tls-failed" });
    network.apply(settings());
    expect((await get(network, here())).body).toBe("hello");
  });

  test("end with close", async () => {
    const network = networkWith();
    const { socket } = await get(network, here());
    await settled();
    network.close();
    await expect.poll(() => socket.destroyed, { timeout: 10_000 }).toBe(true);
  });
});
