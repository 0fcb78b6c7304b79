import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startCloud } from "./cloud/cloud.ts";
import type { Cloud } from "./cloud/cloud.ts";

const hourMs = 3_600_000;
const serial = "arn:aws:iam::111122223333:mfa/dev";
const user = {
  arn: "arn:aws:iam::111122223333:user/dev",
  accessKeyId: "AKIADEVELOPER7EXAMPL",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  mfaSerial: serial,
};
const role = (name: string): string => `arn:aws:iam::444455556666:role/${name}`;

/** The arguments of boto3.client for a set of keys. */
interface Keys {
  readonly aws_access_key_id: string;
  readonly aws_secret_access_key: string;
  readonly aws_session_token?: string;
}

interface Reply {
  readonly Arn?: string;
  readonly AssumedRoleUser?: { readonly Arn: string };
  readonly Credentials?: {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly SessionToken: string;
    readonly Expiration: string;
  };
  readonly error?: { readonly Code: string; readonly Message: string };
}

const userKeys: Keys = {
  aws_access_key_id: user.accessKeyId,
  aws_secret_access_key: user.secretAccessKey,
};

let cloud: Cloud;
let home: string;

beforeEach(async () => {
  cloud = await startCloud({
    iam: {
      users: [user],
      roles: [
        { arn: role("Deploy"), trust: [user.arn], maxSessionMs: 12 * hourMs },
        { arn: role("Next"), trust: [role("Deploy")], maxSessionMs: 12 * hourMs },
        { arn: role("Named"), trust: ["111122223333"], externalId: "e 1" },
        { arn: role("Guarded"), trust: [user.arn], needsMfa: true },
        { arn: role("Ci"), trust: ["repo:octo/app"] },
      ],
    },
  });
  home = await mkdtemp(join(tmpdir(), "home-"));
});

