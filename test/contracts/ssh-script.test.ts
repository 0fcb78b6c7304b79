import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { sshScript } from "../../electron/commands/ssh-script.ts";

/**
 * An ssh that notes how it is called, and is its own other side: what a host's login shell would run, it runs here.
 * MASTER and FORWARD are what the connection and the forwarding end with, ANSWER is what mktemp is said to print.
 */
const fakeSsh = String.raw`#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
for last; do :; done
case $* in
  *' -f -N '*) exit "$MASTER" ;;
  *' -O forward '*) exit "$FORWARD" ;;
  *' -O exit '*) exit 0 ;;
  *mktemp*) [ -z "$ANSWER" ] || { printf '%b\n' "$ANSWER"; exit 0; } ;;
esac
exec "$LOGIN" -c "$last"
`;

const shells = [["dash"], ["bash", "--posix"]] as const;

let folder: string;
let env: Record<string, string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "evercred-ssh-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  for (const name of ["bin", "bridge", "work"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "bin", "ssh"), fakeSsh, { mode: 0o755 });
  writeFileSync(join(folder, "bin", "evercred"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(folder, "bridge", "token"), "the token");
  env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"]!}`,
    HOME: folder,
    TMPDIR: join(folder, "work"),
    CALLS: join(folder, "calls"),
    LOGIN: "/bin/sh",
    MASTER: "0",
    FORWARD: "0",
    ANSWER: "",
  };
});

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** What the shim does: its own connection stays open on descriptor 3. */
const start = (words: readonly string[], shell: readonly string[] = shells[0]): Run => {
  const [program, ...options] = shell;
  const argv = [...options, "-c", sshScript, "evercred-bridge", "box", join(folder, "bridge")];
  const child = spawn(program!, [...argv, ...words], {
    env,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const ended = Promise.all([exited, text(child.stdout), text(child.stderr)]).then(
    ([exit, stdout, stderr]) => ({ exit, stdout, stderr }),
  );
  return { child, ended };
};

const run = (words: readonly string[], shell?: readonly string[], input = ""): Promise<Ended> => {
  const { child, ended } = start(words, shell);
  child.stdin!.end(input);
  return ended;
};

/** How ssh was called, with the places that differ each time under short names. */
const calls = (): readonly string[] =>
  readFileSync(env["CALLS"]!, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/\S*\/work\/\S*\/control/g, "CONTROL")
        .replaceAll(/\/tmp\/evercred-bridge-\w+/g, "THERE")
        .replaceAll(folder, "HERE"),
    );

const quiet = "-T -o RemoteCommand=none -o BatchMode=yes -o ConnectTimeout=5";

/** What is left of a run, here and there. */
const left = (): readonly string[] => {
  const there = /\/tmp\/evercred-bridge-\w+/.exec(readFileSync(env["CALLS"]!, "utf8"))?.[0];
  const isThere = there !== undefined && !there.endsWith("XXXX") && existsSync(there);
  return [...readdirSync(join(folder, "work")), ...(isThere ? [there] : [])];
};

describe.each(shells.map((shell) => ({ shell })))("run by $shell", ({ shell }) => {
  test("is understood", () => {
    const [program, ...options] = shell;
    const { status, stderr } = spawnSync(program, [...options, "-n"], { input: sshScript });
    expect([status, stderr.toString()]).toEqual([0, ""]);
  });

  test("opens one connection, gives it what it needs, runs the command, and clears up", async () => {
    const command = 'echo "$EVERCRED_BRIDGE"; cat "$EVERCRED_BRIDGE/token"; exit 7';
    const { exit, stdout, stderr } = await run(["sh", "-c", command], shell);
    expect({ exit, stderr }).toEqual({ exit: 7, stderr: "" });
    expect(stdout).toMatch(/^\/tmp\/evercred-bridge-\w+\nthe token$/);
    expect(calls()).toEqual([
      "-M -S CONTROL -f -N -o RemoteCommand=none -- box",
      `-S CONTROL ${quiet} -- box mktemp -d THERE`,
      `-S CONTROL ${quiet} -- box umask 077; cat >THERE/token`,
      `-S CONTROL ${quiet} -- box umask 077; cat >THERE/order`,
      "-S CONTROL -O forward -R THERE/socket:HERE/bridge/socket -- box",
      "-S CONTROL -T -o RemoteCommand=none -- box exec sh THERE/order",
      `-S CONTROL ${quiet} -- box rm -rf THERE`,
      "-S CONTROL -O exit -- box",
    ]);
    expect(left()).toEqual([]);
  });

  test("gives the command its words as they are, and its input", async () => {
    const words = [
      "it's",
      "a\nb\n",
      "$(id) `id` $HOME",
      "\\ \\\\ \\n",
      "",
      "*",
      "'",
      "''",
      '"',
      "-n",
    ];
    const show = 'for word; do printf "<%s>" "$word"; done; cat';
    const { stdout } = await run(["sh", "-c", show, "sh", ...words], shell, "typed");
    expect(stdout).toBe(`${words.map((word) => `<${word}>`).join("")}typed`);
  });

  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("clears up at %s, without waiting for the command", async (signal, code) => {
    const { child, ended } = start(["sh", "-c", "echo up; exec sleep 60"], shell);
    await new Promise((resolve) => child.stdout!.once("data", resolve));
    child.kill(signal);
    expect((await ended).exit).toBe(code);
    expect(calls().slice(-2)).toEqual([
      `-S CONTROL ${quiet} -- box rm -rf THERE`,
      "-S CONTROL -O exit -- box",
    ]);
    expect(left()).toEqual([]);
  });

  test("keeps the connection to the daemon open until its end", async () => {
    const { child, ended } = start(["sh", "-c", "echo up; read line"], shell);
    const connection = child.stdio[3] as NodeJS.ReadableStream;
    let open = true;
    connection.on("end", () => {
      open = false;
    });
    connection.resume();
    await new Promise((resolve) => child.stdout!.once("data", resolve));
    // What would have been closed before is told by now.
    await new Promise((resolve) => setImmediate(resolve));
    expect(open).toBe(true);
    child.stdin!.end("\n");
    await ended;
    await expect.poll(() => open).toBe(false);
  });
});

test.each(["bash", "zsh", "fish"])("%s may be the shell that greets us there", async (login) => {
  env["LOGIN"] = login;
  const { exit, stdout, stderr } = await run(["sh", "-c", 'cat "$EVERCRED_BRIDGE/token"']);
  expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "the token", stderr: "" });
  expect(left()).toEqual([]);
});

