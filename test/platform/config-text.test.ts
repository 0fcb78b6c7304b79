import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Config, keysOf, sourcesOf } from "../../electron/platform/config-schema.ts";
import {
  type ConfigReading,
  type ConfigValues,
  readConfigText,
} from "../../electron/platform/config-text.ts";
import { noLayers } from "../../electron/platform/policy-layers.ts";

const read = (text: string): Partial<ConfigValues> & Pick<ConfigReading, "problems"> => {
  const place = { file: "config.json", home: "/home/jo", policy: noLayers };
  const { values, problems } = readConfigText(text, place);
  return { ...values, problems };
};

const clientMissing = "sources.g must have either clientFile, or clientId and clientSecret.";

/** An OIDC source in which this comes after `"issuer": `; nothing: without one. */
const oidc = (issuer: string): string =>
  `{"sources": {"o": {"kind": "oidc", "clientId": "i"${issuer && `, "issuer": ${issuer}`}}}}`;

/** A JWT key in which this comes after `"algorithm": `. */
const jwt = (algorithm: string): string =>
  `{"keys": {"k": {"kind": "jwt", "algorithm": ${algorithm}}}}`;

const defaults: Config = {
  version: 1,
  sources: {},
  keys: {},
  headers: {},
  aws: { mirrorSsoCache: true },
  google: {},
  network: { proxy: "auto", noProxy: [], caFiles: [], systemCa: true },
  signIn: { ask: "notify", before: 20 * 60_000, schedule: [], whenLockedOrIdle: "wait" },
  doors: { containerCredentials: false, gceMetadata: false },
  app: { theme: "system", language: "system", notifications: true },
  consent: "off",
  audit: { keep: 30 * 24 * 60 * 60_000, maxSizeMb: 10 },
  updates: { mode: "install", channel: "stable" },
  log: "info",
};

