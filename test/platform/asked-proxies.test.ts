import { createServer } from "node:https";
import { createServer as createPlainServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import type { SystemProxy } from "../../electron/platform/asked-proxies.ts";
import type { Network, NetworkSettings } from "../../electron/platform/network.ts";
import { type Authority, createAuthority } from "../fakes/cloud/authority.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { get, openNetwork, secretsOf } from "./network-rig.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

const host = "api.example.test";
const url = `https://${host}/`;
let folder: string;
let authority: Authority;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "evercred-asked-"));
  authority = await createAuthority(folder, [
    host,
    "b.example.test",
    "c.example.test",
    "localhost",
  ]);
  const { key, certificate: cert } = authority;
  const server = createServer({ key, cert }, (_, reply) => reply.end("hello"));
  port = await listen(server);
  return () => {
    server.close();
    server.closeAllConnections();
  };
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A system whose word a test gives. */
class ScriptedSystem implements SystemProxy {
  readonly asked: string[] = [];
  readonly used: (string | undefined)[] = [];
  givenUp = 0;
  answer: string | Promise<string> = "DIRECT";

  async use(script: string | undefined): Promise<void> {
    this.used.push(script);
  }

  async resolve(address: string): Promise<string> {
    this.asked.push(address);
    return this.answer;
  }

  giveUp(): void {
    this.givenUp += 1;
  }
}

const open = (
  system: ScriptedSystem,
  settings: Partial<NetworkSettings> = {},
  env: Readonly<Record<string, string>> = {},
): Network =>
  openNetwork({
    env,
    system,
    settings: { proxy: "system", caFiles: [authority.caFile], ...settings },
    secretOf: secretsOf({ proxy: "theirs" }),
  });

const at = ({ port: of }: { readonly port: number }): string => `127.0.0.1:${of}`;
const nowhere = "127.0.0.1:1";

