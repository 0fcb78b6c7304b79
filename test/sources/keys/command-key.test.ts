import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Grant, TokenCredential } from "../../../electron/core/credential.ts";
import { tokenOf } from "../../../electron/core/credential.ts";
import { EvercredError, errorOf } from "../../../electron/core/errors.ts";
import type { Source } from "../../../electron/core/source.ts";
import { never as noEnd, plus } from "../../../electron/core/time.ts";
import type { CommandKeyConfig } from "../../../electron/sources/keys/command-key.ts";
import { shellArgvOf } from "../../../electron/sources/keys/key-program.ts";
import { signInOptions } from "../../fakes/source.ts";
import { minute, never, nothing, second, startWorld, waiting, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

type More = Partial<CommandKeyConfig>;

const sourceOf = (command: CommandKeyConfig["command"], more: More = {}): Source =>
  world.sources({
    gateway: { kind: "command", command, ttl: 5 * minute, timeout: 30 * second, ...more },
  })[0]!;

/** The grant that is there by itself. */
const grantOf = async ({ shared }: Source): Promise<Grant> => {
  const found = await shared!.look(undefined, true);
  if (found.kind !== "foreign") throw new Error("There is none.");
  return found.grant;
};

const issue = async (source: Source, signal = never): Promise<TokenCredential> =>
  tokenOf(await source.issue(await grantOf(source), "gateway", signal, nothing));

const printed = async (command: CommandKeyConfig["command"], more: More = {}): Promise<string> =>
  (await issue(sourceOf(command, more))).token.reveal();

/** How a script of these lines fails. */
const failure = async (lines: string, more: More = {}): Promise<EvercredError> => {
  const source = sourceOf([await world.script("give-key", lines)], more);
  return issue(source).then(() => expect.unreachable(), errorOf);
};

const jwtEnding = (at: number): string => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ exp: at / 1000 })}.c2ln`;
};

describe("a source", () => {
  test("is what the configuration says, and needs nobody", async () => {
    const source = sourceOf(["/opt/bin/vault", "kv", "get"]);
    expect(source).toMatchObject({
      id: "gateway",
      kind: "command-key",
      title: "gateway",
      organisation: "vault",
      keptBy: "vault",
      unattended: true,
      byProgram: false,
    });
    expect([...source.offers]).toEqual([["api-key:gateway", { key: "gateway", title: "API key" }]]);
    expect(await grantOf(source)).toMatchObject({
      boundTo: source.boundTo,
      expiresAt: noEnd,
      renewable: false,
    });
    expect(sourceOf("vault kv get").keptBy).toBe("a command");
    await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "usage",
    });
    await expect(source.revoke({} as Grant, never)).resolves.toBeUndefined();
    await expect(source.renew({} as Grant, never)).rejects.toMatchObject({ code: "internal" });
    await expect(source.probe({} as Grant, never)).resolves.toBeUndefined();
    await expect(source.identify({} as Grant, never, undefined)).resolves.toBeUndefined();
    expect(source.restore((await grantOf(source)).saved)).toBeUndefined();
    expect(source.offsetMs()).toBe(0);
  });

  test("of another command is another one; how long its keys are good is not", () => {
    const { boundTo } = sourceOf(["a"]);
    expect(sourceOf(["a"], { ttl: minute, timeout: minute }).boundTo).toBe(boundTo);
    const others: readonly [CommandKeyConfig["command"], More][] = [
      [["a", "b"], {}],
      ["a", {}],
      [["a"], { env: { A: "b" } }],
      [["a"], { cwd: "/" }],
      [["a"], { signIn: ["c"] }],
    ];
    for (const [command, more] of others) expect(sourceOf(command, more).boundTo).not.toBe(boundTo);
  });

  test("has one key", async () => {
    const source = sourceOf(["echo", "sk-1"]);
    const other = source.issue(await grantOf(source), "other", never, nothing);
    await expect(other).rejects.toMatchObject({ code: "access-denied" });
  });
});

describe("what a program prints", () => {
  test.each([
    ["sk-1\n", "with the end of its line"],
    ["sk-1", "without"],
    ["\t sk-1 \r\n", "with blanks around it"],
  ])("is the key: %j, %s", async (text) => {
    expect(await printed(["printf", "%b", text])).toBe("sk-1");
  });

  test("is good for the time that the configuration gives it", async () => {
    const now = world.clock.now();
    expect(await issue(sourceOf(["echo", "sk-1"]))).toMatchObject({
      kind: "token",
      scopes: [],
      issuedAt: now,
      expiresAt: plus(now, 5 * minute),
    });
  });

  test("is good until its own end where it is a JWT that has one", async () => {
    const end = plus(world.clock.now(), 90 * minute);
    expect((await issue(sourceOf(["echo", jwtEnding(end)]))).expiresAt).toBe(end);
  });

  test("is of no use where that end has passed", async () => {
    const source = sourceOf(["echo", jwtEnding(world.clock.now())]);
    await expect(issue(source)).rejects.toMatchObject({
      code: "key-unfit",
      message: "echo prints a token that has ended already.",
    });
  });

  test.each([
    ["nothing", ":", "give-key prints nothing."],
    ["an empty line", "echo", "give-key prints nothing."],
    ["two lines", "echo sk-1; echo sk-2", "give-key prints a key that has more than one line."],
    ["two words", "echo sk-1 sk-2", "give-key prints a key that has a space in it."],
    [
      "what no header can carry",
      "printf 'sk-\\033[1m'",
      "give-key prints a key that has characters in it that no header can carry.",
    ],
    [
      "no text",
      "printf 'sk-\\377'",
      "give-key prints a key that has characters in it that no header can carry.",
    ],
    [
      "more than Claude Code takes",
      "head -c 16385 /dev/zero | tr '\\0' x",
      "give-key prints a key that is longer than 16,384 characters.",
    ],
  ])("is no key where it is %s; none of it is quoted", async (_, lines, message) => {
    const error = await failure(lines);
    expect(error).toMatchObject({ code: "key-unfit", exit: 1, message });
    expect(`${error.message} ${error.remedy}`).not.toContain("sk-");
  });

  test("is at most 64 KiB: a flood ends the program at once", async () => {
    const before = process.memoryUsage.rss();
    const error = await failure(`echo $$ > '${world.home}/pid'; exec yes`);
    expect(error).toMatchObject({
      code: "key-unfit",
      message: "give-key prints too much to be a key.",
    });
    await gone([Number(await world.read("pid"))]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });
});

/** Whether a process is there that is not just waiting to be buried. */
const runs = async (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => !/\) Z /.test(stat),
    () => false,
  );

const gone = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) await vi.waitUntil(async () => !(await runs(pid)), waiting);
};

/** The numbers in a file, once a program has written their line. */
const pidsIn = async (name: string): Promise<number[]> => {
  await vi.waitUntil(async () => (await world.read(name)).endsWith("\n"), waiting);
  return (await world.read(name)).trim().split(" ").map(Number);
};

describe("a program", () => {
  test("is run without a shell, with its arguments, in the home directory, with nothing on its stdin", async () => {
    const path = await world.script(
      "give-key",
      `read line && exit 3\nprintf '%s\\n' "$PWD" "$@" > '${world.home}/seen'\necho sk-1`,
    );
    await printed([path, "a b", "$HOME", ";", "*"]);
    expect(await world.read("seen")).toBe([world.home, "a b", "$HOME", ";", "*", ""].join("\n"));
  });

  test("is run where the configuration says, with what it says in its environment", async () => {
    vi.stubEnv("OURS", "ours");
    vi.stubEnv("VAULT_ADDR", "ours");
    const cwd = join(world.home, "sub");
    await mkdir(cwd);
    const path = await world.script("give-key", 'echo "$PWD:$OURS:$VAULT_ADDR"');
    const env = { VAULT_ADDR: "https://vault.example.com" };
    expect(await printed([path], { cwd, env })).toBe(`${cwd}:ours:https://vault.example.com`);
  });

  test("is found on the PATH that the configuration gives it", async () => {
    await mkdir(join(world.home, "bin"));
    await world.script("bin/give-key", "echo sk-1");
    const env = { PATH: `${join(world.home, "bin")}:/usr/bin:/bin` };
    expect(await printed(["give-key"], { env })).toBe("sk-1");
  });

  test("is config-invalid where its folder is not there, or is none", async () => {
    await world.script("file", "");
    for (const cwd of [join(world.home, "nowhere"), join(world.home, "file")]) {
      await expect(printed(["echo", "sk-1"], { cwd })).rejects.toMatchObject({
        code: "config-invalid",
        message: `There is no folder ${cwd}.`,
        remedy: "Correct cwd of keys.gateway in the configuration.",
      });
    }
  });

  test("is program-missing where it is nowhere, by its name and by its path", async () => {
    await expect(printed(["no-such-program"])).rejects.toMatchObject({
      code: "program-missing",
      exit: 1,
      message: "The program no-such-program is not found.",
    });
    await expect(printed(["/no/such/program"])).rejects.toMatchObject({
      code: "program-missing",
      message: "The program /no/such/program is not found.",
    });
  });

  test("is program-missing where it cannot be run, and why is said", async () => {
    const path = await world.script("give-key", "echo sk-1");
    await chmod(path, 0o600);
    await expect(printed([path])).rejects.toMatchObject({
      code: "program-missing",
      message: `The program ${path} cannot be run (EACCES).`,
    });
    await chmod(path, 0o700);
    await writeFile(path, "#!/no/such/shell\n");
    await expect(printed([path])).rejects.toMatchObject({
      code: "program-missing",
      message: `The program ${path} cannot be run (ENOENT).`,
    });
  });
});

