import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { authorizedUserFile, installedClientFile } from "../fakes/cloud/google/files.ts";
import { setUpGcloud, writeTo, adcFileOf, sourceOf } from "./google-home.ts";
import { type GovernedHouse, openGovernedHouse } from "./governed-house.ts";
import { enterKey } from "./key-home.ts";
import {
  type HouseOptions,
  keychainItems,
  noKeychainItems,
  oneProfile,
  type Outcome,
} from "./house.ts";

let house: GovernedHouse;

afterEach(async () => {
  await house.close();
});

const corp = { organization: "Example Corp", contact: "https://help.example.com/evercred" };
const help = "Help: https://help.example.com/evercred";
const ours = "https://d-1234567890.awsapps.com/start";

const open = async (allow: object, options: HouseOptions = {}): Promise<void> => {
  house = await openGovernedHouse({ ...corp, allow }, options);
};

const refused = (outcome: Outcome, what: string): void => {
  expect({ ...outcome, tookMs: 0 }).toEqual({
    code: 5,
    stdout: "",
    stderr: expect.stringContaining(
      `evercred: Example Corp does not allow ${what}. ${help}\n`,
    ) as unknown,
    tookMs: 0,
  });
};

const done = { code: 0 };

/** What is said of a sign-in that a person has come to the end of. */
const withoutPage = (outcome: Outcome): Outcome => {
  expect(outcome.stdout).toMatch(/^https:\/\/\S+\n$/);
  return { ...outcome, stdout: "" };
};

const run = (line: string): Promise<Outcome> => house.evercred(...line.split(" "));

/** Resolves once the daemon has heard of it. */
const until = async (line: string, what: string): Promise<void> => {
  await vi.waitFor(async () => refused(await run(line), what), { timeout: 10_000, interval: 100 });
};

const worksAgain = async (line: string): Promise<void> => {
  await vi.waitFor(async () => expect(await run(line)).toMatchObject(done), {
    timeout: 10_000,
    interval: 100,
  });
};

/** How many requests the providers have seen. */
const asked = (): number => house.cloud.log.count();

