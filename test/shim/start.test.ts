import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished, vi } from "vitest";
import { anotherUser, endProcess, follow, isRoot, Sandbox } from "./sandbox.ts";

it("if nobody answers, the app that the shim is installed with is started, then asked", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  expect(await sandbox.run(["aws", "export"])).toMatchObject({ code: 0, stdout: "aws export\n" });
  expect(sandbox.starts()).toHaveLength(1);
  expect(await sandbox.run(["again"])).toMatchObject({ code: 0, stdout: "again\n", stderr: "" });
  expect(sandbox.starts()).toHaveLength(1);
});

it("twenty callers at once start one daemon, and all are answered", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  const callers = Array.from({ length: 20 }, (_, i) => sandbox.run([`caller-${String(i)}`]));
  const ended = await Promise.all(callers);
  expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(
    ended.map((_, i) => [0, `caller-${String(i)}\n`]),
  );
  expect(sandbox.starts()).toHaveLength(1);
});

it("the daemon has an environment, a folder, a session and descriptors of its own", async () => {
  const sandbox = await Sandbox.make();
  const [kind, node, ...words] = sandbox.smallDaemon();
  const report = join(sandbox.folder, "report");
  const look = `(ls -l /proc/$$/fd > '${report}'); exec "$@"`;
  sandbox.install([kind ?? "", "/bin/sh", "-c", look, "sh", node ?? "", ...words, "--background"]);
  const kept = {
    LC_TIME: "C",
    XDG_CURRENT_DESKTOP: "x",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere",
    https_proxy: "http://proxy",
    EVERCRED_KEYCHAIN: "memory",
    AWS_PROFILE: "dev",
  };
  const dropped = {
    NODE_OPTIONS: "",
    LD_LIBRARY_PATH: "/x",
    AWS_SECRET_ACCESS_KEY: "x",
    CLAUDE_CODE_CLIENT_CERT: "/x",
    CLAUDE_CODE_CLIENT_KEY: "/x",
    CLAUDE_CODE_CLIENT_KEY_PASSPHRASE: "x",
    LCX: "x",
    FOO: "x",
  };
  const running = sandbox.start(["x"], {
    env: { ...sandbox.env, ...kept, ...dropped },
    more: ["pipe", "pipe"],
  });
  expect((await running.ended).code).toBe(0);
  // Held by the shim alone: a daemon that had inherited the descriptors would keep these open.
  await Promise.all(
    [3, 4].map(async (fd) => {
      const pipe = running.child.stdio[fd];
      if (!(pipe instanceof Readable)) throw new Error("The descriptor is not a pipe.");
      expect(await text(pipe)).toBe("");
    }),
  );

  const [start] = sandbox.starts();
  const madeBySh = ["PWD", "OLDPWD", "SHLVL", "_"];
  const env = Object.fromEntries(
    Object.entries(start?.env ?? {}).filter(([name]) => !madeBySh.includes(name)),
  );
  expect(env).toEqual({ ...sandbox.env, ...kept });
  expect(start?.argv.at(-1)).toBe("--background");
  expect({ cwd: start?.cwd, umask: start?.umask }).toEqual({ cwd: "/", umask: 0o077 });
  expect(readFileSync(report, "utf8").match(/\d+ -> .*/g)).toEqual([
    "0 -> /dev/null",
    "1 -> /dev/null",
    "2 -> /dev/null",
  ]);
  const stat = readFileSync(`/proc/${String(start?.pid)}/stat`, "utf8");
  const [, parent, , session, terminal] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  expect({ session, terminal }).toEqual({ session: String(start?.pid), terminal: "0" });
  expect(parent).not.toBe(String(running.child.pid));
});

it("the daemon is no child of the program that is run afterwards", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  const look = "import os; print(os.waitpid(-1, os.WNOHANG))"; // fails where there is no child at all
  const { stderr } = await sandbox.run(["exec", "--", "/usr/bin/python3", "-c", look]);
  expect(stderr).toContain("ChildProcessError");
  expect(sandbox.starts()).toHaveLength(1);
});

it("the wait is said on stderr once it lasts, and not on stdout", async () => {
  const sandbox = await Sandbox.make();
  const [kind, node, ...words] = sandbox.smallDaemon();
  const slow = 'sleep 0.5; exec "$@"';
  sandbox.install([kind ?? "", "/bin/sh", "-c", slow, "sh", node ?? "", ...words]);
  expect(await sandbox.run(["x"])).toEqual({
    code: 0,
    signal: null,
    stdout: "x\n",
    stderr: "Starting Evercred…\n",
  });
});

