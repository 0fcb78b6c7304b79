import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openBridge, sentence } from "./bridges.ts";
import { encode } from "./frames.ts";
import type { Conversation } from "./listening-daemon.ts";
import { anotherUser, isRoot, Sandbox, version } from "./sandbox.ts";
import { Terminal } from "./terminal.ts";

const answers = (conversation: Conversation): void => {
  conversation.send("1", "over the bridge\n");
  conversation.exit(0);
};

it("over a bridge the token comes first, and neither the environment nor the folder is told", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env, token } = await openBridge(sandbox, answers);
  const told = { ...env, AWS_PROFILE: "dev", LANG: "C", TERM: "xterm" };
  expect(await sandbox.run(["aws", "export"], { env: told })).toEqual({
    code: 0,
    signal: null,
    stdout: "over the bridge\n",
    stderr: "",
  });
  expect(daemon.conversations[0]?.request).toEqual([
    { type: "K", payload: token },
    { type: "V", payload: Buffer.from("2") },
    { type: "A", payload: Buffer.from("aws") },
    { type: "A", payload: Buffer.from("export") },
    { type: "T", payload: Buffer.from(" 0") },
  ]);
});

it("a bridge wins over the user's own daemon and EVERCRED_HOME", async () => {
  const sandbox = await Sandbox.make();
  const own = await sandbox.serve((conversation) => conversation.exit(9));
  const home = join(sandbox.folder, "own");
  mkdirSync(join(home, "run"), { recursive: true, mode: 0o700 });
  const elsewhere = await sandbox.serve(
    (conversation) => conversation.exit(9),
    join(home, "run", "daemon.sock"),
  );
  const { env } = await openBridge(sandbox, answers);
  expect((await sandbox.run(["x"], { env: { ...env, EVERCRED_HOME: home } })).code).toBe(0);
  expect([own.connections(), elsewhere.connections()]).toEqual([0, 0]);
});

it("an empty EVERCRED_BRIDGE is none", async () => {
  const sandbox = await Sandbox.make();
  const own = await sandbox.serve(answers);
  expect((await sandbox.run(["x"], { env: { ...sandbox.env, EVERCRED_BRIDGE: "" } })).code).toBe(0);
  expect(own.conversations[0]?.texts("K")).toEqual([]);
});

it("owner and mode are not what a bridge is known by", async () => {
  const sandbox = await Sandbox.make();
  const { folder, socket, tokenFile, env } = await openBridge(sandbox, answers);
  chmodSync(folder, 0o777);
  chmodSync(socket, 0o666);
  chmodSync(tokenFile, 0o644);
  if (isRoot) {
    for (const path of [folder, socket, tokenFile]) chownSync(path, anotherUser, anotherUser);
  }
  expect((await sandbox.run(["x"], { env })).code).toBe(0);
});

it.skipIf(!isRoot)("another user's HOME or sudo is no hindrance on a bridge", async () => {
  const sandbox = await Sandbox.make();
  const { env } = await openBridge(sandbox, answers);
  chownSync(sandbox.home, anotherUser, anotherUser);
  expect((await sandbox.run(["x"], { env: { ...env, SUDO_UID: "1000" } })).code).toBe(0);
});

it("a token with a line's end is read too", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env, token, tokenFile } = await openBridge(sandbox, answers);
  writeFileSync(tokenFile, `${token.toString("hex")}\r\n`);
  expect((await sandbox.run(["x"], { env })).code).toBe(0);
  expect(daemon.conversations[0]?.request[0]?.payload).toEqual(token);
});

it.each([
  ["the socket is gone", "No such file or directory"],
  ["nobody listens any more", "Connection refused"],
])("when %s nothing is started, and the bridge is to be made anew", async (what, why) => {
  const sandbox = await Sandbox.make();
  const trace = join(sandbox.folder, "started");
  sandbox.install(["headless", "/bin/sh", "-c", `touch '${trace}'`]);
  const { daemon, env, socket } = await openBridge(sandbox, answers);
  linkSync(socket, `${socket}.kept`);
  await daemon.close();
  if (what.startsWith("nobody")) renameSync(`${socket}.kept`, socket);
  expect(await sandbox.run(["x"], { env })).toEqual({
    code: 4,
    signal: null,
    stdout: "",
    stderr: sentence(env, `cannot be reached: ${why}`),
  });
  expect(existsSync(trace)).toBe(false);
});

