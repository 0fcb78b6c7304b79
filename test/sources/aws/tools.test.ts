import { appendFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AwsTools as AwsToolsPort } from "../../../electron/commands/ports.ts";
import { noRule, type Rule } from "../../../electron/core/limits.ts";
import { type AwsConfig, AwsSources } from "../../../electron/sources/aws/index.ts";
import { AwsTools } from "../../../electron/sources/aws/tools.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { withPython } from "./with-python.ts";
import { put } from "./world.ts";

const startUrl = "https://acme.awsapps.com/start";
const region = "eu-central-1";
const acme = { name: undefined, startUrl, region };
const developer = {
  name: "dev",
  account: "111122223333",
  role: "Developer",
  region: "eu-west-1",
} as const;
const session = `[sso-session acme]
sso_start_url = ${startUrl}
sso_region = ${region}
sso_registration_scopes = sso:account:access
`;
const profile = `[profile dev]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1
`;

let home: string;
let file: string;
let reloads: number;
let rule: Rule;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tools-"));
  file = join(home, ".aws", "config");
  reloads = 0;
  rule = noRule;
});

afterEach(() => rm(home, { recursive: true, maxRetries: 5 }));

/** The tools of a daemon that has read the files, and Evercred's own configuration. */
const startTools = async (own: AwsConfig["sources"] = {}): Promise<AwsToolsPort> => {
  const ports = { agent: new Agent(), clock: new FakeClock() };
  const sources = new AwsSources({ ...ports, env: {}, home, log: new MemoryLog() });
  const load = () => sources.load({ sources: own, keys: {}, aws: { mirrorSsoCache: false } });
  load();
  return new AwsTools({
    ...ports,
    configFile: sources.configFile,
    credentialsFile: sources.credentialsFile,
    rule: () => rule,
    organisations: () => sources.organisations,
    reload: async () => {
      reloads += 1;
      load();
    },
  });
};

const write = (text: string): Promise<string> => put(home, ".aws/config", text);
const text = (): Promise<string> => readFile(file, "utf8");