describe("a text", () => {
  test("is run by the shell", async () => {
    vi.stubEnv("PART", "2");
    const line = 'echo "sk-1 x" | cut -d" " -f1 | tr -d "\\n"; printf "%s" "-$PART"';
    expect(await printed(line)).toBe("sk-1-2");
    const cwd = world.home;
    expect(await printed('echo "$PWD:$A"', { cwd, env: { A: "b" } })).toBe(`${cwd}:b`);
  });

  test("whose program is nowhere, or cannot be run, is program-missing", async () => {
    await expect(printed("no-such-program --key")).rejects.toMatchObject({
      code: "program-missing",
      message: expect.stringMatching(
        /^The command of gateway names a program that is not found\. It says: .*not found\.$/,
      ),
    });
    await writeFile(join(world.home, "file"), "");
    await expect(printed(`'${join(world.home, "file")}'`)).rejects.toMatchObject({
      code: "program-missing",
      message: expect.stringContaining("names a program that is not to be run."),
    });
  });

  test("that fails is named by its key", async () => {
    await expect(printed("echo no >&2; exit 3")).rejects.toMatchObject({
      message: "The command of gateway has failed (exit code 3). It says: no.",
    });
  });

  test("is given to cmd.exe on Windows, which takes the outer quotes away", () => {
    const env = { SystemRoot: "D:/Windows" };
    expect(shellArgvOf('"C:\\a b\\vault.exe" get', env, "win32").slice(1)).toEqual([
      "/d",
      "/s",
      "/c",
      '""C:\\a b\\vault.exe" get"',
    ]);
    expect(shellArgvOf("a", env, "win32")[0]).toBe("D:/Windows/System32/cmd.exe");
    expect(shellArgvOf("a; b", env, "linux")).toEqual(["/bin/sh", "-c", "a; b"]);
  });
});

