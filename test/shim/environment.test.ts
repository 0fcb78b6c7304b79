import { chmodSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { unknownCaller } from "../../electron/core/caller.ts";
import { type Handler, serve } from "../../electron/server/connection.ts";
import { MemoryLog } from "../fakes/log.ts";
import { openBridge } from "./bridges.ts";
import type { Conversation } from "./listening-daemon.ts";
import { Sandbox } from "./sandbox.ts";

/** What the shim answers to these names, up to its G. */
const told = async (conversation: Conversation, names: string): Promise<readonly string[]> => {
  conversation.send("e", names);
  const texts: string[] = [];
  for (;;) {
    const { type, payload } = await conversation.next();
    if (type === "G") return texts.sort();
    texts.push(`${type} ${payload.toString()}`);
  }
};

it("variables that the daemon names are told, and no others", async () => {
  const sandbox = await Sandbox.make();
  const answers: (readonly string[])[] = [];
  await sandbox.serve(async (conversation) => {
    for (const names of ["HTTPS_PROXY AWS_* ", "NONE", "", "*", " * HOM HOME_ ", "EMPTY AWS_"]) {
      answers.push(await told(conversation, names));
    }
    conversation.exit(0);
  });
  const more = {
    HTTPS_PROXY: "http://ann:pass@proxy.example.com:8080?a=b",
    AWS_PROFILE: "dev",
    AWS_SESSION_TOKEN: "x\ny",
    AWS: "x",
    XAWS_PROFILE: "x",
    HOME_X: "x",
    EMPTY: "",
    "": "no name",
  };
  expect(await sandbox.run(["x"], { env: { ...sandbox.env, ...more } })).toMatchObject({ code: 0 });
  expect(answers).toEqual([
    [
      "E AWS_PROFILE=dev",
      "E AWS_SESSION_TOKEN=x\ny",
      "E HTTPS_PROXY=http://ann:pass@proxy.example.com:8080?a=b",
    ],
    [],
    [],
    [],
    [],
    ["E EMPTY="],
  ]);
});

it("they are told after a line was typed, and before the next one", async () => {
  const sandbox = await Sandbox.make();
  const seen: unknown[] = [];
  await sandbox.serve(async (conversation) => {
    for (let time = 0; time < 2; time += 1) {
      conversation.send("?", "l");
      seen.push((await conversation.next()).payload.toString());
      seen.push(await told(conversation, "HOME"));
    }
    conversation.exit(0);
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  child.stdin?.end("first\nsecond\n");
  expect((await ended).code).toBe(0);
  const home = [`E HOME=${sandbox.home}`];
  expect(seen).toEqual(["first", home, "second", home]);
});

it("a daemon that wants them while a line is typed is broken", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("?", "l");
    conversation.send("e", "HOME");
  });
  const { child, ended } = sandbox.start(["x"], { stdin: "pipe" });
  const { code, stderr } = await ended;
  child.stdin?.destroy();
  expect(code).toBe(4);
  expect(stderr).toContain("a question before the last one was answered");
});

it("names without an end are refused", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.send("e", "HOME".padEnd(1 << 20)));
  const { code, stderr } = await sandbox.run(["x"]);
  expect({ code, stderr }).toMatchObject({ code: 4 });
  expect(stderr).toContain("a frame that is too long");
});

it("over a bridge nothing is told", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, env } = await openBridge(sandbox, (conversation) => {
    conversation.send("e", "HOME PATH AWS_*");
    conversation.exit(0);
  });
  expect((await sandbox.run(["x"], { env: { ...env, AWS_PROFILE: "dev" } })).code).toBe(0);
  const [conversation] = daemon.conversations;
  await conversation?.closed;
  expect(conversation?.unread).toEqual([]);
});

/** Serves the shim's requests as the daemon does. */
const serveReally = async (sandbox: Sandbox, handle: Handler): Promise<void> => {
  const way = { token: undefined, bridge: undefined };
  const server = createServer((socket) => {
    serve(socket, way, unknownCaller, handle, new MemoryLog());
  });
  server.listen(sandbox.socket);
  await once(server, "listening");
  chmodSync(sandbox.socket, 0o600);
  onTestFinished(() => {
    server.close();
  });
};

it("a verb of the daemon gets them, and says and asks things in between", async () => {
  const sandbox = await Sandbox.make();
  await serveReally(sandbox, async (_request, reply) => {
    reply.say("looking");
    reply.print(JSON.stringify(await reply.variables(["CLAUDE_CODE_*", "HTTPS_PROXY"])));
    reply.print(JSON.stringify(await reply.ask(false)));
    reply.print(JSON.stringify(await reply.variables(["NONE"])));
    return 3;
  });
  const more = { CLAUDE_CODE_CLIENT_CERT: "/cert.pem", HTTPS_PROXY: "http://p:1", SECRET: "x" };
  const { child, ended } = sandbox.start(["x"], {
    env: { ...sandbox.env, ...more },
    stdin: "pipe",
  });
  child.stdin?.end("yes\n");
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 3, stderr: "looking\n" });
  expect(
    stdout.split("\n").map((line) => (line === "" ? line : (JSON.parse(line) as unknown))),
  ).toEqual([{ CLAUDE_CODE_CLIENT_CERT: "/cert.pem", HTTPS_PROXY: "http://p:1" }, "yes", {}, ""]);
});
