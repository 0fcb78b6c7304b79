import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createAuthority } from "../fakes/cloud/authority.ts";
import { json, redirect, type SiteReply, type SiteRequest } from "../fakes/cloud/exchange.ts";
import { installedClientFile, workforceLoginConfig } from "../fakes/cloud/google/files.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { tokenIn } from "./google-home.ts";
import { type House, oneProfile, openHouse, type Outcome } from "./house.ts";
import { configFileOf, enterKey, fed, keyOf, keysOf } from "./key-home.ts";

const key = "sk-gateway-0123456789";
const password = "correct horse: ü";
const passphrase = "battery staple";
const gateway = "https://gateway.example.com";

let house: House;

/** Asks a gateway; no secret is in any output. */
const tested = async (url: string, ...more: readonly string[]): Promise<Outcome> => {
  const outcome = await house.evercred("api-key", "test", "litellm", "--url", url, ...more);
  const said = `${outcome.stdout}${outcome.stderr}`;
  for (const secret of [key, password, passphrase]) expect(said).not.toContain(secret);
  return outcome;
};

describe("through the company's proxy", () => {
  let untrusted: Server;
  /** What the gateway answers. */
  let answer: SiteReply;
  let asked: SiteRequest[];
  /** The ports where nobody listens, and of somebody who is not trusted. */
  let closed: number;
  let stranger: number;

  beforeAll(async () => {
    house = await openHouse({
      awsConfig: "",
      sites: {
        "gateway.example.com": (request) => {
          asked.push(request);
          return answer;
        },
      },
    });
    const folder = join(house.home, "strangers");
    await mkdir(folder);
    const other = await createAuthority(folder, ["localhost"]);
    const idle = createServer();
    closed = await listen(idle);
    idle.close();
    untrusted = createTlsServer({ key: other.key, cert: other.certificate });
    stranger = await listen(untrusted);
    await house.config({
      keys: {
        litellm: { kind: "static" },
        spare: { kind: "static" },
        proxy: { kind: "static" },
      },
      headers: {
        otel: { Authorization: "Bearer ${key:litellm}", "X-Team": "payments" },
        spare: { Authorization: "Bearer ${key:spare}" },
        broken: { Authorization: "Bearer ${key:proxy}" },
      },
      network: {
        proxy: house.cloud.proxyUrl,
        proxyUser: "jdoe",
        proxyPasswordKey: "proxy",
        noProxy: ["localhost", "127.0.0.1", ".test"],
      },
    });
    await enterKey(house, "litellm", key);
  });

  beforeEach(async () => {
    answer = json(200, { data: [] });
    asked = [];
    await enterKey(house, "proxy", password);
  });

  afterAll(async () => {
    untrusted.close();
    await house.close();
  });

  test("a gateway that takes the key has been asked as Claude Code asks", async () => {
    const { code, stdout } = await tested(gateway);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "gateway.example.com takes the key litellm.\n",
    });
    expect(asked).toMatchObject([
      { path: "/v1/models", headers: { authorization: `Bearer ${key}`, "x-api-key": key } },
    ]);
    const { stdout: document } = await tested(`${gateway}/health`, "--json");
    expect(JSON.parse(document)).toMatchObject({ name: "litellm", status: 200, taken: true });
  });

  test.each([
    [401, 5, "gateway.example.com does not accept the key litellm."],
    [403, 5, "gateway.example.com knows the key litellm, and does not let it in there."],
    [404, 1, "gateway.example.com answers, and has no page /v1/models."],
    [429, 7, ""],
    [500, 7, ""],
  ])("what its %i means is exit %i: %s", async (status, exit, sentence) => {
    answer = json(status, { error: { message: `Look at your key ${key}.` } });
    const { code, stdout, stderr } = await tested(gateway);
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(asked).toHaveLength(1);
  });

  test("a redirect is not followed: the key would go there too", async () => {
    answer = redirect("https://login.example.com/?next=/");
    const { code, stdout, stderr } = await tested(gateway);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain('gateway.example.com leads elsewhere: "login.example.com".');
    expect(house.cloud.refusedHosts).toEqual([]);
  });

  test("what cannot be asked is exit 7, and why is said", async () => {
    const name = `${"n".repeat(64)}.test`;
    const urls: Readonly<Record<string, RegExp>> = {
      [`http://127.0.0.1:${closed}`]: /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/,
      // No name is so long: nobody is asked for it.
      [`https://${name}`]: /nn\.test cannot be reached|nn\.test is not known|ENOTFOUND/,
      [`https://localhost:${stranger}`]: /certificate/,
    };
    for (const [url, sentence] of Object.entries(urls)) {
      const { code, stdout, stderr } = await tested(url);
      expect({ url, code, stdout }).toEqual({ url, code: 7, stdout: "" });
      expect(stderr).toMatch(sentence);
    }
  });

  test("the proxy is told the user and the password, by us and for Claude Code alike", async () => {
    const guard = house.cloud.faults.add({
      host: "gateway.example.com",
      kind: "proxy-authentication",
      user: "jdoe",
      password,
    });
    expect(await tested(gateway)).toMatchObject({ code: 0 });
    expect(guard.hits).toBe(0);
    const header = `Basic ${Buffer.from(`jdoe:${password}`).toString("base64")}\n`;
    expect(await house.evercred("proxy-auth")).toMatchObject({ code: 0, stdout: header });
    guard.remove();
    const other = house.cloud.faults.add({
      host: "gateway.example.com",
      kind: "proxy-authentication",
      user: "jdoe",
      password: "another one",
    });
    const { code, stdout, stderr } = await tested(gateway);
    other.remove();
    expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
    expect(stderr).toContain("evercred api-key set proxy");
    expect(other.hits).toBeGreaterThan(0);
  });

  test("only the proxy that is configured gets the password", async () => {
    const asks = (host: string, ...more: readonly string[]): Promise<Outcome> =>
      house.run(house.shim, ["proxy-auth", ...more], { CLAUDE_CODE_PROXY_HOST: host });
    expect(await asks("127.0.0.1")).toMatchObject({ code: 0 });
    for (const more of [[], ["litellm"], ["proxy", "--user", "jdoe"]]) {
      const { code, stdout, stderr } = await asks("evil.example.com", ...more);
      expect({ more, code, stdout }).toEqual({ more, code: 5, stdout: "" });
      expect(stderr).toContain("The proxy that asks is evil.example.com");
    }
    const wants = { CLAUDE_CODE_PROXY_AUTHENTICATE: "Negotiate" };
    expect(await house.run(house.shim, ["proxy-auth"], wants)).toMatchObject({
      code: 5,
      stdout: "",
    });
    expect(await house.evercred("proxy-auth", "litellm")).toMatchObject({
      code: 0,
      stdout: `Bearer ${key}\n`,
    });
    const basic = Buffer.from(`ann:${key}`).toString("base64");
    expect(await house.evercred("proxy-auth", "litellm", "--user", "ann")).toMatchObject({
      code: 0,
      stdout: `Basic ${basic}\n`,
    });
  });

  test("headers are one JSON object with the keys filled in, or nothing", async () => {
    const { code, stdout } = await house.evercred("headers", "otel");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(stdout)).toEqual({ Authorization: `Bearer ${key}`, "X-Team": "payments" });
    const missing = await house.evercred("headers", "spare");
    expect(missing).toMatchObject({ code: 3, stdout: "" });
    expect(missing.stderr).toContain("evercred api-key set spare");
    const broken = await house.evercred("headers", "broken");
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).not.toContain(password);
    const unknown = await house.evercred("headers", "otell");
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("Did you mean otel?");
  });
});