describe("a program that fails", () => {
  test("is program-failed, with its exit code and the first thing it complains of", async () => {
    const error = await failure(
      `echo sk-1; printf '\\nError: \\033[31mpermission denied.\\nmore\\n' >&2; exit 2`,
    );
    expect(error).toMatchObject({
      code: "program-failed",
      exit: 1,
      message: "give-key has failed (exit code 2). It says: Error: permission denied.",
      remedy: "Run it in a terminal and see what it wants.",
    });
  });

  test("may have nothing to say", async () => {
    expect((await failure("exit 1")).message).toBe("give-key has failed (exit code 1).");
  });

  test("may be killed", async () => {
    expect(await failure("kill -9 $$")).toMatchObject({
      code: "program-failed",
      message: "give-key was killed.",
    });
  });

  test("and prints a secret as its complaint leaks nothing", async () => {
    const secret = "hvs.CAESIJ2vOq3x-8nQ7sX1tZ";
    await world.configure({
      gateway: {
        kind: "command",
        command: [await world.script("give-key", `echo 'bad token ${secret}' >&2; exit 1`)],
        ttl: minute,
        timeout: minute,
      },
    });
    const error = await world.issue("gateway").then(() => expect.unreachable(), errorOf);
    expect(error.message).toBe("give-key has failed (exit code 1). It says: bad token ….");
    const all = JSON.stringify([error.message, error.remedy, world.log.lines, String(error.cause)]);
    expect(all).not.toContain(secret);
  });

  test("is not asked to hurry by what it complains of without end", async () => {
    const error = await failure("yes permission | head -c 10000000 >&2; exit 4");
    expect(error.message).toBe("give-key has failed (exit code 4). It says: permission.");
  });
});

