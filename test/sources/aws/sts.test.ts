import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { EvercredError } from "../../../electron/core/errors.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { AwsKeys } from "../../../electron/sources/aws/aws-keys.ts";
import { Sts } from "../../../electron/sources/aws/sts.ts";
import { deploy, deployRole, devKeys, devUser, never, startWorld, type World } from "./world.ts";

const hour = 60 * 60_000;
let world: World;
let sts: Sts;

beforeEach(async () => {
  world = await startWorld({
    iam: { users: [devUser], roles: [{ arn: deploy, trust: [devUser.arn] }] },
    regions: ["eu-west-1"],
  });
  sts = new Sts("dev", world.ports);
});

afterEach(() => world.close());

const assume = (signal = never) => sts.assumeRole(devKeys, deployRole, signal);
const whoAmI = (keys: AwsKeys = devKeys, region = "us-east-1") =>
  sts.callerArn(keys, region, never);

test("requests are signed, go to the region's own host, and say who we are", async () => {
  expect(await whoAmI(devKeys, "eu-west-1")).toBe(devUser.arn);
  const [request] = world.cloud.log.all();
  expect(request).toMatchObject({ host: "sts.eu-west-1.amazonaws.com", path: "/" });
  expect(request?.headers["user-agent"]).toContain("app/evercred");
  expect(request?.headers.authorization).toContain("/eu-west-1/sts/aws4_request");
});

test("nothing of the AWS tools' variables is heeded", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL_STS", "https://elsewhere.example");
  vi.stubEnv("AWS_MAX_ATTEMPTS", "5");
  onTestFinished(() => void vi.unstubAllEnvs());
  world.cloud.faults.add({ host: /^sts/, kind: "status", status: 503 });
  await expect(whoAmI()).rejects.toMatchObject({ code: "provider-unavailable" });
  expect(world.cloud.log.count()).toBe(1);
});

test.each([
  ["AccessDenied", 403, "access-denied", 5],
  ["InvalidClientTokenId", 403, "token-rejected", 3],
  ["ExpiredToken", 403, "token-rejected", 3],
  ["SignatureDoesNotMatch", 403, "token-rejected", 3],
  ["RequestTimeTooSkewed", 403, "provider-unavailable", 7],
  ["RequestExpired", 400, "provider-unavailable", 7],
  ["Throttling", 400, "throttled", 7],
  ["ValidationError", 400, "config-invalid", 2],
  ["RegionDisabledException", 403, "config-invalid", 2],
  ["IDPCommunicationError", 400, "provider-unavailable", 7],
  ["SomethingNew", 400, "reply-invalid", 7],
  ["InternalFailure", 500, "provider-unavailable", 7],
  ["Throttling", 429, "throttled", 7],
])("%s (%i) is %s, exit %i", async (code, status, ours, exit) => {
  world.cloud.iam.trouble = { status, code, message: "Because." };
  const error = await assume().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EvercredError);
  expect(error).toMatchObject({ code: ours, exit });
  expect(world.cloud.log.count()).toBe(1);
});

test("a region in which the token service is off is named", async () => {
  world.cloud.iam.trouble = { status: 403, code: "RegionDisabledException", message: "off" };
  await expect(whoAmI(devKeys, "eu-west-1")).rejects.toMatchObject({
    message: "The token service of AWS is switched off in eu-west-1 for this account.",
  });
});

test.each([
  ["a page", { kind: "html", status: 200 }],
  ["a page with 403", { kind: "html", status: 403 }],
  ["JSON", { kind: "status", status: 200, body: "{}" }],
  ["nothing", { kind: "status", status: 200, body: "" }],
  [
    "an exception in JSON without a body",
    { kind: "status", status: 403, headers: { "x-amzn-errortype": "AccessDenied" }, body: "" },
  ],
  [
    "the XML of another service",
    {
      kind: "status",
      status: 403,
      body: "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
    },
  ],
] as const)("%s is nobody's word on the keys", async (_, fault) => {
  world.cloud.faults.add({ host: /^sts/, ...fault });
  await expect(whoAmI()).rejects.toMatchObject({ code: "reply-invalid" });
});

test.each([
  ["a lost reply", { kind: "lose-reply" }, "unreachable"],
  ["a cut reply", { kind: "truncate" }, "reply-invalid"],
  ["no way there", { kind: "unreachable" }, "unreachable"],
] as const)("%s is %s", async (_, fault, code) => {
  world.cloud.faults.add({ host: /^sts/, ...fault });
  await expect(assume()).rejects.toMatchObject({ code });
});

const root = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const reply = (keys: string): string =>
  `<AssumeRoleResponse ${root}><AssumeRoleResult><Credentials>${keys}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const whole =
  "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>";

test.each([
  ["that lack something", "<AccessKeyId>a</AccessKeyId>"],
  ["without an end", whole],
  ["that have ended", `${whole}<Expiration>2020-01-01T00:00:00Z</Expiration>`],
  ["with an end that is no date", `${whole}<Expiration>soon</Expiration>`],
])("keys %s are no keys", async (_, keys) => {
  world.cloud.faults.add({ host: /^sts/, kind: "status", status: 200, body: reply(keys) });
  await expect(assume()).rejects.toMatchObject({ code: "reply-invalid" });
});

test("whoever has the keys is not known where the reply does not say", async () => {
  const body = `<GetCallerIdentityResponse ${root}><GetCallerIdentityResult/></GetCallerIdentityResponse>`;
  world.cloud.faults.add({ host: /^sts/, kind: "status", status: 200, body });
  await expect(whoAmI()).rejects.toMatchObject({ code: "reply-invalid" });
});

test("a call that is stopped rejects with the signal's reason, before and during the request", async () => {
  const reason = new EvercredError("cancelled");
  await expect(assume(AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(world.cloud.log.count()).toBe(0);
  world.cloud.faults.add({ host: /^sts/, kind: "hang" });
  const stop = new AbortController();
  const stopped = expect(assume(stop.signal)).rejects.toBe(reason);
  await world.cloud.log.waitForArrival();
  stop.abort(reason);
  await stopped;
});

test("a wrong secret is told from a wrong clock", async () => {
  world.cloud.iam.checksTime = true;
  const wrong = { ...devKeys, secretAccessKey: new Secret("wrong") };
  await expect(whoAmI(wrong)).rejects.toMatchObject({ code: "token-rejected" });
  expect(world.cloud.log.count()).toBe(1);
});

describe("where this machine's clock is wrong", () => {
  beforeEach(() => {
    world.cloud.iam.checksTime = true;
    world.cloud.advance(3 * hour);
  });

  test("the first request tells, and the second is signed by the provider's time", async () => {
    await expect(whoAmI()).resolves.toBe(devUser.arn);
    await expect(whoAmI()).resolves.toBe(devUser.arn);
    expect(world.cloud.log.all().map(({ status }) => status)).toEqual([403, 200, 200]);
  });

  test("what any host of the region has told is enough", async () => {
    const now = world.clock.now();
    const date = new Date(world.cloud.now()).toUTCString();
    world.ports.providerTime.note("portal.sso.us-east-1.amazonaws.com", date, now, now);
    await expect(whoAmI()).resolves.toBe(devUser.arn);
    expect(world.cloud.log.count()).toBe(1);
  });

  test("the life of keys counts by the provider's time", async () => {
    const credential = await assume();
    expect(Math.abs(credential.issuedAt - world.cloud.now())).toBeLessThan(30_000);
    expect(Math.abs(credential.expiresAt - credential.issuedAt - hour)).toBeLessThan(30_000);
  });
});
