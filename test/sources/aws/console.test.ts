import { afterEach, beforeEach, expect, test } from "vitest";
import type { AwsCredential } from "../../../electron/core/credential.ts";
import { noRule } from "../../../electron/core/limits.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { instantOf } from "../../../electron/core/time.ts";
import type { ConsolePage } from "../../../electron/sources/aws/console.ts";
import { AwsTools } from "../../../electron/sources/aws/tools.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { type Cloud, startCloud } from "../../fakes/cloud/cloud.ts";
import type { IssuedKeys } from "../../fakes/cloud/keys.ts";
import { exampleOrganisation, type OrganisationOptions } from "../../fakes/cloud/organisation.ts";
import { never, proxyAgent } from "./world.ts";

const organisationIn = (region: string): OrganisationOptions => ({
  ...exampleOrganisation,
  startUrl: `https://${region}.awsapps.com/start`,
  region,
});

const regions = ["us-east-1", "us-gov-west-1", "cn-north-1"];
let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud({
    organisations: regions.map(organisationIn),
    iam: {
      users: [
        {
          arn: "arn:aws:iam::111122223333:user/alice",
          accessKeyId: "AKIAIOSFODNN7EXAMPLE",
          secretAccessKey: "wJalrXUtnFEMI",
        },
      ],
    },
  });
});

afterEach(() => cloud.close());

const credentialOf = (keys: IssuedKeys): AwsCredential => ({
  kind: "aws",
  accountId: keys.accountId,
  accessKeyId: keys.accessKeyId,
  secretAccessKey: new Secret(keys.secretAccessKey),
  sessionToken: new Secret(keys.sessionToken),
  issuedAt: instantOf(keys.issuedAt),
  expiresAt: instantOf(keys.expiresAt),
});

const developerIn = (region: string): AwsCredential => {
  const organisation = cloud.organisation(`https://${region}.awsapps.com/start`);
  return credentialOf(organisation.issueKeys("dev@example.com", "111122223333", "Developer")!);
};

const toolsFor = (ca = cloud.ca, requestMs = 5_000): AwsTools =>
  new AwsTools({
    agent: proxyAgent(cloud.proxyUrl, ca),
    clock: new FakeClock(),
    configFile: "",
    credentialsFile: "",
    timeouts: { connectMs: 5_000, requestMs },
    rule: () => noRule,
    organisations: () => [],
    reload: () => Promise.resolve(),
  });

const developer = () => developerIn("us-east-1");
const nowhere: ConsolePage = { region: undefined, destination: undefined };
const open = (page: Partial<ConsolePage> = {}) =>
  toolsFor().consoleUrl(developer(), { ...nowhere, ...page }, never);

/** Where a browser that opens the address ends up. */
const destinationOf = async (url: Secret): Promise<string | null> => {
  await expect(cloud.approve(url.reveal())).rejects.toThrow();
  const [request] = cloud.log.all(({ query }) => query["Action"] === "login");
  expect(request).toMatchObject({ status: 302, path: "/federation" });
  return request?.query["Destination"] ?? null;
};

test.each([
  ["us-east-1", "signin.aws.amazon.com", "https://console.aws.amazon.com/console/home"],
  [
    "us-gov-west-1",
    "signin.amazonaws-us-gov.com",
    "https://console.amazonaws-us-gov.com/console/home",
  ],
  ["cn-north-1", "signin.amazonaws.cn", "https://console.amazonaws.cn/console/home"],
])("role keys of %s open the console there", async (region, host, home) => {
  const page = { region, destination: undefined };
  const url = await toolsFor().consoleUrl(developerIn(region), page, never);
  expect(new URL(url.reveal()).host).toBe(host);
  expect(await destinationOf(url)).toBe(`${home}?region=${region}`);
});

test("the address is a secret, and names neither keys nor a duration", async () => {
  const credential = developer();
  const url = await toolsFor().consoleUrl(credential, nowhere, never);
  expect(url).toBeInstanceOf(Secret);
  for (const secret of [credential.secretAccessKey, credential.sessionToken]) {
    expect(decodeURIComponent(url.reveal())).not.toContain(secret.reveal());
  }
  const [request] = cloud.log.all();
  expect(request!.query).toEqual({
    Action: "getSigninToken",
    Session: JSON.stringify({
      sessionId: credential.accessKeyId,
      sessionKey: credential.secretAccessKey.reveal(),
      sessionToken: credential.sessionToken.reveal(),
    }),
  });
});

