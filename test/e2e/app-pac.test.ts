import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { startTunnelProxy } from "../platform/tunnel-proxy.ts";
import { launchIn } from "./app.ts";
import { openThree, providers, type ThreeSources } from "./three-sources.ts";

let three: ThreeSources;
let app: ElectronApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
  await three.close();
});

test("a PAC file leads each host another way: sign-in, renewal and serving go by it", async () => {
  three = await openThree();
  const { house, configure, signIn, renewed, served } = three;
  const { sitePort } = house.cloud;
  const [aws, google, company] = [
    await startTunnelProxy(sitePort),
    await startTunnelProxy(sitePort),
    await startTunnelProxy(sitePort),
  ];
  const pac = join(house.home, "proxy.pac");
  const script = (theirs: string): string => `
    function FindProxyForURL(url, host) {
      if (dnsDomainIs(host, ".amazonaws.com")) return "PROXY 127.0.0.1:${aws.port}";
      if (shExpMatch(host, "*.googleapis.com")) return "PROXY 127.0.0.1:1; PROXY 127.0.0.1:${google.port}";
      if (host === "login.example.com") return "${theirs}";
      return "PROXY 127.0.0.1:1";
    }`;
  await writeFile(pac, script(`PROXY 127.0.0.1:${company.port}`));
  app = await launchIn(house, "--background");
  await configure({ network: { proxy: { pac } } });
  await signIn();
  await renewed();
  await served();
  const hostsOf = (asked: readonly string[]): readonly string[] =>
    [...new Set(asked)].map((each) => each.replace(":443", "")).sort();
  expect(hostsOf(aws.asked)).toEqual(expect.arrayContaining([providers.aws, providers.portal]));
  expect(hostsOf(aws.asked).filter((host) => !host.endsWith(".amazonaws.com"))).toEqual([]);
  expect(hostsOf(google.asked)).toContain(providers.google);
  expect(hostsOf(company.asked)).toEqual([providers.company]);
  expect(house.cloud.refusedHosts).toEqual([]);

  const socks = "To login.example.com only the SOCKS proxy 127.0.0.1:1080 leads";
  const diagnosis = async (): Promise<string> =>
    (await house.evercred("doctor", "--no-verify")).stdout;
  // What never returns is ended, and the corrected file counts at once.
  await writeFile(pac, "function FindProxyForURL(url, host) { for (;;); }");
  const never = "Which proxy leads to login.example.com has not been said within 10 s";
  await expect.poll(diagnosis, { timeout: 40_000 }).toContain(never);
  await writeFile(pac, 'function FindProxyForURL(url, host) { return "NONSENSE 1.2.3.4:1"; }');
  await expect.poll(diagnosis, { timeout: 20_000 }).toContain("(it says: NONSENSE 1.2.3.4:1)");
  await writeFile(pac, script("SOCKS5 127.0.0.1:1080"));
  await expect.poll(diagnosis, { timeout: 20_000 }).toContain(socks);
  await house.evercred("logout", "company");
  const login = await house.evercred("login", "company", "--device-code");
  expect(login).toMatchObject({ code: 7, stderr: expect.stringContaining(socks) });
}, 120_000);