describe("a server that wants to know whose computer it is", () => {
  let server: Server;
  let port: number;
  /** Whose certificates it has seen. */
  let peers: unknown[];

  beforeAll(async () => {
    house = await openHouse({ awsConfig: "" });
    const folder = join(house.home, "certificates");
    await mkdir(folder);
    const authority = await createAuthority(folder, ["localhost"]);
    await certify(folder);
    const { key: serverKey, certificate: cert, ca, caFile } = authority;
    const exacting = { key: serverKey, cert, ca, requestCert: true, rejectUnauthorized: true };
    server = createTlsServer(exacting, ({ socket }, reply) => {
      if (socket instanceof TLSSocket) peers.push(socket.getPeerCertificate().subject.CN);
      reply.end("{}");
    });
    port = await listen(server);
    await house.config({
      keys: { litellm: { kind: "static" }, mtls: { kind: "static" } },
      network: {
        caFiles: [caFile],
        clientCertificate: {
          certFile: join(folder, "ann.pem"),
          keyFile: join(folder, "ann.key"),
          passphraseKey: "mtls",
          hosts: ["localhost"],
        },
      },
    });
    peers = [];
    await enterKey(house, "litellm", key);
  });

  afterAll(async () => {
    server.close();
    await house.close();
  });

  /** A certificate of ann's, and its private key, which a passphrase opens. */
  const certify = async (folder: string): Promise<void> => {
    const at = (name: string): string => join(folder, name);
    const steps = [
      ["req", "-newkey", "rsa:2048", "-keyout", at("ann.key"), "-out", at("ann.csr")].concat(
        ["-passout", `pass:${passphrase}`],
        ["-subj", "/CN=ann"],
      ),
      ["x509", "-req", "-in", at("ann.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key")].concat(
        ["-CAcreateserial", "-days", "2"],
        ["-out", at("ann.pem")],
      ),
    ];
    for (const step of steps) {
      expect(await house.run("/usr/bin/openssl", step)).toMatchObject({ code: 0 });
    }
    expect(await readFile(at("ann.key"), "utf8")).toContain("ENCRYPTED");
  };

  test("gets our certificate, with the private key that the passphrase opens", async () => {
    const url = `https://localhost:${port}`;
    const missing = await tested(url);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toContain("evercred api-key set mtls");
    await enterKey(house, "mtls", "not that one");
    const wrong = await tested(url);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/The key mtls does not open .*ann\.key/);
    expect(peers).toEqual([]);
    await enterKey(house, "mtls", passphrase);
    expect(await tested(url)).toMatchObject({ code: 0 });
    expect(peers).toEqual(["ann"]);
  });

  test("gets none where none is configured for it, and does not let us in", async () => {
    const network = { caFiles: [join(house.home, "certificates", "ca.pem")] };
    await house.config({ keys: { litellm: { kind: "static" } }, network });
    await vi.waitFor(async () => {
      const { code, stdout, stderr } = await tested(`https://localhost:${port}`);
      expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
      expect(stderr).toContain("ALERT_CERTIFICATE_REQUIRED");
    }, 10_000);
  });
});

