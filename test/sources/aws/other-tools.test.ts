import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AwsSources } from "../../../electron/sources/aws/index.ts";
import { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { corp, never, put, startWorld, type World } from "./world.ts";

const minute = 60_000;
let world: World;
let corpSource: AwsSsoSource;

const noOther = (): Promise<never> => Promise.reject(new Error("Nothing else is needed."));

const place = `sso_start_url = ${corp.startUrl}\nsso_region = us-east-1\n`;
const role =
  "sso_account_id = 111122223333\nsso_role_name = Developer\nregion = us-east-1\noutput = json\n";

beforeEach(async () => {
  world = await startWorld();
  await put(
    world.home,
    ".aws/config",
    `[sso-session corp]\n${place}sso_registration_scopes = sso:account:access\n` +
      `[profile p]\nsso_session = corp\n${role}[profile old]\n${place}${role}`,
  );
  const { home, agent, clock, log } = world;
  const aws = new AwsSources({ env: {}, home, agent, clock, log });
  const sources = aws.load({ sources: {}, keys: {}, aws: { mirrorSsoCache: true } });
  expect(aws.problems).toEqual([]);
  // The profile without an sso-session is of the same organisation: one sign-in serves both.
  const [only, ...others] = sources;
  if (!(only instanceof AwsSsoSource) || others.length > 0) {
    throw new Error("Not one organisation.");
  }
  corpSource = only;
});

afterEach(() => world.close());

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program at this home, with an environment that leads to this cloud only. */
const run = (
  file: string,
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<Ended> =>
  new Promise((resolve) => {
    const env = {
      ...world.cloud.env(),
      HOME: world.home,
      PATH: "/usr/bin:/bin",
      AWS_PAGER: "",
      BROWSER: "/bin/false",
      ...more,
    };
    execFile(file, args, { env, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });

const aws = (args: readonly string[], more?: Record<string, string>) =>
  run("/usr/bin/aws", args, more);

const boto3 = (profile: string): Promise<Ended> =>
  run("/usr/bin/python3", [
    "-c",
    `import boto3; print(boto3.Session(profile_name="${profile}").client("sts").get_caller_identity()["Account"])`,
  ]);

const tokenFile = async (name: string): Promise<Record<string, string>> => {
  const hash = createHash("sha1").update(name).digest("hex");
  const text = await readFile(join(world.cacheFolder, `${hash}.json`), "utf8");
  return JSON.parse(text) as Record<string, string>;
};

const refreshes = (): number => world.cloud.log.count({ grantType: "refresh_token" });

test.each(["p", "old"])(
  "the AWS CLI and boto3 read what we publish: profile %s",
  async (profile) => {
    await corpSource.shared.publish(await world.signIn(corpSource));
    const identity = await aws(["sts", "get-caller-identity"], { AWS_PROFILE: profile });
    expect(identity.stderr).toBe("");
    expect(JSON.parse(identity.stdout)).toMatchObject({ Account: "111122223333" });
    expect(await boto3(profile)).toEqual({ code: 0, stdout: "111122223333\n", stderr: "" });
    expect(refreshes()).toBe(0);
  },
);

test("what we publish lists accounts for the AWS CLI by its access token", async () => {
  const grant = await world.signIn(corpSource);
  await corpSource.shared.publish(grant);
  const { accessToken } = await tokenFile("corp");
  const token = ["--access-token", accessToken!, "--region", "us-east-1"];
  const listed = await aws(["sso", "list-accounts", ...token]);
  expect(listed.stdout).toContain("111122223333");
});

test.each(["p", "old"])(
  "a sign-in with aws sso login is found, works, and is known once it is ours: profile %s",
  async (profile) => {
    const browser = { BROWSER: await world.cloud.browser() };
    const login = await aws(["sso", "login", "--profile", profile], browser);
    expect([login.code, login.stderr]).toEqual([0, ""]);
    const found = await corpSource.shared.look(undefined, true);
    expect(found).toMatchObject({ kind: "foreign", grant: { renewable: profile === "p" } });
    if (found.kind !== "foreign") return;
    const { grant } = found;
    expect(grant.boundTo).toBe(corpSource.boundTo);
    expect(Math.abs(grant.issuedAt - Date.now())).toBeLessThan(30_000);
    await expect(
      corpSource.issue(grant, "111122223333/Developer", never, noOther),
    ).resolves.toMatchObject({
      kind: "aws",
    });
    expect(await corpSource.shared.look(grant, true)).toEqual({ kind: "known" });
  },
);

test("an adopted sign-in is renewed by us, and its refresh token leaves the file; the AWS CLI goes on", async () => {
  await aws(["sso", "login", "--profile", "p"], { BROWSER: await world.cloud.browser() });
  const found = await corpSource.shared.look(undefined, true);
  if (found.kind !== "foreign") throw new Error(found.kind);
  await corpSource.shared.publish(found.grant);
  expect(Object.keys(await tokenFile("corp")).sort()).toEqual([
    "accessToken",
    "expiresAt",
    "region",
    "startUrl",
  ]);
  await world.pass(40 * minute);
  const next = await corpSource.renew(found.grant, never);
  expect(next.signedInAt).toBe(found.grant.signedInAt);
  await corpSource.shared.publish(next);
  expect((await aws(["sts", "get-caller-identity", "--profile", "p"])).code).toBe(0);
});

test("an aws sso logout takes the file away, and the portal no longer knows the grant", async () => {
  const grant = await world.signIn(corpSource);
  await corpSource.shared.publish(grant);
  expect((await aws(["sso", "logout"])).code).toBe(0);
  expect(await readdir(world.cacheFolder)).toEqual([]);
  expect(await corpSource.shared.look(grant, true)).toEqual({ kind: "absent" });
  await expect(corpSource.probe(grant, never)).rejects.toMatchObject({ code: "token-rejected" });
});

test("an aws sso login over what we published is found", async () => {
  const grant = await world.signIn(corpSource);
  await corpSource.shared.publish(grant);
  await aws(["sso", "login", "--profile", "p"], { BROWSER: await world.cloud.browser() });
  expect(await corpSource.shared.look(grant, true)).toMatchObject({
    kind: "foreign",
    grant: { renewable: true },
  });
});

test("a sign-in of the AWS CLI with other scopes is not taken for ours", async () => {
  const text = await readFile(join(world.home, ".aws/config"), "utf8");
  await put(
    world.home,
    ".aws/config",
    text.replace("sso:account:access", "codewhisperer:completions"),
  );
  await aws(["sso", "login", "--profile", "p"], { BROWSER: await world.cloud.browser() });
  expect(await tokenFile("corp")).toHaveProperty("accessToken");
  expect(await corpSource.shared.look(undefined, true)).toEqual({ kind: "absent" });
});
