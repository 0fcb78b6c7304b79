import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { programPath } from "../../scripts/command.mjs";
import { type Bridge, openBridge, openTcpBridge, sentence } from "./bridges.ts";
import type { Conversation } from "./listening-daemon.ts";
import { type Ended, follow, isRoot, Sandbox, version } from "./sandbox.ts";

// A folder becomes the root of a container: only root may do that, and only a static shim runs there.
const skipped = !isRoot || programPath("musl-gcc") === undefined;

const answers = (conversation: Conversation): void => {
  conversation.send("1", "in the container\n");
  conversation.exit(0);
};

/** A container's root that holds the shim and nothing else. */
function containerIn(sandbox: Sandbox): string {
  const root = join(sandbox.folder, "c");
  mkdirSync(root);
  copyFileSync(sandbox.shim, join(root, "evercred"));
  return root;
}

function runIn(
  root: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  isolation: readonly string[] = [],
): Promise<Ended> {
  const [program = "", ...words] = [...isolation, "chroot", root, "/evercred", ...args];
  const child = spawn(program, words, { env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return follow(child);
}

it.skipIf(skipped)(
  "with nothing but the bridge's folder and the shim, without a network, targets are served",
  async () => {
    const sandbox = await Sandbox.make();
    const root = containerIn(sandbox);
    const { daemon, token } = await openBridge(sandbox, answers, join(root, "b"));
    const env = { EVERCRED_BRIDGE: "/b" };
    const isolation = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork"];
    expect(await runIn(root, env, ["aws", "export"], isolation)).toEqual({
      code: 0,
      signal: null,
      stdout: "in the container\n",
      stderr: "",
    });
    expect(daemon.conversations[0]?.request[0]?.payload).toEqual(token);
    await daemon.close();
    expect(await runIn(root, env, ["aws", "export"], isolation)).toMatchObject({
      code: 4,
      stderr: sentence(env, "cannot be reached: No such file or directory"),
    });
  },
);

it.skipIf(skipped)("there exec runs a program of the container", async () => {
  const sandbox = await Sandbox.make();
  const root = containerIn(sandbox);
  await openBridge(sandbox, (conversation) => conversation.send("R"), join(root, "b"));
  const args = ["exec", "--", "/evercred", "version"];
  expect((await runIn(root, { EVERCRED_BRIDGE: "/b" }, args)).stdout).toBe(
    `evercred ${version} (bridge /b)\n`,
  );
});

/** The record's data behind a pointer to the question's name. */
const record = (type: number, data: Buffer, length = data.length): Buffer =>
  Buffer.concat([
    Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, length >> 8, length & 255]),
    data,
  ]);

const reply = (query: Buffer, records: readonly Buffer[], count = records.length): Buffer => {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(count, 6);
  return Buffer.concat([head, query.subarray(12), ...records]);
};

/** The type that a query asks for: 1 an IPv4 address, 28 an IPv6 one. */
const typeOf = (query: Buffer): number => query.readUInt16BE(query.length - 4);