describe("the system's word", () => {
  test("is asked for by host and port, and nothing else of an address", async () => {
    const system = new ScriptedSystem();
    system.answer = `PROXY ${at(await startTunnelProxy(port))}`;
    const network = open(system);
    expect((await get(network, `${url}secret?token=1`)).body).toBe("hello");
    expect(system.asked).toEqual([`https://${host}:443/`]);
    expect(system.used).toEqual([undefined]);
  });

  test("counts for auto where the environment says nothing, and only there", async () => {
    const [theirs, ours] = [await startTunnelProxy(port), await startTunnelProxy(port)];
    const system = new ScriptedSystem();
    system.answer = `PROXY ${at(theirs)}`;
    await get(open(system, { proxy: "auto" }), url);
    await get(open(system, { proxy: "auto" }, { HTTPS_PROXY: `http://${at(ours)}` }), url);
    expect([theirs.asked.length, ours.asked.length, system.asked.length]).toEqual([1, 1, 1]);
    await get(open(system, { proxy: "system" }, { HTTPS_PROXY: `http://${at(ours)}` }), url);
    expect([theirs.asked.length, ours.asked.length]).toEqual([2, 1]);
  });

  test.each([
    ["PROXY", "PROXY DEAD; PROXY LIVE; DIRECT"],
    ["HTTP", "HTTP LIVE"],
    ["what nobody knows", "QUIC x:1; PROXY LIVE"],
    ["SOCKS, which is passed over", "SOCKS5 DEAD; proxy LIVE;"],
  ])("may be %s", async (_, answer) => {
    const proxy = await startTunnelProxy(port);
    const system = new ScriptedSystem();
    system.answer = answer.replace("LIVE", at(proxy)).replace("DEAD", nowhere);
    expect((await get(open(system), url)).body).toBe("hello");
    expect(proxy.asked).toEqual([`${host}:443`]);
  });

  test("may be HTTPS: a proxy that is itself reached by TLS", async () => {
    const { key, certificate: cert } = authority;
    const proxy = await startTunnelProxy(port, { tls: { key, cert } });
    const system = new ScriptedSystem();
    system.answer = `HTTPS localhost:${proxy.port}`;
    expect((await get(open(system), url)).body).toBe("hello");
  });

  test.each(["DIRECT", "", " ; "])("may be to go directly: '%s'", async (answer) => {
    const system = new ScriptedSystem();
    system.answer = answer;
    const own = open(system).openAgent();
    onTestFinished(() => own.close());
    const { socket } = await get(own, `https://localhost:${port}/`);
    expect(own.factsOf(socket)?.way.proxy).toBeUndefined();
  });

  test("of a proxy that was not there is tried last for five minutes", async () => {
    let tries = 0;
    const gone = createPlainServer((socket) => {
      // Whether it speaks TLS is tried too, once a minute.
      socket.once("data", (said: Buffer) => {
        if (said.toString().startsWith("CONNECT ")) tries += 1;
        socket.destroy();
      });
    });
    const live = await startTunnelProxy(port);
    const system = new ScriptedSystem();
    system.answer = `PROXY 127.0.0.1:${await listen(gone)}; PROXY ${at(live)}`;
    onTestFinished(() => void gone.close());
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const network = open(system);
    await get(network, url);
    await get(network, "https://b.example.test/");
    expect([tries, live.asked.length]).toEqual([1, 2]);
    vi.advanceTimersByTime(5 * 60_000 + 1);
    await get(network, "https://c.example.test/");
    expect([tries, live.asked.length]).toEqual([2, 3]);
  });

  test("of a proxy that refuses is final: it is there", async () => {
    const refusing = await startTunnelProxy(port, { answer: "403 No" });
    const other = await startTunnelProxy(port);
    const system = new ScriptedSystem();
    system.answer = `PROXY ${at(refusing)}; PROXY ${at(other)}`;
    await expect(get(open(system), url)).rejects.toMatchObject({ code: "proxy-refused" });
    expect(other.asked).toEqual([]);
  });

  test("of SOCKS only is named with the way out", async () => {
    const system = new ScriptedSystem();
    system.answer = "SOCKS5 127.0.0.1:1080; SOCKS a";
    await expect(get(open(system), url)).rejects.toMatchObject({
      code: "proxy-refused",
      message: `To ${host} only the SOCKS proxy 127.0.0.1:1080 leads, says the system, and Evercred does not speak SOCKS.`,
      remedy: expect.stringContaining("privoxy"),
    });
  });

  test("that does not come within ten seconds is an error, and asked for again", async () => {
    const system = new ScriptedSystem();
    system.answer = new Promise(() => undefined);
    const network = open(system);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const failed = expect(get(network, url)).rejects.toMatchObject({
      code: "unreachable",
      message: `Which proxy leads to ${host} has not been said within 10 s by the system.`,
    });
    await eventually(() => expect(system.asked).toHaveLength(1));
    vi.advanceTimersByTime(10_000);
    await failed;
    expect(system.givenUp).toBe(1);
    vi.useRealTimers();
    system.answer = `PROXY ${at(await startTunnelProxy(port))}`;
    expect((await get(network, url)).body).toBe("hello");
    expect(system.used).toHaveLength(2);
  });

  test("is kept for a minute, for each host, and forgotten with new settings", async () => {
    const system = new ScriptedSystem();
    system.answer = `PROXY ${at(await startTunnelProxy(port))}`;
    const network = open(system);
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const ask = async (address = url): Promise<number> => {
      const own = network.openAgent();
      await get(own, address);
      own.close();
      return system.asked.length;
    };
    expect([await ask(), await ask()]).toEqual([1, 1]);
    expect(await ask("https://b.example.test/")).toBe(2);
    vi.advanceTimersByTime(60_001);
    expect(await ask()).toBe(3);
    network.apply({ proxy: "system", noProxy: [], caFiles: [authority.caFile], systemCa: false });
    expect(await ask()).toBe(4);
  });

  test("is not asked for hosts of noProxy and this computer", async () => {
    const system = new ScriptedSystem();
    await get(open(system), `https://localhost:${port}/`);
    expect(system.asked).toEqual([]);
  });

  test("gets no password of ours: it may be anybody's", async () => {
    const proxy = await startTunnelProxy(port, { login: "jdoe:theirs" });
    const system = new ScriptedSystem();
    system.answer = `PROXY ${at(proxy)}`;
    const login = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
    await expect(get(open(system, login), url)).rejects.toMatchObject({ code: "proxy-refused" });
    expect(proxy.authorizations).toEqual([undefined]);
  });
});
