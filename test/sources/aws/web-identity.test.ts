import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import type {
  AwsProfileDefinition,
  ProfileRoot,
} from "../../../electron/sources/aws/definition.ts";
import { deploy, deployRole, Issuer, put, startWorld, type World } from "./world.ts";

const hour = 60 * 60_000;
const subject = "repo:octo/app";
const builder = "arn:aws:iam::111122223333:role/Builder";
let world: World;
let tokenFile: string;

beforeEach(async () => {
  world = await startWorld({
    iam: {
      roles: [
        { arn: builder, trust: [subject], maxSessionMs: 2 * hour },
        { arn: deploy, trust: [builder] },
      ],
    },
  });
  tokenFile = join(world.home, "token");
  await write();
});

afterEach(() => world.close());

const write = (token = world.cloud.iam.issueToken(subject, hour)): Promise<string> =>
  put(world.home, "token", token);

const issuerOf = (
  root: Partial<Extract<ProfileRoot, { kind: "web-identity" }>> = {},
  more: Partial<AwsProfileDefinition> = {},
): Issuer => {
  const source = world.profileSource({
    root: {
      ...{ kind: "web-identity", tokenFile, roleArn: builder },
      ...{ sessionName: undefined, durationMs: undefined, ...root },
    },
    ...more,
  });
  return new Issuer(source, { boundTo: source.boundTo } as Grant);
};

test("a role is offered for what it is", () => {
  const { offers } = world.profileSource({
    root: {
      ...{ kind: "web-identity", tokenFile, roleArn: builder },
      ...{ sessionName: undefined, durationMs: undefined },
    },
  });
  expect([...offers.values()]).toMatchObject([{ title: "role/Builder in 111122223333" }]);
});

test("a role's keys are had for the token, by a request that nobody signs", async () => {
  const credential = await issuerOf({ sessionName: "ci", durationMs: 2 * hour }).of("dev");
  expect(credential.accountId).toBe("111122223333");
  expect(Math.abs(credential.expiresAt - credential.issuedAt - 2 * hour)).toBeLessThan(30_000);
  expect(world.cloud.keyRing.find(credential.accessKeyId)?.identity.arn).toBe(
    "arn:aws:sts::111122223333:assumed-role/Builder/ci",
  );
  const [request] = world.cloud.log.all();
  expect(request?.headers.authorization).toBeUndefined();
});

test("the file is read each time, and the end of its line does not matter", async () => {
  const issuer = issuerOf();
  await issuer.of("dev");
  await world.pass(hour);
  await expect(issuer.of("dev")).rejects.toMatchObject({
    code: "sign-in-needed",
    message: "The web identity token of dev has ended.",
    remedy: `Have ${tokenFile} renewed by whatever writes it.`,
  });
  await write(`${world.cloud.iam.issueToken(subject, hour)}\n`);
  await expect(issuer.of("dev")).resolves.toMatchObject({ kind: "aws" });
});

test("roles are assumed with it", async () => {
  const issuer = issuerOf({}, { assumed: [{ ...deployRole, chained: true }] });
  await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
  expect(issuer.asked).toEqual([["own", false]]);
});

test("a token that AWS does not accept is access-denied, and not in the sentence", async () => {
  await write("forged-token");
  await expect(issuerOf().of("dev")).rejects.toMatchObject({
    code: "access-denied",
    message: "AWS does not accept the web identity token of dev.",
  });
});

test("a role that does not trust the token's subject is access-denied, with the role in the sentence", async () => {
  await write(world.cloud.iam.issueToken("repo:other/app", hour));
  await expect(issuerOf().of("dev")).rejects.toMatchObject({
    code: "access-denied",
    message: `AWS does not let dev assume ${builder}.`,
  });
});

test.each([
  ["is not there", () => rm(tokenFile)],
  ["is empty", () => write("\n")],
  ["is no token by its size", () => write("x".repeat(65 * 1024))],
  [
    "is a pipe",
    async () => {
      await rm(tokenFile);
      execFileSync("mkfifo", [tokenFile]);
    },
  ],
])("a file that %s is config-invalid, and AWS is not asked", async (_, change) => {
  await change();
  await expect(issuerOf().of("dev")).rejects.toMatchObject({
    code: "config-invalid",
    message: `The token file ${tokenFile} of dev cannot be read.`,
  });
  expect(world.cloud.log.count()).toBe(0);
});