it.each([
  ["is empty", ""],
  ["is short", "ab".repeat(31)],
  ["is long", "ab".repeat(33)],
  ["has another digit", `${"ab".repeat(31)}ag`],
])("a token that %s is refused before anybody is asked", async (_what, text) => {
  const sandbox = await Sandbox.make();
  const { daemon, env, tokenFile } = await openBridge(sandbox, answers);
  writeFileSync(tokenFile, text);
  const what =
    text === "" ? "has no token that can be read at" : "has something else than a token at";
  expect(await sandbox.run(["x"], { env })).toMatchObject({
    code: 4,
    stderr: sentence(env, `${what} ${tokenFile}`),
  });
  expect(daemon.connections()).toBe(0);
});

it("a token file that is not there is said", async () => {
  const sandbox = await Sandbox.make();
  const { env, tokenFile } = await openBridge(sandbox, answers);
  rmSync(tokenFile);
  expect((await sandbox.run(["x"], { env })).stderr).toBe(
    sentence(env, `has no token that can be read at ${tokenFile}`),
  );
});

it("a bridge whose path is too long for a socket is refused, not cut", async () => {
  const sandbox = await Sandbox.make();
  const { env, folder } = await openBridge(sandbox, answers);
  const long = join(sandbox.folder, "x".repeat(120));
  renameSync(folder, long);
  expect(await sandbox.run(["x"], { env: { ...env, EVERCRED_BRIDGE: long } })).toMatchObject({
    code: 4,
    stderr: `evercred: The path of the socket is too long for this system: ${long}/socket. Mount the bridge's folder at a shorter one.\n`,
  });
});

it("a bridge that is no whole path and no address is refused", async () => {
  const sandbox = await Sandbox.make();
  const env = { ...sandbox.env, EVERCRED_BRIDGE: "run/bridge" };
  expect(await sandbox.run(["x"], { env })).toMatchObject({
    code: 2,
    stderr:
      "evercred: EVERCRED_BRIDGE is neither a whole path nor tcp://HOST:PORT: run/bridge. Set it to one of them.\n",
  });
});

it("a bridge that ends without a word is asked once more, then it has failed", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openBridge(sandbox, (conversation) => conversation.end());
  expect(await sandbox.run(["x"], { env })).toMatchObject({
    code: 4,
    stderr: sentence(env, "ended before it answered"),
  });
  expect(daemon.conversations).toHaveLength(2);
});

it.each(["version", "--version"])("%s says which bridge is used, without asking", async (word) => {
  const sandbox = await Sandbox.make();
  const { daemon, env, folder } = await openBridge(sandbox, answers);
  expect((await sandbox.run([word], { env })).stdout).toBe(
    `evercred ${version} (bridge ${folder})\n`,
  );
  expect(daemon.connections()).toBe(0);
});

it("with --debug it says which bridge it asks, but not for a program's own --debug", async () => {
  const sandbox = await Sandbox.make();
  const { env, folder } = await openBridge(sandbox, answers);
  const asked = await sandbox.run(["aws", "export", "--debug"], { env });
  expect(asked.stderr).toBe(`Over the bridge ${folder}\n`);
  expect((await sandbox.run(["exec", "--", "x", "--debug"], { env })).stderr).toBe("");
});

it.each([[["daemon"]], [["daemon", "start"]], [["daemon", "run"]], [["daemon", "stop", "-q"]]])(
  "%j is refused on a bridge, and nobody is asked",
  async (args) => {
    const sandbox = await Sandbox.make();
    const own = await sandbox.serve(answers);
    const { daemon, env, folder } = await openBridge(sandbox, answers);
    expect(await sandbox.run(args, { env })).toMatchObject({
      code: 5,
      stdout: "",
      stderr: `evercred: The bridge ${folder} gives no say over the daemon. Run this on the computer that it leads to.\n`,
    });
    expect([daemon.connections(), own.connections()]).toEqual([0, 0]);
  },
);

