import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import type { AssumedRole } from "../../../electron/sources/aws/definition.ts";
import type { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import type { RoleOptions } from "../../fakes/cloud/iam.ts";
import { deploy, deployRole, Issuer, startWorld, type World } from "./world.ts";

const hour = 60 * 60_000;
const developer = "111122223333/Developer";
const next = "arn:aws:iam::444455556666:role/Next";
const trusted: RoleOptions = {
  arn: deploy,
  trust: ["arn:aws:iam::111122223333:role/*AWSReservedSSO_Developer_*"],
};

/** As the configuration has a role that is reached from a role of the organisation. */
const chained: AssumedRole = { ...deployRole, parent: developer, chained: true };

let world: World;
let grant: Grant;

beforeEach(async () => {
  world = await startWorld({ iam: { roles: [trusted] } });
  grant = await world.signIn(world.source());
});

afterEach(() => world.close());

const sourceWith = (...assumed: readonly AssumedRole[]): AwsSsoSource => world.source({ assumed });

const issuerWith = (...assumed: readonly AssumedRole[]): Issuer =>
  new Issuer(sourceWith(...assumed), grant);

/** The requests to assume a role, as forms. */
const assumptions = (): readonly Record<string, string>[] =>
  world.cloud.log
    .all({ host: /^sts/ })
    .map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    .filter(({ Action }) => Action === "AssumeRole");

const ended = (): string => {
  const [keys] = world.cloud.organisation().keys();
  world.cloud.keyRing.forget(keys!.accessKeyId);
  return keys!.accessKeyId;
};

test("a role that is assumed is offered with what it is assumed with, and where its programs work", () => {
  const second = { ...chained, name: "next", key: "n", parent: chained.key, roleArn: next };
  const { offers } = sourceWith({ ...chained, region: "eu-west-1" }, second);
  expect(offers.get("aws:deploy" as never)).toEqual({
    key: chained.key,
    title: "role/ci/Deploy in 444455556666 via p",
    region: "eu-west-1",
    account: "444455556666",
  });
  expect(offers.get("aws:next" as never)).toEqual({
    key: "n",
    title: "role/Next in 444455556666 via deploy",
    region: undefined,
    account: "444455556666",
  });
});

test("a role is assumed with the credential of its parent, as the profile says", async () => {
  world.cloud.iam.setRole({ ...trusted, externalId: "x 1" });
  const role = { ...chained, sessionName: "me@work", externalId: "x 1", durationMs: hour };
  const issuer = issuerWith(role);
  const credential = await issuer.of("deploy");
  expect(issuer.asked).toEqual([[developer, false]]);
  expect(credential).toMatchObject({ kind: "aws", accountId: "444455556666" });
  expect(credential.expiresAt - credential.issuedAt).toBeGreaterThan(hour - 2_000);
  expect(world.cloud.keyRing.find(credential.accessKeyId)?.identity.arn).toBe(
    "arn:aws:sts::444455556666:assumed-role/Deploy/me@work",
  );
  expect(assumptions()).toEqual([
    {
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: deploy,
      RoleSessionName: "me@work",
      ExternalId: "x 1",
    },
  ]);
});

test("a session without a name is called evercred", async () => {
  await issuerWith(chained).of("deploy");
  expect(assumptions()).toMatchObject([{ RoleSessionName: "evercred" }]);
});

test("a chain of roles is walked from its beginning", async () => {
  world.cloud.iam.setRole({ arn: next, trust: [deploy] });
  const last = { ...chained, name: "next", key: "n", parent: chained.key, roleArn: next };
  const issuer = issuerWith(chained, last);
  await issuer.of("next");
  expect(issuer.asked).toEqual([
    [chained.key, false],
    [developer, false],
  ]);
  expect(assumptions().map(({ RoleArn }) => RoleArn)).toEqual([deploy, next]);
});

describe("how long", () => {
  test("a role that a role assumes is never asked to last over an hour", async () => {
    world.cloud.iam.setRole({ ...trusted, maxSessionMs: 12 * hour });
    const credential = await issuerWith({ ...chained, durationMs: 8 * hour }).of("deploy");
    expect(credential.expiresAt - credential.issuedAt).toBeLessThan(hour + 30_000);
    expect(assumptions()).toHaveLength(1);
  });

  test("a shorter session is asked for as it is wished", async () => {
    const credential = await issuerWith({ ...chained, durationMs: hour / 4 }).of("deploy");
    expect(credential.expiresAt - credential.issuedAt).toBeLessThan(hour / 4 + 30_000);
    expect(assumptions()).toMatchObject([{ DurationSeconds: "900" }]);
  });

  test("a role that turns out to be assumed by a role is asked for once more with the hour that AWS allows", async () => {
    world.cloud.iam.setRole({ ...trusted, maxSessionMs: 12 * hour });
    const role = { ...chained, chained: false, durationMs: 2 * hour };
    const credential = await issuerWith(role).of("deploy");
    expect(credential.expiresAt - credential.issuedAt).toBeGreaterThan(hour - 2_000);
    expect(assumptions().map(({ DurationSeconds }) => DurationSeconds)).toEqual([
      "7200",
      undefined,
    ]);
  });

  test("what AWS does not take for another reason is config-invalid, and not asked for again", async () => {
    const role = { ...chained, sessionName: "no good" };
    await expect(issuerWith(role).of("deploy")).rejects.toMatchObject({
      code: "config-invalid",
      message: `AWS cannot make sense of how deploy assumes ${deploy}.`,
      remedy: expect.stringContaining("role_session_name"),
    });
    expect(assumptions()).toHaveLength(1);
  });
});

describe("a role that does not let us in", () => {
  const denied = {
    code: "access-denied",
    exit: 5,
    message: `AWS does not let deploy assume ${deploy}.`,
    remedy: expect.stringContaining("external_id"),
  };

  test.each([
    ["that trusts somebody else", { trust: ["999999999999"] }],
    ["that wants another external id", { externalId: "other" }],
    ["that wants a device's code", { needsMfa: true }],
  ])("%s is access-denied, with the role in the sentence", async (_, change) => {
    world.cloud.iam.setRole({ ...trusted, ...change });
    await expect(issuerWith(chained).of("deploy")).rejects.toMatchObject(denied);
    expect(assumptions()).toHaveLength(1);
  });

  test("that is not there is access-denied", async () => {
    const roleArn = "arn:aws:iam::444455556666:role/Missing";
    await expect(issuerWith({ ...chained, roleArn }).of("deploy")).rejects.toMatchObject({
      code: "access-denied",
    });
  });
});

describe("a parent's keys that AWS does not know", () => {
  test("are fetched anew, once, and the role is assumed with the new ones", async () => {
    const issuer = issuerWith(chained);
    await issuer.issue(developer);
    const old = ended();
    await expect(issuer.of("deploy")).resolves.toMatchObject({ kind: "aws" });
    expect(issuer.asked).toEqual([
      [developer, false],
      [developer, true],
    ]);
    expect((await issuer.issue(developer)).accessKeyId).not.toBe(old);
  });

  test("are fetched anew where they have ended", async () => {
    world.cloud.organisation().setRoleLifetime("111122223333", "Developer", hour / 4);
    const issuer = issuerWith(chained);
    await issuer.issue(developer);
    await world.pass(hour / 2);
    await expect(issuer.of("deploy")).resolves.toMatchObject({ kind: "aws" });
    expect(issuer.asked).toHaveLength(2);
  });

  test("and not the new ones either, are access-denied", async () => {
    world.cloud.iam.trouble = { status: 403, code: "InvalidClientTokenId", message: "no" };
    const issuer = issuerWith(chained);
    await expect(issuer.of("deploy")).rejects.toMatchObject({
      code: "access-denied",
      message: "AWS does not accept the keys with which deploy is to assume its role.",
      remedy: "Check what source_profile of deploy leads to.",
    });
    expect(issuer.asked).toHaveLength(2);
    expect(assumptions()).toHaveLength(2);
  });

  test("and that are given again, are access-denied at once", async () => {
    world.cloud.iam.trouble = { status: 403, code: "ExpiredToken", message: "no" };
    const source = sourceWith(chained);
    const held = await new Issuer(source, grant).issue(developer);
    const issue = source.issue(grant, chained.key, new AbortController().signal, () =>
      Promise.resolve(held),
    );
    await expect(issue).rejects.toMatchObject({ code: "access-denied" });
    expect(assumptions()).toHaveLength(1);
  });

  test("cannot be had: the reason is passed on as it is", async () => {
    world.cloud.organisation().denyRole("111122223333", "Developer");
    await expect(issuerWith(chained).of("deploy")).rejects.toMatchObject({
      code: "access-denied",
      message: expect.stringContaining("Developer"),
    });
    expect(assumptions()).toEqual([]);
  });
});