describe("a configuration", () => {
  test.each(["", "  \n", "{}", "// nothing yet\n", "/* a */ {}", '{"version": 1,}'])(
    "of '%s' is all defaults",
    (text) => {
      const { config, problems } = read(text);
      expect({ config, problems }).toEqual({ config: defaults, problems: [] });
    },
  );

  test("is read with comments and trailing commas, all names that this version uses", () => {
    const text = `{
      // the schema stands beside it
      "$schema": "./config.schema.json",
      "version": 1,
      "sources": {
        "corp": { "kind": "aws-sso", "browser": ["~/bin/firefox", "-P", "work", "{url}"] },
        "client-b": {
          "kind": "aws-sso",
          "title": "Client B", "enabled": false, "ask": "tray", "flow": "device",
          "startUrl": "https://client-b.awsapps.com/start",
          "region": "eu-central-1",
          "scopes": ["sso:account:access"],
          "profiles": [
            { "name": "b", "account": "111122223333", "role": "BedrockUser", "region": "us-gov-west-1" },
          ],
          "signIn": ["~/bin/aws", "sso", "login", "--sso-session", "client-b"], "timeout": "90s",
        },
        "g": {
          "kind": "google", "title": "Google", "ask": "open",
          "clientFile": "~/client.json",
          "account": "jo@example.com",
          "scopes": ["email"],
          "quotaProject": "example.com:billed",
          "adcFile": true,
          "impersonate": "a@p1.iam.gserviceaccount.com",
        },
        "own": { "kind": "google", "clientId": "1.apps", "clientSecret": "GOCSPX-abcdefghijklmnopqrstuvwxyz12" },
        "adc": {
          "kind": "google-adc",
          "file": "~/adc.json",
          "signIn": ["gcloud", "auth", "application-default", "login", "--no-launch-browser"],
          "timeout": "5m",
          "quotaProject": "billed-2",
          "impersonate": ["a@p1.iam.gserviceaccount.com", "12-compute@developer.gserviceaccount.com"],
          "allowExecutables": true,
        },
        "wif": {
          "kind": "google-workforce",
          "loginConfigFile": "\${HOME}/login.json",
          "scopes": ["email"], "quotaProject": "billed", "adcFile": true, "impersonate": [],
        },
        "vault": {
          "kind": "command", "enabled": false, "browser": ["firefox", "{url}"],
          "signIn": ["vault", "login"], "check": ["~/bin/check"], "timeout": "1m",
        },
        "company": {
          "kind": "oidc", "title": "Company", "ask": "tray",
          "issuer": "https://login.example.com/realms/dev", "clientId": "evercred",
          "scopes": ["openid", "api://x/.default"], "audience": "litellm", "resource": "urn:example:gateway",
          "redirectUri": "http://localhost:8400/", "flow": "client-credentials",
          "authorizeParams": { "prompt": "login", "acr_values": "" }, "clientSecretKey": "litellm",
        },
      },
      "keys": {
        "litellm": { "kind": "static", "expiresAt": "2027-03-31T18:00:00+02:00", "remindBefore": "3d" },
        "vault-key": {
          "kind": "command", "command": ["~/bin/vault", "read"], "ttl": "1h", "timeout": "10s",
          "env": { "VAULT_ADDR": "https://vault.example.com" }, "cwd": "~/work", "signIn": ["~/bin/vault", "login"],
        },
        "shell": { "kind": "command", "command": "cat ~/key | tr -d ' '" },
        "minted": {
          "kind": "jwt", "algorithm": "ES256", "keyId": "1", "issuer": "me", "audience": ["a", "b"], "lifetime": "60s",
          "claims": { "sub": "\${user}@\${hostname}", "access": { "client": { "roles": ["dev", 1, true, null] } } },
        },
        "gateway": {
          "kind": "oidc", "source": "company", "token": "id", "audience": "litellm",
          "resource": "https://gateway.example.com/", "scopes": ["openid"],
        },
        "iap": {
          "kind": "gcp-id-token", "source": "g", "audience": "https://gateway.example.com",
          "impersonate": "a@p1.iam.gserviceaccount.com",
        },
        "vertex": { "kind": "gcp-access-token", "source": "adc", "scopes": ["email"], "impersonate": [] },
        "bedrock": { "kind": "aws-bedrock", "profile": "b", "region": "eu-central-1", "lifetime": "1h" },
      },
      "headers": {
        "otel": { "Authorization": "Bearer \${key:gateway}", "X-Both": "\${key:litellm} $ {} \${key:vault-key}" },
      },
      "aws": { "defaultProfile": "b", "mirrorSsoCache": false },
      "google": { "defaultSource": "g" },
      "network": {
        "proxy": "http://proxy.example.com:8080", "proxyUser": "jo", "proxyPasswordKey": "litellm",
        "noProxy": ["localhost", ".example.com"],
        "clientCertificate": {
          "certFile": "~/me.pem", "keyFile": "~/me.key", "passphraseKey": "litellm",
          "hosts": ["gateway.example.com", ".Example.com"],
        },
        "caFiles": ["~/ca.pem", "\${HOME}/more", "/etc/ca.pem"],
        "systemCa": false,
      },
      "signIn": { "ask": "open", "before": "90s", "schedule": ["0 9 * * 1-5"],
                  "whenLockedOrIdle": "wait", "browser": ["chromium", "--app={url}"] },
      "doors": { "containerCredentials": true, "gceMetadata": true },
      "app": { "theme": "dark", "notifications": false },
      "consent": "ask",
      "audit": { "keep": "90d", "maxSizeMb": 100 },
      "updates": { "mode": "notify", "channel": "stable" },
      "log": "debug", /* the end */
    }`;
    const { config, problems } = read(text);
    expect({ config, problems }).toEqual({
      problems: [],
      config: {
        $schema: "./config.schema.json",
        version: 1,
        sources: {
          corp: {
            kind: "aws-sso",
            enabled: true,
            timeout: 165_000,
            browser: ["/home/jo/bin/firefox", "-P", "work", "{url}"],
          },
          "client-b": {
            kind: "aws-sso",
            title: "Client B",
            enabled: false,
            ask: "tray",
            flow: "device",
            startUrl: "https://client-b.awsapps.com/start",
            region: "eu-central-1",
            scopes: ["sso:account:access"],
            profiles: [
              { name: "b", account: "111122223333", role: "BedrockUser", region: "us-gov-west-1" },
            ],
            signIn: ["/home/jo/bin/aws", "sso", "login", "--sso-session", "client-b"],
            timeout: 90_000,
          },
          g: {
            kind: "google",
            enabled: true,
            title: "Google",
            ask: "open",
            clientFile: "/home/jo/client.json",
            account: "jo@example.com",
            scopes: ["email"],
            quotaProject: "example.com:billed",
            adcFile: true,
            impersonate: ["a@p1.iam.gserviceaccount.com"],
          },
          own: {
            kind: "google",
            enabled: true,
            clientId: "1.apps",
            clientSecret: "GOCSPX-abcdefghijklmnopqrstuvwxyz12",
            scopes: ["openid", "email", "https://www.googleapis.com/auth/cloud-platform"],
            adcFile: false,
            impersonate: [],
          },
          adc: {
            kind: "google-adc",
            enabled: true,
            file: "/home/jo/adc.json",
            signIn: ["gcloud", "auth", "application-default", "login", "--no-launch-browser"],
            timeout: 300_000,
            quotaProject: "billed-2",
            impersonate: [
              "a@p1.iam.gserviceaccount.com",
              "12-compute@developer.gserviceaccount.com",
            ],
            allowExecutables: true,
          },
          wif: {
            kind: "google-workforce",
            enabled: true,
            loginConfigFile: "/home/jo/login.json",
            scopes: ["email"],
            quotaProject: "billed",
            adcFile: true,
            impersonate: [],
          },
          vault: {
            kind: "command",
            enabled: false,
            browser: ["firefox", "{url}"],
            signIn: ["vault", "login"],
            check: ["/home/jo/bin/check"],
            timeout: 60_000,
          },
          company: {
            kind: "oidc",
            enabled: true,
            title: "Company",
            ask: "tray",
            issuer: "https://login.example.com/realms/dev",
            clientId: "evercred",
            scopes: ["openid", "api://x/.default"],
            audience: "litellm",
            resource: ["urn:example:gateway"],
            redirectUri: "http://localhost:8400/",
            flow: "client-credentials",
            authorizeParams: { prompt: "login", acr_values: "" },
            clientSecretKey: "litellm",
          },
        },
        keys: {
          litellm: {
            kind: "static",
            expiresAt: Date.UTC(2027, 2, 31, 16),
            remindBefore: 3 * 86_400_000,
          },
          "vault-key": {
            kind: "command",
            command: ["/home/jo/bin/vault", "read"],
            ttl: 3_600_000,
            timeout: 10_000,
            env: { VAULT_ADDR: "https://vault.example.com" },
            cwd: "/home/jo/work",
            signIn: ["/home/jo/bin/vault", "login"],
          },
          shell: {
            kind: "command",
            command: "cat ~/key | tr -d ' '",
            ttl: 300_000,
            timeout: 30_000,
          },
          minted: {
            kind: "jwt",
            algorithm: "ES256",
            keyId: "1",
            issuer: "me",
            audience: ["a", "b"],
            lifetime: 60_000,
            claims: {
              sub: "${user}@${hostname}",
              access: { client: { roles: ["dev", 1, true, null] } },
            },
          },
          gateway: {
            kind: "oidc",
            source: "company",
            token: "id",
            audience: "litellm",
            resource: "https://gateway.example.com/",
            scopes: ["openid"],
          },
          iap: {
            kind: "gcp-id-token",
            source: "g",
            audience: "https://gateway.example.com",
            impersonate: ["a@p1.iam.gserviceaccount.com"],
          },
          vertex: {
            kind: "gcp-access-token",
            source: "adc",
            scopes: ["email"],
            impersonate: [],
          },
          bedrock: {
            kind: "aws-bedrock",
            profile: "b",
            region: "eu-central-1",
            lifetime: 3_600_000,
          },
        },
        headers: {
          otel: {
            Authorization: "Bearer ${key:gateway}",
            "X-Both": "${key:litellm} $ {} ${key:vault-key}",
          },
        },
        aws: { defaultProfile: "b", mirrorSsoCache: false },
        google: { defaultSource: "g" },
        network: {
          proxy: "http://proxy.example.com:8080",
          proxyUser: "jo",
          proxyPasswordKey: "litellm",
          noProxy: ["localhost", ".example.com"],
          clientCertificate: {
            certFile: "/home/jo/me.pem",
            keyFile: "/home/jo/me.key",
            passphraseKey: "litellm",
            hosts: ["gateway.example.com", ".Example.com"],
          },
          caFiles: ["/home/jo/ca.pem", "/home/jo/more", "/etc/ca.pem"],
          systemCa: false,
        },
        signIn: {
          ask: "open",
          before: 90_000,
          schedule: ["0 9 * * 1-5"],
          whenLockedOrIdle: "wait",
          browser: ["chromium", "--app={url}"],
        },
        doors: { containerCredentials: true, gceMetadata: true },
        app: { theme: "dark", language: "system", notifications: false },
        consent: "ask",
        audit: { keep: 90 * 24 * 60 * 60_000, maxSizeMb: 100 },
        updates: { mode: "notify", channel: "stable" },
        log: "debug",
      },
    });
  });

  test("is what the documentation shows, with a source and a key of each kind", () => {
    const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
    const [, text = ""] = /```jsonc\n(.*?)```/su.exec(page) ?? [];
    const { config, problems } = read(text);
    expect(problems).toEqual([]);
    expect(new Set(Object.values(config!.sources).map(({ kind }) => kind))).toEqual(
      new Set(["aws-sso", "google", "google-adc", "google-workforce", "oidc", "command"]),
    );
    expect(new Set(Object.values(config!.keys).map(({ kind }) => kind))).toEqual(
      new Set([
        ...["static", "command", "jwt", "oidc", "gcp-id-token", "gcp-access-token", "aws-bedrock"],
      ]),
    );
  });

  test("fills in what a source of each kind does not say", () => {
    const text = `{"sources": {
      "s": { "kind": "aws-sso" },
      "g": { "kind": "google", "clientFile": "/client.json" },
      "a": { "kind": "google-adc" },
      "w": { "kind": "google-workforce", "loginConfigFile": "/login.json" },
      "c": { "kind": "command", "signIn": ["login"] },
      "o": { "kind": "oidc", "issuer": "https://login.example.com", "clientId": "i" },
    }}`;
    const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";
    const rest = { enabled: true, impersonate: [] };
    expect(read(text).config?.sources).toEqual({
      s: { kind: "aws-sso", enabled: true, timeout: 165_000 },
      g: {
        ...rest,
        kind: "google",
        clientFile: "/client.json",
        scopes: ["openid", "email", cloudPlatform],
        adcFile: false,
      },
      a: { ...rest, kind: "google-adc", timeout: 165_000 },
      w: {
        ...rest,
        kind: "google-workforce",
        loginConfigFile: "/login.json",
        scopes: [cloudPlatform],
        adcFile: false,
      },
      c: { kind: "command", enabled: true, signIn: ["login"], timeout: 165_000 },
      o: {
        kind: "oidc",
        enabled: true,
        issuer: "https://login.example.com",
        clientId: "i",
        scopes: ["openid", "offline_access"],
        redirectUri: "http://127.0.0.1:0/oauth/callback",
        flow: "code",
        authorizeParams: {},
      },
    });
  });

  test("fills in what a key of each kind does not say", () => {
    const text = `{
      "sources": { "o": { "kind": "oidc", "issuer": "https://login.example.com", "clientId": "i" } },
      "keys": {
        "s": { "kind": "static" },
        "c": { "kind": "command", "command": "cat key" },
        "j": { "kind": "jwt", "algorithm": "HS256" },
        "k": { "kind": "oidc", "source": "o" },
        "i": { "kind": "gcp-id-token", "audience": "a" },
        "a": { "kind": "gcp-access-token" },
        "b": { "kind": "aws-bedrock", "profile": "p" },
      },
      "network": { "clientCertificate": { "certFile": "/c", "keyFile": "/k" } },
    }`;
    const { config, problems } = read(text);
    expect(problems).toEqual([]);
    expect(config?.keys).toEqual({
      s: { kind: "static", remindBefore: 14 * 86_400_000 },
      c: { kind: "command", command: "cat key", ttl: 300_000, timeout: 30_000 },
      j: { kind: "jwt", algorithm: "HS256", claims: {}, lifetime: 3_600_000 },
      k: { kind: "oidc", source: "o", token: "access" },
      i: { kind: "gcp-id-token", audience: "a", impersonate: [] },
      a: {
        kind: "gcp-access-token",
        scopes: [],
        impersonate: [],
      },
      b: { kind: "aws-bedrock", profile: "p", lifetime: 43_200_000 },
    });
    const { clientCertificate } = config!.network;
    expect(clientCertificate).toEqual({ certFile: "/c", keyFile: "/k", hosts: [] });
  });

  test("gives its keys by kind", () => {
    const { config } = read(
      '{"keys": {"a": {"kind": "static"}, "b": {"kind": "gcp-access-token"}, "c": {"kind": "static"}}}',
    );
    expect(Object.keys(keysOf(config!, "static"))).toEqual(["a", "c"]);
    expect(keysOf(config!, "gcp-access-token")).toEqual({ b: config!.keys["b"] });
    expect(keysOf(config!, "jwt")).toEqual({});
  });

  test.each([
    ["2027-03-31", "America/New_York", Date.UTC(2027, 3, 1, 4) - 1],
    ["2028-02-29", "Asia/Kolkata", Date.UTC(2028, 1, 29, 18, 30) - 1],
    // The clock is put forward on that day.
    ["2027-03-28", "Europe/Berlin", Date.UTC(2027, 2, 28, 22) - 1],
    ["2027-03-31T18:00:00Z", "Asia/Kolkata", Date.UTC(2027, 2, 31, 18)],
    ["2027-03-31T18:00:00.5-03:30", "UTC", Date.UTC(2027, 2, 31, 21, 30) + 500],
  ])("knows when %s ends in %s", (end, zone, expected) => {
    vi.stubEnv("TZ", zone);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { config } = read(`{"keys": {"k": {"kind": "static", "expiresAt": "${end}"}}}`);
    expect(config?.keys["k"]).toMatchObject({ expiresAt: expected });
  });

  test("gives its sources by kind", () => {
    const { config } = read(
      '{"sources": {"a": {"kind": "aws-sso"}, "b": {"kind": "google-adc"}, "c": {"kind": "aws-sso"}}}',
    );
    expect(Object.keys(sourcesOf(config!, "aws-sso"))).toEqual(["a", "c"]);
    expect(sourcesOf(config!, "google-adc")).toEqual({ b: config!.sources["b"] });
    expect(sourcesOf(config!, "command")).toEqual({});
  });

  test.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["8h", 28_800_000],
    ["30d", 2_592_000_000],
  ])("knows the duration %s", (text, ms) => {
    expect(read(`{"signIn":{"before":"${text}"}}`).config?.signIn.before).toBe(ms);
  });
});

