import { appendFile, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { allThree, aws } from "./aws-clients.ts";
import { type House, openHouse } from "./house.ts";

const developer =
  /^arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_Developer_\w+\/dev@example\.com\n?$/;

/** Somebody else's keys, that are good: whoever takes them is seen. */
const stranger = {
  arn: "arn:aws:iam::999999999999:user/stranger",
  accessKeyId: "AKIASTRANGER11111111",
  secretAccessKey: "c3RyYW5nZXIgc3RyYW5nZXIgc3RyYW5nZXIgMTIz",
};

const keys = `aws_access_key_id = ${stranger.accessKeyId}\naws_secret_access_key = ${stranger.secretAccessKey}\n`;

const config = `[default]
region = us-west-2
${keys}
[profile other]
region = us-west-2
${keys}
[sso-session corp]
sso_start_url = https://d-1234567890.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile p]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-central-1
`;

/** What a shell may have from before, each of it wrong. */
const before = {
  AWS_PROFILE: "other",
  AWS_DEFAULT_PROFILE: "other",
  AWS_ACCESS_KEY_ID: stranger.accessKeyId,
  AWS_SECRET_ACCESS_KEY: stranger.secretAccessKey,
  AWS_DEFAULT_REGION: "us-west-2",
  AWS_ROLE_ARN: "arn:aws:iam::999999999999:role/stranger",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/dev/null",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/",
  AWS_CONTAINER_AUTHORIZATION_TOKEN: "old",
  AWS_EC2_METADATA_DISABLED: "false",
};

let house: House;

beforeAll(async () => {
  house = await openHouse({
    awsConfig: config,
    regions: ["eu-central-1", "us-west-2"],
    iam: { users: [stranger] },
  });
  await writeFile(join(house.home, ".aws", "credentials"), `[default]\n${keys}\n[other]\n${keys}`);
  expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await house.close();
});

/** The words that have the shim run a program with the keys of `p`, and with a way to them. */
const manners: readonly (readonly [string, readonly string[]])[] = [
  ["exec", ["exec", "--profile", "p"]],
  ["exec --server", ["exec", "--server", "--profile", "p"]],
];

test.each(manners)(
  "%s: every client is p in p's region, whatever stood in the shell and in the files before",
  async (_name, words) => {
    const seen = house.cloud.log.count({ host: "sts.eu-central-1.amazonaws.com" });
    const run = [...words, "--", ...allThree];
    const { code, stdout, stderr } = await house.run(house.shim, run, before);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd().split("\n")).toEqual(Array(3).fill(expect.stringMatching(developer)));
    // This botocore asks the global endpoint for every old region.
    const asked = house.cloud.log.count({ host: "sts.eu-central-1.amazonaws.com" });
    expect(asked - seen).toBeGreaterThanOrEqual(2);
  },
);

test.each(manners)("%s: nothing asks the machine's metadata service", async (_name, words) => {
  const program = ["/usr/bin/env", "-0"];
  const { stdout } = await house.run(house.shim, [...words, "--", ...program], before);
  const set = stdout.split("\0");
  expect(set).toContain("AWS_EC2_METADATA_DISABLED=true");
  expect(set).toContain("AWS_REGION=eu-central-1");
  expect(set).toContain("AWS_DEFAULT_REGION=eu-central-1");
  const names = set.map((each) => each.split("=")[0]);
  expect(names).not.toContain("AWS_PROFILE");
  expect(names).not.toContain("AWS_ROLE_ARN");
  expect(stdout).not.toContain(stranger.accessKeyId);
});

test("under --server another profile fails loudly, and p by its name is p", async () => {
  const server = ["exec", "--server", "--profile", "p", "--", ...aws, "--profile"];
  const [other, own] = await Promise.all([
    house.run(house.shim, [...server, "other"]),
    house.run(house.shim, [...server, "p"]),
  ]);
  expect(other.code).not.toBe(0);
  expect(other).toMatchObject({ stdout: "", stderr: expect.stringContaining("(other)") });
  expect(own).toMatchObject({ code: 0, stdout: expect.stringMatching(developer) });
});

test("under --server the settings of p stay, and a profile without keys", async () => {
  const more = "output = yaml\n[profile plain]\nregion = ap-south-1\n";
  await appendFile(join(house.home, ".aws", "config"), more);
  const get = (name: string, profile: string): readonly string[] => [
    ...["exec", "--server", "--profile", "p", "--"],
    ...["/usr/bin/aws", "configure", "get", name, "--profile", profile],
  ];
  await expect
    .poll(async () => (await house.run(house.shim, get("output", "p"))).stdout)
    .toBe("yaml\n");
  expect((await house.run(house.shim, get("region", "plain"))).stdout).toBe("ap-south-1\n");
});

