import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asksInPython, asksInShell, isRoot, python, Rig } from "./callers-rig.ts";

const awk = realpathSync("/usr/bin/awk");

let rig: Rig;

beforeEach(async () => {
  rig = await Rig.make();
});

afterEach(() => {
  expect(rig.log.lines).toEqual([]);
});

describe("what only runs the words that it is given counts not at all", () => {
  test.each<readonly [string, readonly string[]]>([
    ["a shell", ["/bin/sh", "-c", asksInShell]],
    ["a shell in a shell", ["/bin/bash", "-c", `/bin/sh -c '${asksInShell}'; exit`]],
    ["timeout", ["/usr/bin/timeout", "10", "/bin/sh", "-c", asksInShell]],
    ["env", ["/usr/bin/env", "A=b", "/bin/sh", "-c", asksInShell]],
    ["nohup", ["/usr/bin/nohup", "/bin/sh", "-c", asksInShell]],
    ["setsid", ["/usr/bin/setsid", "-fw", "/bin/sh", "-c", asksInShell]],
    ["dbus-run-session", ["/usr/bin/dbus-run-session", "--", "/bin/sh", "-c", asksInShell]],
    ["unshare", ["/usr/bin/unshare", "-f", "/bin/sh", "-c", asksInShell]],
  ])("%s", async (_what, words) => {
    const script = rig.write(
      "agent.py",
      `import subprocess; subprocess.run(${JSON.stringify(words)}, stdin=subprocess.DEVNULL)\n`,
    );
    const { name, parents } = await rig.programOf(python, script);
    expect(name).toBe("agent.py");
    expect(parents).not.toContain("sh");
    expect(parents).not.toContain("timeout");
  });

  test("a script of the system's that only runs its words, xvfb-run; no copy of it", async () => {
    const system = "/usr/bin/xvfb-run";
    const words = ["-a", "/bin/sh", "-c", asksInShell];
    const script = rig.write(
      "agent.py",
      `import subprocess, sys; subprocess.run(["/bin/sh", sys.argv[1], *${JSON.stringify(words)}], stdin=subprocess.DEVNULL)\n`,
    );
    expect((await rig.programOf(python, script, system)).name).toBe("agent.py");
    const copy = rig.write("bin/xvfb-run", readFileSync(system, "utf8"));
    if (isRoot) chownSync(copy, 1_000, 1_000);
    expect((await rig.programOf(python, script, copy)).name).toBe("xvfb-run");
  });

  test("a shell at a terminal", async () => {
    const script = rig.write(
      "agent.py",
      `import os, pty
pid, terminal = pty.fork()
if pid == 0: os.execv("/bin/sh", ["sh"])
os.write(terminal, b${JSON.stringify(asksInShell)})
os.waitpid(pid, 0)
`,
    );
    expect((await rig.programOf(python, script)).name).toBe("agent.py");
  });

  test("our shim, also as a copy; not a program of that name", async () => {
    const script = rig.write(
      "agent.py",
      'import subprocess, sys; subprocess.run([sys.argv[1], "10", "/bin/sh", "-c", "$EVERCRED x; exit"])\n',
    );
    const named = rig.copy("evercred");
    expect((await rig.programOf(python, script, named)).path).toBe(named);
    const copied = join(rig.sandbox.home, "bin/evercred");
    mkdirSync(dirname(copied));
    copyFileSync(rig.sandbox.shim, copied);
    const direct = rig.write(
      "direct.py",
      'import subprocess, sys; subprocess.run([sys.argv[1], "x"])\n',
    );
    expect((await rig.programOf(python, direct, copied)).name).toBe("direct.py");
    const bytes = readFileSync(copied);
    bytes[bytes.length - 1]! ^= 1;
    rmSync(copied);
    writeFileSync(copied, bytes, { mode: 0o755 });
    expect((await rig.programOf(python, direct, copied)).path).toBe(copied);
    expect((await rig.programOf(python, direct, rig.sandbox.shim)).name).toBe("direct.py");
  });

  test.skipIf(!isRoot)("only where it is the system's: a name alone is no proof", async () => {
    const script = rig.write(
      "agent.py",
      "import subprocess, sys; subprocess.run([sys.argv[1], *sys.argv[2:]])\n",
    );
    const [wrapper, shell] = [rig.copy("mine/timeout"), rig.copy("mine/bash")];
    chownSync(dirname(wrapper), 1_000, 1_000);
    chmodSync(rig.sandbox.folder, 0o755);
    const words = ["10", "/bin/sh", "-c", asksInShell];
    expect((await rig.programOf(python, script, wrapper, ...words)).identity).toBe(wrapper);
    const told = await rig.programOf(python, script, shell, ...words);
    expect(told).toMatchObject({ path: shell, identity: undefined });
    chownSync(dirname(wrapper), 0, 0);
    chownSync(wrapper, 1_000, 1_000);
    expect((await rig.programOf(python, script, wrapper, ...words)).path).toBe(wrapper);
  });

  test.skipIf(!isRoot)("nor where its group or everybody may write it or its folder", async () => {
    const script = rig.write(
      "agent.py",
      "import subprocess, sys; subprocess.run([sys.argv[1], *sys.argv[2:]])\n",
    );
    const wrapper = rig.copy("mine/timeout");
    const [file, folder] = [wrapper, dirname(wrapper)];
    const askers: string[] = [];
    for (const [ofFile, ofFolder] of [
      [0o755, 0o755],
      [0o775, 0o755],
      [0o757, 0o755],
      [0o755, 0o775],
      [0o755, 0o757],
    ] as const) {
      chmodSync(file, ofFile);
      chmodSync(folder, ofFolder);
      const { name } = await rig.programOf(
        python,
        script,
        wrapper,
        "10",
        "/bin/sh",
        "-c",
        asksInShell,
      );
      askers.push(name);
    }
    expect(askers).toEqual(["agent.py", "timeout", "timeout", "timeout", "timeout"]);
  });

  test("parents are those that count themselves, the nearest first", async () => {
    const inner = rig.write("inner.py", asksInPython);
    const outer = rig.copy("outer");
    const script = rig.write(
      "middle.py",
      `import subprocess, sys; subprocess.run(["/bin/sh", "-c", "${python} ${inner}; exit"])\n`,
    );
    const { name, parents } = await rig.programOf(outer, "10", python, script);
    expect(name).toBe("inner.py");
    expect(parents.slice(0, 2)).toEqual(["middle.py", "outer"]);
    expect(parents.length).toBeLessThanOrEqual(16);
  });
});