describe("a program that does not end", () => {
  const endless = (): Promise<string> =>
    world.script("give-key", `sleep 1000 & echo $$ $! > '${world.home}/pids'; echo sk-1; wait`);

  test("is killed when its time is over, with all that it has started", async () => {
    const failed = expect(issue(sourceOf([await endless()]))).rejects.toMatchObject({
      code: "timed-out",
      exit: 6,
      message: "give-key has not ended within 30 s.",
      remedy: "See in a terminal what it waits for, or raise timeout of keys.gateway.",
    });
    const pids = await pidsIn("pids");
    await world.clock.advance(29 * second);
    expect(await runs(pids[1]!)).toBe(true);
    await world.clock.advance(second);
    await failed;
    await gone(pids);
    expect(world.clock.pending).toEqual([]);
  });

  test("is killed where nobody waits any more", async () => {
    const stop = new AbortController();
    const reason = new EvercredError("cancelled");
    const failed = expect(issue(sourceOf([await endless()]), stop.signal)).rejects.toBe(reason);
    const pids = await pidsIn("pids");
    stop.abort(reason);
    await failed;
    await gone(pids);
    await expect(issue(sourceOf([await endless()]), stop.signal)).rejects.toBe(reason);
  });

  test("is not waited for where only a child of it holds its output; nobody hears that child", async () => {
    const child = 'trap \'\' PIPE; read line < "$0"; echo || echo nobody > "$1"';
    const pipe = join(world.home, "pipe");
    const path = await world.script(
      "give-key",
      `mkfifo '${pipe}'; sh -c '${child.replaceAll("'", "'\\''")}' '${pipe}' '${world.home}/heard' & echo sk-1`,
    );
    const key = issue(sourceOf([path]));
    await vi.waitUntil(
      () => world.clock.pending.includes(plus(world.clock.now(), second)),
      waiting,
    );
    await world.clock.advance(second);
    expect((await key).token.reveal()).toBe("sk-1");
    expect(world.clock.pending).toEqual([]);
    await writeFile(pipe, "\n");
    await vi.waitUntil(async () => (await world.read("heard")) === "nobody\n", waiting);
  });
});