const runs = (...program: readonly string[]): readonly string[] => [
  ...["exec", "--profile", "p", "--"],
  ...program,
];

test("the exit code is the program's own; 126 where it cannot be executed, 127 where it is not there", async () => {
  const text = join(house.home, "text");
  await writeFile(text, "no program", { mode: 0o600 });
  const [own, unfit, absent] = await Promise.all([
    house.run(house.shim, runs("/bin/sh", "-c", "exit 42")),
    house.run(house.shim, runs(text)),
    house.run(house.shim, runs("no-such-program")),
  ]);
  expect(own).toMatchObject({ code: 42, stderr: "" });
  expect(unfit.code).toBe(126);
  expect(unfit.stderr).toContain(text);
  expect(absent.code).toBe(127);
  expect(absent.stderr).toContain("no-such-program");
});

test("where there are no keys the program does not run", async () => {
  const marker = join(house.home, "ran");
  const outcome = await house.run(house.shim, [
    ...["exec", "--profile", "nobody", "--", "/usr/bin/touch", marker],
  ]);
  expect(outcome.code).toBe(125);
  expect(outcome.stderr).toContain("nobody");
  expect(await house.run("/usr/bin/test", ["-e", marker])).toMatchObject({ code: 1 });
});

/** Notes signals; the last one it waits for ends it with a code. */
const heeds = `
import os, signal, sys
def note(number, frame):
    os.write(1, f"{signal.Signals(number).name}\\n".encode())
    if number == signal.SIGTERM: sys.exit(7)
for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, note)
print("ready", flush=True)
while True: signal.pause()
`;

test("a signal reaches the program once, and the code that it then ends with comes back", async () => {
  const running = house.start(house.shim, runs("/usr/bin/python3", "-c", heeds));
  await running.line(/ready/);
  running.child.kill("SIGINT");
  await running.line(/SIGINT/);
  running.child.kill("SIGTERM");
  expect(await running.outcome).toMatchObject({ code: 7, stdout: "ready\nSIGINT\nSIGTERM\n" });
});

/** Says what it stands on, and repeats a line. */
const talks = `
import os
print("pid", os.getpid(), flush=True)
print([os.isatty(each) for each in range(3)], flush=True)
print("heard", input(), flush=True)
`;

test("on a terminal Ctrl-C reaches the program once, and what it reads and shows is the terminal", async () => {
  const terminal = house.terminal(runs("/usr/bin/python3", "-c", `${talks}${heeds}`));
  await terminal.shown("[True, True, True]");
  terminal.type("hello\n");
  await terminal.shown("heard hello");
  await terminal.shown("ready");
  terminal.type("\u0003");
  await terminal.shown("SIGINT");
  const pid = /pid (\d+)/.exec(await terminal.line(/pid/))?.[1];
  process.kill(Number(pid), "SIGTERM");
  const { code, stdout } = await terminal.outcome;
  expect(code).toBe(7);
  expect(stdout.match(/SIGINT/g)).toHaveLength(1);
});

test("stdin passes through", async () => {
  const piped = `printf 'one\\ntwo' | ${house.shim} ${runs("/usr/bin/tr", "a-z", "A-Z").join(" ")}`;
  expect(await house.run("/bin/sh", ["-c", piped])).toMatchObject({ code: 0, stdout: "ONE\nTWO" });
});

test("a run under --server goes on after kill -9 of the daemon: same port, same token, and its files", async () => {
  const ask = `while read -r line; do
    curl -sS -o /dev/null -w "$line %{http_code}\\n" \
      -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI" ||
      echo "$line nobody"
    test -s "$AWS_CONFIG_FILE" && echo "$line files"
  done`;
  const questions = join(house.home, "questions");
  expect(await house.run("/usr/bin/mkfifo", [questions])).toMatchObject({ code: 0 });
  const pipe = await open(questions, "r+");
  const running = house.start("/bin/sh", [
    ...["-c", `exec "$0" "$@" <'${questions}'`, house.shim],
    ...["exec", "--server", "--profile", "p", "--", "/bin/sh", "-c", ask],
  ]);
  const answer = async (name: string): Promise<string> => {
    await pipe.write(`${name}\n`);
    await running.line(new RegExp(`^${name} files$`));
    return running.line(new RegExp(`^${name} (\\d{3}|nobody)$`));
  };
  expect(await answer("before")).toBe("before 200");
  process.kill(await house.daemonPid(), "SIGKILL");
  expect(await answer("meanwhile")).toMatch(/^meanwhile (?:000|nobody)$/);
  await house.evercred("status");
  let round = 0;
  await vi.waitFor(
    async () => {
      round += 1;
      expect(await answer(`after${round}`)).toBe(`after${round} 200`);
    },
    { timeout: 10_000 },
  );
  await pipe.close();
  expect(await running.outcome).toMatchObject({ code: 0 });
});
