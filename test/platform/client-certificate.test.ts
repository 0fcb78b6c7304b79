import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { Environment } from "../../electron/platform/browser.ts";
import type { ClientCertificateSettings } from "../../electron/platform/client-certificate.ts";
import { Network, type NetworkSettings } from "../../electron/platform/network.ts";
import { type Authority, createAuthority } from "../fakes/cloud/authority.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

const hosts = ["gateway.example.com", "a.gateway.example.com", "other.example.com", "localhost"];
const passphrase = "corréct horse";

let folder: string;
let authority: Authority;
let server: Server;
let port: number;
const at = (name: string): string => join(folder, name);

const openssl = (...words: readonly string[]): void => {
  execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
};

/** A key and a certificate of ours for `NAME.key` and `NAME.pem`. */
const certify = (name: string, ...algorithm: readonly string[]): void => {
  openssl(
    ...["req", "-newkey", ...algorithm, "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`],
    ...["-subj", `/CN=${name}`],
  );
  openssl(
    ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key"],
    ...["-CAcreateserial", "-days", "2", "-out", `${name}.pem`],
  );
};

/** The server asks for a certificate, and answers with whose it is, or `nobody`. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "evercred-certificate-"));
  authority = await createAuthority(folder, hosts);
  certify("ann", "rsa:2048");
  certify("bob", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
  const locked = ["-in", "ann.key", "-passout", `pass:${passphrase}`];
  openssl("pkcs8", "-topk8", ...locked, "-v2", "aes-256-cbc", "-out", "locked.key");
  openssl("rsa", "-traditional", "-aes128", ...locked, "-out", "old.key");
  const tls = { key: authority.key, cert: authority.certificate, ca: authority.ca };
  server = createServer(
    { ...tls, requestCert: true, rejectUnauthorized: false },
    (asked, reply) => {
      const { socket } = asked;
      const isKnown = socket instanceof TLSSocket && socket.authorized;
      reply.end(isKnown ? socket.getPeerCertificate().subject.CN : "nobody");
    },
  );
  port = await listen(server);
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly network: Network;
  /** Which secrets were asked for. */
  readonly asked: string[];
  readonly secrets: Record<string, string>;
  readonly log: MemoryLog;
}

const settingsWith = (
  clientCertificate: Partial<ClientCertificateSettings>,
  proxy: { readonly port: number },
): NetworkSettings => ({
  proxy: `http://127.0.0.1:${proxy.port}`,
  noProxy: [],
  caFiles: [authority.caFile],
  systemCa: false,
  clientCertificate: {
    certFile: at("ann.pem"),
    keyFile: at("ann.key"),
    hosts: ["gateway.example.com"],
    ...clientCertificate,
  },
});

function networkWith(settings: NetworkSettings, env: Environment = {}): Opened {
  const asked: string[] = [];
  const secrets: Record<string, string> = {};
  const log = new MemoryLog();
  const secretOf = async (name: string): Promise<Secret> => {
    asked.push(name);
    const secret = secrets[name];
    if (secret !== undefined) return new Secret(secret);
    throw new EvercredError("sign-in-needed", `${name} is not there.`, { remedy: `Set ${name}.` });
  };
  const network = new Network({ env, settings, secretOf, system: undefined, log });
  onTestFinished(() => network.close());
  return { network, asked, secrets, log };
}

/** Whose certificate a host was shown. */
async function shownTo(network: Network, host: string): Promise<string> {
  const outgoing = request(`https://${host}/`, { agent: network.agent });
  outgoing.end();
  const [reply] = await once(outgoing, "response");
  let body = "";
  for await (const chunk of reply) body += String(chunk);
  return body;
}

