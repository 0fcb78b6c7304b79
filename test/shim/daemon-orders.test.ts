import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { eventually } from "../eventually.ts";
import { endProcess, Sandbox } from "./sandbox.ts";

it("daemon stop asks the daemon like any other request", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => {
    conversation.send("1", "Evercred has stopped.\n");
    conversation.exit(0);
  });
  const { code, stdout } = await sandbox.run(["daemon", "stop"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Evercred has stopped.\n" });
  expect(daemon.conversations[0]?.texts("A")).toEqual(["daemon", "stop"]);
});

it.each([[["daemon", "stop"]], [["daemon", "stop", "-q"]]])(
  "%j with nobody there starts nothing and is done",
  async (args) => {
    const sandbox = await Sandbox.make();
    sandbox.install(sandbox.smallDaemon());
    expect(await sandbox.run(args)).toMatchObject({
      code: 0,
      stdout: "Evercred is not running.\n",
      stderr: "",
    });
    expect(sandbox.starts()).toEqual([]);
  },
);

it("daemon stop with nobody there holds as any other does, for what is on its way up too", async () => {
  const sandbox = await Sandbox.make();
  const begun = join(sandbox.folder, "begun");
  const script = `echo $$ > '${begun}.new'; mv '${begun}.new' '${begun}'; exec tail -f /dev/null`;
  sandbox.install(["headless", "/bin/sh", "-c", script]);
  // Neither does it need a folder that a daemon has made.
  rmSync(sandbox.runtime, { recursive: true });
  const { ended } = sandbox.start(["daemon", "start"]);
  const daemon = Number(await eventually(() => readFileSync(begun, "utf8")));
  onTestFinished(() => endProcess(daemon));
  await sandbox.run(["daemon", "stop"]);
  expect(statSync(sandbox.runtime).mode & 0o777).toBe(0o700);
  expect(statSync(join(sandbox.runtime, "stopped")).mode & 0o777).toBe(0o600);
  const refusal = "evercred: Evercred was stopped. Start it with: evercred daemon start\n";
  expect(await sandbox.run(["x"])).toMatchObject({ code: 4, stdout: "", stderr: refusal });
  endProcess(daemon);
  expect(await ended).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(refusal) as string,
  });
});

it("daemon start with a daemon there asks it", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  await sandbox.run(["x"]);
  expect((await sandbox.run(["daemon", "start"])).stdout).toBe("daemon start\n");
  expect(sandbox.starts()).toHaveLength(1);
});

it("daemon restart stops the one that runs, waits for its end and starts another", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  await sandbox.run(["x"]);
  writeFileSync(join(sandbox.runtime, "stopped"), "");
  expect(await sandbox.run(["daemon", "restart"])).toMatchObject({
    code: 0,
    stdout: "daemon stop\ndaemon start\n",
  });
  const [first, second, ...more] = sandbox.starts();
  expect(more).toEqual([]);
  expect(second?.pid).not.toBe(first?.pid);
  expect(existsSync(join(sandbox.runtime, "stopped"))).toBe(false);
});

it("daemon restart with nobody there starts one", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  expect((await sandbox.run(["daemon", "restart"])).stdout).toBe("daemon start\n");
  expect(sandbox.starts()).toHaveLength(1);
});

it("daemon restart ends where the stop was refused", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(5));
  expect((await sandbox.run(["daemon", "restart"])).code).toBe(5);
  expect(daemon.conversations).toHaveLength(1);
});

it("daemon run runs the headless way in the foreground, with the caller's environment and streams", async () => {
  const sandbox = await Sandbox.make();
  const script = 'read line; echo "$line $FOO $1"; pwd; echo err >&2; exit 5';
  sandbox.install(["app", "/no/app"], ["headless", "/bin/sh", "-c", script, "sh", "argument"]);
  const { child, ended } = sandbox.start(["daemon", "run"], {
    stdin: "pipe",
    env: { ...sandbox.env, FOO: "foo" },
  });
  child.stdin?.end("typed\n");
  expect(await ended).toMatchObject({
    code: 5,
    stdout: `typed foo argument\n${sandbox.home}\n`,
    stderr: "err\n",
  });
});

it("daemon run is the same process, so that signals reach the daemon", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(["headless", "/bin/sh", "-c", "echo $$"]);
  const { child, ended } = sandbox.start(["daemon", "run"]);
  expect((await ended).stdout).toBe(`${String(child.pid)}\n`);
});

it("daemon run is refused where one answers, and says where", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(["headless", "/bin/echo", "ran"]);
  await sandbox.serve(() => undefined);
  expect(await sandbox.run(["daemon", "run"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: `evercred: Evercred runs already, at ${sandbox.socket}. Stop it with: evercred daemon stop\n`,
  });
});

it("daemon run without a headless way says so", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(["app", "/no/app"]);
  const { code, stderr } = await sandbox.run(["daemon", "run"]);
  expect(code).toBe(4);
  expect(stderr).toContain("The daemon without a window is not installed.");
});

it("daemon run takes no more words", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(["headless", "/bin/echo", "ran"]);
  expect(await sandbox.run(["daemon", "run", "x"])).toMatchObject({ code: 2, stdout: "" });
});

it("a daemon that died without cleaning up is replaced", async () => {
  const sandbox = await Sandbox.make();
  const [kind, node, ...words] = sandbox.smallDaemon();
  const fresh = `rm -f '${sandbox.socket}'; exec "$@"`;
  sandbox.install([kind ?? "", "/bin/sh", "-c", fresh, "sh", node ?? "", ...words]);
  await sandbox.run(["x"]);
  const held = connect(sandbox.socket);
  held.on("error", () => undefined); // the end of the daemon may come as a reset
  await new Promise((resolve) => held.once("connect", resolve));
  const gone = new Promise((resolve) => held.once("close", resolve));
  endProcess(sandbox.starts()[0]?.pid ?? 0);
  await gone;
  expect((await sandbox.run(["y"])).stdout).toBe("y\n");
  expect(sandbox.starts()).toHaveLength(2);
});
