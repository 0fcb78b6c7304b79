import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../../electron/core/broker.ts";
import { awsKeysOf } from "../../../electron/core/credential.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { targetOf } from "../../../electron/core/source.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { deploy, deployRole, devUser, startWorld, type World } from "./world.ts";

const hour = 60 * 60_000;
const developer = "111122223333/Developer";
const next = "arn:aws:iam::444455556666:role/Next";
let world: World;
let store: MemoryStore;
let broker: Broker;

beforeEach(async () => {
  world = await startWorld({
    iam: {
      users: [devUser],
      roles: [
        { arn: deploy, trust: ["111122223333"], maxSessionMs: 12 * hour },
        { arn: next, trust: [deploy] },
      ],
    },
  });
  const { clock, log } = world;
  store = new MemoryStore();
  broker = new Broker({ store, memo: new MemoryMemo(), clock, random: () => 0, log });
});

afterEach(async () => {
  await broker.close();
  await world.close();
});

const issue = async (profile: string, fresh = false) =>
  awsKeysOf(await broker.issue(targetOf("aws", profile), fresh));
const asked = (action: string): number =>
  world.cloud.log.count(({ body }) => new URLSearchParams(body).get("Action") === action);

const chain = [
  { ...deployRole, parent: developer, chained: true },
  { ...deployRole, name: "next", key: "n", parent: deployRole.key, chained: true, roleArn: next },
];

/** Signs in to the only source that needs a person. */
const signIn = async (id: string): Promise<void> => {
  const signIn = broker.session(id)!.signIn("code");
  const request = await signIn.request;
  if (request.flow === "mfa") request.submit(new Secret(world.cloud.iam.code(request.device)));
  else await world.answer(request);
  expect(await signIn.outcome).toEqual({ kind: "signed-in" });
};

test("a chain from an organisation's role is answered from memory, and many askers cause one request a role", async () => {
  await broker.configure([world.source({ assumed: chain, aliases: ["other-name"] })]);
  await signIn("other-name");
  await Promise.all(["next", "deploy", "p", "next", "p"].map((profile) => issue(profile)));
  expect(asked("AssumeRole")).toBe(2);
  // One of them, at most, is to learn who has signed in.
  const roles = world.cloud.log.count({ path: "/federation/credentials" });
  expect(roles).toBeLessThanOrEqual(2);
  const count = world.cloud.log.count();
  await Promise.all(["next", "deploy", "p"].map((profile) => issue(profile)));
  expect(world.cloud.log.count()).toBe(count);
});

test("long runs: over twelve hours a chained role is always good", async () => {
  await broker.configure([world.source({ assumed: chain })]);
  world.cloud.lifetimes.sessionMs = 24 * hour;
  await signIn("corp");
  for (let quarter = 0; quarter < 48; quarter++) {
    const credential = await issue("next");
    expect(credential.expiresAt).toBeGreaterThan(world.cloud.now());
    await world.pass(hour / 4);
  }
});

test("a source that needs nobody is there at once, and nothing of it is in the keychain", async () => {
  const assumed = [{ ...deployRole, durationMs: 12 * hour }];
  await broker.configure([world.profileSource({ assumed })]);
  await expect(issue("dev")).resolves.toMatchObject({ kind: "aws" });
  await expect(issue("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
  expect(broker.session("dev")?.state.kind).toBe("active");
  expect([store.reads, store.writes]).toEqual([0, 0]);
});

test("keys that change in their file are taken up, and what was made of the old ones is forgotten", async () => {
  await broker.configure([world.profileSource()]);
  const old = await issue("dev");
  const root = {
    kind: "keys" as const,
    accessKeyId: "ASIANEW",
    secretAccessKey: new Secret("s"),
    sessionToken: new Secret("t"),
    endsAt: undefined,
  };
  await broker.configure([world.profileSource({ root })]);
  const changed = await issue("dev");
  expect([old.accessKeyId, changed.accessKeyId]).toEqual([
    expect.stringMatching(/^ASIA/),
    "ASIANEW",
  ]);
});

test("keys with a device wait for their code, serve a working day, and then say that a code is needed", async () => {
  const mfaSerial = devUser.mfaSerial;
  await broker.configure([world.profileSource({ mfaSerial, assumed: [deployRole] })]);
  await expect(issue("dev")).rejects.toMatchObject({ code: "sign-in-needed" });
  await signIn("dev");
  expect(broker.session("dev")?.neededAt).toMatchObject({ exact: true });
  const roles = await Promise.all(["dev", "deploy"].map((profile) => issue(profile)));
  expect(roles).toMatchObject([{ kind: "aws" }, { accountId: "444455556666" }]);
  // The end is in whole seconds.
  await world.pass(12 * hour + 1_000);
  await expect(issue("dev")).rejects.toMatchObject({ code: "sign-in-needed" });
});

test("a role that is refused leaves the session and its other roles alone", async () => {
  world.cloud.iam.setRole({ arn: deploy, trust: [] });
  await broker.configure([world.source({ assumed: chain })]);
  await signIn("corp");
  for (const profile of ["deploy", "next"]) {
    await expect(issue(profile)).rejects.toMatchObject({ code: "access-denied", exit: 5 });
  }
  await expect(issue("p")).resolves.toMatchObject({ kind: "aws" });
  expect(broker.session("corp")?.state.kind).toBe("active");
});
