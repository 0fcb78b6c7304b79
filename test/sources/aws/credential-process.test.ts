import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { AwsProfileDefinition } from "../../../electron/sources/aws/definition.ts";
import { askedProfileOf } from "../../../electron/sources/aws/credential-process.ts";
import { deploy, deployRole, devUser, Issuer, nothing, startWorld, type World } from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;
let world: World;

beforeEach(async () => {
  world = await startWorld({
    iam: { users: [devUser], roles: [{ arn: deploy, trust: [devUser.arn] }] },
  });
});

afterEach(() => world.close());

/** Writes a shell script; gives its path. */
const script = async (lines: string): Promise<string> => {
  const path = join(world.home, "give keys");
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o700);
  return path;
};

/** A script that prints this text, wherever it is run. */
const printing = async (text: string): Promise<string> => {
  const file = join(world.home, "output");
  await writeFile(file, text);
  return `"${await script(`cat '${file}'`)}"`;
};

const issuerOf = (command: string, more: Partial<AwsProfileDefinition> = {}): Issuer => {
  const source = world.profileSource({ root: { kind: "process", command }, ...more });
  return new Issuer(source, grantOf(source.boundTo));
};

const grantOf = (boundTo: string): Grant => ({ boundTo }) as Grant;

const inHours = (hours: number): string =>
  new Date(world.clock.now() + hours * hour).toISOString().replace(/\.\d+/, "");

const keys = {
  Version: 1,
  AccessKeyId: "ASIAPROCESS",
  SecretAccessKey: "s3cret",
  SessionToken: "t0ken",
};

test("what the program prints is handed out until it ends", async () => {
  const expiration = inHours(2);
  const output = { ...keys, Expiration: expiration, AccountId: "111122223333" };
  const issuer = issuerOf(await printing(JSON.stringify(output)));
  const credential = await issuer.of("dev");
  expect(credential).toMatchObject({
    kind: "aws",
    accountId: "111122223333",
    accessKeyId: "ASIAPROCESS",
    issuedAt: world.clock.now(),
    expiresAt: Date.parse(expiration),
  });
  expect(credential.secretAccessKey.reveal()).toBe("s3cret");
  expect(credential.sessionToken.reveal()).toBe("t0ken");
});

test("keys without an end are asked for anew after fifteen minutes, whatever else is null or of another type", async () => {
  const output = { ...keys, Expiration: null, AccountId: 111122223333 };
  const credential = await issuerOf(await printing(JSON.stringify(output))).of("dev");
  expect(credential.expiresAt).toBe(world.clock.now() + 15 * minute);
  expect(credential.accountId).toBeUndefined();
});

test.each([
  ["an offset", "2031-05-06T10:00:00+02:00", Date.UTC(2031, 4, 6, 8)],
  ["fractions", "2031-05-06T08:00:00.500Z", Date.UTC(2031, 4, 6, 8, 0, 0, 500)],
])("an end with %s is understood", async (_, Expiration, at) => {
  const credential = await issuerOf(await printing(JSON.stringify({ ...keys, Expiration }))).of(
    "dev",
  );
  expect(credential.expiresAt).toBe(at);
});

test("long-lived keys never leave: what is handed out is a session of their user", async () => {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = devUser;
  const output = { Version: 1, AccessKeyId, SecretAccessKey };
  const issuer = issuerOf(await printing(JSON.stringify(output)), { assumed: [deployRole] });
  expect((await issuer.of("dev")).accessKeyId).toMatch(/^ASIA/);
  await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
  expect(issuer.asked).toEqual([["own", false]]);
});

test("a role is assumed with what was printed before; keys that AWS no longer knows are fetched anew", async () => {
  const first = await printing(JSON.stringify(keys));
  const issuer = issuerOf(first, { assumed: [deployRole] });
  await issuer.of("dev");
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = devUser;
  await printing(JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey }));
  await expect(issuer.of("deploy")).resolves.toMatchObject({ kind: "aws" });
  expect(issuer.asked).toEqual([
    ["own", false],
    ["own", true],
  ]);
});