afterEach(async () => {
  await cloud.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs a program in the private home, with an environment that knows only the cloud. */
const runAtHome = (
  file: string,
  args: readonly string[],
  input = "",
): Promise<{ readonly stdout: string; readonly stderr: string }> => {
  const env = { ...cloud.env(), HOME: home, PATH: "/usr/bin:/bin", AWS_PAGER: "" };
  return new Promise((resolve) => {
    const child = execFile(file, args, { env, timeout: 25_000 }, (_, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
    child.stdin?.end(input);
  });
};

type Call = readonly [string, Readonly<Record<string, unknown>>, Keys | null];

const ask = async (...calls: readonly Call[]): Promise<readonly Reply[]> => {
  const program = join(import.meta.dirname, "ask-sts.py");
  const { stdout, stderr } = await runAtHome("/usr/bin/python3", [program], JSON.stringify(calls));
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as readonly Reply[];
};

const keysOf = (reply: Reply | undefined): Keys => {
  const { AccessKeyId, SecretAccessKey, SessionToken } = reply!.Credentials!;
  return {
    aws_access_key_id: AccessKeyId,
    aws_secret_access_key: SecretAccessKey,
    aws_session_token: SessionToken,
  };
};

const assume = (name: string, more: object = {}, keys: Keys = userKeys): Call => [
  "assume_role",
  { RoleArn: role(name), RoleSessionName: "me", ...more },
  keys,
];

const codes = (replies: readonly Reply[]): readonly (string | undefined)[] =>
  replies.map(({ error }) => error?.Code);

describe("boto3", () => {
  test("assumes a role, and with it another, for an hour at most", async () => {
    const [first] = await ask(assume("Deploy", { DurationSeconds: 7200 }));
    expect(first?.AssumedRoleUser?.Arn).toBe("arn:aws:sts::444455556666:assumed-role/Deploy/me");
    const lifeMs = Date.parse(first?.Credentials?.Expiration ?? "") - cloud.now();
    expect(Math.abs(lifeMs - 2 * hourMs)).toBeLessThan(30_000);
    const deploy = keysOf(first);
    const [who, next, long] = await ask(
      ["get_caller_identity", {}, deploy],
      assume("Next", {}, deploy),
      assume("Next", { DurationSeconds: 3601 }, deploy),
    );
    expect(who?.Arn).toBe(first?.AssumedRoleUser?.Arn);
    expect(next?.error).toBeUndefined();
    expect(long?.error).toMatchObject({
      Code: "ValidationError",
      Message: expect.stringContaining("1 hour session limit for roles assumed by role chaining"),
    });
  });

  test("is refused what a role's policy and limits do not allow", async () => {
    const replies = await ask(
      assume("Next"),
      assume("Missing"),
      assume("Named"),
      assume("Named", { ExternalId: "other" }),
      assume("Named", { ExternalId: "e 1" }),
      assume("Named", { ExternalId: "e 1", DurationSeconds: 3601 }),
      assume("Guarded"),
      assume("Deploy", { DurationSeconds: 43_201 }),
      assume("Deploy", { RoleSessionName: "a b" }),
    );
    expect(codes(replies)).toEqual([
      ...["AccessDenied", "AccessDenied", "AccessDenied", "AccessDenied", undefined],
      ...["ValidationError", "AccessDenied", "ValidationError", "ValidationError"],
    ]);
    expect(replies[0]?.error?.Message).toBe(
      `User: ${user.arn} is not authorized to perform: sts:AssumeRole on resource: ${role("Next")}`,
    );
  });

  test("opens a user's session; with a device's code it may do what wants a device, each code once", async () => {
    const session = (more: Readonly<Record<string, unknown>>): Call => [
      "get_session_token",
      more,
      userKeys,
    ];
    const code = cloud.iam.code(serial);
    const withCode = { SerialNumber: serial, TokenCode: code };
    const [plain, guarded, again, foreign] = await ask(
      session({}),
      session(withCode),
      session(withCode),
      session({ ...withCode, SerialNumber: `${serial}2` }),
    );
    expect(codes([again!, foreign!])).toEqual(["AccessDenied", "AccessDenied"]);
    expect(again?.error?.Message).toContain("invalid MFA one time pass code");
    const replies = await ask(
      assume("Guarded", {}, keysOf(plain)),
      assume("Guarded", {}, keysOf(guarded)),
      assume("Guarded", { SerialNumber: serial, TokenCode: cloud.iam.code(serial) }),
      ["get_session_token", {}, keysOf(plain)],
      ["get_caller_identity", {}, keysOf(plain)],
    );
    expect(codes(replies)).toEqual([
      ...["AccessDenied", undefined, undefined, "AccessDenied", undefined],
    ]);
    expect(replies[4]?.Arn).toBe(user.arn);
  });

  test("assumes a role with a web identity token", async () => {
    const call = (WebIdentityToken: string, name = "Ci"): Call => [
      "assume_role_with_web_identity",
      { RoleArn: role(name), RoleSessionName: "me", WebIdentityToken },
      null,
    ];
    const good = cloud.iam.issueToken("repo:octo/app", hourMs);
    const foreign = cloud.iam.issueToken("repo:other/app", hourMs);
    const ended = cloud.iam.issueToken("repo:octo/app", 0);
    const replies = await ask(call(good), call(foreign), call(ended), call("forged"));
    expect(codes(replies)).toEqual([
      ...[undefined, "AccessDenied", "ExpiredTokenException", "InvalidIdentityToken"],
    ]);
  });

  test("is told that keys have ended, are unknown, or that it is throttled", async () => {
    const [first] = await ask(assume("Deploy"));
    const deploy = keysOf(first);
    const who: Call = ["get_caller_identity", {}, deploy];
    cloud.advance(hourMs);
    expect(codes(await ask(who))).toEqual(["ExpiredToken"]);
    cloud.keyRing.forget(deploy.aws_access_key_id);
    expect(codes(await ask(who))).toEqual(["InvalidClientTokenId"]);
    cloud.iam.trouble = { status: 400, code: "Throttling", message: "Rate <exceeded> & more" };
    expect((await ask(who))[0]?.error).toMatchObject({
      Code: "Throttling",
      Message: "Rate <exceeded> & more",
    });
  });

  test("is refused where it signs at the wrong time, once that is checked", async () => {
    const who: Call = ["get_caller_identity", {}, userKeys];
    cloud.iam.checksTime = true;
    expect(codes(await ask(who))).toEqual([undefined]);
    for (const ms of [hourMs, -2 * hourMs]) {
      cloud.advance(ms);
      expect(codes(await ask(who))).toEqual(["SignatureDoesNotMatch"]);
    }
  });
});

test("the AWS CLI walks a chain of profiles and asks who it is", async () => {
  await mkdir(join(home, ".aws"));
  await writeFile(
    join(home, ".aws", "config"),
    "[default]\nregion = us-east-1\n" +
      `[profile next]\nrole_arn = ${role("Next")}\nsource_profile = deploy\nrole_session_name = me\n` +
      `[profile deploy]\nrole_arn = ${role("Deploy")}\nsource_profile = dev\n`,
  );
  await writeFile(
    join(home, ".aws", "credentials"),
    `[dev]\naws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`,
  );
  const args = ["sts", "get-caller-identity", "--profile", "next", "--query", "Arn"];
  const { stdout, stderr } = await runAtHome("/usr/bin/aws", [...args, "--output", "text"]);
  expect(stderr).toBe("");
  expect(stdout).toBe("arn:aws:sts::444455556666:assumed-role/Next/me\n");
});
