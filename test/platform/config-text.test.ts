import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Config, sourcesOf } from "../../electron/platform/config-schema.ts";
import { type ConfigReading, readConfigText } from "../../electron/platform/config-text.ts";

const read = (text: string): ConfigReading => readConfigText(text, "config.json", "/home/jo");

const clientMissing = "sources.g must have either clientFile, or clientId and clientSecret.";

const defaults: Config = {
  version: 1,
  sources: {},
  aws: { mirrorSsoCache: true },
  google: {},
  network: { proxy: "auto", noProxy: [], caFiles: [], systemCa: true },
  signIn: { ask: "notify", before: 20 * 60_000, schedule: [], whenLockedOrIdle: "wait" },
  doors: { containerCredentials: false, gceMetadata: false },
  app: { theme: "system", notifications: true },
  log: "info",
};

describe("a configuration", () => {
  test.each(["", "  \n", "{}", "// nothing yet\n", "/* a */ {}", '{"version": 1,}'])(
    "of '%s' is all defaults",
    (text) => {
      expect(read(text)).toEqual({ config: defaults, problems: [] });
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
      },
      "aws": { "defaultProfile": "b", "mirrorSsoCache": false },
      "google": { "defaultSource": "g" },
      "network": {
        "proxy": "http://proxy.example.com:8080",
        "noProxy": ["localhost", ".example.com"],
        "caFiles": ["~/ca.pem", "\${HOME}/more", "/etc/ca.pem"],
        "systemCa": false,
      },
      "signIn": { "ask": "open", "before": "90s", "schedule": ["0 9 * * 1-5"],
                  "whenLockedOrIdle": "wait", "browser": ["chromium", "--app={url}"] },
      "doors": { "containerCredentials": true, "gceMetadata": true },
      "app": { "theme": "dark", "notifications": false },
      "log": "debug", /* the end */
    }`;
    expect(read(text)).toEqual({
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
        },
        aws: { defaultProfile: "b", mirrorSsoCache: false },
        google: { defaultSource: "g" },
        network: {
          proxy: "http://proxy.example.com:8080",
          noProxy: ["localhost", ".example.com"],
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
        app: { theme: "dark", notifications: false },
        log: "debug",
      },
    });
  });

  test("is what the documentation shows, with a source of each kind", () => {
    const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
    const [, text = ""] = /```jsonc\n(.*?)```/su.exec(page) ?? [];
    const { config, problems } = read(text);
    expect(problems).toEqual([]);
    expect(new Set(Object.values(config!.sources).map(({ kind }) => kind))).toEqual(
      new Set(["aws-sso", "google", "google-adc", "google-workforce", "command"]),
    );
  });

  test("fills in what a source of each kind does not say", () => {
    const text = `{"sources": {
      "s": { "kind": "aws-sso" },
      "g": { "kind": "google", "clientFile": "/client.json" },
      "a": { "kind": "google-adc" },
      "w": { "kind": "google-workforce", "loginConfigFile": "/login.json" },
      "c": { "kind": "command", "signIn": ["login"] },
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
      a: { ...rest, kind: "google-adc", timeout: 165_000, allowExecutables: false },
      w: {
        ...rest,
        kind: "google-workforce",
        loginConfigFile: "/login.json",
        scopes: [cloudPlatform],
        adcFile: false,
      },
      c: { kind: "command", enabled: true, signIn: ["login"], timeout: 165_000 },
    });
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
      app: { theme: "dark", notifications: true },
    });
  });

  test("that is near nothing has no suggestion, and cannot steer a terminal", () => {
    const { problems } = read(String.raw`{"wholly\u001b[31m different": 1}`);
    expect(problems[0]?.remedy).toBe("Remove it, or correct it.");
    expect(problems[0]?.sentence).toMatch(/^wholly\?\[31m different is not/);
  });

  test.each([
    ['{"keys": {"a": {"kind": "static"}}}', "keys is not used by this version."],
    ['{"headers": {}}', "headers is not used by this version."],
    ['{"aws": {"writeProfiles": true}}', "aws.writeProfiles is not used by this version."],
    ['{"network": {"proxyUser": "jo"}}', "network.proxyUser is not used by this version."],
    ['{"app": {"startAtLogin": true}}', "app.startAtLogin is not used by this version."],
    [
      '{"sources": {"g": {"kind": "oidc", "issuer": "a"}}}',
      "sources.g is of a kind that is not used by this version.",
    ],
    [
      '{"network": {"proxy": {"pac": "https://pac.example.com"}}}',
      "The pac of network.proxy is not used by this version.",
    ],
  ])("in this version only is said to be so: %s", (text, sentence) => {
    const { config, problems } = read(text);
    expect(config).toEqual(defaults);
    expect(problems).toMatchObject([{ severity: "warning", sentence }]);
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
    ['{"network": {"proxy": "socks5://a:1"}}', 1, "network.proxy must be"],
    ['{"network": {"caFiles": ["ca.pem"]}}', 1, "network.caFiles[0] must be an absolute path"],
    ['{"sources": {\n"A b": {"kind": "aws-sso"}}}', 2, "sources.A b must be an ID"],
    ['{"sources": {"a": {"startUrl": "https://a"}}}', 1, "sources.a.kind is missing."],
    [
      '{"sources": {"a": {\n"kind": "azure"}}}',
      2,
      'sources.a.kind must be one of "aws-sso", "google", "google-adc", "google-workforce", "command".',
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
    ["GitHub token", `ghp_${"a".repeat(36)}`],
    ["Slack token", `xoxb-${"1".repeat(20)}`],
    ["password in an address", "http://jo:hunter2@proxy.example.com:8080"],
  ])("%s", (_, secret) => {
    const texts = [
      `{"network": {\n"proxy": "${secret}"}}`,
      `{"sources": {"a": {"kind": "aws-sso",\n"title": "${secret}"}}}`,
      `{"keys": {"k": {"kind": "static",\n"value": "${secret}"}}}`,
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

  test("ordinary values do not", () => {
    const text = `{"network": {"proxy": "http://jo@proxy.example.com:8080", "noProxy": ["task-force.example"]},
      "aws": {"defaultProfile": "risk-management-and-compliance-audit"}}`;
    expect(read(text).problems).toEqual([]);
  });
});
