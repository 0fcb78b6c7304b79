import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { encode } from "./frames.ts";
import { follow, Sandbox, version } from "./sandbox.ts";

it("stdout, stderr and the exit code are the daemon's", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("1", "payload é\n");
    conversation.send("2", "evercred: a sentence.\n");
    conversation.send("1", "");
    conversation.send("1", "more");
    conversation.exit(7);
  });
  expect(await sandbox.run(["x"])).toEqual({
    code: 7,
    signal: null,
    stdout: "payload é\nmore",
    stderr: "evercred: a sentence.\n",
  });
});

it.each([0, 1, 99, 125, 255])("the exit code %i is passed on", async (code) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.exit(code));
  expect((await sandbox.run(["x"])).code).toBe(code);
});

it("megabytes of output arrive whole", async () => {
  const sandbox = await Sandbox.make();
  const sent = randomBytes(6 << 20).toString("hex");
  await sandbox.serve((conversation) => {
    for (let at = 0; at < sent.length; at += 1 << 20) {
      conversation.send("1", sent.slice(at, at + (1 << 20)));
    }
    conversation.exit(0);
  });
  const { code, stdout } = await sandbox.run(["x"]);
  expect(code).toBe(0);
  expect(stdout === sent).toBe(true);
});

it("a reply that comes byte by byte is understood", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(async (conversation) => {
    const bytes = Buffer.concat([encode("1", "slow"), encode("X", "3")]);
    for (const byte of bytes) {
      conversation.sendRaw(Buffer.from([byte]));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  });
  expect(await sandbox.run(["x"])).toMatchObject({ code: 3, stdout: "slow" });
});

it("an unknown frame in lower case is skipped", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("z", randomBytes(200_000));
    conversation.send("1", "after");
    conversation.exit(0);
  });
  expect(await sandbox.run(["x"])).toMatchObject({ code: 0, stdout: "after", stderr: "" });
});

it.each([
  ["a frame that is no letter", encode("\0", "")],
  ["a frame over one mebibyte", Buffer.from([0x31, 0x00, 0x10, 0x00, 0x01])],
  ["a length of four gigabytes", Buffer.from([0x31, 0xff, 0xff, 0xff, 0xff])],
  ["an empty exit code", encode("X", "")],
  ["an exit code over 255", encode("X", "256")],
  ["an exit code of letters", encode("X", "1a")],
  ["an exit code that is long", encode("X", "0".repeat(70_000))],
  ["a negative exit code", encode("X", "-1")],
  ["an unknown question", encode("?", "q")],
  ["a long question", encode("?", "ll")],
  ["an order to run a program where none was given", encode("R", "A=1\0")],
  ["a script that nobody asked for", encode("S", "echo ran\0")],
])("%s is refused with a remedy", async (_what, bytes) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.sendRaw(bytes);
  });
  const { code, stdout, stderr } = await sandbox.run(["x"]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
  expect(stderr).toMatch(
    /^evercred: The daemon sent .+\. Restart it with: evercred daemon restart\n$/,
  );
});

it("a frame that must not be skipped is one of a newer daemon: this side is to be updated", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("1", "before");
    conversation.send("Z", "x");
  });
  expect(await sandbox.run(["x"])).toEqual({
    code: 4,
    signal: null,
    stdout: "before",
    stderr: `evercred: The daemon is newer than this evercred, ${version}. Update this one: install Evercred again.\n`,
  });
});

it.each([
  ["without a word", Buffer.alloc(0)],
  ["within a head", encode("1", "abc").subarray(0, 3)],
  ["within a payload", encode("1", "abc").subarray(0, 6)],
  ["before the exit code", encode("1", "abc")],
])("a connection that ends %s is not a success", async (_where, bytes) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.sendRaw(bytes);
    conversation.end();
  });
  const { code, stderr } = await sandbox.run(["x"]);
  expect(code).toBe(4);
  expect(stderr).toContain("evercred: The daemon ended before it answered.");
  expect(stderr).toContain(`${sandbox.state}/evercred.log`);
});

it("what a daemon says before it closes on a request that it does not read is printed", async () => {
  const sandbox = await Sandbox.make();
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(Buffer.concat([encode("2", "too much\n"), encode("X", "2")]), () => {
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(sandbox.socket, resolve);
  });
  chmodSync(sandbox.socket, 0o600);
  const long = Array.from({ length: 10 }, () => "x".repeat(100_000));
  const ended = await sandbox.run(long);
  server.close();
  expect(ended).toMatchObject({ code: 2, stderr: "too much\n" });
});

it("a reader of stdout that is gone ends it quietly", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => {
    for (let i = 0; i < 20; i++) conversation.send("1", Buffer.alloc(1 << 20, "y"));
  });
  const script = `('${sandbox.shim}' x; echo $? >&3) 3>&2 | head -c 1`;
  const { stdout, stderr } = await follow(spawn("sh", ["-c", script], { env: sandbox.env }));
  expect({ stdout, stderr }).toEqual({ stdout: "y", stderr: "141\n" });
  await daemon.conversations[0]?.closed;
});

it("a stdout that does not wait gets all of it, as its reader takes it", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    for (let i = 0; i < 3; i++) conversation.send("1", Buffer.alloc(1 << 20, "n"));
    conversation.exit(0);
  });
  const script =
    "import fcntl,os,sys; fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK); os.execv(sys.argv[1], sys.argv[1:])";
  const pipeline = `/usr/bin/python3 -c '${script}' '${sandbox.shim}' x | wc -c`;
  const { stdout, stderr } = await follow(spawn("sh", ["-c", pipeline], { env: sandbox.env }));
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: String(3 << 20), stderr: "" });
});

it("a stderr that is gone does not keep stdout from arriving", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("2", "lost");
    conversation.send("1", "kept");
    conversation.exit(0);
  });
  const { child, ended } = sandbox.start(["x"]);
  child.stderr?.destroy();
  expect(await ended).toMatchObject({ code: 0, stdout: "kept" });
});

it("output that cannot be written is a failure with a sentence", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("1", "lost");
    conversation.exit(0);
  });
  const full = openSync("/dev/full", "w");
  const child = spawn(sandbox.shim, ["x"], { env: sandbox.env, stdio: ["ignore", full, "pipe"] });
  const { code, stderr } = await follow(child);
  expect(code).toBe(1);
  expect(stderr).toBe("evercred: The output could not be written: No space left on device.\n");
});

it("closed standard descriptors are not taken for the connection", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(async (conversation) => {
    conversation.send("?");
    const input = await conversation.input();
    conversation.send("2", `input: ${String(input.length)}\n`);
    conversation.exit(0);
  });
  const script = `'${sandbox.shim}' x <&- >&-`;
  const { code, stderr } = await follow(spawn("sh", ["-c", script], { env: sandbox.env }));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "input: 0\n" });
  expect(daemon.conversations).toHaveLength(1);
});