const recorded = async (): Promise<readonly { event: string; verb?: string }[]> => {
  const text = await readFile(join(house.state, "audit.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; verb?: string });
};

const problems = async (): Promise<string> => (await run("status")).stdout;

describe("an organisation of AWS that is not allowed", () => {
  const what = `signing in to ${ours}`;

  test("is not signed in to, by no way: no page is opened and nobody is asked", async () => {
    await open({ awsStartUrls: ["https://example.awsapps.com/start"] });
    await house.config({
      sources: {
        corp: { kind: "aws-sso", browser: ["/bin/true", "{url}"] },
        again: { kind: "aws-sso", startUrl: `${ours}/#/`, region: "us-east-1" },
      },
    });
    for (const line of [
      "login corp",
      "login again",
      "login corp --device-code",
      "login corp --no-browser",
      "aws login --profile p",
      "aws login --sso-session corp",
      "aws export --profile p",
      "aws export --profile p --sign-in",
      "aws process --profile p",
      "aws env --profile p --format json",
      "aws console --profile p",
      "aws bedrock-key --profile p",
      "aws accounts --sso-session corp",
      "aws accounts --sso-session corp --sign-in",
      "aws roles --sso-session corp",
      "aws profiles add --sso-session corp --all --yes",
      `aws profiles add --start-url ${ours} --sso-region us-east-1 --all --yes`,
      "status --check corp",
    ]) {
      const outcome = await run(line);
      expect({ line, code: outcome.code, stdout: outcome.stdout }).toEqual({
        line,
        code: 5,
        stdout: "",
      });
      expect(outcome.stderr).toContain(`Example Corp does not allow ${what}. ${help}`);
    }
    const ran = await house.run(house.shim, ["exec", "--profile", "p", "--", "/bin/true"]);
    expect(ran).toMatchObject({ code: 125, stderr: expect.stringContaining(what) as unknown });
    expect(asked()).toBe(0);
    expect(await house.pages()).toEqual([]);
    expect(await problems()).toContain(`Example Corp does not allow ${what}\n  ${help}`);
    // Nobody is told to sign in.
    expect(await run("login --all")).toMatchObject(done);
    const entry = { event: "policy-refused", verb: "aws export", target: "aws:p" };
    // What programs do is written a second later.
    await eventually(async () =>
      expect(await recorded()).toContainEqual(expect.objectContaining(entry)),
    );
  });

  test("serves nothing from the moment of a change on, and all goes on when it is taken back", async () => {
    await open({});
    expect(await run("login corp")).toMatchObject(done);
    const first = await run("aws export --profile p");
    expect(first).toMatchObject(done);
    await house.policy({ ...corp, allow: { awsStartUrls: [] } });
    await until("aws export --profile p", what);
    await eventually(async () =>
      expect(await sourceOf(house, "corp")).toMatchObject({ reason: "forbidden" }),
    );
    expect(await keychainItems(house)).not.toBe(noKeychainItems);
    const before = asked();
    refused(await run("aws export --profile p --fresh"), what);
    expect(asked()).toBe(before);
    await house.noPolicy();
    await worksAgain("aws export --profile p");
    expect((await house.pages()).length).toBe(1);
    // What was in memory has not slipped through: the keys are new ones.
    expect((await run("aws export --profile p")).stdout).not.toBe(first.stdout);
  });

  test("is not allowed by a variable or a file of the user's", async () => {
    await open({ awsStartUrls: [] });
    await writeTo(join(house.home, "policy.json"), JSON.stringify({ allow: {} }));
    await writeTo(join(house.home, ".config", "evercred", "policy.json"), "{}");
    await house.config({ allow: { awsStartUrls: [ours] }, policy: { allow: {} } });
    const env = { EVERCRED_POLICY: join(house.home, "policy.json"), ETC: house.home };
    refused(await house.run(house.shim, ["aws", "export", "--profile", "p"], env), what);
    refused(await run("login corp"), what);
  });
});

test("sources of a kind that is not allowed are not used, wherever they come from", async () => {
  await open(
    { sourceKinds: ["aws-sso"] },
    {
      awsConfig: `${oneProfile}
[profile own]
credential_process = /bin/echo {}
[profile machine]
role_arn = arn:aws:iam::111122223333:role/R
credential_source = Environment
`,
    },
  );
  await house.config({
    sources: {
      tool: { kind: "command", signIn: ["/bin/true"] },
      company: { kind: "oidc", issuer: "https://login.example.com", clientId: "evercred" },
    },
    keys: { token: { kind: "oidc", source: "company" } },
  });
  refused(await run("aws export --profile own"), "sources of kind aws-profile");
  refused(await run("aws export --profile machine"), "sources of kind aws-profile");
  refused(await run("login tool"), "sources of kind command");
  refused(await run("login company"), "sources of kind oidc");
  refused(await run("api-key token"), "sources of kind oidc");
  expect(asked()).toBe(0);
  expect(await run("login corp")).toMatchObject(done);
});

test("an account that is not allowed is not entered: neither by a role, nor by a chain, nor listed, nor written", async () => {
  await open(
    { awsAccounts: ["111122223333"] },
    {
      awsConfig: `${oneProfile}
[profile other]
sso_session = corp
sso_account_id = 444455556666
sso_role_name = Developer
[profile away]
role_arn = arn:aws:iam::444455556666:role/Deploy
source_profile = p
[profile back]
role_arn = arn:aws:iam::111122223333:role/Deploy
source_profile = other
`,
    },
  );
  await house.config({
    keys: { bedrock: { kind: "aws-bedrock", profile: "other", region: "us-east-1" } },
  });
  expect(await run("login corp")).toMatchObject(done);
  const what = "AWS account 444455556666";
  for (const line of [
    "aws export --profile other",
    "aws export --profile away",
    "aws export --profile back",
    "aws env --profile other --format json",
    "api-key bedrock",
    "aws roles --account 444455556666",
    "aws profiles add --account 444455556666 --role Developer --name x --yes",
  ]) {
    refused(await run(line), what);
  }
  expect(await run("aws export --profile p")).toMatchObject(done);
  const { stdout } = await run("aws accounts");
  expect(stdout).toContain("111122223333");
  expect(stdout).not.toContain("444455556666");
  expect(await readFile(join(house.home, ".aws", "config"), "utf8")).not.toContain("profile x");
});

test("keys of a kind that is not allowed are not handed out, nor entered, nor made", async () => {
  await open({ keyKinds: ["static"] });
  await house.config({
    keys: {
      plain: { kind: "static" },
      printed: { kind: "command", command: ["/bin/echo", "sk-printed"] },
      minted: { kind: "jwt", algorithm: "HS256" },
    },
    headers: { otel: { Authorization: "Bearer ${key:printed}" } },
  });
  refused(await run("api-key printed"), "keys of kind command");
  refused(await run("headers otel"), "keys of kind command");
  refused(await run("login minted"), "keys of kind jwt");
  refused(await run("aws bedrock-key --profile p"), "keys of kind aws-bedrock");
  await enterKey(house, "plain", "sk-plain-0123456789\n");
  expect(await run("api-key plain")).toMatchObject({ code: 0, stdout: "sk-plain-0123456789\n" });
});

test("an issuer that is not below an allowed beginning is not asked", async () => {
  await open({ issuers: ["https://login.example.com/"] }, { awsConfig: "" });
  const entry = { kind: "oidc", clientId: "evercred" };
  await house.config({
    sources: {
      evil: { ...entry, issuer: "https://login.example.com.evil" },
    },
  });
  refused(await run("login evil"), "signing in to https://login.example.com.evil");
  refused(await run("login evil --device-code"), "signing in to https://login.example.com.evil");
  expect(asked()).toBe(0);
});

describe("programs that are not allowed", () => {
  const program = async (name: string, prints: string): Promise<string> => {
    const path = join(house.home, "bin", name);
    await mkdir(join(house.home, "bin"), { recursive: true });
    const notes = join(house.home, "ran");
    const script = `#!/bin/sh\necho ${name} >> '${notes}'\necho '${prints}'\n`;
    await writeFile(path, script, { mode: 0o755 });
    return path;
  };
  const ran = (): Promise<string> =>
    readFile(join(house.home, "ran"), "utf8").catch(() => "nothing");

  test("are not run: for keys, for sign-ins, for profiles, not by another path, not by a shell", async () => {
    await open({ commands: ["/bin/echo"] });
    const evil = await program("evil", "sk-evil");
    const echo = join(house.home, "bin", "echo");
    await program("echo", "sk-evil");
    const link = join(house.home, "bin", "link");
    await symlink("/bin/echo", link);
    await writeTo(
      join(house.home, ".aws", "config"),
      `${oneProfile}\n[profile own]\ncredential_process = ${evil}\n`,
    );
    await house.config({
      sources: { tool: { kind: "command", signIn: [evil], check: ["/bin/echo"] } },
      keys: {
        good: { kind: "command", command: ["/bin/echo", "sk-good"] },
        linked: { kind: "command", command: [link, "sk-linked"] },
        evil: { kind: "command", command: [evil] },
        named: {
          kind: "command",
          command: ["echo", "sk-named"],
          env: { PATH: join(house.home, "bin") },
        },
        other: { kind: "command", command: [echo, "x"] },
        line: { kind: "command", command: "/bin/echo sk-line" },
        signed: { kind: "command", command: ["/bin/echo", "sk-signed"], signIn: [evil] },
      },
    });
    expect(await run("api-key good")).toMatchObject({ code: 0, stdout: "sk-good\n" });
    expect(await run("api-key linked")).toMatchObject({ code: 0, stdout: "sk-linked\n" });
    refused(await run("api-key evil"), `the program ${evil}`);
    // What it is run in does not count.
    expect(await run("api-key named")).toMatchObject({ code: 0, stdout: "sk-named\n" });
    refused(await run("api-key other"), `the program ${echo}`);
    refused(await run("api-key line"), "command lines of the shell");
    refused(await run("login signed"), `the program ${evil}`);
    refused(await run("login tool"), `the program ${evil}`);
    refused(await run("aws export --profile own"), `the program ${evil}`);
    expect(await ran()).toBe("nothing");
    await house.policy({ ...corp, allow: { commands: ["/bin/echo", evil, "shell"] } });
    await worksAgain("api-key evil");
    expect(await run("api-key line")).toMatchObject({ code: 0, stdout: "sk-line\n" });
    await house.policy({ ...corp, allow: { commands: [] } });
    await until("api-key good", "the program /usr/bin/echo");
  });

  test("open no page: neither by the configuration nor by BROWSER; that is said", async () => {
    await open({ commands: [] });
    const evil = await program("evil", "");
    await house.config({ sources: { corp: { kind: "aws-sso", browser: [evil, "{url}"] } } });
    const login = house.start(house.shim, ["login", "corp"]);
    await login.line(/^https:/);
    login.child.kill("SIGINT");
    await login.outcome;
    // There is no display: nothing else opens a page here.
    expect(await ran()).toBe("nothing");
    expect(await house.pages()).toEqual([]);
  });
});

test("what is in memory alone is not served from the moment on that only the keychain may keep it", async () => {
  await open({}, { env: { EVERCRED_KEYCHAIN: "memory" } });
  expect(await run("login corp")).toMatchObject(done);
  expect(await run("aws export --profile p")).toMatchObject(done);
  await house.policy({ ...corp, allow: { keychain: ["os"] } });
  await until("aws export --profile p", "sign-ins that the keychain does not keep");
});

test("where only the keychain may keep sign-ins, EVERCRED_KEYCHAIN=memory does not count", async () => {
  await open({ keychain: ["os"] }, { env: { EVERCRED_KEYCHAIN: "memory" } });
  expect(await run("login corp")).toMatchObject(done);
  expect(await keychainItems(house)).not.toBe(noKeychainItems);
  expect(JSON.parse((await run("status --json")).stdout)).toMatchObject({
    daemon: { keychain: "os" },
  });
  expect(await problems()).toContain(
    "Example Corp does not allow sign-ins that the keychain does not keep. EVERCRED_KEYCHAIN=memory does not count.",
  );
  expect(await run("logout corp")).toMatchObject(done);
  await house.keyring.lock();
  refused(withoutPage(await run("login corp")), "sign-ins that the keychain does not keep");
  expect(await run("aws export --profile p")).toMatchObject({ code: 3 });
  await house.keyring.unlock();
});

test("doors and bridges that are not allowed are not opened, and those that are there are closed", async () => {
  await open({});
  expect(await run("login corp")).toMatchObject(done);
  expect(await run("bridge add box --allow aws:p")).toMatchObject(done);
  const script =
    "curl -s -o /dev/null -w '%{http_code}\\n' $AWS_CONTAINER_CREDENTIALS_FULL_URI; read x; curl -s $AWS_CONTAINER_CREDENTIALS_FULL_URI || echo gone";
  const served = house.terminal([
    "exec",
    "--profile",
    "p",
    "--server",
    "--",
    "/bin/sh",
    "-c",
    script,
  ]);
  await served.shown("401");
  await house.policy({ ...corp, allow: { doors: [], bridges: false } });
  await until("bridge add other --allow aws:p", "bridges");
  expect((await run("bridge list")).stdout).toBe("There are no bridges.\n");
  served.type("\n");
  await served.shown("gone");
  await served.outcome;
  const again = await house.run(house.shim, [
    "exec",
    "--profile",
    "p",
    "--server",
    "--",
    "/bin/true",
  ]);
  expect(again).toMatchObject({
    code: 125,
    stderr: expect.stringContaining(
      "Example Corp does not allow the container-credentials door.",
    ) as unknown,
  });
});

describe("a Google account of another domain", () => {
  test("is not taken at the sign-in, and the grant is ended", async () => {
    await open({ googleDomains: ["example.org"] }, { awsConfig: "" });
    const clientFile = join(house.home, "client.json");
    await writeFile(clientFile, installedClientFile(house.cloud.google.addClient()));
    await house.config({ sources: { google: { kind: "google", clientFile } } });
    refused(withoutPage(await run("login google")), "the Google account dev@example.com");
    expect(await keychainItems(house)).toBe(noKeychainItems);
    // Nobody waits for that.
    await vi.waitFor(() => expect(house.cloud.google.count("revoke")).toBe(1), { timeout: 10_000 });
    expect(await run("gcp token")).toMatchObject({ code: 3 });
    await house.policy({ ...corp, allow: { googleDomains: ["EXAMPLE.com"] } });
    await worksAgain("login google");
    expect(await run("gcp token")).toMatchObject(done);
    await house.policy({ ...corp, allow: { googleDomains: ["example.org"] } });
    await until("gcp token", "the Google account dev@example.com");
    refused(await run("gcp adc"), "the Google account dev@example.com");
    expect(await keychainItems(house)).not.toBe(noKeychainItems);
  });

  test("is not served from a file of gcloud's, whatever the file says of it", async () => {
    await open({ googleDomains: ["example.org"] }, { awsConfig: "" });
    const grant = house.cloud.google.grant(await setUpGcloud(house));
    const file = JSON.parse(authorizedUserFile(grant)) as object;
    await writeTo(adcFileOf(house), JSON.stringify({ ...file, account: "ann@example.org" }));
    refused(await run("gcp token"), "the Google account dev@example.com");
    await eventually(async () =>
      expect(await sourceOf(house, "adc")).toMatchObject({ reason: "forbidden" }),
    );
    expect(await readFile(adcFileOf(house), "utf8")).toContain("ann@example.org");
    refused(await run("gcp token"), "the Google account dev@example.com");
  });
});