it("exec runs the caller's own words with what the bridge gives", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openBridge(sandbox, (conversation) => {
    const set = ["AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=key", "AWS_SESSION_TOKEN=token"];
    const more = ["AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z", "AWS_REGION=eu-west-1"];
    const rest = ["AWS_DEFAULT_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_PROFILE"];
    conversation.send("R", [...set, ...more, ...rest].map((each) => `${each}\0`).join(""));
  });
  const look =
    'echo "$1 $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_REGION ${AWS_PROFILE-unset}"';
  const { code, stdout } = await sandbox.run(["exec", "--", "sh", "-c", look, "sh", "own"], {
    env: { ...env, AWS_PROFILE: "old" },
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "own id key eu-west-1 unset\n" });
  expect(daemon.conversations[0]?.texts("A")).toEqual(["exec", "--"]);
});

it.each(["PATH=/bridge", "BASH_ENV=$(touch ran)", "LD_PRELOAD=/x.so", "AWS_PAGER=sh", "=x", "X="])(
  "a bridge may not set %s for the program, so nothing is run",
  async (entry) => {
    const sandbox = await Sandbox.make();
    const { env } = await openBridge(sandbox, (conversation) => {
      conversation.send("R", `AWS_REGION=r\0${entry}\0`);
    });
    expect(await sandbox.run(["exec", "--", "echo", "ran"], { env })).toMatchObject({
      code: 4,
      stdout: "",
      stderr: sentence(env, "sent a variable that no bridge may set"),
    });
  },
);

it.each([
  ["a script", encode("S", "echo ran\0"), "a script that nobody asked for"],
  [
    "a program where none was given",
    encode("R", ""),
    "an order to run a program, but none was given",
  ],
  ["an unknown frame", encode("Z"), "a frame that this shim does not know"],
  [
    "a frame over one mebibyte",
    Buffer.from("1\xff\xff\xff\xff", "latin1"),
    "a frame that is too long",
  ],
  ["an exit code that is none", encode("X", "-1"), "an exit code that is none"],
  ["garbage", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), "a frame that is too long"],
])("%s from a bridge is refused by its name", async (_what, bytes, what) => {
  const sandbox = await Sandbox.make();
  const { env } = await openBridge(sandbox, (conversation) => {
    conversation.sendRaw(bytes);
  });
  const refusal = { code: 4, stdout: "", stderr: sentence(env, `sent ${what}`) };
  expect(await sandbox.run(["bridge", "ssh", "host"], { env })).toMatchObject(refusal);
});

it("control characters of the bridge's name do not reach the terminal", async () => {
  const sandbox = await Sandbox.make();
  const env = { ...sandbox.env, EVERCRED_BRIDGE: "/\u001b[31m\n" };
  expect((await sandbox.run(["version"], { env })).stdout).toBe(
    `evercred ${version} (bridge /?[31m?)\n`,
  );
});

it("frames without an end are cut by Ctrl-C, and nothing of them is kept", async () => {
  const sandbox = await Sandbox.make();
  const endless = encode("z", Buffer.alloc(1 << 16));
  const { env, socket } = await openBridge(sandbox, answers);
  rmSync(socket);
  let sent = 0;
  const server = createServer((peer) => {
    peer.on("error", () => undefined);
    const more = (): void => {
      while (!peer.destroyed && peer.write(endless)) sent += endless.length;
      sent += endless.length;
      if (sent > 64 << 20) child.kill("SIGINT");
    };
    peer.on("drain", more);
    more();
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const { child, ended } = sandbox.start(["x"], { env });
  expect(await ended).toEqual({ code: 130, signal: null, stdout: "", stderr: "" });
});

it("a bridge that goes away at a hidden prompt leaves the echo on", async () => {
  const sandbox = await Sandbox.make();
  const bridge = await openBridge(sandbox, async (conversation) => {
    conversation.send("?", "h");
    conversation.send("1", "asked"); // shown after the echo is off
    await asked;
    conversation.end();
  });
  const terminal = new Terminal(sandbox, ["x"], bridge.env);
  const asked = terminal.shown("asked");
  expect(await terminal.ended).toMatchObject({ code: 4, stderr: "echo on\n" });
});