describe("keys of sign-ins that are there anyway", () => {
  const robot = "robot@example-project.iam.gserviceaccount.com";

  beforeAll(async () => {
    house = await openHouse();
    const { google } = house.cloud;
    const clientFile = join(house.home, "client.json");
    await writeFile(clientFile, installedClientFile(google.addClient()));
    const account = google.addServiceAccount();
    expect(account.email).toBe(robot);
    google.allowImpersonation("dev@example.com", account);
    await house.config({ sources: { google: { kind: "google", clientFile } } });
    expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    expect(await house.evercred("login", "google")).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    await house.close();
  });

  const add = async (name: string, ...flags: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await house.evercred("api-key", "add", name, ...flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`Added the key ${name}.\nTry: evercred api-key ${name}\n`);
  };
  const token = async (name: string): Promise<string> =>
    tokenIn(await house.evercred("api-key", name));

  test("a profile's is made of its role's keys, and goes with its sign-in", async () => {
    const region = ["--region", "eu-central-1", "--lifetime", "30m"];
    await add("bedrock", "--kind", "aws-bedrock", "--profile", "p", ...region);
    const text = await token("bedrock");
    const [, encoded = ""] = /^bedrock-api-key-(.*)$/.exec(text) ?? [];
    const { searchParams } = new URL(`https://${Buffer.from(encoded, "base64").toString("utf8")}`);
    const accessKeyId = house.cloud.organisation().keys().at(-1)?.accessKeyId;
    expect(searchParams.get("X-Amz-Credential")).toMatch(
      new RegExp(`^${String(accessKeyId)}/\\d+/eu-central-1/bedrock/aws4_request$`),
    );
    expect(Number(searchParams.get("X-Amz-Expires"))).toBe(1_800);
    expect(await keysOf(house)).toContainEqual(
      expect.objectContaining({ name: "bedrock", kind: "aws-bedrock", source: "corp" }),
    );
    await house.evercred("logout", "corp");
    const { code, stdout, stderr } = await keyOf(house, "bedrock");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("evercred login");
    expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    expect(await token("bedrock")).toMatch(/^bedrock-api-key-/);
    await house.evercred("api-key", "rm", "bedrock");
    expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
  });

  test("Google's are those of the person, and of whom they may become; without a sign-in there are none", async () => {
    const { google } = house.cloud;
    const audience = ["--audience", "https://gateway.example.com"];
    await add("vertex", "--kind", "gcp-access-token");
    await add("iap", "--kind", "gcp-id-token", ...audience, "--impersonate", robot);
    expect(google.whose(await token("vertex"))).toBe("dev@example.com");
    expect(google.claimsOf(await token("iap"))).toMatchObject({
      aud: "https://gateway.example.com",
      email: robot,
    });
    const own = await house.evercred(
      "api-key",
      "add",
      "own",
      "--kind",
      "gcp-id-token",
      ...audience,
    );
    expect(own.code).toBe(2);
    expect((await keysOf(house)).map(({ name }) => name)).not.toContain("own");
    await house.evercred("logout", "google");
    for (const name of ["vertex", "iap"]) {
      expect(await keyOf(house, name)).toMatchObject({ code: 3, stdout: "" });
    }
  });
});

