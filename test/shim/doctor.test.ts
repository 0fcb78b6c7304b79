import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openBridge } from "./bridges.ts";
import { isRoot, Sandbox } from "./sandbox.ts";

/** A way that is no daemon, but that examines: it prints its words and ends with 7. */
const examiner = (
  kind: "app" | "headless",
  ...words: readonly string[]
): readonly [string, ...string[]] => [
  kind,
  "/bin/sh",
  "-c",
  'case " $* " in *" --doctor "*) echo "$0:" "$@"; exit 7;; esac; exit 3',
  kind,
  ...words,
];

it("doctor is asked of a daemon that answers", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(1));
  expect(await sandbox.run(["doctor", "--json"])).toMatchObject({ code: 1, stderr: "" });
  expect(daemon.conversations[0]?.texts("A")).toEqual(["doctor", "--json"]);
});

it("doctor starts the daemon where that can be done", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  expect(await sandbox.run(["doctor"])).toMatchObject({ code: 0, stdout: "doctor\n" });
});

it("where none can be started the app examines in the foreground, after the reason was told", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless", "--background"));
  const { code, stdout, stderr } = await sandbox.run(["doctor", "--json", "--source", "two words"]);
  expect({ code, stdout }).toEqual({
    code: 7,
    stdout: "headless: --background --doctor --json --source two words\n",
  });
  expect(stderr).toContain("evercred: Evercred could not be started.");
  expect(stderr).toContain("/bin/sh: ended with exit status 3\n");
});

it("rather without a window, with one where there is nothing else", async () => {
  const sandbox = await Sandbox.make();
  const asked = async (): Promise<string> => (await sandbox.run(["doctor"])).stdout;
  sandbox.install(examiner("app"), examiner("headless"));
  expect(await asked()).toBe("headless: --doctor\n");
  sandbox.install(examiner("headless"), examiner("app"));
  expect(await asked()).toBe("headless: --doctor\n");
  sandbox.install(["headless", "/no/such/program"], examiner("app"));
  expect(await asked()).toBe("app: --doctor\n");
});

it("any other verb fails as ever", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless"));
  for (const args of [["status"], ["help", "doctor"], ["daemon", "start"]]) {
    expect(await sandbox.run(args)).toMatchObject({ code: 4, stdout: "" });
  }
});

it("the user's stop does not hold for doctor, and is no more forgotten by it", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless"));
  const mark = join(sandbox.runtime, "stopped");
  writeFileSync(mark, "");
  expect(await sandbox.run(["doctor"])).toMatchObject({
    code: 7,
    stdout: "headless: --doctor\n",
    stderr: "evercred: Evercred was stopped. Start it with: evercred daemon start\n",
  });
  expect(existsSync(mark)).toBe(true);
});

it("a socket that is not safe is examined, too", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless"));
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  chmodSync(sandbox.runtime, 0o755);
  const { code, stderr } = await sandbox.run(["doctor"]);
  expect(code).toBe(7);
  expect(stderr).toContain("is open to other users");
  expect(daemon.connections()).toBe(0);
});

it("so is a daemon that answers nonsense, or ends before it has answered", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless"));
  const daemon = await sandbox.serve((conversation) => {
    conversation.send("Q");
    conversation.end();
  });
  expect((await sandbox.run(["doctor"])).code).toBe(7);
  await daemon.close();
  await sandbox.serve((conversation) => {
    conversation.send("1", "half");
    conversation.end();
  });
  expect(await sandbox.run(["doctor"])).toMatchObject({
    code: 7,
    stdout: "halfheadless: --doctor\n",
  });
});

it("it has the caller's environment, folder and streams", async () => {
  const sandbox = await Sandbox.make();
  const look = 'case "$1" in --doctor) cat; echo "$AWS_PROFILE $PWD"; exit 0;; esac; exit 3';
  sandbox.install(["headless", "/bin/sh", "-c", look, "sh"]);
  const folder = join(sandbox.folder, "here");
  mkdirSync(folder);
  const env = { ...sandbox.env, AWS_PROFILE: "dev" };
  const { child, ended } = sandbox.start(["doctor"], { env, cwd: folder, stdin: "pipe" });
  child.stdin?.end("typed\n");
  expect(await ended).toMatchObject({ code: 0, stdout: `typed\ndev ${folder}\n` });
});

it("where nothing is installed it says so", async () => {
  const sandbox = await Sandbox.make();
  const bare = await sandbox.run(["doctor"]);
  expect(bare.code).toBe(4);
  expect(bare.stderr.match(/is not installed with its app/g)).toHaveLength(2);
  sandbox.install(["headless", "/no/such/program"]);
  expect(await sandbox.run(["doctor"])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("What the launch file names is not there.") as string,
  });
});

it("too many words are refused", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless"));
  const many = await sandbox.run(["doctor", ...Array.from({ length: 40 }, () => "x")]);
  expect(many.code).toBe(2);
  expect(many.stderr).toContain("There are too many words after doctor.");
  const enough = await sandbox.run(["doctor", ...Array.from({ length: 27 }, () => "x")]);
  expect(enough.code).toBe(7);
});

it("over a bridge doctor is the other side's to answer, or nobody's", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(examiner("headless"));
  const { daemon, env } = await openBridge(sandbox, (conversation) => conversation.exit(5));
  expect((await sandbox.run(["doctor"], { env })).code).toBe(5);
  await daemon.close();
  expect(await sandbox.run(["doctor"], { env })).toMatchObject({ code: 4, stdout: "" });
});

it.skipIf(!isRoot)(
  "doctor is no more for somebody else's home, or under sudo, than any verb",
  async () => {
    const sandbox = await Sandbox.make();
    sandbox.install(examiner("headless"));
    const env = { ...sandbox.env, SUDO_UID: "1000" };
    expect(await sandbox.run(["doctor"], { env })).toMatchObject({ code: 2, stdout: "" });
  },
);
