import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LoginShell, type LoginShellOptions } from "../../electron/platform/login-shell.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";

interface Terminal {
  readonly shell: LoginShell;
  readonly log: MemoryLog;
  /** The environment that it completes. */
  readonly env: Record<string, string | undefined>;
}

/** A user with a home of their own, whose files are these. */
function terminal(
  program: string,
  files: Readonly<Record<string, string>>,
  more: Partial<LoginShellOptions> = {},
): Terminal & { readonly home: string } {
  const home = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(home, name, ".."), { recursive: true });
    writeFileSync(join(home, name), text.replaceAll("HOME", home));
  }
  const log = new MemoryLog();
  const env = { HOME: home, SHELL: program, PATH: "/opt/desktop/bin:/usr/bin:/bin" };
  const shell = new LoginShell({ env, platform: "linux", shell: null, log, ...more });
  return { shell, log, home, env: { ...env } };
}

const placesOf = async ({ shell, env }: Terminal): Promise<readonly string[]> => {
  await shell.extend(env);
  return env["PATH"]?.split(":") ?? [];
};

describe("the PATH of the user's terminals", () => {
  test.each([
    ["/bin/bash", ".bash_profile", "export PATH=/opt/mine/bin:$PATH"],
    ["/bin/bash", ".profile", "case $- in *i*) export PATH=/opt/mine/bin:$PATH;; esac"],
    ["/usr/bin/zsh", ".zshrc", "path=(/opt/mine/bin $path)"],
    ["/usr/bin/zsh", ".zprofile", "export PATH=/opt/mine/bin:$PATH"],
    ["/usr/bin/fish", ".config/fish/config.fish", "set -gx PATH /opt/mine/bin $PATH"],
    ["/bin/sh", ".profile", "export PATH=/opt/mine/bin:$PATH"],
  ])("is read from %s (%s), and comes before ours", async (program, file, line) => {
    const places = await placesOf(terminal(program, { [file]: `${line}\n` }));
    expect(places).toContain("/opt/mine/bin");
    expect(places.indexOf("/opt/mine/bin")).toBeLessThan(places.indexOf("/usr/bin"));
    expect(places.filter((place) => place === "/usr/bin")).toHaveLength(1);
    expect(places).toContain("/opt/desktop/bin");
  });

  test("is found among whatever people's settings print", async () => {
    const noise = "echo Welcome; echo PATH=/evil; printf 'no newline'\nexport PATH=/opt/mine/bin\n";
    const places = await placesOf(terminal("/bin/bash", { ".bash_profile": noise }));
    expect(places).toEqual(["/opt/mine/bin", "/opt/desktop/bin", "/usr/bin", "/bin"]);
  });

  test.each(["echo debugging", 'echo "$BASH_COMMAND"'])(
    "is found where something is printed before each command: %s",
    async (command) => {
      const noise = `export PATH=/opt/mine/bin\ntrap '${command}' DEBUG\n`;
      const places = await placesOf(terminal("/bin/bash", { ".bash_profile": noise }));
      expect(places).toEqual(["/opt/mine/bin", "/opt/desktop/bin", "/usr/bin", "/bin"]);
    },
  );

  test("is read once, and not before it is needed", async () => {
    const user = terminal("/bin/bash", { ".bash_profile": "echo once >> HOME/count\n" });
    expect(() => readFileSync(join(user.home, "count"))).toThrow("ENOENT");
    await Promise.all([user.shell.extend(user.env), user.shell.extend({})]);
    await user.shell.extend(user.env);
    expect(readFileSync(join(user.home, "count"), "utf8")).toBe("once\n");
  });

  test("has no place in it that depends on where we are", async () => {
    const line = "export PATH=.:/opt/mine/bin::bin:/opt/mine/bin\n";
    const places = await placesOf(terminal("/bin/bash", { ".bash_profile": line }));
    expect(places.slice(0, 2)).toEqual(["/opt/mine/bin", "/opt/desktop/bin"]);
  });

  test("is that of the shell that the system has for the user, where SHELL says nothing", async () => {
    const files = { ".bash_profile": "export PATH=/opt/mine/bin:$PATH\n" };
    const { shell, env } = terminal("", files, { shell: "/bin/bash" });
    expect((await placesOf({ shell, env, log: new MemoryLog() }))[0]).toBe("/opt/mine/bin");
  });
});

