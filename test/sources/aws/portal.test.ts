import { afterEach, beforeEach, expect, test } from "vitest";
import { awsKeysOf, type Grant } from "../../../electron/core/credential.ts";
import type { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { never, nothing, startWorld, type World } from "./world.ts";

const minute = 60_000;
const path = "/federation/credentials";
let world: World;
let source: AwsSsoSource;
let grant: Grant;

beforeEach(async () => {
  world = await startWorld();
  source = world.source();
  grant = await world.signIn(source);
});

afterEach(() => world.close());

const issue = async (key = "111122223333/Developer") =>
  awsKeysOf(await source.issue(grant, key, never, nothing));

test("each profile is offered; those of the same role share a key", () => {
  const twice = world.source({
    profiles: [
      { name: "a", account: "111122223333", role: "R", region: undefined },
      { name: "b", account: "111122223333", role: "R", region: "us-east-1" },
    ],
  });
  const account = "111122223333";
  const offer = { key: "111122223333/R", title: "R in 111122223333", account };
  expect([...twice.offers]).toEqual([
    ["aws:a", { ...offer, region: undefined }],
    ["aws:b", { ...offer, region: "us-east-1" }],
  ]);
});

test("role keys are the provider's, with the provider's own end", async () => {
  const credential = await issue();
  const [keys] = world.cloud.organisation().keys();
  expect(credential).toMatchObject({
    kind: "aws",
    accountId: "111122223333",
    accessKeyId: keys!.accessKeyId,
    expiresAt: keys!.expiresAt,
  });
  expect(credential.secretAccessKey.reveal()).toBe(keys!.secretAccessKey);
  expect(credential.sessionToken.reveal()).toBe(keys!.sessionToken);
  const life = credential.expiresAt - credential.issuedAt;
  expect(Math.abs(life - 60 * minute)).toBeLessThan(30_000);
});

test("a role that is not assigned is access-denied, with the role and the account in the sentence", async () => {
  await expect(issue("111122223333/Admin")).rejects.toMatchObject({
    code: "access-denied",
    message: "corp refuses the role Admin in account 111122223333.",
  });
});

test("an account that is not there is access-denied", async () => {
  const headers = { "x-amzn-errortype": "ResourceNotFoundException" };
  world.cloud.faults.add({ path, kind: "status", status: 404, body: "{}", headers });
  await expect(issue()).rejects.toMatchObject({ code: "access-denied" });
});

test("an ended session is token-rejected, for keys and for the probe", async () => {
  world.cloud.organisation().signOutEverywhere();
  await expect(issue()).rejects.toMatchObject({ code: "token-rejected" });
  await expect(source.probe(grant, never)).rejects.toMatchObject({ code: "token-rejected" });
});

test("the probe asks for one row of accounts", async () => {
  await source.probe(grant, never);
  const [request] = world.cloud.log.all({ path: "/assignment/accounts" });
  expect(request?.query).toEqual({ max_result: "1" });
});

test("a person without any account is signed in all the same", async () => {
  const organisation = world.cloud.organisation();
  for (const { id, roles } of organisation.accounts()) {
    for (const role of roles) organisation.denyRole(id, role);
  }
  await expect(source.probe(grant, never)).resolves.toBeUndefined();
});

test("signing out ends the session at the provider; once more is no failure", async () => {
  await source.revoke(grant, never);
  expect(world.cloud.organisation().sessions()).toEqual([]);
  await expect(source.revoke(grant, never)).resolves.toBeUndefined();
});

test("a sign-out that does not reach the provider says so", async () => {
  world.cloud.faults.add({ path: "/logout", kind: "reset" });
  await expect(source.revoke(grant, never)).rejects.toMatchObject({ code: "unreachable" });
});

test.each([
  ["a page with 403", { kind: "html", status: 403 }, "reply-invalid"],
  ["a page with 401", { kind: "html", status: 401 }, "reply-invalid"],
  ["a page with 404", { kind: "html", status: 404 }, "reply-invalid"],
  ["a page with 200", { kind: "html", status: 200 }, "reply-invalid"],
  ["no body with 401", { kind: "status", status: 401 }, "reply-invalid"],
  ["no body with 403", { kind: "status", status: 403 }, "reply-invalid"],
  ["a 403 that AWS does not give", { kind: "status", status: 403, body: "{}" }, "reply-invalid"],
  [
    "a 401 that AWS does not give",
    { kind: "status", status: 401, body: '{"message":"x"}' },
    "reply-invalid",
  ],
] as const)("%s is nobody's word on the session or the role", async (_, fault, code) => {
  world.cloud.faults.add({ host: /^portal/, ...fault });
  await expect(issue()).rejects.toMatchObject({ code });
  await expect(source.probe(grant, never)).rejects.toMatchObject({ code });
});

test("the exception's name is read from the body where the header lacks", async () => {
  const body = '{"__type":"com.amazonaws.switchboard.portal#UnauthorizedException"}';
  world.cloud.faults.add({ path, kind: "status", status: 401, body });
  await expect(issue()).rejects.toMatchObject({ code: "token-rejected" });
});

test("a throttled request says how long to wait", async () => {
  world.cloud.organisation().retryAfterSeconds = 17;
  const throttled = { code: "throttled", retryAfterMs: 17_000 };
  await expect(issue()).rejects.toMatchObject(throttled);
  await expect(source.probe(grant, never)).rejects.toMatchObject(throttled);
});

const keys = { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expiration: 4e12 };

test.each([
  { ...keys, accessKeyId: undefined },
  { ...keys, secretAccessKey: "" },
  { ...keys, sessionToken: { a: 1 } },
  { ...keys, expiration: undefined },
  { ...keys, expiration: 1_700_000_000 },
  { ...keys, expiration: "soon" },
  {},
  null,
])("keys that lack something, or have ended, are no keys: %j", async (roleCredentials) => {
  const body = JSON.stringify({ roleCredentials });
  world.cloud.faults.add({ path, kind: "status", status: 200, body });
  await expect(issue()).rejects.toMatchObject({ code: "reply-invalid" });
});

test("an empty reply is no keys and no answer to a probe", async () => {
  world.cloud.faults.add({ host: /^portal/, kind: "status", status: 200, body: "" });
  await expect(issue()).rejects.toMatchObject({ code: "reply-invalid" });
  await expect(source.probe(grant, never)).rejects.toMatchObject({ code: "reply-invalid" });
});