test("there is no shell: what would be special in one is an argument", async () => {
  const log = join(world.home, "arguments");
  const path = await script(`printf '%s\\n' "$@" > '${log}'; cat '${join(world.home, "output")}'`);
  await writeFile(join(world.home, "output"), JSON.stringify(keys));
  await issuerOf(`'${path}' $HOME "a b" '$(touch x)' c\\ d ; \`id\` > out | cat ~ *`).of("dev");
  expect((await readFile(log, "utf8")).split("\n")).toEqual([
    ...["$HOME", "a b", "$(touch x)", "c d", ";", "`id`", ">", "out", "|", "cat", "~", "*", ""],
  ]);
});

test("it has nothing on stdin, and no terminal", async () => {
  const path = await script(
    `read line && exit 3; (: < /dev/tty) 2>/dev/null && exit 4\necho '${JSON.stringify(keys)}'`,
  );
  await expect(issuerOf(`"${path}"`).of("dev")).resolves.toMatchObject({ kind: "aws" });
});

const unusable = { code: "reply-invalid", exit: 7 };

test.each([
  ["nothing", ""],
  ["no JSON", "export AWS_SECRET_ACCESS_KEY=s3cret"],
  ["another version", JSON.stringify({ ...keys, Version: 2 })],
  ["a version in quotes", JSON.stringify({ ...keys, Version: "1" })],
  ["no secret", JSON.stringify({ ...keys, SecretAccessKey: undefined })],
  ["an empty key", JSON.stringify({ ...keys, AccessKeyId: "" })],
])("%s is reply-invalid, and not quoted", async (_, text) => {
  await expect(issuerOf(await printing(text)).of("dev")).rejects.toMatchObject({
    ...unusable,
    message: "What credential_process of dev prints is not the JSON that AWS tools take.",
  });
});

test.each([
  ["has passed", "2020-01-01T00:00:00Z", "credential_process of dev gives keys that have ended."],
  ["is no date", "tomorrow", "The Expiration that credential_process of dev prints is no date."],
])("an end that %s is reply-invalid", async (_, Expiration, message) => {
  const issuer = issuerOf(await printing(JSON.stringify({ ...keys, Expiration })));
  await expect(issuer.of("dev")).rejects.toMatchObject({ ...unusable, message });
});

test("more than a MiB is reply-invalid, and the program is ended", async () => {
  await expect(issuerOf("/usr/bin/yes").of("dev")).rejects.toMatchObject({
    ...unusable,
    message: "credential_process of dev prints too much.",
  });
});

describe("a program that fails", () => {
  const failure = async (lines: string): Promise<unknown> =>
    issuerOf(`"${await script(lines)}"`)
      .of("dev")
      .catch((thrown: unknown) => thrown);

  test("is quoted with its first line, and nothing of what it printed", async () => {
    const lines = `echo '{"SecretAccessKey":"s3cret"}'; printf '\\nVPN \\033[31mis off.\\nmore\\n' >&2; exit 3`;
    expect(await failure(lines)).toMatchObject({
      code: "provider-unavailable",
      exit: 7,
      message: "credential_process of dev has failed (3). It says: VPN  [31mis off.",
    });
  });

  test("says nothing of a key that it printed to stderr", async () => {
    const error = await failure(
      `echo "/opt/tool: bad ${devUser.accessKeyId} k=${devUser.secretAccessKey} ${"t0".repeat(99)}" >&2; exit 1`,
    );
    expect((error as Error).message).toBe(
      "credential_process of dev has failed (1). It says: /opt/tool: bad … k=… ….",
    );
  });

  test("may have nothing to say", async () => {
    expect(await failure("exit 1")).toMatchObject({
      message: "credential_process of dev has failed (1).",
    });
  });

  test("may be killed", async () => {
    expect(await failure("kill -9 $$")).toMatchObject({
      message: "credential_process of dev was killed.",
    });
  });
});

test.each([
  [
    "is not there",
    "/nowhere/tool a",
    "The program /nowhere/tool of dev's credential_process is not there.",
  ],
  ["is a folder", "/tmp", "The program /tmp of dev's credential_process cannot be run (EACCES)."],
  ["is nothing", '""', "credential_process of dev is no command line."],
  ["has an open quote", "tool 'a", "credential_process of dev is no command line."],
])("a program that %s is config-invalid", async (_, command, message) => {
  await expect(issuerOf(command).of("dev")).rejects.toMatchObject({
    code: "config-invalid",
    message,
  });
});