describe("a shell that", () => {
  const unchanged = ["/opt/desktop/bin", "/usr/bin", "/bin"];

  test("does not end is killed after five seconds, with all that it has started", async () => {
    const stuck = "sleep 600 & echo $! > HOME/pid; wait\n";
    const user = terminal("/bin/bash", { ".bash_profile": stuck });
    const began = performance.now();
    expect(await placesOf(user)).toEqual(unchanged);
    expect(performance.now() - began).toBeGreaterThan(4_900);
    expect(performance.now() - began).toBeLessThan(15_000);
    const pid = Number(readFileSync(join(user.home, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 15_000 }).toBe(false);
    expect(user.log.lines).toMatchObject([{ event: "login shell: no PATH" }]);
  });

  test("ends while what it has started holds its output is waited for no longer", async () => {
    const left = "sleep 600 & echo $! > HOME/pid; exit 0\n";
    const user = terminal("/bin/bash", { ".bash_profile": left }, { limitMs: 1_000 });
    expect(await placesOf(user)).toEqual(unchanged);
    const pid = Number(readFileSync(join(user.home, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 15_000 }).toBe(false);
    expect(user.log.lines).toMatchObject([{ event: "login shell: no PATH" }]);
  });

  test("prints without end is cut off", async () => {
    const user = terminal("/bin/bash", { ".bash_profile": "yes; true\n" });
    const began = performance.now();
    expect(await placesOf(user)).toEqual(unchanged);
    expect(performance.now() - began).toBeLessThan(4_900);
  });

  test("goes on after its answer is not waited for", async () => {
    const lines = "export PATH=/opt/mine/bin:$PATH\necho $$ > HOME/pid\ntrap 'sleep 600' EXIT\n";
    const user = terminal("/bin/bash", { ".bash_profile": lines });
    const began = performance.now();
    expect((await placesOf(user))[0]).toBe("/opt/mine/bin");
    expect(performance.now() - began).toBeLessThan(4_900);
    const pid = Number(readFileSync(join(user.home, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 15_000 }).toBe(false);
  });

  test.each(["/nowhere/bash", "/usr/sbin/nologin", "/bin/false", ""])(
    "is none ('%s') changes nothing",
    async (program) => {
      expect(await placesOf(terminal(program, {}))).toEqual(unchanged);
    },
  );

  test("would have to be asked on Windows is not", async () => {
    const files = { ".bash_profile": "export PATH=/opt/mine/bin\n" };
    expect(await placesOf(terminal("/bin/bash", files, { platform: "win32" }))).toEqual(unchanged);
  });
});

/** Whether a process is there, and no zombie. */
const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe("the variables of the user's terminals", () => {
  test.each(["/bin/bash", "/bin/sh"])(
    "are read from %s, with blanks and lines in them",
    async (program) => {
      const lines =
        "export HTTPS_PROXY='http://proxy:8080'\nexport NOTE='one two\nthree'\nexport EMPTY=\n";
      const { shell } = terminal(program, { ".profile": lines });
      expect(await shell.variables(["HTTPS_PROXY", "NOTE", "EMPTY", "MISSING"])).toEqual({
        HTTPS_PROXY: "http://proxy:8080",
        NOTE: "one two\nthree",
      });
    },
  );

  test("are asked for anew each time", async () => {
    const user = terminal("/bin/bash", { ".bash_profile": "export AWS_PROFILE=one\n" });
    expect(await user.shell.variables(["AWS_PROFILE"])).toEqual({ AWS_PROFILE: "one" });
    writeFileSync(join(user.home, ".bash_profile"), "export AWS_PROFILE=two\n");
    expect(await user.shell.variables(["AWS_PROFILE"])).toEqual({ AWS_PROFILE: "two" });
  });

  test("are unknown where the shell does not answer", async () => {
    const { shell, log } = terminal("/bin/bash", { ".bash_profile": "exit 3\n" });
    expect(await shell.variables(["AWS_PROFILE"])).toBeUndefined();
    expect(log.lines).toMatchObject([{ event: "login shell: no variables" }]);
  });
});
