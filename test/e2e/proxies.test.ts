import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Throwaway } from "../platform/throwaway-certificates.ts";
import { startInspectingProxy } from "./inspecting-proxy.ts";
import { openThree, providers, type ThreeSources } from "./three-sources.ts";
import { startTinyproxy, type Tinyproxy } from "./tinyproxy.ts";

const everyHost = Object.values(providers);

let three: ThreeSources;
let tinyproxy: Tinyproxy | undefined;

beforeEach(async () => {
  three = await openThree();
});

afterEach(async () => {
  await three.close();
  await tinyproxy?.close();
  tinyproxy = undefined;
});

/** Signs in to all three, waits until they are renewed, and has them served: through whatever is in the way. */
const live = async (): Promise<void> => {
  await three.signIn();
  await three.renewed();
  await three.served();
};

/** What a sign-in says that cannot be. */
const complaint = async (source: string): Promise<string> => {
  const { code, stderr } = await three.house.evercred("login", source);
  expect(code).toBe(7);
  return stderr;
};

describe("tinyproxy with a user and a password", () => {
  const login = { user: "jdoe", password: "s3cret-Passw0rd" };
  const network = { proxyUser: "jdoe", proxyPasswordKey: "proxy" };
  const keys = { proxy: { kind: "static" } };

  beforeEach(async () => {
    const { house } = three;
    tinyproxy = await startTinyproxy(house.home, login, new URL(house.cloud.proxyUrl));
  });

  test("leads all three sources to their providers, with the password from the keychain", async () => {
    await three.configure({ keys, network: { ...network, proxy: tinyproxy!.url } });
    await three.enter("proxy", login.password);
    await live();
    const asked = await tinyproxy!.asked();
    for (const host of everyHost) expect(asked).toContain(`${host}:443`);
  });

  test("is named where it gets no password, and where it gets another one", async () => {
    const { host } = new URL(tinyproxy!.url);
    await three.configure({ network: { proxy: tinyproxy!.url } });
    for (const source of ["corp", "company"]) {
      expect(await complaint(source)).toContain(
        `The proxy ${host} wants a user and a password. Name it and them: network.proxy`,
      );
    }
    await three.configure({ keys, network: { ...network, proxy: tinyproxy!.url } });
    await three.enter("proxy", "another one");
    await expect
      .poll(() => complaint("corp"), { timeout: 20_000 })
      .toContain(`The proxy ${host} refuses the user and the password. Correct network.proxyUser`);
    await three.enter("proxy", login.password);
    await three.signIn();
  });
});

describe("a proxy that looks into everything", () => {
  test("leads all three sources to their providers, once its authority is trusted", async () => {
    const made = new Throwaway(three.house.home);
    made.make({ name: "Example Proxy CA", isAuthority: true });
    const shown = made.make({ name: "shown", issuer: "Example Proxy CA", hosts: everyHost });
    const proxy = await startInspectingProxy(three.house.cloud, shown);
    const network = { proxy: `http://127.0.0.1:${proxy.port}` };
    await three.configure({ network });
    for (const [source, host] of [
      ["corp", providers.aws],
      ["company", providers.company],
    ] as const) {
      const said = await complaint(source);
      expect(said).toContain(
        `${host} shows a certificate of "Example Proxy CA", which is not trusted`,
      );
      expect(said).toContain("network.caFiles");
    }
    const caFile = made.path("Example-Proxy-CA.pem");
    await three.configure({ network: { ...network, caFiles: [caFile] } });
    await live();
    for (const host of everyHost) expect(proxy.asked).toContain(`${host}:443`);
  });
});

describe("servers that demand a client certificate", () => {
  test("are shown ours, opened with its passphrase, also after it was rotated", async () => {
    const { house } = three;
    const made = new Throwaway(house.home);
    made.make({ name: "Example Staff CA", isAuthority: true });
    made.make({ name: "Example Root", isAuthority: true });
    const shown = made.make({ name: "shown", issuer: "Example Root", hosts: everyHost });
    const clients = readFileSync(made.path("Example-Staff-CA.pem"), "utf8");
    const proxy = await startInspectingProxy(house.cloud, shown, clients);
    /** A new certificate under the same names, its key encrypted. */
    const rotate = (name: string): void => {
      made.make({ name, issuer: "Example Staff CA" });
      const key = ["pkcs8", "-topk8", "-in", made.path(`${name}.key`), "-v2", "aes-256-cbc"];
      execFileSync("openssl", [
        ...key,
        "-passout",
        "pass:open sesame",
        "-out",
        made.path("me.key"),
      ]);
      execFileSync("cp", [made.path(`${name}.pem`), made.path("me.pem")]);
    };
    const network = {
      proxy: `http://127.0.0.1:${proxy.port}`,
      caFiles: [made.path("Example-Root.pem")],
    };
    await three.configure({ network });
    expect(await complaint("corp")).toContain("Name it in network.clientCertificate");
    rotate("first");
    const clientCertificate = {
      certFile: made.path("me.pem"),
      keyFile: made.path("me.key"),
      passphraseKey: "mtls",
      hosts: everyHost,
    };
    const keys = { mtls: { kind: "static" } };
    await three.configure({ keys, network: { ...network, clientCertificate } });
    await three.enter("mtls", "open sesame");
    await live();
    await rm(join(made.path("first.pem")));
    rotate("second");
    await expect
      .poll(async () => (await house.evercred("gcp", "token", "--fresh")).code, { timeout: 20_000 })
      .toBe(0);
    await three.served();
  });
});