const waiting = { interval: 5, timeout: 20_000 };

/** The one line of a file, once a program has written it. */
const lineOf = async (file: string): Promise<string> => {
  const read = () => readFile(file, "utf8").catch(() => "");
  await vi.waitUntil(async () => (await read()).endsWith("\n"), waiting);
  return (await read()).trim();
};

/** Whether a process is there that is not just waiting to be buried. */
const runs = async (pid: string): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => !/\) Z /.test(stat),
    () => false,
  );

describe("a program that does not end", () => {
  const endless = async (): Promise<{
    readonly path: string;
    readonly pids: () => Promise<string[]>;
  }> => {
    const file = join(world.home, "pids");
    const path = await script(`sleep 1000 & echo $$ $! > '${file}'; wait`);
    const pids = async (): Promise<string[]> => (await lineOf(file)).split(" ");
    return { path, pids };
  };

  const gone = async (pids: readonly string[]): Promise<void> => {
    for (const pid of pids) await vi.waitUntil(async () => !(await runs(pid)), waiting);
  };

  test("is killed after a minute, with all that it has started, and the sentence says what may be", async () => {
    const { path, pids } = await endless();
    const failed = expect(issuerOf(`"${path}"`).of("dev")).rejects.toMatchObject({
      code: "timed-out",
      message: "credential_process of dev has not ended within 60 s.",
      remedy: expect.stringContaining("asks Evercred for dev itself"),
    });
    const started = await pids();
    await world.clock.advance(minute);
    await failed;
    await gone(started);
  });

  test("is killed where nobody waits any more", async () => {
    const { path, pids } = await endless();
    const source = world.profileSource({ root: { kind: "process", command: `"${path}"` } });
    const stop = new AbortController();
    const reason = new EvercredError("cancelled");
    const issue = source.issue(grantOf(source.boundTo), "own", stop.signal, nothing);
    const failed = expect(issue).rejects.toBe(reason);
    const started = await pids();
    stop.abort(reason);
    await failed;
    await gone(started);
  });

  test("is not waited for where only somebody else has its output", async () => {
    const file = join(world.home, "pid");
    const path = await script(`setsid sh -c 'echo $$ > "${file}"; exec sleep 1000' & wait`);
    const failed = expect(issuerOf(`"${path}"`).of("dev")).rejects.toMatchObject({
      code: "timed-out",
    });
    const pid = await lineOf(file);
    await world.clock.advance(minute);
    await failed;
    process.kill(Number(pid));
  });
});

describe("a program that is Evercred itself", () => {
  test.each([
    ["evercred aws process --profile dev", "dev -> dev"],
    ["/usr/bin/evercred aws process --profile=deploy", "dev -> deploy -> dev"],
    ["evercred aws export --profile dev", "dev -> dev"],
  ])("and asks for what is made of its keys is refused: %s", async (command, loop) => {
    const issuer = issuerOf(command, { assumed: [deployRole] });
    await expect(issuer.of("dev")).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringMatching(new RegExp(`: ${loop}\\.$`)),
    });
  });

  test.each([
    ["evercred aws process --profile other", "other"],
    ["evercred.exe aws export --profile=other", "other"],
    [String.raw`'C:\Program Files\Evercred\evercred.exe' aws process --profile x`, "x"],
    ["evercred aws process", undefined],
    ["evercred api-key dev", undefined],
    ["evercred aws login --profile dev", undefined],
    ["other aws process --profile dev", undefined],
    ["'", undefined],
  ])("%s asks for %s", (command, profile) => {
    expect(askedProfileOf(command)).toBe(profile);
  });

  test("and asks for something else is run", async () => {
    const issuer = issuerOf("evercred aws process --profile other");
    const error: unknown = await issuer.of("dev").catch((thrown: unknown) => thrown);
    expect((error as Error).message).not.toContain("->");
  });
});

test("keys that AWS refuses are the program's to renew", async () => {
  const issuer = issuerOf(await printing(JSON.stringify(keys)), { assumed: [deployRole] });
  await expect(issuer.of("deploy")).rejects.toMatchObject({
    code: "access-denied",
    message: "AWS does not accept the keys of dev.",
  });
});
