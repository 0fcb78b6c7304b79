import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { instantOf, never as noEnd } from "../../../electron/core/time.ts";
import type {
  AwsProfileDefinition,
  ProfileRoot,
} from "../../../electron/sources/aws/definition.ts";
import type { AwsProfileSource } from "../../../electron/sources/aws/profile-source.ts";
import { signInOptions } from "../../fakes/source.ts";
import {
  deploy,
  deployRole,
  devKeys,
  devUser,
  Issuer,
  never,
  nothing,
  startWorld,
  type World,
} from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;
let world: World;

beforeEach(async () => {
  world = await startWorld({
    iam: {
      users: [
        devUser,
        { ...devUser, arn: `${devUser.arn}2`, accessKeyId: "AKIAREFUSED", mayOpenSession: false },
      ],
      roles: [{ arn: deploy, trust: [`${devUser.arn}*`], maxSessionMs: 12 * hour }],
    },
    regions: ["eu-west-1"],
  });
});

afterEach(() => world.close());

/** The grant that a source without a sign-in finds. */
const found = async (source: AwsProfileSource): Promise<Grant> => {
  const look = await source.shared?.look(undefined, true);
  if (look?.kind !== "foreign") throw new Error("Nothing was found.");
  return look.grant;
};

const issuerOf = async (definition: Partial<AwsProfileDefinition> = {}): Promise<Issuer> => {
  const source = world.profileSource(definition);
  return new Issuer(source, await found(source));
};

const actions = (): readonly (string | null)[] =>
  world.cloud.log.all({ host: /^sts/ }).map(({ body }) => new URLSearchParams(body).get("Action"));

describe("a source that needs nobody", () => {
  test("is unattended, lists nothing, and says what it has", () => {
    const source = world.profileSource({ assumed: [deployRole] });
    expect(source).toMatchObject({
      id: "dev",
      kind: "aws-profile",
      unattended: true,
      title: "dev",
      organisation: "Own keys",
      directory: undefined,
    });
    expect([...source.offers]).toEqual([
      ["aws:dev", { key: "own", title: "Own keys", region: "eu-west-1", account: undefined }],
      [
        "aws:deploy",
        {
          key: deployRole.key,
          title: "role/ci/Deploy in 444455556666 via dev",
          region: undefined,
          account: "444455556666",
        },
      ],
    ]);
  });

  test("has a grant without an end and without a secret, which stands where other tools keep it", async () => {
    const source = world.profileSource();
    const grant = await found(source);
    expect(grant).toMatchObject({
      boundTo: source.boundTo,
      expiresAt: noEnd,
      issuedAt: world.clock.now(),
      renewable: false,
    });
    expect(grant.saved.reveal()).toBe("");
    expect(source.shared?.writable).toBe(false);
    expect(await source.shared?.look(grant, true)).toEqual({ kind: "known" });
    await source.shared?.withdraw(grant);
    await source.shared?.publish(grant);
    expect(await source.shared?.look(undefined, true)).toMatchObject({ kind: "foreign" });
  });

  test("cannot be signed in to or renewed; there is nothing to end, to restore or to ask", async () => {
    const source = world.profileSource();
    const grant = await found(source);
    await expect(source.signIn(signInOptions("code"), never)).rejects.toMatchObject({
      code: "usage",
    });
    await expect(source.renew()).rejects.toMatchObject({ code: "internal" });
    await source.revoke();
    await source.probe(grant, never);
    expect(await source.identify(grant, never)).toBeUndefined();
    expect(source.restore(grant.saved)).toBeUndefined();
    expect(world.cloud.log.count()).toBe(0);
  });

  test("is bound to what it has: keys that change are another grant", () => {
    const bound = (root: ProfileRoot): string => world.profileSource({ root }).boundTo;
    const token = new Secret("t");
    const all: readonly ProfileRoot[] = [
      devKeys,
      { ...devKeys, accessKeyId: "AKIAOTHER" },
      { ...devKeys, secretAccessKey: new Secret("other") },
      { ...devKeys, sessionToken: token },
      { kind: "process", command: "a" },
      { kind: "process", command: "b" },
      { kind: "environment" },
      { kind: "ec2" },
      { kind: "ecs" },
      {
        ...{ kind: "web-identity", tokenFile: "/a", roleArn: deploy },
        ...{ sessionName: undefined, durationMs: undefined },
      },
    ];
    const bindings = all.map(bound);
    expect(new Set(bindings).size).toBe(all.length);
    expect(bindings.map((_, index) => bound(all[index]!))).toEqual(bindings);
    expect(bindings.join()).not.toContain(devUser.secretAccessKey);
    expect(bound({ ...devKeys, endsAt: instantOf(1) })).toBe(bindings[0]);
  });

  test("has no other key than those it offers", async () => {
    const issuer = await issuerOf();
    await expect(issuer.issue("111122223333/Developer")).rejects.toMatchObject({
      code: "access-denied",
    });
  });

  test("a call that is stopped before it begins rejects with the signal's reason", async () => {
    const source = world.profileSource();
    const grant = await found(source);
    const reason = new EvercredError("cancelled");
    const gone = AbortSignal.abort(reason);
    await expect(source.issue(grant, "own", gone, nothing)).rejects.toBe(reason);
    await expect(source.probe(grant, gone)).rejects.toBe(reason);
  });
});

