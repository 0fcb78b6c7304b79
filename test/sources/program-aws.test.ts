import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { awsKeysOf } from "../../electron/core/credential.ts";
import { targetOf } from "../../electron/core/source.ts";
import { type AwsConfig, AwsSources } from "../../electron/sources/aws/index.ts";
import { AwsSsoSource } from "../../electron/sources/aws/source.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { MemoryStore } from "../fakes/store.ts";
import { corp, never, pageOf, put, startWorld, type World } from "./aws/world.ts";

const minute = 60_000;
let world: World;

const awsCli = ["/usr/bin/aws", "sso", "login", "--sso-session", "corp"] as const;

beforeEach(async () => {
  world = await startWorld();
  await put(
    world.home,
    ".aws/config",
    `[sso-session corp]\nsso_start_url = ${corp.startUrl}\nsso_region = us-east-1\n` +
      "sso_registration_scopes = sso:account:access\n[profile p]\nsso_session = corp\n" +
      "sso_account_id = 111122223333\nsso_role_name = Developer\n",
  );
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

const awsOf = (): AwsSources => {
  const { home, agent, clock, log } = world;
  return new AwsSources({ env: {}, home, agent, clock, log });
};

/** The source `corp` of this configuration; its program runs where this home is, and reaches this cloud only. */
const corpWith = async (
  signIn: readonly [string, ...string[]],
  mirrorSsoCache = true,
): Promise<AwsSsoSource> => {
  const sources: AwsConfig["sources"] = { corp: { enabled: true, signIn, timeout: minute } };
  const aws = awsOf();
  const [source] = aws.load({ sources, keys: {}, aws: { mirrorSsoCache } });
  if (!(source instanceof AwsSsoSource)) throw new Error("That is no organisation.");
  expect(aws.problems).toEqual([]);
  vi.stubEnv("HOME", world.home);
  for (const [name, value] of Object.entries(world.cloud.env())) vi.stubEnv(name, value);
  return source;
};

const options = {
  flow: "program",
  previous: undefined,
  attended: Promise.resolve(),
  show: () => undefined,
  say: () => undefined,
} as const;

/** A program that does this in place of a sign-in. */
const script = async (lines: string): Promise<string> => {
  const path = join(world.home, "sign-in");
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o700);
  return path;
};

const tokenFile = (): string =>
  join(world.cacheFolder, `${createHash("sha1").update("corp").digest("hex")}.json`);

const tokens = async (): Promise<unknown> => JSON.parse(await readFile(tokenFile(), "utf8"));

/** A program that leaves a sign-in of the AWS CLI, and then does this. */
const leaving = async (lines: string): Promise<string> => {
  const inAnHour = new Date(world.clock.now() + 60 * minute).toISOString();
  const token = {
    startUrl: corp.startUrl,
    region: "us-east-1",
    accessToken: "access",
    expiresAt: inAnHour,
    refreshToken: "refresh",
    clientId: "client",
    clientSecret: "secret",
    registrationExpiresAt: inAnHour,
  };
  const left = await put(world.home, "left.json", JSON.stringify(token));
  await mkdir(world.cacheFolder, { recursive: true });
  return script(`cp '${left}' '${tokenFile()}'\n${lines}`);
};

test("an organisation without a program of its own signs in by itself", async () => {
  const [source] = awsOf().load({ sources: {}, keys: {}, aws: { mirrorSsoCache: true } });
  expect(source?.byProgram).toBe(false);
});

test("of several names of an organisation it is the configured one whose program signs in", async () => {
  const place = `sso_start_url = ${corp.startUrl}\nsso_region = us-east-1\n`;
  await put(world.home, ".aws/config", `[sso-session a]\n${place}[sso-session b]\n${place}`);
  const sources: AwsConfig["sources"] = { b: { enabled: true, signIn: ["aws"] } };
  const [source] = awsOf().load({ sources, keys: {}, aws: { mirrorSsoCache: true } });
  expect(source).toMatchObject({ id: "b", byProgram: true });
});

test("aws sso login signs in: its page has the code filled in, and a session takes what it leaves for its own", async () => {
  const source = await corpWith(awsCli);
  expect(source.byProgram).toBe(true);
  const { clock, log } = world;
  const store = new MemoryStore();
  const broker = new Broker({ store, memo: new MemoryMemo(), clock, random: () => 0, log });
  await broker.configure([source]);
  const session = broker.session("corp")!;
  const open = session.signIn(undefined);
  open.attend();
  const { flow, url } = pageOf(await open.request);
  expect([flow, new URL(url).searchParams.get("user_code")]).toEqual([
    "program",
    expect.stringMatching(/^\w{4}-\w{4}$/),
  ]);
  await world.cloud.approve(url);
  // Whoever watches the folder sees it as soon as we do.
  const watching = setInterval(() => void session.look(), 1);
  expect(await open.outcome).toEqual({ kind: "signed-in" });
  clearInterval(watching);
  expect(open.lines.join(" ")).toContain("Successfully logged into Start URL");
  await session.look();
  const keys = awsKeysOf(await broker.issue(targetOf("aws", "p")));
  expect(keys.accountId).toBe("111122223333");
  expect(await tokens()).not.toHaveProperty("refreshToken");
  await world.pass(2 * 60 * minute);
  await expect(session.revive()).resolves.toBeUndefined();
  await broker.close();
});

test("what a program leaves is a grant that can be renewed", async () => {
  const source = await corpWith([await leaving("")]);
  await expect(source.signIn(options, never)).resolves.toMatchObject({
    boundTo: source.boundTo,
    renewable: true,
  });
});

test("where we do not write to the cache, its refresh token is left to whoever reads it there", async () => {
  const source = await corpWith([await leaving("")], false);
  await expect(source.signIn(options, never)).resolves.toMatchObject({ renewable: false });
  expect(await tokens()).toHaveProperty("refreshToken", "refresh");
});

test("what a program leaves is not taken up by others while one still runs", async () => {
  const source = await corpWith([await leaving("echo done; exec sleep 1000")]);
  const run = async () => {
    const stop = new AbortController();
    let done: Promise<unknown> = Promise.resolve();
    await new Promise<void>((resolve) => {
      done = source.signIn({ ...options, say: () => resolve() }, stop.signal);
      done.catch(() => undefined);
    });
    return async () => {
      const reason = new Error("enough");
      stop.abort(reason);
      await expect(done).rejects.toBe(reason);
    };
  };
  const look = async () => (await source.shared.look(undefined, true)).kind;
  expect(await look()).toBe("absent");
  const endFirst = await run();
  const endSecond = await run();
  expect(await tokens()).toBeDefined();
  expect(await look()).toBe("known");
  await endFirst();
  expect(await look()).toBe("known");
  await endSecond();
  expect(await look()).toBe("foreign");
});

test("a program that leaves nothing new is sign-in-denied", async () => {
  const source = await corpWith([await leaving("")]);
  const previous = await source.signIn(options, never);
  await expect(source.signIn({ ...options, previous }, never)).rejects.toMatchObject({
    code: "sign-in-denied",
    message: "sign-in has ended well, but has left no new sign-in to corp.",
    remedy: "See that it signs in to the start URL, region and scopes of corp.",
  });
  await rm(tokenFile());
  const nothing = await corpWith([await script("exit 0")]);
  await expect(nothing.signIn(options, never)).rejects.toMatchObject({ code: "sign-in-denied" });
});

test("a program that fails is said to have", async () => {
  const source = await corpWith(["/usr/bin/aws", "sso", "login", "--sso-session", "none"]);
  await expect(source.signIn(options, never)).rejects.toMatchObject({
    code: "sign-in-denied",
    message: expect.stringContaining("aws has ended without a sign-in (exit code 25"),
  });
});

test("its time is the configuration's, else as long as Claude Code waits for it", async () => {
  const signInWith = [await script("exec sleep 1000")] as const;
  for (const [timeout, ms] of [
    [90_000, 90_000],
    [undefined, 165_000],
  ] as const) {
    const sources: AwsConfig["sources"] = {
      corp: { enabled: true, signIn: signInWith, ...(timeout !== undefined && { timeout }) },
    };
    const [source] = awsOf().load({ sources, keys: {}, aws: { mirrorSsoCache: true } });
    const startedAt = world.clock.now();
    const failed = expect(source!.signIn(options, never)).rejects.toMatchObject({
      code: "timed-out",
    });
    await world.clock.armed(ms);
    expect(world.clock.pending).toEqual([startedAt + ms]);
    await world.clock.advance(ms);
    await failed;
  }
});

test("an id that a source of another kind has is nobody else's", async () => {
  const aws = { mirrorSsoCache: true };
  const [source] = awsOf().load({ sources: {}, keys: {}, aws, taken: ["corp"] });
  expect(source?.id).not.toBe("corp");
  await put(
    world.home,
    ".aws/credentials",
    "[tool]\naws_access_key_id = AKIADEVELOPER7EXAMPL\naws_secret_access_key = s\n",
  );
  const ids = async (taken: readonly string[]): Promise<readonly string[]> =>
    awsOf()
      .load({ sources: {}, keys: {}, aws, taken })
      .map(({ id }) => id);
  expect(await ids([])).toEqual(["corp", "tool"]);
  expect(await ids(["tool"])).not.toContain("tool");
});