/** A name server at an address of this machine's own; resolves to the queries so far. */
async function serveNames(
  address: string,
  answer: (query: Buffer) => Buffer | undefined,
): Promise<readonly Buffer[]> {
  const queries: Buffer[] = [];
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.on("message", (query, from) => {
    queries.push(query);
    const bytes = answer(query);
    if (bytes !== undefined) socket.send(bytes, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(53, address, resolve));
  return queries;
}

/** A container whose bridge stands at a name, and its /etc. */
async function namedBridge(
  etc: Readonly<Record<string, string>>,
): Promise<{ readonly root: string; readonly bridge: Bridge; readonly env: Bridge["env"] }> {
  const sandbox = await Sandbox.make();
  const root = containerIn(sandbox);
  mkdirSync(join(root, "etc"));
  for (const [name, text] of Object.entries(etc)) writeFileSync(join(root, "etc", name), text);
  const bridge = await openTcpBridge(sandbox, answers);
  const port = String(bridge.daemon.port);
  const env = {
    EVERCRED_BRIDGE: `tcp://host.docker.internal:${port}`,
    EVERCRED_BRIDGE_TOKEN: bridge.token.toString("hex"),
  };
  return { root, bridge, env };
}

it.skipIf(skipped)("the host's name is found in /etc/hosts", async () => {
  const hosts =
    "# 127.0.0.9 host.docker.internal\n127.0.0.8\n\n127.0.0.1\tx  Host.Docker.Internal # y\n";
  const { root, env } = await namedBridge({ hosts });
  expect(await runIn(root, env, ["x"])).toMatchObject({ code: 0, stdout: "in the container\n" });
});

it.skipIf(skipped)("localhost is known without any file", async () => {
  const { root, bridge, env } = await namedBridge({});
  const named = { ...env, EVERCRED_BRIDGE: `tcp://localhost:${String(bridge.daemon.port)}` };
  expect((await runIn(root, named, ["x"])).code).toBe(0);
});

it.skipIf(skipped)("what a comment of /etc/hosts says is not found", async () => {
  const { root, env } = await namedBridge({ hosts: "127.0.0.1 other # host.docker.internal\n" });
  expect((await runIn(root, env, ["x"])).code).toBe(4);
});

it.skipIf(skipped)("the host's name is asked of the name server", async () => {
  const { root, env } = await namedBridge({
    "resolv.conf": "; comment\nsearch example\nnameserver 127.77.0.1\noptions ndots:0\n",
    hosts: "127.0.0.9 other\n",
  });
  const alias = record(5, Buffer.from("\x01a\xc0\x0c", "latin1"));
  const queries = await serveNames("127.77.0.1", (query) =>
    reply(query, [alias, record(1, Buffer.from([127, 0, 0, 1]))]),
  );
  expect(await runIn(root, env, ["x"])).toMatchObject({ code: 0, stdout: "in the container\n" });
  expect(queries).toHaveLength(1);
  expect(queries[0]?.subarray(12)).toEqual(
    Buffer.from("\x04host\x06docker\x08internal\x00\x00\x01\x00\x01", "latin1"),
  );
});

it.skipIf(skipped)("a name with an IPv6 address only is asked for as one", async () => {
  const sandbox = await Sandbox.make();
  const { daemon, token } = await openTcpBridge(sandbox, answers, "::1");
  const { root } = await namedBridge({ "resolv.conf": "nameserver 127.77.0.2\n" });
  const loopback = Buffer.from("00000000000000000000000000000001", "hex");
  await serveNames("127.77.0.2", (query) =>
    reply(query, typeOf(query) === 28 ? [record(28, loopback)] : []),
  );
  const env = {
    EVERCRED_BRIDGE: `tcp://six:${String(daemon.port)}`,
    EVERCRED_BRIDGE_TOKEN: token.toString("hex"),
  };
  expect(await runIn(root, env, ["x"])).toMatchObject({ code: 0, stdout: "in the container\n" });
});

const here = Buffer.from([127, 0, 0, 1]);

it.skipIf(skipped).each([
  [
    "an answer to another question",
    (query: Buffer) =>
      Buffer.concat([Buffer.from("??"), reply(query, [record(1, here)]).subarray(2)]),
  ],
  ["a head alone", (query: Buffer) => reply(query, [], 65_535).subarray(0, 12)],
  ["half a head", (query: Buffer) => query.subarray(0, 5)],
  ["more records than there are", (query: Buffer) => reply(query, [], 65_535)],
  ["an address that is cut", (query: Buffer) => reply(query, [record(1, here.subarray(0, 3), 4)])],
  ["a record that is cut", (query: Buffer) => reply(query, [record(1, here).subarray(0, 9)])],
  ["a record of another kind", (query: Buffer) => reply(query, [record(16, here)])],
  ["an address of another size", (query: Buffer) => reply(query, [record(1, Buffer.alloc(5))])],
  ["a name without an end", (query: Buffer) => reply(query, [Buffer.alloc(300, 63)])],
])("%s of a name server names nobody", async (_what, answer) => {
  const { root, env } = await namedBridge({ "resolv.conf": "nameserver 127.77.0.3\n" });
  await serveNames("127.77.0.3", answer);
  expect(await runIn(root, env, ["x"])).toMatchObject({
    code: 4,
    stderr: sentence(env, "cannot be reached: its name is not known"),
  });
});

it.skipIf(skipped)(
  "a silent name server does not hold the caller longer than three seconds",
  async () => {
    const { root, env } = await namedBridge({ "resolv.conf": "nameserver 127.77.0.4\n" });
    const queries = await serveNames("127.77.0.4", () => undefined);
    expect(await runIn(root, env, ["x"])).toMatchObject({
      code: 4,
      stderr: sentence(env, "did not answer within 3 s"),
    });
    expect(queries.length).toBeGreaterThan(1);
  },
);

it.skipIf(skipped)("without a name server a name is not known", async () => {
  const { root, env } = await namedBridge({});
  expect(await runIn(root, env, ["x"])).toMatchObject({
    code: 4,
    stderr: sentence(env, "cannot be reached: its name is not known"),
  });
});
