import { describe, expect, test } from "vitest";
import { comparedVariables, differencesOf } from "../../electron/commands/environment.ts";
import type { Ways } from "../../electron/commands/environment-ways.ts";
import type { ConfigValue } from "../../electron/commands/ports.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { configuredWorld } from "./configured.ts";
import { terminal, World } from "./world.ts";

const proxy = "http://proxy.example.com:8080";

const ways = (
  environment: Ways["environment"] = {},
  settings: Readonly<Record<string, ConfigValue>> = {},
): Ways => ({
  environment,
  settings: Object.entries(settings).map(([name, value]) => ({
    path: name.split("."),
    value,
    setBy: "config",
  })),
  awsConfigFile: "/home/ann/.aws/config",
  profile: "dev",
});

const differences = (variables: Readonly<Record<string, string>>, how = ways()) =>
  differencesOf({ where: "This shell", isProject: false, variables }, how);

/** Each variable, how the daemon works, and the command that makes it work so; none: it does already. */
const cases: Readonly<
  Record<string, readonly [Readonly<Record<string, string>>, Ways, string | undefined]>
> = {
  "a proxy": [{ HTTPS_PROXY: proxy }, ways(), `evercred config set network.proxy ${proxy}`],
  "a proxy without its scheme": [
    { http_proxy: "proxy.example.com:8080" },
    ways(),
    `evercred config set network.proxy ${proxy}`,
  ],
  "the daemon's own proxy": [{ HTTPS_PROXY: proxy }, ways({ https_proxy: `${proxy}/` }), undefined],
  "the configured proxy": [{ HTTPS_PROXY: proxy }, ways({}, { "network.proxy": proxy }), undefined],
  "another proxy than the configured one": [
    { HTTPS_PROXY: proxy },
    ways({ HTTPS_PROXY: proxy }, { "network.proxy": "http://old.example.com" }),
    `evercred config set network.proxy ${proxy}`,
  ],
  "a proxy where somebody has decided for none": [
    { HTTPS_PROXY: proxy },
    ways({}, { "network.proxy": "none" }),
    undefined,
  ],
  "a proxy where a script decides": [
    { HTTPS_PROXY: proxy },
    ways({}, { "network.proxy.pac": "https://pac.example.com" }),
    undefined,
  ],
  "a proxy's password": [
    { HTTPS_PROXY: "http://ann:swordfish@proxy.example.com:8080" },
    ways({ HTTPS_PROXY: proxy }),
    `evercred config set network.proxy ${proxy} && evercred config set network.proxyUser ann && evercred api-key add proxy --kind static && evercred config set network.proxyPasswordKey proxy`,
  ],
  "a proxy's password that is a key": [
    { HTTPS_PROXY: "http://ann:swordfish@proxy.example.com:8080" },
    ways({}, { "network.proxy": proxy, "network.proxyPasswordKey": "proxy" }),
    undefined,
  ],
  "no HTTP proxy": [{ ALL_PROXY: "socks5://proxy.example.com" }, ways(), undefined],
  "hosts without a proxy": [
    { HTTPS_PROXY: proxy, NO_PROXY: "localhost, .example.com,a.test b.test" },
    ways({ HTTPS_PROXY: proxy, no_proxy: "example.com" }, { "network.noProxy": ["A.test"] }),
    `evercred config set network.noProxy '["A.test","b.test"]'`,
  ],
  authorities: [
    { AWS_CA_BUNDLE: "/etc/corp/ca.pem" },
    ways({}, { "network.caFiles": ["/a.pem"] }),
    `evercred config set network.caFiles '["/a.pem","/etc/corp/ca.pem"]'`,
  ],
  "authorities that the daemon has": [
    { NODE_EXTRA_CA_CERTS: "/ca.pem", SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" },
    ways({ NODE_EXTRA_CA_CERTS: "/ca.pem" }),
    undefined,
  ],
  "a client certificate": [
    {
      CLAUDE_CODE_CLIENT_CERT: "/me.pem",
      CLAUDE_CODE_CLIENT_KEY: "/me.key",
      CLAUDE_CODE_CLIENT_KEY_PASSPHRASE: "swordfish",
    },
    ways(),
    `evercred config set network.clientCertificate '{"certFile":"/me.pem","keyFile":"/me.key"}' && evercred api-key add mtls --kind static && evercred config set network.clientCertificate.passphraseKey mtls`,
  ],
  "the configured client certificate": [
    { CLAUDE_CODE_CLIENT_CERT: "/me.pem", CLAUDE_CODE_CLIENT_KEY: "/me.key" },
    ways({}, { "network.clientCertificate.certFile": "/me.pem" }),
    undefined,
  ],
  "a profile": [
    { AWS_PROFILE: "o'ps" },
    ways(),
    `evercred config set aws.defaultProfile 'o'\\''ps'`,
  ],
  "the same profile": [{ AWS_PROFILE: "dev" }, ways(), undefined],
  "a file of Google's": [
    { GOOGLE_APPLICATION_CREDENTIALS: "/adc.json" },
    ways(),
    `evercred config set sources.adc '{"kind":"google-adc","file":"/adc.json"}'`,
  ],
  "the daemon's files": [
    {
      AWS_CONFIG_FILE: "/home/ann/.aws/config",
      CLOUDSDK_CONFIG: "/g",
      GOOGLE_APPLICATION_CREDENTIALS: "/adc.json",
    },
    ways({ CLOUDSDK_CONFIG: "/g", GOOGLE_APPLICATION_CREDENTIALS: "/adc.json" }),
    undefined,
  ],
  "another AWS configuration": [{ AWS_CONFIG_FILE: "/other" }, ways(), "evercred daemon restart"],
  "other AWS credentials": [
    { AWS_SHARED_CREDENTIALS_FILE: "/other" },
    ways(),
    "evercred daemon restart",
  ],
  "another folder of gcloud": [{ CLOUDSDK_CONFIG: "/other" }, ways(), "evercred daemon restart"],
  "a secret": [{ ANTHROPIC_API_KEY: "swordfish" }, ways(), "evercred setup claude --move-secrets"],
};

test.each(Object.entries(cases))("%s", (_, [variables, how, command]) => {
  const found = differences(variables, how);
  expect(found.map(({ remedy }) => remedy.includes(command ?? ""))).toEqual(
    command === undefined ? [] : [true],
  );
  expect(JSON.stringify(found)).not.toContain("swordfish");
});

test("what an organisation has set is no difference", () => {
  const forced = { path: ["network", "proxy"], value: "http://forced", setBy: "policy" } as const;
  const how = { ...ways(), settings: [forced] };
  expect(differences({ HTTPS_PROXY: proxy, AWS_PROFILE: "ops" }, how)).toMatchObject([
    { variable: "AWS_PROFILE" },
  ]);
});

test("only what is compared is asked for, and all of that is", () => {
  const names = Object.values(cases).flatMap(([variables]) => Object.keys(variables));
  expect(names.filter((name) => !comparedVariables.includes(name))).toEqual([]);
});

const setup = ["setup", "claude", "--provider", "bedrock", "--region", "us-east-1", "--no-verify"];
const variables = { HTTPS_PROXY: "http://ann:swordfish@proxy.example.com:8080" };

describe("set-up", () => {
  test("says what differs, and how to save it; with --yes nothing is saved", async () => {
    const world = await World.make({ sources: { corp: { dev: "key" } } });
    for (const parts of [{}, { terminal }]) {
      const { exit, stderr } = await world.run([...setup, "--yes"], { ...parts, variables });
      expect(exit).toBe(0);
      expect(stderr).toContain(`This shell goes through the proxy ${proxy} (HTTPS_PROXY)`);
      expect(stderr).toContain("To have Evercred work so: evercred config set network.proxy");
      expect(stderr).not.toContain("swordfish");
    }
    expect(world.config.changes).toEqual([]);
  });

  test("saves what somebody agrees to, the password as a key", async () => {
    const { world } = await configuredWorld({ keys: { k: { kind: "static" } } });
    const gateway = ["setup", "claude", "--provider", "gateway", "--key", "k", "--no-verify"];
    const words = [...gateway, "--base-url", "https://gateway.example.com"];
    const { exit } = await world.run(words, { terminal, variables, types: ["y", "y", ""] });
    expect(exit).toBe(0);
    expect(world.config.settings.proxy).toMatchObject({ user: "ann", passwordKey: "proxy" });
    expect(world.store.peek("grant/proxy")).toContain("swordfish");
    expect(JSON.stringify(world.config.tree)).not.toContain("swordfish");
  });

  test("says why something cannot be saved, and goes on", async () => {
    const world = await World.make({ sources: { corp: { dev: "key" } } });
    world.config.refusal = new EvercredError("config-invalid", "It is broken.", {
      remedy: "Mend it.",
    });
    const parts = { terminal, variables: { AWS_PROFILE: "ops" }, types: ["y", "y"] };
    const { exit, stderr } = await world.run(setup, parts);
    expect(exit).toBe(0);
    expect(stderr).toContain("and Evercred with dev where nobody names one.\n");
    expect(stderr).toContain("It is not saved. It is broken. Mend it.\n");
  });

  test("says what settings files have as well, and the same thing once", async () => {
    const world = await World.make({ sources: { corp: { dev: "key" } } });
    const same = { variables: { HTTPS_PROXY: proxy, ANTHROPIC_API_KEY: "swordfish" } };
    world.setupFiles.has = [
      { where: "/a/settings.json", isProject: false, ...same },
      { where: "/b/settings.json", isProject: false, ...same },
    ];
    const { stderr } = await world.run(setup);
    expect(stderr.match(/goes through the proxy/g)).toHaveLength(1);
    expect(stderr).toContain("/a/settings.json goes through the proxy");
    expect(stderr).not.toContain("ANTHROPIC_API_KEY");
  });

  test("what only a project's settings have is said, and never offered to be saved", async () => {
    const world = await World.make({ sources: { corp: { dev: "key" } } });
    const authority = { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: "/project/ca.pem" };
    world.setupFiles.has = [{ where: "/p/settings.json", isProject: true, variables: authority }];
    const { stderr, questions } = await world.run(setup, { terminal, variables: {}, types: ["y"] });
    expect(stderr).toContain("/p/settings.json goes through the proxy");
    expect(stderr).toContain("/p/settings.json trusts the certificates");
    expect(stderr).not.toMatch(/config set|Save it/);
    expect(questions).toHaveLength(1);
    expect(world.config.changes).toEqual([]);
  });

  test("an environment by itself changes no way of the daemon, whatever is asked", async () => {
    const world = await World.make({ sources: { corp: { dev: "key" } } });
    const lines = [setup, ["login", "corp"], ["aws", "export"], ["status"], ["config", "list"]];
    for (const words of lines) {
      const call = await world.start(words, { variables: { ...variables, BROWSER: "evil" } });
      call.leave();
      await call.exit;
    }
    expect(world.config.changes).toEqual([]);
    expect(world.environment).toEqual({});
  });
});
