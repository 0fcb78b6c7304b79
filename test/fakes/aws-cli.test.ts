import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCloud } from "./cloud/cloud.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { exampleOrganisation } from "./cloud/organisation.ts";

const awsPath = "/usr/bin/aws";
const pythonPath = "/usr/bin/python3";
const minuteMs = 60_000;
const { startUrl } = exampleOrganisation;

let cloud: Cloud;
let home: string;

beforeEach(async () => {
  cloud = await startCloud();
  home = await mkdtemp(join(tmpdir(), "home-"));
  await mkdir(join(home, ".aws"));
  const role = "sso_account_id = 111122223333\nsso_role_name = Developer\nregion = us-east-1\n";
  const session = `sso_start_url = ${startUrl}\nsso_region = us-east-1\n`;
  await writeFile(
    join(home, ".aws", "config"),
    `[sso-session corp]\n${session}sso_registration_scopes = sso:account:access\n` +
      `[profile dev]\nsso_session = corp\n${role}` +
      `[profile old]\n${session}${role}` +
      `[profile wrong]\nsso_session = corp\n${role.replace("Developer", "Nobody")}`,
  );
});

afterEach(async () => {
  await cloud.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the private home, with an environment that knows only the cloud. */
function runAtHome(file: string, args: readonly string[], browser = "/bin/false"): Promise<Ended> {
  const env = {
    ...cloud.env(),
    HOME: home,
    PATH: "/usr/bin:/bin",
    BROWSER: browser,
    AWS_PAGER: "",
  };
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const aws = (...args: readonly string[]): Promise<Ended> => runAtHome(awsPath, args);

async function login(profile: string): Promise<void> {
  const args = ["sso", "login", "--profile", profile];
  const { code, stderr } = await runAtHome(awsPath, args, await cloud.browser());
  expect([code, stderr]).toEqual([0, ""]);
}

interface TokenFile {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly region: string;
}

async function readTokenFile(key: string): Promise<TokenFile> {
  const name = `${createHash("sha1").update(key).digest("hex")}.json`;
  const file: TokenFile = JSON.parse(
    await readFile(join(home, ".aws", "sso", "cache", name), "utf8"),
  );
  return file;
}

test("the AWS CLI signs in through the browser, uses a role, lists and signs out", async () => {
  await login("dev");
  const identity = await aws("sts", "get-caller-identity", "--profile", "dev");
  expect(JSON.parse(identity.stdout)).toMatchObject({
    Account: "111122223333",
    Arn: expect.stringMatching(/assumed-role\/AWSReservedSSO_Developer_\w+\/dev@example\.com$/),
  });

  const exported = await aws("configure", "export-credentials", "--profile", "dev");
  const [keys] = cloud.organisation().keys();
  const { Expiration: expiration, ...credentials } = JSON.parse(exported.stdout);
  expect(credentials).toEqual({
    Version: 1,
    AccessKeyId: keys?.accessKeyId,
    SecretAccessKey: keys?.secretAccessKey,
    SessionToken: keys?.sessionToken,
  });
  expect(Date.parse(expiration)).toBe(keys?.expiresAt);
  expect(cloud.log.count({ path: "/federation/credentials" })).toBe(1);

  const { accessToken } = await readTokenFile("corp");
  const token = ["--region", "us-east-1", "--access-token", accessToken];
  const accounts = await aws("sso", "list-accounts", ...token, "--page-size", "1");
  expect(JSON.parse(accounts.stdout).accountList).toHaveLength(2);
  expect(cloud.log.count({ path: "/assignment/accounts" })).toBe(2);
  const account = ["--account-id", "111122223333"];
  const roles = await aws("sso", "list-account-roles", ...token, ...account);
  expect(JSON.parse(roles.stdout).roleList).toHaveLength(2);

  expect((await aws("sso", "logout")).code).toBe(0);
  expect(cloud.organisation().sessions()).toEqual([]);
  const after = await aws("sso", "list-accounts", ...token);
  expect(after.code).not.toBe(0);
  expect(after.stderr).toContain("UnauthorizedException");
  expect(after.stderr).toContain("Session token not found or invalid");
  expect(cloud.refusedHosts).toEqual([]);
});

test("the AWS CLI renews a token that is near its end, and keeps the rotated one", async () => {
  cloud.lifetimes.accessTokenMs = 5 * minuteMs;
  await login("dev");
  const first = await readTokenFile("corp");
  expect(first.refreshToken).toEqual(expect.any(String));
  expect((await aws("sts", "get-caller-identity", "--profile", "dev")).code).toBe(0);
  const second = await readTokenFile("corp");
  expect(second.refreshToken).not.toBe(first.refreshToken);
  const renewals = cloud.log.all({ grantType: "refresh_token" });
  expect(renewals.map(({ status }) => status)).toEqual([200]);
  expect(renewals[0]?.reply).toContain(second.refreshToken);
});

test("the AWS CLI gets no refresh token for a profile without an sso-session", async () => {
  await login("old");
  const file = await readTokenFile(startUrl);
  expect([file.region, file.refreshToken]).toEqual(["us-east-1", undefined]);
  expect((await aws("sts", "get-caller-identity", "--profile", "old")).code).toBe(0);
});

test("the AWS CLI understands every refusal on the way to a role", async () => {
  const denial = await cloud.browser({ deny: true });
  const args = ["sso", "login", "--profile", "dev"];
  const denied = await runAtHome(awsPath, args, denial);
  expect(denied.stderr).toContain("AccessDeniedException");

  await login("dev");
  const misspelt = await aws("sts", "get-caller-identity", "--profile", "wrong");
  expect(misspelt.stderr).toContain("(ForbiddenException)");
  expect(misspelt.stderr).toContain("No access");

  expect((await aws("sts", "get-caller-identity", "--profile", "dev")).code).toBe(0);
  cloud.advance(61 * minuteMs);
  const expired = await aws("sts", "get-caller-identity", "--profile", "dev");
  expect(expired.stderr).toContain("(ExpiredToken)");

  cloud.faults.add({ kind: "status", status: 503, host: /^sts/, times: 2 });
  expect((await aws("sts", "get-caller-identity", "--profile", "dev")).stderr).toContain(
    "(ExpiredToken)",
  );
  expect(cloud.log.count({ host: /^sts/ })).toBe(5);
});

test("boto3 uses a sign-in of the AWS CLI, at the global endpoint too", async () => {
  await login("dev");
  const script = [
    "import boto3, sys",
    "session = boto3.Session(profile_name='dev')",
    "print(session.client('sts').get_caller_identity()['Arn'])",
    "print(session.get_credentials().get_frozen_credentials().access_key)",
  ];
  const { code, stdout, stderr } = await runAtHome(pythonPath, ["-c", script.join("\n")]);
  expect([code, stderr]).toEqual([0, ""]);
  const [arn, accessKeyId] = stdout.trim().split("\n");
  expect(arn).toMatch(/AWSReservedSSO_Developer_\w+\/dev@example\.com$/);
  expect(accessKeyId).toBe(cloud.organisation().keys().at(-1)?.accessKeyId);
  expect(cloud.log.count({ host: "sts.amazonaws.com" })).toBe(1);
});