describe("long-lived keys", () => {
  test("never leave: what is handed out is a session of twelve hours", async () => {
    const credential = await (await issuerOf({ stsRegion: "eu-west-1" })).of("dev");
    expect(credential.accessKeyId).toMatch(/^ASIA/);
    expect(credential.sessionToken.reveal()).not.toBe("");
    expect(Math.abs(credential.expiresAt - credential.issuedAt - 12 * hour)).toBeLessThan(30_000);
    expect(world.cloud.keyRing.find(credential.accessKeyId)?.identity).toMatchObject({
      kind: "user-session",
      hasMfa: false,
    });
    expect(actions()).toEqual(["GetSessionToken"]);
    expect(world.cloud.log.count({ host: "sts.eu-west-1.amazonaws.com" })).toBe(1);
  });

  test("for which AWS refuses a session are access-denied, and the sentence says why one is needed", async () => {
    const root = { ...devKeys, accessKeyId: "AKIAREFUSED" };
    await expect((await issuerOf({ root })).of("dev")).rejects.toMatchObject({
      code: "access-denied",
      exit: 5,
      message:
        "Claude Code and other tools here need a session token, and AWS refuses one for the keys of dev.",
    });
  });

  test("that AWS does not know are access-denied", async () => {
    const root = { ...devKeys, accessKeyId: "AKIAGONE" };
    const issuer = await issuerOf({ root, assumed: [deployRole] });
    const unknown = { code: "access-denied", message: "AWS does not accept the keys of dev." };
    await expect(issuer.of("dev")).rejects.toMatchObject(unknown);
    await expect(issuer.of("deploy")).rejects.toMatchObject(unknown);
    expect(actions()).toEqual(["GetSessionToken", "AssumeRole"]);
  });

  test("assume a role themselves, for as long as the profile says", async () => {
    const assumed = [{ ...deployRole, durationMs: 8 * hour }];
    const root = { ...devKeys, accessKeyId: "AKIAREFUSED" };
    const issuer = await issuerOf({ root, assumed });
    const credential = await issuer.of("deploy");
    expect(issuer.asked).toEqual([]);
    expect(Math.abs(credential.expiresAt - credential.issuedAt - 8 * hour)).toBeLessThan(30_000);
    expect(actions()).toEqual(["AssumeRole"]);
  });

  test("stand at the beginning of a chain", async () => {
    const next = "arn:aws:iam::444455556666:role/Next";
    world.cloud.iam.setRole({ arn: next, trust: [deploy] });
    const last = { ...deployRole, name: "next", key: "n", parent: deployRole.key, roleArn: next };
    const issuer = await issuerOf({ assumed: [deployRole, { ...last, chained: true }] });
    await expect(issuer.of("next")).resolves.toMatchObject({ accountId: "444455556666" });
    expect(issuer.asked).toEqual([[deployRole.key, false]]);
  });
});

describe("keys that are short-lived already", () => {
  const temporary = (endsAt: number | undefined, token = "t"): ProfileRoot => ({
    ...devKeys,
    sessionToken: new Secret(token),
    endsAt: endsAt === undefined ? undefined : instantOf(endsAt),
  });

  test("are handed out as they are, until they end", async () => {
    const endsAt = world.clock.now() + hour;
    const issuer = await issuerOf({ root: temporary(endsAt) });
    expect(await issuer.of("dev")).toMatchObject({
      accountId: undefined,
      accessKeyId: devUser.accessKeyId,
      issuedAt: world.clock.now(),
      expiresAt: endsAt,
    });
    await world.pass(hour);
    await expect(issuer.of("dev")).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "The keys of dev have ended.",
      remedy: expect.stringContaining("the tool that wrote them"),
    });
    expect(world.cloud.log.count()).toBe(0);
  });

  test("whose end nobody knows are looked at again after fifteen minutes", async () => {
    const credential = await (await issuerOf({ root: temporary(undefined) })).of("dev");
    expect(credential.expiresAt).toBe(world.clock.now() + 15 * minute);
  });

  test("assume a role; ended ones are not even tried", async () => {
    const session = await (await issuerOf()).of("dev");
    const root: ProfileRoot = { ...session, kind: "keys", endsAt: session.expiresAt };
    const issuer = await issuerOf({ root, assumed: [deployRole] });
    await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
    await world.pass(13 * hour);
    const count = world.cloud.log.count();
    await expect(issuer.of("deploy")).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(world.cloud.log.count()).toBe(count);
  });
});

test("nothing that is thrown or handed out prints a key", async () => {
  world.cloud.iam.trouble = { status: 403, code: "AccessDenied", message: "no" };
  const issuer = await issuerOf({ assumed: [deployRole] });
  for (const profile of ["dev", "deploy"]) {
    const error: unknown = await issuer.of(profile).catch((thrown: unknown) => thrown);
    const printed = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error);
    expect(printed).not.toContain(devUser.secretAccessKey);
  }
  world.cloud.iam.trouble = undefined;
  expect(JSON.stringify(await issuer.of("dev"))).toMatch(/\[secret\].*\[secret\]/);
});
