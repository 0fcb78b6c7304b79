import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type GovernedHouse, openGovernedHouse } from "./governed-house.ts";
import { endDaemon, oneProfile, otherProfile, type Outcome } from "./house.ts";

let house: GovernedHouse;

afterEach(async () => {
  await house.close();
});

const corp = { organization: "Example Corp", contact: "https://help.example.com/evercred" };
const help = "Help: https://help.example.com/evercred";

/** What a new laptop gets, with the fake organisation's address. */
const source = {
  kind: "aws-sso",
  startUrl: "https://d-1234567890.awsapps.com/start",
  region: "us-east-1",
  profiles: [{ name: "bedrock", account: "111122223333", role: "Developer", region: "us-east-1" }],
};

const refused = (outcome: Outcome, sentence: string): void => {
  expect(outcome).toMatchObject({ code: 5, stdout: "" });
  expect(outcome.stderr.replace("Starting Evercred…\n", "")).toBe(
    `evercred: ${sentence} ${help}\n`,
  );
};

const keysOf = ({ stdout }: Outcome): unknown => JSON.parse(stdout);

const settingOf = async (name: string): Promise<{ value?: unknown; setBy: string }> => {
  const { stdout } = await house.evercred("config", "list", "--all", "--json");
  const { settings } = JSON.parse(stdout) as {
    settings: { name: string; value?: unknown; setBy: string }[];
  };
  const { value, setBy } = settings.find((each) => each.name === name)!;
  return { value, setBy };
};

/** The role that somebody last asked the portal for. */
const lastRole = (): string | undefined =>
  house.cloud.log.all({ path: "/federation/credentials" }).at(-1)?.query["role_name"];

const problems = async (): Promise<string> => (await house.evercred("status", "--json")).stdout;

test("a new laptop needs no other file: the policy gives the source, the profile and what is usual", async () => {
  house = await openGovernedHouse(
    {
      ...corp,
      force: { sources: { corp: source } },
      default: { aws: { defaultProfile: "bedrock" } },
    },
    { awsConfig: "" },
  );
  expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
  expect(keysOf(await house.evercred("aws", "export"))).toHaveProperty("Credentials.SessionToken");
});

describe("what is forced", () => {
  const forced = {
    ...corp,
    force: {
      sources: { corp: source },
      aws: { defaultProfile: "bedrock" },
      network: { proxy: "none", noProxy: [] },
      signIn: { before: "30m" },
    },
  };

  /** What leads to the providers here. */
  const wayOut = (): { readonly proxy: string; readonly caFiles: readonly string[] } => {
    const { HTTPS_PROXY: proxy = "", NODE_EXTRA_CA_CERTS: ca = "" } = house.cloud.env();
    return { proxy, caFiles: [ca] };
  };

  test("cannot be set, unset, removed or replaced from the command line", async () => {
    house = await openGovernedHouse(forced);
    const config = (...words: readonly string[]): Promise<Outcome> =>
      house.evercred("config", ...words);
    refused(
      await config("set", "network.proxy", "http://127.0.0.1:9"),
      "Example Corp has set network.proxy.",
    );
    refused(
      await config("set", "network", '{"proxy":"auto"}'),
      "Example Corp has set network.proxy.",
    );
    refused(await config("unset", "signIn"), "Example Corp has set signIn.");
    refused(
      await config("set", "sources.corp.startUrl", "https://evil.awsapps.com/start"),
      "Example Corp has set sources.corp.startUrl.",
    );
    refused(
      await config("set", "sources.corp.enabled", "false"),
      "Example Corp has set sources.corp.enabled.",
    );
    refused(
      await house.evercred("source", "rm", "corp", "--yes"),
      "Example Corp has set sources.corp.",
    );
    refused(
      await house.evercred("source", "add", "corp", "--kind", "google-adc"),
      "Example Corp has set sources.corp.",
    );
    refused(
      await house.evercred("api-key", "add", "corp", "--kind", "static"),
      "Example Corp has set sources.corp.",
    );
    expect(await config("set", "sources.corp.title", "Our cloud")).toMatchObject({ code: 0 });
    expect(await settingOf("sources.corp.title")).toEqual({ value: "Our cloud", setBy: "config" });
    expect(await settingOf("network.proxy")).toEqual({ value: "none", setBy: "policy" });
  });

  test("counts whatever the configuration file says, and an entry of another kind is said not to count", async () => {
    house = await openGovernedHouse(undefined);
    await house.policy({ ...corp, force: { ...forced.force, network: wayOut() } });
    await house.config({
      sources: {
        // It comes before the forced one.
        aaa: {
          ...source,
          startUrl: "https://other.awsapps.com/start",
          profiles: [{ ...source.profiles[0], role: "ReadOnly" }],
        },
        corp: { kind: "command", signIn: ["/bin/true"] },
      },
      aws: { defaultProfile: "p" },
      network: { proxy: "http://127.0.0.1:9" },
      signIn: { before: "1m" },
    });
    expect(await settingOf("signIn.before")).toEqual({ value: "30m", setBy: "policy" });
    expect(await settingOf("sources.corp.kind")).toEqual({ value: "aws-sso", setBy: "policy" });
    expect(await problems()).toContain(
      "sources.corp does not fit what Example Corp has set, so it does not count.",
    );
    expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    expect(await house.evercred("aws", "export", "--profile", "bedrock")).toMatchObject({
      code: 0,
    });
    expect(lastRole()).toBe("Developer");
  });

  test("counts whatever the environment says: of the caller, and of the daemon", async () => {
    const nowhere = "http://127.0.0.1:9";
    house = await openGovernedHouse(undefined, {
      awsConfig: oneProfile + otherProfile,
      env: { HTTPS_PROXY: nowhere, https_proxy: nowhere, ALL_PROXY: nowhere, NO_PROXY: "*" },
    });
    const network = { ...wayOut(), noProxy: [] };
    await house.policy({ ...corp, force: { ...forced.force, network } });
    expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    const asked = (env: Readonly<Record<string, string>>): Promise<Outcome> =>
      house.run(house.shim, ["aws", "env", "--format", "json"], env);
    const usual = await asked({});
    expect(usual.code).toBe(0);
    for (const name of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]) {
      expect((await asked({ [name]: "other" })).stdout).toBe(usual.stdout);
    }
    await house.policy({
      ...corp,
      force: { ...forced.force, network: { ...network, caFiles: [] } },
    });
    await expect
      .poll(() => settingOf("network.caFiles"), { timeout: 10_000 })
      .toHaveProperty("value", []);
    // NODE_EXTRA_CA_CERTS still names the authority.
    const untrusted = await house.evercred("aws", "export", "--fresh");
    expect(untrusted).toMatchObject({ code: 7, stdout: "" });
  });
});