test("without a command it is the login shell there", async () => {
  env["SHELL"] = join(folder, "bin", "shell");
  writeFileSync(env["SHELL"], '#!/bin/sh\necho "$EVERCRED_BRIDGE $*"\n', { mode: 0o755 });
  expect((await run([])).stdout).toMatch(/^\/tmp\/evercred-bridge-\w+ -l\n$/);
});

test("says so where there is no evercred there", async () => {
  rmSync(join(folder, "bin", "evercred"));
  expect(await run(["true"])).toMatchObject({
    exit: 0,
    stderr: "evercred: There is no evercred in the PATH of box yet.\n",
  });
});

test("what a login shell says first does no harm", async () => {
  const there = mkdtempSync("/tmp/evercred-bridge-");
  env["ANSWER"] = `Welcome to box!\\n${there}`;
  expect(await run(["true"])).toMatchObject({ exit: 0 });
  expect(existsSync(there)).toBe(false);
});

describe("ends with 125 and forwards nothing where the host", () => {
  const forwarded = (): boolean => calls().some((call) => call.includes("-O forward"));

  test("cannot be reached", async () => {
    env["MASTER"] = "255";
    const { exit, stderr } = await run(["true"]);
    expect({ exit, stderr }).toEqual({ exit: 125, stderr: "evercred: ssh does not reach box.\n" });
    expect(forwarded()).toBe(false);
    expect(left()).toEqual([]);
  });

  test.each([
    "/tmp/evercred-bridge-x:/run/user/1000/agent",
    "/tmp/evercred-bridge-x y",
    "/tmp/evercred-bridge-x;touch canary",
    "/tmp/evercred-bridge-../../etc",
    "/etc",
    "no such command",
  ])("answers %j", async (answer) => {
    env["ANSWER"] = answer;
    expect(await run(["true"])).toMatchObject({ exit: 125, stdout: "" });
    expect(forwarded()).toBe(false);
    expect(calls().filter((call) => call.includes("rm -rf"))).toEqual([]);
    expect(left()).toEqual([]);
  });

  test("forwards no sockets; what was made there is gone", async () => {
    env["FORWARD"] = "255";
    const { exit, stderr } = await run(["true"]);
    expect(exit).toBe(125);
    expect(stderr).toContain("AllowStreamLocalForwarding");
    expect(left()).toEqual([]);
  });
});