interface Read {
  readonly profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly sessions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const readWithBotocore = async (): Promise<Read> => {
  const [read] = withPython("read-with-botocore.py", [await text()]) as [Read];
  return read;
};

test("somebody new, without any ~/.aws, gets an organisation and a profile that botocore reads", async () => {
  const tools = await startTools();
  expect(await tools.addOrganisation(acme)).toBe("acme");
  await tools.addProfiles("acme", [developer]);
  expect(await text()).toBe(`${session}\n${profile}`);
  expect(reloads).toBe(2);
  expect(await readWithBotocore()).toEqual({
    profiles: {
      dev: {
        sso_session: "acme",
        sso_account_id: "111122223333",
        sso_role_name: "Developer",
        region: "eu-west-1",
      },
    },
    sessions: {
      acme: {
        sso_start_url: startUrl,
        sso_region: region,
        sso_registration_scopes: "sso:account:access",
      },
    },
  });
});

test("what stands in the file stays as it is, to the byte", async () => {
  const before = "\uFEFF# mine\r\n[default]\r\nregion=eu-west-1 ; home\r\ns3 =\r\n\tx = y";
  await write(before);
  const tools = await startTools();
  await tools.addOrganisation(acme);
  expect(await text()).toBe(`${before}\r\n\r\n${session.replaceAll("\n", "\r\n")}`);
});

test("what people copy along with a start URL is not written", async () => {
  const tools = await startTools();
  await tools.addOrganisation({ ...acme, startUrl: `${startUrl}/#/?tab=accounts` });
  expect(await text()).toBe(session);
});

test("an organisation that stands there already is taken, under whatever name", async () => {
  const there = session.replace("acme]", "work]").replace("/start", "/start/");
  await write(there);
  const tools = await startTools();
  expect(await tools.addOrganisation({ ...acme, name: "other" })).toBe("work");
  expect(await text()).toBe(there);
  await tools.addProfiles("work", [developer]);
  expect(await text()).toBe(`${there}\n${profile.replace("acme", "work")}`);
});

test("one in another region, or with other scopes, is another one", async () => {
  await write(
    `[sso-session a]\nsso_start_url = ${startUrl}\nsso_region = us-east-1\n` +
      `[sso-session b]\nsso_start_url = ${startUrl}\nsso_region = ${region}\nsso_registration_scopes = codewhisperer:completions\n`,
  );
  const tools = await startTools();
  expect(await tools.addOrganisation(acme)).toBe("acme");
  expect(await text()).toContain(session);
});

test("a name that another organisation has is not given again", async () => {
  await write(
    `[sso-session acme]\nsso_start_url = https://x.example/start\nsso_region = us-east-1\n`,
  );
  const tools = await startTools({
    "acme-2": { enabled: true, startUrl: "https://y.example/start", region: "us-east-1" },
  });
  expect(await tools.addOrganisation(acme)).toBe("acme-3");
  for (const name of ["acme", "acme-2"]) {
    const other = { name, startUrl: "https://z.example/start", region };
    await expect(tools.addOrganisation(other)).rejects.toMatchObject({
      code: "usage",
      message: `${name} is the name of another organisation.`,
    });
  }
  expect(await text()).not.toContain("z.example");
});

test("its name is the given one, and the id is what the source is called", async () => {
  const tools = await startTools();
  expect(await tools.addOrganisation({ ...acme, name: "My.Corp" })).toBe("my-corp");
  expect(await text()).toContain("[sso-session My.Corp]");
});

test.each([
  [{ startUrl: "http://acme.awsapps.com/start" }, /^The start URL "http:.*https address\.$/],
  [{ startUrl: "https://x/\nsso_region = evil" }, /./],
  [{ region: "us-east-1\n[default]" }, /is not the name of an AWS region\.$/],
  [{ name: "a b" }, /is not a name that every AWS tool takes\.$/],
  [{ name: "a]\ncredential_process = evil" }, /is not a name/],
])("an organisation with %j cannot be, or cannot break out of its line", async (wrong, message) => {
  const tools = await startTools();
  const outcome = await tools
    .addOrganisation({ ...acme, ...wrong })
    .catch((thrown: unknown) => thrown);
  if (outcome instanceof Error) {
    expect(outcome).toMatchObject({ code: "usage", message: expect.stringMatching(message) });
    await expect(readdir(home)).resolves.toEqual([]);
  } else {
    expect((await text()).split("\n")).toHaveLength(5);
    expect(Object.keys((await readWithBotocore()).sessions)).toHaveLength(1);
  }
});

test("a source of Evercred's own configuration gets its sso-session first, under its id", async () => {
  const own = { "client-b": { enabled: true, startUrl, region } };
  const tools = await startTools(own);
  await tools.addProfiles("client-b", [developer, { ...developer, name: "q", region: undefined }]);
  const [sessionText, dev] = [session, profile].map((each) => each.replace("acme]", "client-b]"));
  const named = dev!.replace("= acme", "= client-b");
  const q = named.replace("dev]", "q]").replace("region = eu-west-1\n", "");
  expect(await text()).toBe(`${sessionText}\n${named}\n${q}`);
  expect(await tools.addOrganisation(acme)).toBe("client-b");
});

test("so does one whose profiles name it without an sso-session, and stays the same source", async () => {
  const legacy = `[profile old]\nsso_start_url = ${startUrl}\nsso_region = ${region}\nsso_account_id = 111122223333\nsso_role_name = Admin\n`;
  await write(legacy);
  const tools = await startTools();
  await tools.addProfiles("acme", [
    developer,
    { ...developer, name: "old", role: "Admin", region: undefined },
  ]);
  expect(await text()).toBe(`${legacy}\n${session}\n${profile}`);
  expect(await tools.addOrganisation(acme)).toBe("acme");
});

test("of two sso-sessions of one organisation a profile is in that of its source", async () => {
  const other = session
    .replace("acme]", "wide]")
    .replace("sso:account:access", "sso:account:access,codewhisperer:completions");
  await write(`${other}${session}`);
  const tools = await startTools();
  await tools.addProfiles("acme", [developer]);
  await tools.addProfiles("wide", [{ ...developer, name: "q" }]);
  const { profiles } = await readWithBotocore();
  expect([profiles["dev"]!["sso_session"], profiles["q"]!["sso_session"]]).toEqual([
    "acme",
    "wide",
  ]);
});

test("where all profiles are there, no sso-session is written for them", async () => {
  const legacy = `[profile dev]\nsso_start_url = ${startUrl}\nsso_region = ${region}\nsso_account_id = 111122223333\nsso_role_name = Developer\n`;
  await write(legacy);
  const tools = await startTools();
  await tools.addProfiles("acme", [{ ...developer, region: undefined }]);
  expect(await text()).toBe(legacy);
});

test("profiles that stand there already are left as they are, with all that they say besides", async () => {
  const before = `${session}${profile}output = json\n`;
  await write(before);
  const tools = await startTools();
  await tools.addProfiles("acme", [developer, { ...developer, region: undefined }]);
  expect(await text()).toBe(before);
  await tools.addProfiles("acme", [developer, { ...developer, name: "q" }]);
  expect(await text()).toBe(`${before}\n${profile.replace("dev]", "q]")}`);
});

test.each([
  ["another role", profile.replace("Developer", "Admin"), {}],
  ["another region", profile.replace("eu-west-1", "us-east-1"), {}],
  ["another organisation", profile.replace("= acme", "= other"), {}],
  ["a program", `${profile}credential_process = /bin/x\n`, {}],
  ["keys", "[profile dev]\naws_access_key_id = x\naws_secret_access_key = y\n", {}],
  ["no keys at all", "[profile dev]\nregion = eu-west-1\n", {}],
  [
    "a role of another profile",
    "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = x\n",
    {},
  ],
])("a name that stands for %s is taken: nothing is written", async (_, there, own) => {
  const before = `${session}\n${there}`;
  await write(before);
  const tools = await startTools(own);
  const added = tools.addProfiles("acme", [{ ...developer, name: "first" }, developer]);
  await expect(added).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(/^Profile dev is .*; nothing was written\.$/),
  });
  expect(await text()).toBe(before);
});

