import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { follow, Sandbox } from "./sandbox.ts";
import { Terminal } from "./terminal.ts";

it("stdin is not read before the daemon asks", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.exit(0));
  const script = `(echo first; echo second) | ('${sandbox.shim}' x; cat)`;
  const { stdout } = await follow(spawn("sh", ["-c", script], { env: sandbox.env }));
  expect(stdout).toBe("first\nsecond\n");
});

it("all of stdin arrives when it is asked for", async () => {
  const sandbox = await Sandbox.make();
  const sent = randomBytes(3 << 20);
  let received: Buffer = Buffer.alloc(0);
  await sandbox.serve(async (conversation) => {
    conversation.send("?");
    received = await conversation.input();
    conversation.exit(0);
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  child.stdin?.end(sent);
  expect((await ended).code).toBe(0);
  expect(received.equals(sent)).toBe(true);
});

it("input and output of megabytes cross without waiting for each other", async () => {
  const sandbox = await Sandbox.make();
  const sent = randomBytes(3 << 20);
  let received: Buffer = Buffer.alloc(0);
  await sandbox.serve(async (conversation) => {
    conversation.send("?");
    for (let i = 0; i < 8; i++) conversation.send("1", Buffer.alloc(1 << 20, "o"));
    received = await conversation.input();
    conversation.exit(0);
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  child.stdin?.end(sent);
  expect((await ended).stdout).toHaveLength(8 << 20);
  expect(received.equals(sent)).toBe(true);
});

it("a daemon that wants no more input ends the request though stdin stays open", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(async (conversation) => {
    conversation.send("?");
    await conversation.next();
    conversation.exit(5);
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  child.stdin?.write("some");
  expect((await ended).code).toBe(5);
});

it("a daemon that answers while a line is awaited ends the request", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("?", "l");
    conversation.exit(6);
  });
  expect((await sandbox.start(["x"], { stdin: "pipe" }).ended).code).toBe(6);
});

it.each([
  ["a line", "one\ntwo\n", "one"],
  ["an empty line", "\ntwo\n", "\n"],
  ["a last line without its end", "one", "one"],
  ["the end", "", ""],
  ["a line as it is", "  é\t\n", "  é\t"],
])("%s is one frame", async (_what, text, expected) => {
  const sandbox = await Sandbox.make();
  let line: string | undefined;
  await sandbox.serve(async (conversation) => {
    conversation.send("?", "l");
    line = (await conversation.next()).payload.toString();
    conversation.exit(0);
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  child.stdin?.end(text);
  await ended;
  expect(line).toBe(expected);
});

it("a question takes one line and leaves the rest to the next and to the program", async () => {
  const sandbox = await Sandbox.make();
  const lines: string[] = [];
  await sandbox.serve(async (conversation) => {
    for (const kind of ["l", "h"]) {
      conversation.send("?", kind);
      lines.push((await conversation.next()).payload.toString());
    }
    conversation.send("R");
  });
  const { child, ended } = sandbox.start(["exec", "--", "cat"], { stdin: "pipe" });
  child.stdin?.end("one\ntwo\nthree\n");
  expect((await ended).stdout).toBe("three\n");
  expect(lines).toEqual(["one", "two"]);
});

it("a line that is too long is refused", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("?", "l");
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end("x".repeat(70_000));
  expect(await ended).toMatchObject({
    code: 1,
    stderr: "evercred: The line on stdin is too long.\n",
  });
});

it("a question before the last one was answered is refused", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("?", "l");
    conversation.send("?", "l");
  });
  const { code, stderr } = await sandbox.start(["x"], { stdin: "pipe" }).ended;
  expect(code).toBe(4);
  expect(stderr).toContain("a question before the last one was answered");
});

it("terminals and their width are told", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  expect((await new Terminal(sandbox, ["x"]).ended).code).toBe(0);
  expect(daemon.conversations[0]?.texts("T")).toEqual(["ioe 120"]);
});

it("a secret typed on a terminal is not shown, its line's end is, and the echo comes back", async () => {
  const sandbox = await Sandbox.make();
  let secret: string | undefined;
  await sandbox.serve(async (conversation) => {
    conversation.send("2", "Key: ");
    conversation.send("?", "h");
    secret = (await conversation.next()).payload.toString();
    conversation.send("1", "done");
    conversation.exit(0);
  });
  const terminal = new Terminal(sandbox, ["x"]);
  terminal.typeQuietly("hunter2\n");
  expect(await terminal.ended).toEqual({
    code: 0,
    signal: null,
    stdout: "Key: \r\ndone",
    stderr: "echo on\n",
  });
  expect(secret).toBe("hunter2");
});

it("a line typed on a terminal is shown", async () => {
  const sandbox = await Sandbox.make();
  const terminal = new Terminal(sandbox, ["x"]);
  let line: string | undefined;
  await sandbox.serve(async (conversation) => {
    conversation.send("?", "l");
    line = (await conversation.next()).payload.toString();
    conversation.exit(0);
  });
  terminal.type("1\n");
  expect((await terminal.ended).stdout).toBe("1\r\n");
  expect(line).toBe("1");
});

it("Ctrl-C at a hidden prompt restores the echo, closes the connection and exits 130", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => {
    conversation.send("?", "h");
  });
  const terminal = new Terminal(sandbox, ["x"]);
  terminal.typeQuietly("half\u0003");
  expect(await terminal.ended).toMatchObject({ code: 130, stderr: "echo on\n" });
  await daemon.conversations[0]?.closed;
});

it("a daemon that goes away at a hidden prompt leaves the echo on", async () => {
  const sandbox = await Sandbox.make();
  const terminal = new Terminal(sandbox, ["x"]);
  const asked = terminal.shown("asked");
  await sandbox.serve(async (conversation) => {
    conversation.send("?", "h");
    conversation.send("1", "asked"); // shown after the echo is off
    await asked;
    conversation.end();
  });
  expect(await terminal.ended).toMatchObject({ code: 4, stderr: "echo on\n" });
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s cancels the request only, with exit code %i", async (signal, code) => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(() => {
    child.kill(signal);
  });
  const { child, ended } = sandbox.start(["x"]);
  expect(await ended).toEqual({ code, signal: null, stdout: "", stderr: "" });
  await daemon.conversations[0]?.closed;
});

it("a signal that the caller ignores stays ignored", async () => {
  const sandbox = await Sandbox.make();
  let kill = (): void => undefined;
  await sandbox.serve((conversation) => {
    kill();
    conversation.send("1", "went on");
    conversation.exit(0);
  });
  const script = `trap '' INT; exec '${sandbox.shim}' x`;
  const child = spawn("sh", ["-c", script], { env: sandbox.env });
  kill = () => void child.kill("SIGINT");
  expect(await follow(child)).toMatchObject({ code: 0, stdout: "went on" });
});