describe("a name that is unknown", () => {
  test.each([
    ['{\n\n"netwrok": {}}', 3, "netwrok is not a name that Evercred knows.", "network"],
    ['{"signIn": {\n"bfore": "1m", "ask": "tray"}}', 2, "signIn.bfore", "before"],
    [
      '{"sources": {"corp": {"kind": "aws-sso",\n"starturl": 1}}}',
      2,
      "sources.corp.starturl",
      "startUrl",
    ],
    [
      '{"sources":{"a":{"kind":"aws-sso","profiles":[{"name":"a","account":"111122223333",\n"rolle":"r","role":"r"}]}}}',
      2,
      "sources.a.profiles[0].rolle",
      "role",
    ],
    [
      '{"sources":{"g":{"kind":"google","clientFile":"/c",\n"clientFil":1}}}',
      2,
      "sources.g.clientFil",
      "clientFile",
    ],
    [
      '{"sources":{"a":{"kind":"aws-sso"},"b":{"kind":"google-adc",\n"allowexecutable":1}}}',
      2,
      "sources.b.allowexecutable",
      "allowExecutables",
    ],
    [
      '{"sources":{"w":{"kind":"google-workforce","loginConfigFile":"/l",\n"loginconfig":1}}}',
      2,
      "sources.w.loginconfig",
      "loginConfigFile",
    ],
    [
      '{"sources":{"c":{"kind":"command","signIn":["a"],\n"chekc":["b"]}}}',
      2,
      "sources.c.chekc",
      "check",
    ],
    [
      '{"sources":{"o":{"kind":"oidc","issuer":"https://a.example.com","clientId":"i",\n"issuers":1}}}',
      2,
      "sources.o.issuers",
      "issuer",
    ],
    ['{"keys":{"s":{"kind":"static",\n"expireAt":1}}}', 2, "keys.s.expireAt", "expiresAt"],
    ['{"keys":{"j":{"kind":"jwt","algorithm":"HS256",\n"claim":1}}}', 2, "keys.j.claim", "claims"],
    [
      '{"network":{"clientCertificate":{"certFile":"/c","keyFile":"/k",\n"host":[]}}}',
      2,
      "network.clientCertificate.host",
      "hosts",
    ],
    ['{"google": {"defaultsource": "g"}}', 1, "google.defaultsource", "defaultSource"],
  ])("is a warning with its line and the nearest one: %s", (text, line, sentence, meant) => {
    const { config, problems } = read(text);
    expect(config).toBeDefined();
    expect(problems).toEqual([
      {
        severity: "warning",
        file: "config.json",
        line,
        sentence: expect.stringContaining(sentence),
        remedy: `Did you mean ${meant}?`,
      },
    ]);
  });

  test("of one kind only is not suggested for another", () => {
    const { config, problems } = read('{"sources": {"a": {"kind": "aws-sso", "clientFil": "/c"}}}');
    expect(config?.sources["a"]).toEqual({ kind: "aws-sso", enabled: true, timeout: 165_000 });
    expect(problems).toMatchObject([{ remedy: "Remove it, or correct it." }]);
  });

  test("takes nothing else with it", () => {
    const { config } = read('{"log": "debug", "nonsense": 1, "app": {"x": 1, "theme": "dark"}}');
    expect(config).toEqual({
      ...defaults,
      log: "debug",
      app: { theme: "dark", language: "system", notifications: true },
    });
  });

  test("that is near nothing has no suggestion, and cannot steer a terminal", () => {
    const { problems } = read(String.raw`{"wholly\u001b[31m different": 1}`);
    expect(problems[0]?.remedy).toBe("Remove it, or correct it.");
    expect(problems[0]?.sentence).toMatch(/^wholly\?\[31m different is not/);
  });

  test.each([
    ['{"aws": {"writeProfiles": true}}', "aws.writeProfiles is not used by this version."],
  ])("in this version only is said to be so: %s", (text, sentence) => {
    const { config, problems } = read(text);
    expect(config).toEqual(defaults);
    expect(problems).toMatchObject([{ severity: "warning", sentence }]);
  });
});

describe("what does not fit to another part is a warning with its line", () => {
  const company =
    '"o": {"kind": "oidc", "issuer": "https://a.example.com", "clientId": "i",\n"clientSecretKey": "s"}';
  const tls = '"clientCertificate": {"certFile": "/c", "keyFile": "/k",\n"passphraseKey": "s"}';
  const google = '"g": {"kind": "google", "clientFile": "/c"';
  const key = '"k": {"kind": "gcp-id-token", "audience": "a"';
  const noStatic = "names no static key.";

  test.each([
    [`"sources": {${company}}`, "sources.o.clientSecretKey", noStatic, "api-key add s"],
    ['"network": {\n"proxyPasswordKey": "s"}', "network.proxyPasswordKey", noStatic, "add s"],
    [`"network": {${tls}}`, "network.clientCertificate.passphraseKey", noStatic, "add s"],
    [
      '"network": {\n"proxyPasswordKey": "constructor"}',
      "network.proxyPasswordKey",
      noStatic,
      "add constructor",
    ],
    [
      `"keys": {"s": {"kind": "gcp-access-token"}}, "network": {\n"proxyPasswordKey": "s"}`,
      "network.proxyPasswordKey",
      noStatic,
      "add s",
    ],
    [
      '"keys": {"a": {"kind": "static"}}, "headers": {"o": {\n"A": "${key:a} ${key:b}"}}',
      "headers.o.A",
      "names no key with b.",
      "api-key add",
    ],
    [
      '"headers": {"o": {\n"A": "${key:constructor}"}}',
      "headers.o.A",
      "names no key with constructor.",
      "api-key add",
    ],
    [
      '"keys": {"k": {"kind": "oidc",\n"source": "o"}}',
      "keys.k.source",
      "names no source of kind oidc.",
      "source add",
    ],
    [
      `"sources": {${google}}}, "keys": {"k": {"kind": "oidc",\n"source": "g"}}`,
      "keys.k.source",
      "names no source of kind oidc.",
      "source add",
    ],
    [
      `"sources": {${google}}}, "keys": {\n${key}, "source": "g"}}`,
      "keys.k",
      "must have impersonate, since a person's own sign-in cannot choose an audience.",
      "service account",
    ],
    [
      `"sources": {${google}}}, "google": {"defaultSource": "g"}, "keys": {\n${key}}}`,
      "keys.k",
      "must have impersonate, since a person's own sign-in cannot choose an audience.",
      "service account",
    ],
    [
      `"sources": {"g": {"kind": "google-workforce", "loginConfigFile": "/l"}}, "keys": {\n${key}, "source": "g"}}`,
      "keys.k",
      "must have impersonate, since a person's own sign-in cannot choose an audience.",
      "service account",
    ],
    ...["static", 'jwt", "algorithm": "HS256', 'command", "command": "a'].map(
      (kind): [string, string, string, string] => [
        `"sources": {${google}}}, "keys": {\n"g": {"kind": "${kind}"}}`,
        "keys.g",
        "has the ID of a source.",
        "another name",
      ],
    ),
  ])("{%s}", (inside, name, what, remedy) => {
    const { config, problems } = read(`{${inside}}`);
    expect(config).toBeDefined();
    expect(problems).toEqual([
      {
        severity: "warning",
        file: "config.json",
        line: 2,
        sentence: `${name} ${what}`,
        remedy: expect.stringContaining(remedy),
      },
    ]);
  });

  test.each([
    `"sources": {${company}}, "keys": {"s": {"kind": "static"}}`,
    `"sources": {${google}, "impersonate": "a@p.iam.gserviceaccount.com"}}, "keys": {${key}, "source": "g"}}`,
    `"sources": {${google}}}, "keys": {${key}, "source": "g", "impersonate": "a@p.iam.gserviceaccount.com"}}`,
    // A file of gcloud's may be a service account's.
    `"sources": {"adc": {"kind": "google-adc"}}, "keys": {${key}, "source": "adc"}}`,
    `"keys": {${key}, "source": "adc"}}`,
    `"keys": {${key}}}`,
    `"sources": {${google}}}, "keys": {"g": {"kind": "gcp-access-token", "source": "g"}}`,
  ])("{%s} fits", (inside) => {
    expect(read(`{${inside}}`).problems).toEqual([]);
  });
});

test("a name that stands twice is a warning; the last one counts", () => {
  const { config, problems } = read('{"log": "error",\n"app": {},\n"log": "debug"}');
  expect(config?.log).toBe("debug");
  expect(problems).toMatchObject([
    {
      severity: "warning",
      line: 1,
      sentence: "log stands here more than once; the last one counts.",
    },
  ]);
});

describe("a wrong value breaks the file, with its line and what it must be", () => {
  test.each([
    ['{\n"log": "loud"}', 2, 'log must be one of "error", "warn", "info", "debug".'],
    ['{"signIn": {\n"before": "soon"}}', 2, "signIn.before must be a duration"],
    ['{"signIn": {\n"before": 20}}', 2, "signIn.before must be a duration"],
    [
      '{"signIn": {"schedule": [\n"0 9 * * *",\n"61 9 * * *"]}}',
      3,
      "signIn.schedule[1] must be a schedule",
    ],
    ['{"signIn": {"browser": ["firefox"]}}', 1, 'signIn.browser must have a word with "{url}".'],
    ['{"signIn": {"browser": "firefox {url}"}}', 1, "signIn.browser must be a list."],
    ['{"aws": {"mirrorSsoCache": "yes"}}', 1, "aws.mirrorSsoCache must be true or false."],
    ['{"aws": 3}', 1, "aws must be an object."],
    ['{"sources": []}', 1, "sources must be an object."],
    ["[]", 1, "The whole must be an object."],
    ['{"version": 2}', 1, "version must be 1"],
    ['{"network": {"proxy": "socks5://a:1"}}', 1, "network.proxy must be an HTTP proxy"],
    ['{"network": {"proxy": "ftp://a"}}', 1, 'network.proxy must be "auto"'],
    ['{"network": {"proxy": {"pac": "proxy.pac"}}}', 1, 'network.proxy must be "auto"'],
    ['{"network": {"caFiles": ["ca.pem"]}}', 1, "network.caFiles[0] must be an absolute path"],
    ['{"sources": {\n"A b": {"kind": "aws-sso"}}}', 2, "sources.A b must be an ID"],
    ['{"sources": {"a": {"startUrl": "https://a"}}}', 1, "sources.a.kind is missing."],
    [
      '{"sources": {"a": {\n"kind": "azure"}}}',
      2,
      'sources.a.kind must be one of "aws-sso", "google", "google-adc", "google-workforce", "oidc", "command".',
    ],
    ['{"sources": {"a": 3}}', 1, "sources.a must be an object."],
    ['{"sources": {"g": {"kind": "google"}}}', 1, clientMissing],
    ['{"sources": {"g": {"kind": "google", "clientId": "i"}}}', 1, clientMissing],
    ['{"sources": {"g": {"kind": "google", "clientSecret": "s"}}}', 1, clientMissing],
    [
      '{"sources": {"g": {"kind": "google", "clientFile": "/c", "clientSecret": "s"}}}',
      1,
      clientMissing,
    ],
    [
      '{"sources": {"g": {"kind": "google", "clientFile": "/c", "clientId": "i"}}}',
      1,
      clientMissing,
    ],
    [
      '{"sources": {"g": {"kind": "google",\n"clientFile": "c.json"}}}',
      2,
      "sources.g.clientFile must be an absolute path",
    ],
    [
      '{"sources": {"g": {"kind": "google", "clientFile": "/c",\n"scopes": "email"}}}',
      2,
      "sources.g.scopes must be a list.",
    ],
    [
      '{"sources": {"g": {"kind": "google", "clientFile": "/c",\n"quotaProject": "my project"}}}',
      2,
      "sources.g.quotaProject must be the ID of a project",
    ],
    [
      '{"sources": {"a": {"kind": "google-adc",\n"impersonate": "jo@example.com"}}}',
      2,
      "sources.a.impersonate must be a service account such as",
    ],
    [
      '{"sources": {"a": {"kind": "google-adc", "impersonate": [\n"a@p.iam.gserviceaccount.com",\n"a/b@p.iam.gserviceaccount.com"]}}}',
      3,
      "sources.a.impersonate[1] must be a service account such as",
    ],
    [
      '{"sources": {"a": {"kind": "google-adc",\n"impersonate": 7}}}',
      2,
      "sources.a.impersonate must be a service account, or a list of them.",
    ],
    [
      '{"sources": {"a": {"kind": "google-adc",\n"signIn": "gcloud auth login"}}}',
      2,
      "sources.a.signIn must be a list.",
    ],
    [
      '{"sources": {"w": {"kind": "google-workforce"}}}',
      1,
      "sources.w.loginConfigFile is missing.",
    ],
    ['{"sources": {"c": {"kind": "command"}}}', 1, "sources.c.signIn is missing."],
    [
      '{"sources": {"c": {"kind": "command",\n"signIn": []}}}',
      2,
      "sources.c.signIn must name a program.",
    ],
    [
      '{"sources": {"c": {"kind": "command", "signIn": ["a"],\n"timeout": 165}}}',
      2,
      "sources.c.timeout must be a duration",
    ],
    ['{"google": {"defaultSource": "My Google"}}', 1, "google.defaultSource must be an ID"],
    [
      '{"sources": {"a": {"kind": "aws-sso", "startUrl": "http://a"}}}',
      1,
      "sources.a.startUrl must be",
    ],
    [
      '{"sources": {"a": {"kind": "aws-sso", "region": "Frankfurt"}}}',
      1,
      "sources.a.region must be",
    ],
    [
      '{"sources": {"a": {"kind": "aws-sso", "profiles": [{"name": "n", "role": "r", "account": 111122223333}]}}}',
      1,
      "sources.a.profiles[0].account must be an account number in quotes",
    ],
    [oidc(""), 1, "sources.o.issuer is missing."],
    [
      '{"sources": {"o": {"kind": "oidc", "issuer": "https://a.example.com"}}}',
      1,
      "sources.o.clientId is missing.",
    ],
    [
      oidc('"http://127.0.0.1:8080"'),
      1,
      "sources.o.issuer must be an address that begins with https://",
    ],
    [oidc('"login.example.com"'), 1, "sources.o.issuer must be an address that begins with"],
    [oidc('"https://a.example.com/?x"'), 1, "sources.o.issuer must be an address without a query"],
    [
      oidc('"https://a.example.com", "scopes": ["openid email"]'),
      1,
      "sources.o.scopes[0] must be one scope, without blanks.",
    ],
    ...["/api", "https://a.example.com/#x"].flatMap((resource): [string, number, string][] => [
      [
        oidc(`"https://a.example.com", "resource": "${resource}"`),
        1,
        "sources.o.resource must be an absolute address without a fragment.",
      ],
      [
        oidc(`"https://a.example.com", "resource": ["urn:a", "${resource}"]`),
        1,
        "sources.o.resource[1] must be an absolute address without a fragment.",
      ],
    ]),
    [
      oidc('"https://a.example.com", "resource": 7'),
      1,
      "sources.o.resource must be an absolute address, or a list of them.",
    ],
    ...[
      "https://127.0.0.1:0/cb",
      "http://127.0.0.1/cb",
      "http://localhost:0",
      "http://localhost:65536/cb",
      "http://localhost:0/cb?x",
      "http://127.0.0.2:0/cb",
      "http://localhost:0a.example.com/",
      "http://a.example.com:0/cb",
    ].map((uri): [string, number, string] => [
      oidc(`"https://a.example.com", "redirectUri": "${uri}"`),
      1,
      'sources.o.redirectUri must be "http://127.0.0.1:PORT/path"',
    ]),
    [
      oidc('"https://a.example.com", "authorizeParams": {\n"state": "x"}'),
      2,
      "sources.o.authorizeParams.state is what Evercred itself says there.",
    ],
    [
      oidc('"https://a.example.com", "flow": "client-credentials"'),
      1,
      "sources.o must have clientSecretKey with that flow.",
    ],
    ['{"keys": {"A": {"kind": "static"}}}', 1, "keys.A must be an ID"],
    ...["add", "set", "rm", "list", "show", "test", "help"].map(
      (name): [string, number, string] => [
        `{"keys": {"${name}": {"kind": "static"}}}`,
        1,
        `keys.${name} must not be "add", "set", "rm", "list", "show", "test" or "help".`,
      ],
    ),
    [
      '{"keys": {"k": {"kind": "vault"}}}',
      1,
      'keys.k.kind must be one of "static", "command", "jwt", "oidc", "gcp-id-token", "gcp-access-token", "aws-bedrock".',
    ],
    ...["2027-02-30", "31.3.2027", "2027-03-31T18:00:00", "soon"].map(
      (date): [string, number, string] => [
        `{"keys": {"k": {"kind": "static",\n"expiresAt": "${date}"}}}`,
        2,
        'keys.k.expiresAt must be a date such as "2027-03-31", or an instant',
      ],
    ),
    ['{"keys": {"k": {"kind": "command"}}}', 1, "keys.k.command is missing."],
    [
      '{"keys": {"k": {"kind": "command", "command": []}}}',
      1,
      "keys.k.command must be a command line, or a list of a program and its arguments.",
    ],
    [
      '{"keys": {"k": {"kind": "command", "command": 7}}}',
      1,
      "keys.k.command must be a command line, or a list of a program and its arguments.",
    ],
    [
      '{"keys": {"k": {"kind": "command", "command": "a", "cwd": "work"}}}',
      1,
      "keys.k.cwd must be an absolute path",
    ],
    [
      '{"keys": {"k": {"kind": "command", "command": "a", "env": {"A=B": "c"}}}}',
      1,
      "keys.k.env.A=B must be the name of a variable.",
    ],
    ...["ttl", "timeout"].map((name): [string, number, string] => [
      `{"keys": {"k": {"kind": "command", "command": "a", "${name}": "0s"}}}`,
      1,
      `keys.k.${name} must be longer than that.`,
    ]),
    [jwt('"HS1"'), 1, 'keys.k.algorithm must be one of "HS256", "HS384"'],
    [jwt('"HS256", "lifetime": "0s"'), 1, "keys.k.lifetime must be longer than that."],
    [jwt('"HS256", "audience": 7'), 1, "keys.k.audience must be a text, or a list of them."],
    ...["iat", "exp", "nbf", "jti"].map((claim): [string, number, string] => [
      jwt(`"HS256", "claims": {"${claim}": 1}`),
      1,
      `keys.k.claims.${claim} is what each token says anew.`,
    ]),
    ...["${HOME}", "${}", "${user", "a ${USER}"].map((value): [string, number, string] => [
      jwt(`"HS256", "claims": {"a": {"b": ["${value}"]}}`),
      1,
      "keys.k.claims.a.b[0] may have ${user} and ${hostname} filled in, and nothing else.",
    ]),
    [
      jwt('"HS256", "claims": {"a": {"b": {"c": {\n"d": [1]}}}}'),
      2,
      "keys.k.claims.a.b.c.d is more than 3 levels deep.",
    ],
    ['{"keys": {"k": {"kind": "oidc"}}}', 1, "keys.k.source is missing."],
    [
      '{"keys": {"k": {"kind": "oidc", "source": "o", "token": "refresh"}}}',
      1,
      'keys.k.token must be one of "access", "id".',
    ],
    ['{"keys": {"k": {"kind": "gcp-id-token"}}}', 1, "keys.k.audience is missing."],
    [
      '{"keys": {"k": {"kind": "gcp-access-token", "impersonate": "me"}}}',
      1,
      "keys.k.impersonate must be a service account such as",
    ],
    ['{"keys": {"k": {"kind": "aws-bedrock"}}}', 1, "keys.k.profile is missing."],
    ...["13h", "0s"].map((lifetime): [string, number, string] => [
      `{"keys": {"k": {"kind": "aws-bedrock", "profile": "p", "lifetime": "${lifetime}"}}}`,
      1,
      'keys.k.lifetime must be "12h" at most.',
    ]),
    ['{"headers": {"o t": {}}}', 1, "headers.o t must be an ID"],
    ['{"headers": {"o": {"X Team": "a"}}}', 1, "headers.o.X Team must be the name of a header."],
    [
      '{"headers": {"o": {"Authorization": "a",\n"authorization": "b"}}}',
      2,
      "headers.o.authorization stands there twice: capitals make no other header.",
    ],
    [
      `{\n"x": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      2,
      "The configuration is nested too deeply.",
    ],
    ...["gr\u00fcn", "a\r\nb: c", "a\tb"].map((value): [string, number, string] => [
      JSON.stringify({ headers: { o: { "X-Team": value } } }),
      1,
      "headers.o.X-Team must be of visible ASCII characters and blanks.",
    ]),
    ...["${HOME}", "a ${key:A}", "${key:a", "${key:}"].map((value): [string, number, string] => [
      JSON.stringify({ headers: { o: { "X-Team": value } } }),
      1,
      "headers.o.X-Team may have ${key:NAME} filled in, and nothing else.",
    ]),
    ['{"network": {"proxyUser": "a:b"}}', 1, "network.proxyUser must not have a colon in it."],
    [
      '{"network": {"clientCertificate": {"certFile": "/c"}}}',
      1,
      "network.clientCertificate.keyFile is missing.",
    ],
    ...["https://a.example.com", "a.example.com:443", "*.example.com", "", 7].map(
      (host): [string, number, string] => [
        JSON.stringify({
          network: { clientCertificate: { certFile: "/c", keyFile: "/k", hosts: [host] } },
        }),
        1,
        'network.clientCertificate.hosts[0] must be a host such as "gateway.example.com"',
      ],
    ),
    ['{"log": "info"', 1, "The configuration is not valid JSON: close brace expected."],
    ['{\n"log": "info"\n"aws": {}}', 3, "The configuration is not valid JSON: comma expected."],
  ])("%s", (text, line, sentence) => {
    const { config, problems } = read(text);
    expect(config).toBeUndefined();
    expect(problems).toMatchObject([{ severity: "error", line }]);
    expect(problems[0]?.sentence).toContain(sentence);
    expect(problems[0]?.remedy).toMatch(/^Correct it/);
  });
});

describe("what looks like a secret breaks the file, and is not repeated", () => {
  test.each([
    ["AWS access key", `AKIA${"A1B2".repeat(4)}`],
    ["private key", "-----BEGIN EC PRIVATE KEY-----"],
    ["JSON Web Token", `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.c`],
    ["Google access token", `ya29.${"a".repeat(30)}`],
    ["Google refresh token", `1//0${"g".repeat(40)}`],
    ["model provider's key", `sk-ant-${"a".repeat(40)}`],
    ["Vault service token", `hvs.CAESI${"a1_-".repeat(20)}`],
    ["Vault batch token", `hvb.AAAAAQ${"a1_-".repeat(20)}`],
    ["Vault recovery token", `hvr.${"a1B2".repeat(6)}`],
    ["GitHub token", `ghp_${"a".repeat(36)}`],
    ["Slack token", `xoxb-${"1".repeat(20)}`],
    ["header with a key", `Bearer ${"a1".repeat(10)}`],
    ["header with a password", `Basic ${"QWxh".repeat(6)}=`],
    ["password in an address", "http://jo:hunter2@proxy.example.com:8080"],
  ])("%s", (_, secret) => {
    const texts = [
      `{"network": {\n"proxy": "${secret}"}}`,
      `{"sources": {"a": {"kind": "aws-sso",\n"title": "${secret}"}}}`,
      `{"keys": {"k": {"kind": "static",\n"value": "${secret}"}}}`,
      `{"headers": {"o": {\n"A": "${secret}"}}}`,
    ];
    for (const text of texts) {
      const { config, problems } = read(text);
      expect(config).toBeUndefined();
      expect(problems).toContainEqual({
        severity: "error",
        file: "config.json",
        line: 2,
        sentence: expect.stringContaining("holds what looks like a secret."),
        remedy: expect.stringContaining("Take it out of the file"),
      });
      expect(JSON.stringify(problems)).not.toContain(secret);
    }
  });

  test.each([
    ['{"keys": {"k": {"kind": "static", "v": "SECRET"}}}', "evercred api-key set k"],
    ['{"headers": {"o": {"A": "SECRET"}}}', "write ${key:NAME} in its place"],
    ['{"network": {"proxyUser": "SECRET"}}', "network.proxyPasswordKey"],
    ['{"aws": {"defaultProfile": "SECRET"}}', "others may have read it"],
  ])("and there is a better place for it: %s", (text, place) => {
    const { problems } = read(text.replace("SECRET", `sk-ant-${"a".repeat(40)}`));
    expect(problems[0]?.remedy).toContain(place);
  });

  test("ordinary values do not", () => {
    const text = `{"network": {"proxy": "http://jo@proxy.example.com:8080", "noProxy": ["task-force.example", "hvs.example.com"]},
      "headers": {"o": {"A": "Bearer of-good-news", "B": "Bearer \${key:k}"}}, "keys": {"k": {"kind": "static"}},
      "aws": {"defaultProfile": "risk-management-and-compliance-audit"}}`;
    expect(read(text).problems).toEqual([]);
  });
});