describe("sources by name", () => {
  beforeAll(async () => {
    house = await openHouse({ awsConfig: oneProfile });
  });

  afterAll(async () => {
    await house.close();
  });

  const source = (...words: readonly string[]): Promise<Outcome> =>
    house.evercred("source", ...words);

  interface Listed {
    readonly id: string;
    readonly kind: string;
    readonly configured: boolean;
    readonly state: string;
  }

  const listed = async (): Promise<readonly Listed[]> => {
    const { stdout } = await source("list", "--json");
    return (JSON.parse(stdout) as { readonly sources: readonly Listed[] }).sources;
  };

  test("one of each kind is added, listed, and taken away again", async () => {
    const { google } = house.cloud;
    const client = google.addClient();
    const clientFile = join(house.home, "client.json");
    await writeFile(clientFile, installedClientFile(client));
    const poolFile = join(house.home, "workforce.json");
    const ofClient = { client_id: client.id, client_secret: client.secret };
    await writeFile(poolFile, workforceLoginConfig(google.addPool({}), ofClient));
    const kinds: Readonly<Record<string, readonly string[]>> = {
      "aws-sso": ["--start-url", "https://client-b.awsapps.com/start", "--region", "eu-central-1"],
      google: ["--client-file", clientFile],
      "google-workforce": ["--login-config-file", poolFile],
      oidc: ["--issuer", "https://login.example.com/realms/dev", "--client-id", "evercred"],
      command: ["--sign-in-command", "true"],
    };
    const names = Object.keys(kinds);
    for (const kind of names) {
      const flags = kinds[kind] ?? [];
      const { code, stdout } = await source("add", `my-${kind}`, "--kind", kind, ...flags);
      expect({ kind, code, stdout }).toEqual({
        kind,
        code: 0,
        stdout: `Added the source my-${kind}.\nSign in: evercred login my-${kind}\n`,
      });
    }
    expect(await listed()).toEqual([
      expect.objectContaining({ id: "corp", kind: "aws-sso", configured: false }),
      ...[...names].sort().map((kind): unknown =>
        expect.objectContaining({
          id: `my-${kind}`,
          kind,
          configured: true,
          state: "signed-out",
        }),
      ),
    ]);
    const text = await source("list");
    expect(text.stdout).toMatch(/^corp +aws-sso .*found by itself$/m);
    for (const kind of names) {
      expect(await source("rm", `my-${kind}`)).toMatchObject({
        code: 0,
        stdout: `The source my-${kind} is gone.\n`,
      });
    }
    expect((await listed()).map(({ id }) => id)).toEqual(["corp"]);
    expect(await readFile(configFileOf(house), "utf8")).not.toContain("my-");
  });

  test("that keys come with is taken away only where somebody says so", async () => {
    const issuer = ["--issuer", "https://login.example.com", "--client-id", "evercred"];
    await house.config({ keys: { gateway: { kind: "oidc", source: "company" } } });
    await source("add", "company", "--kind", "oidc", ...issuer);
    expect(await keyOf(house, "gateway")).toMatchObject({ code: 3, stdout: "" });
    const refused = await source("rm", "company");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("With the source company come the keys gateway.");
    expect(await source("rm", "company", "--yes")).toMatchObject({ code: 0 });
    expect(await keyOf(house, "gateway")).toMatchObject({ code: 2, stdout: "" });
  });

  test("what there is not is said, with the nearest", async () => {
    const added = await source("add", "vault", "--kind", "command", "--sign-in-command", "true");
    expect(added).toMatchObject({ code: 0 });
    const lines: readonly (readonly [readonly string[], string])[] = [
      [["rm", "valt"], "Did you mean vault?"],
      [["rm", "corp"], "corp is found by itself."],
      [["add", "more", "--kind", "oidcc"], "Did you mean --kind oidc?"],
      [["add", "more", "--kind", "oidc"], "needs --issuer and --client-id"],
      [["add", "vault", "--kind", "command", "--sign-in-command", "true"], "already"],
      [["add", "No Name", "--kind", "google-adc"], "is no ID of a source."],
    ];
    for (const [line, sentence] of lines) {
      const { code, stdout, stderr } = await source(...line);
      expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: "" });
      expect(stderr).toContain(sentence);
    }
    const secret = "GOCSPX-0123456789";
    const refused = await fed(
      house,
      "",
      ...["source", "add", "more", "--kind", "google", "--client-secret", secret],
    );
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).not.toContain(secret);
  });
});