test("so is one that has keys in the credentials file, or another role in Evercred's own configuration", async () => {
  await write(session);
  await put(home, ".aws/credentials", "[dev]\naws_access_key_id = x\n[region-only]\nregion = x\n");
  const other = [{ name: "own", account: "444455556666", role: "Admin" }];
  const tools = await startTools({ acme: { enabled: true, profiles: other } });
  await expect(tools.addProfiles("acme", [developer])).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("in the credentials file"),
  });
  await expect(tools.addProfiles("acme", [{ ...developer, name: "own" }])).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("another role already"),
  });
  expect(await text()).toBe(session);
  await tools.addProfiles("acme", [
    { ...developer, name: "region-only" },
    { ...other[0]!, region: undefined },
  ]);
  expect(Object.keys((await readWithBotocore()).profiles)).toEqual(["region-only", "own"]);
});

test("one name for two roles is refused; the same role twice is written once", async () => {
  await write(session);
  const tools = await startTools();
  const twice = [developer, { ...developer, role: "Admin" }];
  await expect(tools.addProfiles("acme", twice)).rejects.toMatchObject({ code: "usage" });
  expect(await text()).toBe(session);
  await tools.addProfiles("acme", [developer, developer]);
  expect(await text()).toBe(`${session}\n${profile}`);
});

test.each([
  { name: "a b" },
  { name: "__proto__" },
  { name: "dev]\n[profile evil]\ncredential_process = x" },
  { account: "11112222333" },
  { account: "111122223333\nx = y" },
  { role: "Developer\ncredential_process = x" },
  { role: "" },
  { region: "eu-west-1 # x" },
])("a profile with %j is refused, and so are those asked for with it", async (wrong) => {
  await write(session);
  const tools = await startTools();
  const added = tools.addProfiles("acme", [
    { ...developer, name: "ok" },
    { ...developer, ...wrong },
  ]);
  await expect(added).rejects.toMatchObject({ code: "usage" });
  expect(await text()).toBe(session);
});

test("the profile called default is written as [default]", async () => {
  await write(session);
  const tools = await startTools();
  await tools.addProfiles("acme", [{ ...developer, name: "default" }]);
  expect(await text()).toBe(`${session}\n${profile.replace("profile dev", "default")}`);
});

test("nobody knows an organisation of another name", async () => {
  const tools = await startTools();
  await expect(tools.addProfiles("acme", [developer])).rejects.toMatchObject({
    code: "unknown-name",
  });
});

test("two who add at the same time both find their profiles in the file", async () => {
  await write(session);
  const tools = await startTools();
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  await Promise.all(names.map((name) => tools.addProfiles("acme", [{ ...developer, name }])));
  expect(Object.keys((await readWithBotocore()).profiles)).toEqual(names);
});

test("after one that was refused the next one is written", async () => {
  await write(session);
  const tools = await startTools();
  const refused = tools.addProfiles("acme", [{ ...developer, name: "a b" }]);
  const written = tools.addProfiles("acme", [developer]);
  await expect(refused).rejects.toMatchObject({ code: "usage" });
  await written;
  expect(await text()).toBe(`${session}\n${profile}`);
});

test("it is resolved only once the files have been read anew", async () => {
  await write(session);
  const tools = await startTools();
  appendFileSync(file, "# seen\n");
  await tools.addProfiles("acme", [developer]);
  expect(reloads).toBe(1);
});

test("an organisation that is written and switched off is said to be unusable", async () => {
  const tools = await startTools({ acme: { enabled: false } });
  await expect(tools.addOrganisation(acme)).rejects.toMatchObject({ code: "config-invalid" });
});

test("a file that cannot be one of settings is said to be so", async () => {
  await write("");
  writeFileSync(file, Buffer.from("[default]\n", "utf16le"));
  const tools = await startTools();
  await expect(tools.addOrganisation(acme)).rejects.toMatchObject({
    code: "config-invalid",
    message: `${file} is not saved as UTF-8.`,
  });
});

test("what an organisation does not allow is not written", async () => {
  const tools = await startTools();
  await tools.addOrganisation(acme);
  const before = await text();
  const ruled = { ...noRule, organization: "Example Corp" };
  rule = { ...ruled, limits: { awsStartUrls: [startUrl], awsAccounts: ["444455556666"] } };
  const other = { ...acme, startUrl: "https://other.awsapps.com/start" };
  await expect(tools.addOrganisation(other)).rejects.toMatchObject({
    code: "policy-refused",
    message: "Example Corp does not allow signing in to https://other.awsapps.com/start.",
  });
  const profiles = [{ ...developer, name: "x", account: "444455556666" }, developer];
  await expect(tools.addProfiles("acme", profiles)).rejects.toMatchObject({
    message: "Example Corp does not allow AWS account 111122223333.",
  });
  rule = { ...ruled, limits: { sourceKinds: ["google"] } };
  const refusal = { message: "Example Corp does not allow sources of kind aws-sso." };
  await expect(tools.addOrganisation(acme)).rejects.toMatchObject(refusal);
  await expect(tools.addProfiles("acme", [developer])).rejects.toMatchObject(refusal);
  expect(await text()).toBe(before);
});