describe("what runs what somebody else may have written is not told from others", () => {
  test.each<readonly [string, string, readonly string[]]>([
    ["a shell that reads from a pipe", "bash", ["/bin/sh", "-c", "cat asks.sh | /bin/bash; exit"]],
    ["a shell with -s", "dash", ["/bin/sh", "-c", "cat asks.sh | /bin/dash -s x; exit"]],
    ["a shell that reads from a file", "bash", ["/bin/sh", "-c", "/bin/bash < asks.sh; exit"]],
    ["bash with -norc", "bash", ["/bin/bash", "-norc", "asks.sh"]],
    ["bash with -posix", "bash", ["/bin/bash", "-posix", "asks.sh"]],
    ["xargs", "xargs", ["/bin/sh", "-c", 'echo x | xargs "$EVERCRED"; exit']],
    ["find", "find", ["/usr/bin/find", "asks.sh", "-exec", "/bin/sh", "-c", asksInShell, ";"]],
    ["make", "make", ["/usr/bin/make", "-s"]],
    ["awk", basename(awk), [awk, `BEGIN { system("$EVERCRED x; exit") }`]],
    ["git", "git", ["/usr/bin/git", "-c", `alias.x=!$EVERCRED x; exit`, "x"]],
  ])("%s", async (_what, name, words) => {
    rig.write("asks.sh", asksInShell);
    rig.write("Makefile", 'all:\n\t@"$$EVERCRED" x; exit\n');
    const agent = rig.write(
      "agent.py",
      `import subprocess; subprocess.run(${JSON.stringify(words)}, stdin=subprocess.DEVNULL)\n`,
    );
    expect(await rig.programOf(python, agent)).toMatchObject({ name, identity: undefined });
  });

  test("nor is it by its script, of whatever ending", async () => {
    for (const name of ["parallel", "npm.py"]) {
      const script = rig.write(name, asksInPython);
      expect(await rig.programOf(python, script)).toMatchObject({ name, identity: undefined });
    }
  });
});