it("a way that ends without an answer is followed by the next", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(
    ["headless", "/bin/sh", "-c", "exit 3"],
    ["headless", "/no/such/program"],
    sandbox.smallDaemon(),
  );
  expect(await sandbox.run(["x"])).toMatchObject({ code: 0, stdout: "x\n" });
});

it("without a display the app is passed over", async () => {
  const sandbox = await Sandbox.make();
  const trace = join(sandbox.folder, "app");
  sandbox.install(["app", "/bin/sh", "-c", `touch '${trace}'`], sandbox.smallDaemon());
  expect((await sandbox.run(["x"])).code).toBe(0);
  expect(existsSync(trace)).toBe(false);
});

it("where there is nothing but the app, and no display, it says what to do about it", async () => {
  const sandbox = await Sandbox.make();
  const trace = join(sandbox.folder, "app");
  sandbox.install(["app", "/bin/sh", "-c", `touch '${trace}'`]);
  expect(await sandbox.run(["x"])).toEqual({
    code: 4,
    signal: null,
    stdout: "",
    stderr:
      "evercred: The app needs a display, and there is none. Start it on the desktop; on a computer without one install the deb evercred-headless, which takes the place of the app.\n",
  });
  expect(existsSync(trace)).toBe(false);
});

it.each(["DISPLAY", "WAYLAND_DISPLAY"])("with %s the app is started", async (name) => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon("app"));
  expect((await sandbox.run(["x"], { env: { ...sandbox.env, [name]: "x" } })).code).toBe(0);
});

it("a relative program is looked for beside the shim, also through a link to it", async () => {
  const sandbox = await Sandbox.make();
  const [kind, , ...words] = sandbox.smallDaemon();
  writeFileSync(join(sandbox.installed, "node"), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, {
    mode: 0o755,
  });
  sandbox.install([kind ?? "", "../bin/node", ...words]);
  const link = join(sandbox.home, "evercred");
  symlinkSync(sandbox.shim, link);
  expect((await follow(spawn(link, ["x"], { env: sandbox.env }))).stdout).toBe("x\n");
});

it("comments and empty lines of the launch file are skipped", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(["# a comment"], [""], sandbox.smallDaemon());
  expect((await sandbox.run(["x"])).code).toBe(0);
});

it("when none can be started it says what was tried, where the log is and its last line", async () => {
  const sandbox = await Sandbox.make();
  mkdirSync(sandbox.state, { recursive: true, mode: 0o700 });
  writeFileSync(
    join(sandbox.state, "evercred.log"),
    `${"x".repeat(9000)}\nold\nthe keychain \u001b[1m hangs\n`,
  );
  sandbox.install(
    ["app", "/opt/app"],
    ["headless", "/no/such/program"],
    ["headless", "/bin/sh", "-c", "exit 9"],
    ["headless", "/bin/sh", "-c", "kill -9 $$"],
  );
  expect(await sandbox.run(["x"])).toEqual({
    code: 4,
    signal: null,
    stdout: "",
    stderr: [
      "evercred: Evercred could not be started. To see why, run: evercred daemon run",
      "  /opt/app: needs a display, and there is none",
      "  /no/such/program: No such file or directory",
      "  /bin/sh: ended with exit status 9",
      "  /bin/sh: ended by signal 9",
      `  Log: ${sandbox.state}/evercred.log: the keychain ?[1m hangs`,
      "",
    ].join("\n"),
  });
});

it("a caller that ignores its children's ends still learns how the daemon ended", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(["headless", "/bin/sh", "-c", "exit 9"]);
  const script =
    "import os,signal,sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
  const child = spawn("/usr/bin/python3", ["-c", script, sandbox.shim, "x"], { env: sandbox.env });
  const { code, stderr } = await follow(child);
  expect(code).toBe(4);
  expect(stderr).toContain("ended with exit status 9");
});

it("a way that never answers is given up after ten seconds; who waits for another's start looks ever more seldom", async () => {
  const sandbox = await Sandbox.make();
  const pids = join(sandbox.folder, "pids");
  sandbox.install(["headless", "/bin/sh", "-c", `echo $$ >> '${pids}'; exec sleep 60`]);
  onTestFinished(() => {
    for (const pid of readFileSync(pids, "utf8").trimEnd().split("\n")) endProcess(Number(pid));
  });
  const first = sandbox.run(["x"]);
  await vi.waitFor(() => expect(existsSync(pids)).toBe(true), { timeout: 5_000 });
  // How often it has given up the processor of itself.
  const script = `
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw)`;
  const second = spawn("/usr/bin/python3", ["-c", script, sandbox.shim, "x"], { env: sandbox.env });
  const looks = follow(second);
  const { code, stderr } = await first;
  expect(code).toBe(4);
  expect(stderr).toContain("/bin/sh: no answer within 10 s\n");
  expect(stderr).toContain("evercred.log (empty)\n");
  // Every 20 ms for ten seconds would be five hundred times.
  expect(Number((await looks).stdout)).toBeLessThan(200);
});