test("a page of the console is opened as it is given", async () => {
  const page = "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1#buckets";
  expect(await destinationOf(await open({ region: "us-east-1", destination: page }))).toBe(page);
});

test("without a region the page says which partition's console it is", async () => {
  const destination = "https://console.amazonaws-us-gov.com/ec2";
  const page = { region: undefined, destination };
  const url = await toolsFor().consoleUrl(developerIn("us-gov-west-1"), page, never);
  expect(await destinationOf(url)).toBe(destination);
});

test.each([
  "http://console.aws.amazon.com/",
  "https://console.aws.amazon.com.example.com/",
  "https://fakeconsole.aws.amazon.com/",
  "https://console.aws.amazon.com@example.com/",
  "https://user@console.aws.amazon.com/",
  "https://console.aws.amazon.com:8443/",
  "https://example.com/",
  "https://console.amazonaws.cn/",
  "javascript:alert(1)",
  "/console/home",
])("%s is no page of the console, and nobody is asked", async (destination) => {
  await expect(open({ region: "us-east-1", destination })).rejects.toMatchObject({
    code: "usage",
    message: `"${destination}" is not a page of the AWS console.`,
  });
  expect(cloud.log.count()).toBe(0);
});

test.each(["eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "nowhere/x"])(
  "no keys are sent anywhere for %s",
  async (region) => {
    await expect(open({ region })).rejects.toMatchObject({ code: "usage" });
    expect(cloud.log.count()).toBe(0);
    expect(cloud.refusedHosts).toEqual([]);
  },
);

test("keys that have ended, and a user's, are refused by name", async () => {
  const ended = developer();
  cloud.advance(3_600_000);
  const refused = { code: "access-denied", message: expect.stringContaining("does not open") };
  await expect(toolsFor().consoleUrl(ended, nowhere, never)).rejects.toMatchObject(refused);
  const alice = credentialOf(cloud.keyRing.find("AKIAIOSFODNN7EXAMPLE")!);
  await expect(toolsFor().consoleUrl(alice, nowhere, never)).rejects.toMatchObject(refused);
});

test("what keeps the reply from us has its own code", async () => {
  const { faults } = cloud;
  const cases = [
    ["throttled", { kind: "status", status: 429, headers: { "retry-after": "3" } }],
    ["provider-unavailable", { kind: "status", status: 503 }],
    ["reply-invalid", { kind: "html" }],
    ["reply-invalid", { kind: "not-json" }],
    ["reply-invalid", { kind: "status", status: 302, headers: { location: "https://x" } }],
    ["reply-invalid", { kind: "status", status: 200, body: '{"SigninToken":""}' }],
    ["reply-invalid", { kind: "truncate" }],
    ["unreachable", { kind: "reset" }],
    ["unreachable", { kind: "unreachable" }],
    ["proxy-refused", { kind: "proxy-authentication", user: "u", password: "p" }],
  ] as const;
  for (const [code, fault] of cases) {
    const handle = faults.add(fault);
    await expect(open(), JSON.stringify(fault)).rejects.toMatchObject({ code });
    handle.remove();
  }
  const { ca: stranger, close } = await startCloud();
  await close();
  await expect(toolsFor(stranger).consoleUrl(developer(), nowhere, never)).rejects.toMatchObject({
    code: "tls-failed",
  });
});

test("no secret stands in what goes wrong", async () => {
  const credential = developer();
  for (const kind of ["html", "not-json", "reset"] as const) {
    const handle = cloud.faults.add({ kind });
    const thrown = await toolsFor()
      .consoleUrl(credential, nowhere, never)
      .catch((error: unknown) => error);
    handle.remove();
    const text = `${String(thrown)} ${JSON.stringify(thrown)} ${String((thrown as Error).cause)}`;
    expect(text).not.toContain(credential.secretAccessKey.reveal());
    expect(text).not.toContain(credential.sessionToken.reveal().slice(0, 40));
  }
});

test("an endpoint that says nothing is given up after the time limit", async () => {
  cloud.faults.add({ kind: "hang" });
  await expect(
    toolsFor(cloud.ca, 50).consoleUrl(developer(), nowhere, never),
  ).rejects.toMatchObject({
    code: "unreachable",
  });
});

test("a caller that leaves ends its own request, with its own reason", async () => {
  cloud.faults.add({ kind: "hang" });
  const leaving = new AbortController();
  const url = toolsFor().consoleUrl(developer(), nowhere, leaving.signal);
  await cloud.log.waitForArrival();
  const reason = new Error("gone");
  leaving.abort(reason);
  await expect(url).rejects.toBe(reason);
});
