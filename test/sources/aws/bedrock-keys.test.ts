import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../../electron/core/broker.ts";
import { awsKeysOf, tokenOf, type TokenCredential } from "../../../electron/core/credential.ts";
import { type Source, targetOf } from "../../../electron/core/source.ts";
import type { BedrockKey } from "../../../electron/sources/aws/bedrock-keys.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { deploy, deployRole, devUser, never, nothing, startWorld, type World } from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;
const developer = "111122223333/Developer";
let world: World;
let broker: Broker;

beforeEach(async () => {
  world = await startWorld({
    iam: { users: [devUser], roles: [{ arn: deploy, trust: ["111122223333"] }] },
  });
  const { clock, log } = world;
  const store = new MemoryStore();
  broker = new Broker({ store, memo: new MemoryMemo(), clock, random: () => 0, log });
});

afterEach(async () => {
  await broker.close();
  await world.close();
});

const keyOf = (more: Partial<BedrockKey> = {}): BedrockKey => ({
  name: "bedrock",
  profile: "p",
  region: "eu-central-1",
  lifetimeMs: 12 * hour,
  ...more,
});

const chain = { ...deployRole, parent: developer, chained: true };

/** The organisation, with a person signed in and these keys. */
const signedIn = async (...keys: readonly BedrockKey[]): Promise<Source> => {
  const source = world.source({ assumed: [chain] }, {}, keys);
  await broker.configure([source]);
  const signIn = broker.session("corp")!.signIn("code");
  await world.answer(await signIn.request);
  expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  return source;
};

const issue = async (name = "bedrock", fresh = false): Promise<TokenCredential> =>
  tokenOf(await broker.issue(targetOf("api-key", name), fresh));
const keysOf = async (profile: string) => awsKeysOf(await broker.issue(targetOf("aws", profile)));

/** Whose keys have signed a Bedrock key, for where, and for how many seconds. */
const signedBy = ({ token }: TokenCredential): readonly (string | undefined)[] => {
  const encoded = token.reveal().replace(/^bedrock-api-key-/, "");
  const request = new URL(`https://${Buffer.from(encoded, "base64").toString("utf8")}`);
  const [accessKeyId, , region, service] =
    request.searchParams.get("X-Amz-Credential")?.split("/") ?? [];
  return [accessKeyId, region, service, request.searchParams.get("X-Amz-Expires") ?? undefined];
};

const roleRequests = (): number => world.cloud.log.count({ path: "/federation/credentials" });

test("it is made of the profile's own keys, and ends with them at the latest", async () => {
  await signedIn(keyOf(), keyOf({ name: "short", region: "us-west-2", lifetimeMs: 10 * minute }));
  const made = await issue();
  const { accessKeyId, issuedAt, expiresAt } = await keysOf("p");
  const seconds = Math.floor((expiresAt - world.clock.now()) / 1_000);
  expect(signedBy(made)).toEqual([accessKeyId, "eu-central-1", "bedrock", String(seconds)]);
  expect(made.issuedAt).toBe(issuedAt);
  expect(expiresAt - made.expiresAt).toBeGreaterThanOrEqual(0);
  expect(expiresAt - made.expiresAt).toBeLessThan(1_000);
  const short = await issue("short");
  expect(signedBy(short)).toEqual([accessKeyId, "us-west-2", "bedrock", "600"]);
  expect(short.expiresAt).toBe(world.clock.now() + 10 * minute);
});

test("it is made of an assumed role's keys as well", async () => {
  await signedIn(keyOf({ profile: "deploy" }));
  const made = await issue();
  expect(signedBy(made)[0]).toBe((await keysOf("deploy")).accessKeyId);
});

test("it is made of keys that need no sign-in", async () => {
  await broker.configure([world.profileSource({}, [keyOf({ profile: "dev" })])]);
  const made = await issue();
  // Of a session: long-lived keys are not handed out.
  expect(signedBy(made)[0]).toBe((await keysOf("dev")).accessKeyId);
  expect(signedBy(made)[0]).not.toBe(devUser.accessKeyId);
});

test("many askers cause one request for the role, and the same key under two names is one", async () => {
  await signedIn(keyOf(), keyOf({ name: "twin" }));
  await broker.session("corp")!.issue(developer);
  // From then on somebody who insists would get new ones.
  await world.pass(2 * minute);
  const before = roleRequests();
  const made = await Promise.all(["bedrock", "twin", "bedrock"].map((name) => issue(name)));
  expect(new Set(made.map(({ token }) => token.reveal())).size).toBe(1);
  expect(roleRequests()).toBe(before);
});

test("a fresh one is made of fresh keys, and the session is not renewed for it", async () => {
  await signedIn(keyOf());
  const first = await issue();
  await world.pass(2 * minute);
  const renewals = world.cloud.log.count({ path: "/token" });
  const fresh = await issue("bedrock", true);
  expect(signedBy(fresh)[0]).not.toBe(signedBy(first)[0]);
  expect(signedBy(fresh)[0]).toBe((await keysOf("p")).accessKeyId);
  expect(fresh.issuedAt).toBeGreaterThan(first.issuedAt);
  expect(renewals).toBeGreaterThan(0);
  expect(world.cloud.log.count({ path: "/token" })).toBe(renewals);
});

test("long runs: over twelve hours it is always good, and new keys make a new one", async () => {
  world.cloud.lifetimes.sessionMs = 24 * hour;
  await signedIn(keyOf());
  const seen = new Set<string | undefined>();
  for (let quarter = 0; quarter < 48; quarter++) {
    const made = await issue();
    expect(made.expiresAt).toBeGreaterThan(world.cloud.now() + 10 * minute);
    seen.add(signedBy(made)[0]);
    await world.pass(hour / 4);
  }
  expect(seen.size).toBeGreaterThanOrEqual(12);
});

test("without a sign-in there is none", async () => {
  await signedIn(keyOf());
  await broker.session("corp")!.signOut();
  await expect(issue()).rejects.toMatchObject({ code: "sign-in-needed" });
});

test("a role that is refused makes none", async () => {
  await signedIn(keyOf());
  world.cloud.organisation().denyRole("111122223333", "Developer");
  await expect(issue()).rejects.toMatchObject({
    code: "access-denied",
    message: "corp refuses the role Developer in account 111122223333.",
  });
});

test("a key of a profile that is not this source's is not offered", () => {
  const source = world.source({}, {}, [keyOf({ profile: "dev" })]);
  expect([...source.offers.keys()]).toEqual(["aws:p", "aws:q"]);
});

test("it does not tell who has signed in, and nobody is asked for its sake", async () => {
  const source = world.source({}, {}, [keyOf()]);
  const grant = await world.signIn(source);
  const { key } = source.offers.get(targetOf("api-key", "bedrock"))!;
  const credential = await source.issue(grant, key, never, (other) =>
    source.issue(grant, other, never, nothing),
  );
  const before = world.cloud.log.count();
  expect(await source.identify(grant, never, { key, credential })).toBeUndefined();
  expect(world.cloud.log.count()).toBe(before);
});
