import { spawn } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { openTcpBridge, sentence } from "./bridges.ts";
import type { Conversation } from "./listening-daemon.ts";
import { follow, Sandbox, version } from "./sandbox.ts";

const answers = (conversation: Conversation): void => {
  conversation.send("1", "over TCP\n");
  conversation.exit(0);
};

/** The environment with one variable left out. */
const without = (
  env: Readonly<Record<string, string>>,
  name: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).filter(([each]) => each !== name));

it.each(["127.0.0.1", "::1"])("a bridge at a number is reached: %s", async (host) => {
  const sandbox = await Sandbox.make();
  const { daemon, env, token } = await openTcpBridge(sandbox, answers, host);
  expect((await sandbox.run(["x"], { env })).stdout).toBe("over TCP\n");
  expect(daemon.conversations[0]?.request[0]).toEqual({ type: "K", payload: token });
  expect(daemon.conversations[0]?.texts("D")).toEqual([]);
});

it("a bridge at localhost is reached, and version says it", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openTcpBridge(sandbox, answers);
  const named = { ...env, EVERCRED_BRIDGE: `tcp://localhost:${String(daemon.port)}` };
  expect((await sandbox.run(["x"], { env: named })).stdout).toBe("over TCP\n");
  expect((await sandbox.run(["version"], { env: named })).stdout).toBe(
    `evercred ${version} (bridge tcp://localhost:${String(daemon.port)})\n`,
  );
});

it("the token may stand in the environment; a file wins over it", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env, token } = await openTcpBridge(sandbox, answers);
  const given = { ...env, EVERCRED_BRIDGE_TOKEN: token.toString("hex") };
  await sandbox.run(["x"], { env: { ...given, EVERCRED_BRIDGE_TOKEN_FILE: "" } });
  await sandbox.run(["x"], { env: { ...env, EVERCRED_BRIDGE_TOKEN: "00".repeat(32) } });
  const sent = daemon.conversations.map(({ request }) => request[0]?.payload);
  expect(sent).toEqual([token, token]);
});

it.each([undefined, "", "00", "token"])("without a token nobody is asked: %j", async (given) => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openTcpBridge(sandbox, answers);
  const bare = without(env, "EVERCRED_BRIDGE_TOKEN_FILE");
  const start = given === undefined ? bare : { ...bare, EVERCRED_BRIDGE_TOKEN: given };
  const at = env["EVERCRED_BRIDGE"] ?? "";
  expect(await sandbox.run(["x"], { env: start })).toMatchObject({
    code: 2,
    stderr: `evercred: The bridge ${at} has no token. Set EVERCRED_BRIDGE_TOKEN_FILE to the file that holds it.\n`,
  });
  expect(daemon.connections()).toBe(0);
});

it.each([
  "tcp://",
  "tcp://127.0.0.1",
  "tcp://:80",
  "tcp://[]:80",
  "tcp://127.0.0.1:",
  "tcp://127.0.0.1:0",
  "tcp://127.0.0.1:65536",
  "tcp://127.0.0.1:8o",
  "tcp://127.0.0.1:80/",
])("%s is no address", async (address) => {
  const sandbox = await Sandbox.make();
  const env = { ...sandbox.env, EVERCRED_BRIDGE: address };
  expect(await sandbox.run(["x"], { env })).toMatchObject({
    code: 2,
    stderr: `evercred: EVERCRED_BRIDGE names no host and port: ${address}. Set it to tcp://HOST:PORT.\n`,
  });
});

it("a port that nobody listens at is said", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openTcpBridge(sandbox, answers);
  await daemon.close();
  expect(await sandbox.run(["x"], { env })).toMatchObject({
    code: 4,
    stderr: sentence(env, "cannot be reached: Connection refused"),
  });
});

/** A port whose queue is full: the kernel answers no further connection. */
async function deafPort(): Promise<number> {
  const script = [
    "import socket, sys",
    "deaf = socket.socket(); deaf.bind(('127.0.0.1', 0)); deaf.listen(0)",
    "held = [socket.socket() for _ in range(4)]",
    "for each in held: each.setblocking(False); each.connect_ex(deaf.getsockname())",
    "print(deaf.getsockname()[1], flush=True); sys.stdin.read()",
  ].join("\n");
  const child = spawn("/usr/bin/python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
}

it("a bridge that does not answer is given up after three seconds", async () => {
  const sandbox = await Sandbox.make();
  const { env } = await openTcpBridge(sandbox, answers);
  const deaf = { ...env, EVERCRED_BRIDGE: `tcp://127.0.0.1:${String(await deafPort())}` };
  const begin = performance.now();
  expect(await sandbox.run(["x"], { env: deaf })).toMatchObject({
    code: 4,
    stderr: sentence(deaf, "did not answer within 3 s"),
  });
  expect(performance.now() - begin).toBeLessThan(20_000);
});

it("the limit is one of the connection: the answer may take its time, and exec has no alarm", async () => {
  const sandbox = await Sandbox.make();
  const { env } = await openTcpBridge(sandbox, (conversation) => {
    conversation.send("R");
  });
  const look =
    "import signal; print(signal.alarm(0), signal.getsignal(signal.SIGALRM) == signal.SIG_DFL)";
  const python = ["/usr/bin/python3", "-c", look];
  expect((await sandbox.run(["exec", "--", ...python], { env })).stdout).toBe("0 True\n");
});

it("an alarm that the caller has set stays, and so does that it is ignored", async () => {
  const sandbox = await Sandbox.make();
  const { env } = await openTcpBridge(sandbox, (conversation) => {
    conversation.send("R");
  });
  const look =
    "import signal; print(signal.alarm(0) > 50, signal.getsignal(signal.SIGALRM) == signal.SIG_IGN)";
  const words = [sandbox.shim, "exec", "--", "/usr/bin/python3", "-c", look];
  const script = [
    "import os, signal, sys",
    "signal.signal(signal.SIGALRM, signal.SIG_IGN); signal.alarm(100)",
    "os.execv(sys.argv[1], sys.argv[1:])",
  ].join("\n");
  const child = spawn("/usr/bin/python3", ["-c", script, ...words], { env });
  expect((await follow(child)).stdout).toBe("True True\n");
});

it("the connection stays open until the program ends", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openTcpBridge(sandbox, (conversation) => {
    conversation.send("R");
  });
  const args = ["exec", "--", "sh", "-c", "echo up; read -r line"];
  const { child, ended } = sandbox.start(args, { env, stdin: "pipe" });
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  let isClosed = false;
  const closed = daemon.conversations[0]?.closed.then(() => (isClosed = true));
  expect((await sandbox.run(["exec", "--", "true"], { env })).code).toBe(0);
  expect(isClosed).toBe(false);
  child.stdin?.end("\n");
  await ended;
  await closed;
});