describe("a default", () => {
  test("counts until the configuration, the environment or the command line says otherwise", async () => {
    house = await openGovernedHouse(
      { ...corp, default: { signIn: { before: "40m" }, aws: { defaultProfile: "other" } } },
      { awsConfig: oneProfile + otherProfile },
    );
    expect(await settingOf("signIn.before")).toEqual({ value: "40m", setBy: "policy-default" });
    expect(await house.evercred("config", "set", "signIn.before", "10m")).toMatchObject({
      code: 0,
    });
    expect(await settingOf("signIn.before")).toEqual({ value: "10m", setBy: "config" });
    expect((await house.evercred("config", "unset", "signIn.before")).stdout).toBe(
      "signIn.before is taken out; Example Corp has 40m\n",
    );
    await house.evercred("login", "corp");
    const roleBy = async (
      env: Readonly<Record<string, string>>,
      ...flags: readonly string[]
    ): Promise<string | undefined> => {
      await house.run(house.shim, ["aws", "export", "--fresh", ...flags], env);
      return lastRole();
    };
    expect(await roleBy({})).toBe("ReadOnly");
    expect(await roleBy({ AWS_PROFILE: "p" })).toBe("Developer");
    expect(await roleBy({}, "--profile", "p")).toBe("Developer");
  });
});

test("a change is in force without a restart, and so is its end", async () => {
  house = await openGovernedHouse(undefined);
  expect(await settingOf("signIn.before")).toEqual({ value: "20m", setBy: "built-in" });
  const pid = await house.daemonPid();
  await house.policy({ ...corp, force: { signIn: { before: "30m" } } });
  await expect
    .poll(() => settingOf("signIn.before"), { timeout: 10_000 })
    .toEqual({ value: "30m", setBy: "policy" });
  await house.noPolicy();
  await expect
    .poll(() => settingOf("signIn.before"), { timeout: 10_000 })
    .toEqual({ value: "20m", setBy: "built-in" });
  expect(await house.daemonPid()).toBe(pid);
});