it("Ctrl-C while it waits exits 130 and leaves no helper behind", async () => {
  const sandbox = await Sandbox.make();
  const pid = join(sandbox.folder, "pid");
  sandbox.install(["headless", "/bin/sh", "-c", `echo $$ > '${pid}'; exec sleep 60`]);
  onTestFinished(() => endProcess(Number(readFileSync(pid, "utf8"))));
  const { child, ended } = sandbox.start(["x"]);
  // "Starting" is said; stdout and stderr close only when the helper has ended too.
  child.stderr?.once("data", () => child.kill("SIGINT"));
  expect((await ended).code).toBe(130);
  expect(existsSync(`/proc/${readFileSync(pid, "utf8").trim()}`)).toBe(true);
});

it("a shim without its launch file says that it is not installed with its app", async () => {
  const sandbox = await Sandbox.make();
  expect(await sandbox.run(["x"])).toMatchObject({
    code: 4,
    stderr: `evercred: This shim is not installed with its app: ${sandbox.installed}/evercred.launch is missing. Start the app instead.\n`,
  });
  expect(existsSync(sandbox.state)).toBe(false);
});

const spoiledLaunchFiles = [
  { what: "a group may write", spoil: (file: string) => chmodSync(file, 0o664) },
  { what: "everybody may write", spoil: (file: string) => chmodSync(file, 0o646) },
  {
    what: "is another user's",
    spoil: (file: string) => chownSync(file, anotherUser, anotherUser),
    needsRoot: true,
  },
  {
    what: "is a folder",
    spoil: (file: string) => {
      rmSync(file);
      mkdirSync(file);
    },
  },
];

for (const { what, spoil, needsRoot = false } of spoiledLaunchFiles) {
  it.skipIf(needsRoot && !isRoot)(`a launch file that ${what} is refused`, async () => {
    const sandbox = await Sandbox.make();
    const trace = join(sandbox.folder, "started");
    const file = sandbox.install(["headless", "/bin/sh", "-c", `touch '${trace}'`]);
    spoil(file);
    expect(await sandbox.run(["x"])).toMatchObject({
      code: 4,
      stderr: `evercred: Others may change ${file}. Install Evercred again.\n`,
    });
    expect(existsSync(trace)).toBe(false);
  });
}

it.each([
  ["an unknown kind", ["window\t/bin/true"]],
  ["no program", ["app"]],
  ["too many words", [`headless\t${"x\t".repeat(40)}`]],
  ["too many lines", Array.from({ length: 9 }, () => "headless\t/bin/true")],
  ["too much text", ["#".repeat(20_000)]],
])("a launch file of %s is refused", async (_what, lines) => {
  const sandbox = await Sandbox.make();
  sandbox.install(...lines.map((line) => [line]));
  const { code, stderr } = await sandbox.run(["x"]);
  expect(code).toBe(4);
  expect(stderr).toContain(`${sandbox.installed}/evercred.launch`);
  expect(stderr).toContain("Install Evercred again.\n");
});

it("after Quit nothing is started until it is started by hand", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  const marker = join(sandbox.runtime, "stopped");
  writeFileSync(marker, "");
  expect(await sandbox.run(["x"])).toMatchObject({
    code: 4,
    stderr: "evercred: Evercred was stopped. Start it with: evercred daemon start\n",
  });
  expect(sandbox.starts()).toEqual([]);

  expect(await sandbox.run(["daemon", "start"])).toMatchObject({
    code: 0,
    stdout: "daemon start\n",
  });
  expect(existsSync(marker)).toBe(false);
  expect(sandbox.starts()).toHaveLength(1);
});

it("a daemon that runs is asked whether there was a Quit or not", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.exit(0));
  writeFileSync(join(sandbox.runtime, "stopped"), "");
  expect((await sandbox.run(["x"])).code).toBe(0);
});

it("the state folder is made for the user alone", async () => {
  const sandbox = await Sandbox.make();
  sandbox.install(sandbox.smallDaemon());
  await sandbox.run(["x"]);
  expect(statSync(sandbox.state).mode & 0o777).toBe(0o700);
  expect(statSync(join(sandbox.state, "start.lock")).mode & 0o777).toBe(0o600);
});

it("a socket that nobody listens on any more is nobody", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(() => undefined);
  linkSync(sandbox.socket, `${sandbox.socket}.kept`);
  await daemon.close();
  renameSync(`${sandbox.socket}.kept`, sandbox.socket);
  expect((await sandbox.run(["daemon", "stop"])).stdout).toBe("Evercred is not running.\n");
});