describe("our certificate", () => {
  test.each<[readonly string[], readonly string[]]>([
    [["gateway.example.com"], ["gateway.example.com"]],
    [[".gateway.EXAMPLE.com"], ["a.gateway.example.com"]],
    [[".example.com"], ["gateway.example.com", "a.gateway.example.com", "other.example.com"]],
    [["way.example.com", "Other.example.com"], ["other.example.com"]],
    [[], []],
  ])("is shown to hosts that %j names, and to no other", async (named, shown) => {
    const proxy = await startTunnelProxy(port);
    const { network, asked } = networkWith(settingsWith({ hosts: named }, proxy));
    expect(network.problems).toEqual([]);
    for (const host of ["gateway.example.com", "a.gateway.example.com", "other.example.com"]) {
      expect(await shownTo(network, host)).toBe(shown.includes(host) ? "ann" : "nobody");
    }
    expect(asked).toEqual([]);
  });

  test("is shown to a host whose name ends with a dot", async () => {
    const { network } = networkWith(settingsWith({}, await startTunnelProxy(port)));
    expect(await shownTo(network, "gateway.example.com.")).toBe("ann");
  });

  test("is shown where there is no proxy too", async () => {
    const proxy = await startTunnelProxy(port);
    const { network } = networkWith(settingsWith({ hosts: ["localhost"] }, proxy));
    expect(await shownTo(network, `localhost:${port}`)).toBe("ann");
    expect(proxy.asked).toEqual([]);
  });

  test("is not shown to a proxy on the way to a host that is named", async () => {
    const { key, certificate: cert, ca } = authority;
    const tls = { key, cert, ca, requestCert: true, rejectUnauthorized: false };
    const proxy = await startTunnelProxy(port, { tls });
    const settings = settingsWith({}, proxy);
    const { network } = networkWith({ ...settings, proxy: `https://localhost:${proxy.port}` });
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
    expect(proxy.peers).toEqual([undefined]);
  });

  test.each(["locked.key", "old.key"])(
    "with an encrypted key (%s) asks for its passphrase once, when it is needed",
    async (name) => {
      const proxy = await startTunnelProxy(port);
      const own = { keyFile: at(name), passphraseKey: "mtls" };
      const { network, asked, secrets, log } = networkWith(settingsWith(own, proxy));
      expect(network.problems).toEqual([]);
      expect(await shownTo(network, "other.example.com")).toBe("nobody");
      expect(asked).toEqual([]);
      await expect(shownTo(network, "gateway.example.com")).rejects.toMatchObject({
        code: "config-invalid",
        message: `The passphrase of ${at(name)} is not there. mtls is not there.`,
        remedy: "Set mtls.",
      });
      secrets["mtls"] = "battery staple";
      const wrong = await shownTo(network, "gateway.example.com").catch((error: unknown) => error);
      expect(wrong).toMatchObject({
        code: "config-invalid",
        message: `The key mtls does not open ${at(name)}.`,
        remedy: "Run: evercred api-key set mtls",
      });
      secrets["mtls"] = passphrase;
      const shown = Array.from({ length: 3 }, () => shownTo(network, "gateway.example.com"));
      expect(await Promise.all(shown)).toEqual(["ann", "ann", "ann"]);
      expect(asked).toEqual(["mtls", "mtls", "mtls"]);
      const everything = inspect([wrong, log.lines, network], { depth: 10, showHidden: true });
      expect(everything).not.toMatch(/battery|horse|BEGIN/);
    },
  );

  test("is read anew when its files change", async () => {
    const proxy = await startTunnelProxy(port);
    const place = temporaryFolder();
    const own = { certFile: join(place, "me.pem"), keyFile: join(place, "me.key") };
    const become = (name: string): void => {
      copyFileSync(at(`${name}.pem`), own.certFile);
      copyFileSync(at(`${name}.key`), own.keyFile);
    };
    become("ann");
    const { network } = networkWith(settingsWith(own, proxy));
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
    become("bob");
    const shown = (): Promise<string> => shownTo(network, "gateway.example.com");
    await expect.poll(shown, { timeout: 10_000 }).toBe("bob");
    expect(network.problems).toEqual([]);
  });

  test("is read anew when settings apply", async () => {
    const proxy = await startTunnelProxy(port);
    const own = { certFile: join(temporaryFolder(), "me.pem"), keyFile: at("me.key") };
    onTestFinished(() => rmSync(at("me.key"), { force: true }));
    const become = (name: string): void => {
      copyFileSync(at(`${name}.pem`), own.certFile);
      copyFileSync(at(`${name}.key`), own.keyFile);
    };
    become("ann");
    const { network } = networkWith(settingsWith(own, proxy));
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
    become("bob");
    network.apply(settingsWith(own, proxy));
    expect(await shownTo(network, "gateway.example.com")).toBe("bob");
    network.apply(settingsWith({ hosts: [] }, proxy));
    expect(await shownTo(network, "gateway.example.com")).toBe("nobody");
  });
});