describe("a policy that nobody can rely on", () => {
  const silent = [
    ["aws", "export"],
    ["aws", "process"],
    ["aws", "env"],
    ["aws", "login"],
    ["login", "corp"],
    ["exec", "--profile", "p", "--", "true"],
  ] as const;

  const closes = async (sentence: string, words = help): Promise<void> => {
    await expect
      .poll(async () => (await house.evercred("aws", "export")).stderr, { timeout: 10_000 })
      .toContain(sentence);
    for (const verb of silent) {
      const { code, stdout, stderr } = await house.evercred(...verb);
      expect([verb, code]).toEqual([verb, verb[0] === "exec" ? 125 : 5]);
      expect(stdout).toBe("");
      expect(stderr).toContain(words);
    }
  };

  test("closes, though somebody is signed in, and opens again once it is mended", async () => {
    house = await openGovernedHouse(corp);
    await house.evercred("login", "corp");
    expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
    const pages = await house.pages();

    await house.policy('{"organization": "Example Corp",');
    await closes("/etc/evercred/policy.json line 1:", "Ask your administrator.");
    await house.policy({ ...corp, allow: { awsAcounts: [] } });
    await closes("Example Corp's policy cannot be used, so nothing is handed out.");
    expect(await problems()).toContain("allow.awsAcounts is not a name that Evercred knows.");
    await house.policy(corp, { mode: 0o666 });
    await closes("Others than root can write it.", "Ask your administrator.");
    await house.policy(corp);
    await house.policyFolderMode(0o777);
    await closes("Others than root can write its folder /etc/evercred.", "Ask your administrator.");

    expect(await house.pages()).toEqual(pages);
    await house.policyFolderMode(0o755);
    await house.policy({ ...corp, force: { log: "debug" } });
    await expect
      .poll(async () => (await house.evercred("aws", "export")).code, { timeout: 10_000 })
      .toBe(0);
  });

  test("that somebody else has planted is ignored, and said", async () => {
    house = await openGovernedHouse(undefined);
    await house.policy(
      { organization: "Nobody", force: { signIn: { before: "1m" } } },
      { owner: 65_534 },
    );
    expect(await settingOf("signIn.before")).toEqual({ value: "20m", setBy: "built-in" });
    await house.evercred("login", "corp");
    expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
    expect(await problems()).toContain(
      "/etc/evercred/policy.json: This policy does not count. It does not belong to root.",
    );
    const { stdout } = await house.evercred("policy", "show", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      state: "ignored",
      why: "This policy does not count. It does not belong to root.",
    });
  });

  test("is moved by no variable", async () => {
    house = await openGovernedHouse(
      { ...corp, force: { signIn: { before: "30m" } } },
      {
        env: { XDG_CONFIG_DIRS: "/nowhere", EVERCRED_POLICY: "/nowhere", ProgramData: "/nowhere" },
      },
    );
    const away = await mkdtemp(join(tmpdir(), "evercred-away-"));
    const env = { EVERCRED_HOME: away };
    const { stdout } = await house.run(house.shim, ["config", "get", "signIn.before"], env);
    expect(stdout).toBe("30m\n");
    await endDaemon(join(away, "state"), () => house.run(house.shim, ["daemon", "stop"], env));
    await rm(away, { recursive: true, force: true, maxRetries: 5 });
  });
});

test("policy show and policy check say what is set and what is wrong", async () => {
  const policy = { ...corp, force: { log: "warn" }, allow: { awsAccounts: ["111122223333"] } };
  house = await openGovernedHouse(policy);
  const shown = await house.evercred("policy", "show");
  expect(shown.code).toBe(0);
  expect(shown.stdout).toBe(
    [
      "Policy        in force",
      "File          /etc/evercred/policy.json",
      "Organisation  Example Corp",
      "Help          https://help.example.com/evercred",
      "",
      "log                warn              set by Example Corp",
      'allow.awsAccounts  ["111122223333"]  set by Example Corp',
      "",
    ].join("\n"),
  );
  const file = join(house.home, "new.json");
  await writeFile(file, JSON.stringify(policy));
  expect(await house.evercred("policy", "check", file)).toMatchObject({ code: 0, stdout: "" });
  await writeFile(file, '{\n  "force": { "netwrok": {} },\n  "allow": { "bridges": "no" }\n}\n');
  expect(await house.evercred("policy", "check", file)).toMatchObject({
    code: 2,
    stdout: [
      `${file}:2:14: warning: force.netwrok is not a name that Evercred knows. Did you mean network?`,
      `${file}:3:14: error: allow.bridges must be true or false. Correct it: until then nothing is served.`,
      "",
    ].join("\n"),
  });
  const { stdout } = await house.evercred("policy", "schema");
  expect(Object.keys((JSON.parse(stdout) as { properties: object }).properties)).toContain("allow");
  expect(await readFile(file, "utf8")).toContain("netwrok");
});