describe("files that cannot be used are a problem, and no certificate is shown", () => {
  test.each<[string, Partial<ClientCertificateSettings>, string]>([
    ["no certificate", { certFile: "/nowhere.pem" }, "/nowhere.pem cannot be read (ENOENT)."],
    ["no key", { keyFile: "/nowhere.key" }, "/nowhere.key cannot be read (ENOENT)."],
    ["what is no certificate", { certFile: "ann.key" }, "ann.key holds no certificate in PEM."],
    ["what is no key", { keyFile: "ann.pem" }, "ann.pem holds no private key in PEM."],
    ["another's key", { keyFile: "bob.key" }, "bob.key is not the private key of ann.pem."],
    [
      "an encrypted key",
      { keyFile: "locked.key" },
      "locked.key is encrypted, and no passphraseKey is named.",
    ],
    [
      "an encrypted key as it was",
      { keyFile: "old.key" },
      "old.key is encrypted, and no passphraseKey is named.",
    ],
  ])("%s", async (_, own, sentence) => {
    const proxy = await startTunnelProxy(port);
    const placed = Object.fromEntries(
      Object.entries(own).map(([name, file]) => [name, resolve(folder, String(file))]),
    );
    const { network } = networkWith(settingsWith(placed, proxy));
    expect(network.problems).toMatchObject([
      {
        severity: "error",
        remedy: "Correct network.clientCertificate: until then no certificate is shown.",
      },
    ]);
    expect(network.problems[0]?.sentence.replaceAll(`${folder}/`, "")).toBe(sentence);
    expect(await shownTo(network, "gateway.example.com")).toBe("nobody");
  });

  test("another's encrypted key is found out when it is opened", async () => {
    const proxy = await startTunnelProxy(port);
    const own = { certFile: at("bob.pem"), keyFile: at("locked.key"), passphraseKey: "mtls" };
    const { network, secrets } = networkWith(settingsWith(own, proxy));
    secrets["mtls"] = passphrase;
    await expect(shownTo(network, "gateway.example.com")).rejects.toMatchObject({
      code: "config-invalid",
      message: `${at("locked.key")} is not the private key of ${at("bob.pem")}.`,
    });
  });

  test("a certificate may have those of its authorities behind it, and its key in the same file", async () => {
    const proxy = await startTunnelProxy(port);
    const all = join(temporaryFolder(), "all.pem");
    writeFileSync(
      all,
      ["ann.pem", "ca.pem", "ann.key"].map((name) => readFileSync(at(name), "utf8")).join(""),
    );
    const { network } = networkWith(settingsWith({ certFile: all, keyFile: all }, proxy));
    expect(network.problems).toEqual([]);
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
  });
});

describe("the certificate of Claude Code's variables", () => {
  const variables = (cert: string, key: string, passphrase = ""): Environment => ({
    CLAUDE_CODE_CLIENT_CERT: cert,
    CLAUDE_CODE_CLIENT_KEY: key,
    CLAUDE_CODE_CLIENT_KEY_PASSPHRASE: passphrase,
  });

  /** Settings that name none. */
  const without = (proxy: { readonly port: number }): NetworkSettings => {
    const { clientCertificate, ...others } = settingsWith({}, proxy);
    expect(clientCertificate).toBeDefined();
    return others;
  };

  test("is shown to every host that asks, but to no proxy", async () => {
    const { key, certificate: cert, ca } = authority;
    const tls = { key, cert, ca, requestCert: true, rejectUnauthorized: false };
    const proxy = await startTunnelProxy(port, { tls });
    const settings = { ...without(proxy), proxy: `https://localhost:${proxy.port}` };
    const { network } = networkWith(settings, variables(at("ann.pem"), at("ann.key")));
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
    expect(await shownTo(network, "other.example.com")).toBe("ann");
    expect(proxy.peers).toEqual([undefined, undefined]);
  });

  test("is opened with their passphrase, which nothing shows", async () => {
    const proxy = await startTunnelProxy(port);
    const locked = variables(at("ann.pem"), at("locked.key"), passphrase);
    const { network, log } = networkWith(without(proxy), locked);
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
    expect(inspect([network.problems, log.lines])).not.toContain("horse");
    const wrong = variables(at("ann.pem"), at("locked.key"), "battery");
    const other = networkWith(without(proxy), wrong).network;
    await expect(shownTo(other, "gateway.example.com")).rejects.toMatchObject({
      code: "config-invalid",
      message: `CLAUDE_CODE_CLIENT_KEY_PASSPHRASE does not open ${at("locked.key")}.`,
      remedy: expect.not.stringContaining("battery"),
    });
  });

  test("counts only where the configuration names none", async () => {
    const proxy = await startTunnelProxy(port);
    const env = variables(at("bob.pem"), at("me.key"));
    const { network } = networkWith(settingsWith({}, proxy), env);
    expect(network.problems).toEqual([]);
    expect(await shownTo(network, "gateway.example.com")).toBe("ann");
    expect(await shownTo(network, "other.example.com")).toBe("nobody");
  });

  test.each([
    ["/nowhere.pem", "ann.key", "/nowhere.pem cannot be read (ENOENT)."],
    ["ann.pem", "", "CLAUDE_CODE_CLIENT_KEY is not set, and the other one is."],
    ["", "ann.key", "CLAUDE_CODE_CLIENT_CERT is not set, and the other one is."],
    [
      "ann.pem",
      "locked.key",
      "locked.key is encrypted, and CLAUDE_CODE_CLIENT_KEY_PASSPHRASE is not set where the daemon was started.",
    ],
  ])("that is '%s' with '%s' is a problem", async (cert, key, sentence) => {
    const proxy = await startTunnelProxy(port);
    const placed = (name: string): string => (name === "" ? "" : resolve(folder, name));
    const { network } = networkWith(without(proxy), variables(placed(cert), placed(key)));
    expect(network.problems).toMatchObject([
      { severity: "error", remedy: expect.stringContaining("CLAUDE_CODE_CLIENT_CERT") },
    ]);
    expect(network.problems[0]?.sentence.replaceAll(`${folder}/`, "")).toBe(sentence);
    expect(await shownTo(network, "gateway.example.com")).toBe("nobody");
  });
});
