import { spawnSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { realPlace } from "../../electron/platform/process-file.ts";
import {
  asksInNode,
  asksInPython,
  asksInShell,
  isRoot,
  python,
  Rig,
  timeout,
} from "./callers-rig.ts";

let rig: Rig;

beforeEach(async () => {
  rig = await Rig.make();
});

afterEach(() => {
  expect(rig.log.lines).toEqual([]);
});

describe("an interpreter counts with its script", () => {
  test("in Python, by the script's real path, from whatever folder and through whatever link", async () => {
    const script = rig.write("scripts/deploy.py", asksInPython);
    const link = join(rig.sandbox.home, "link.py");
    symlinkSync(script, link);
    const told = {
      name: "deploy.py",
      path: python,
      identity: `${python}\0${script}`,
    };
    expect(await rig.programOf("/usr/bin/python3", script, "x")).toMatchObject(told);
    expect(await rig.programOf("/usr/bin/python3", "-uB", "-W", "error", link)).toMatchObject(told);
    const home = rig.sandbox.home;
    expect(await rig.programOf(python, `${home}/scripts/../scripts/deploy.py`)).toMatchObject(told);
    const other = rig.write("other/deploy.py", asksInPython);
    expect((await rig.programOf("/usr/bin/python3", other)).identity).toBe(`${python}\0${other}`);
  });

  test("in Node", async () => {
    const script = rig.write("node_modules/@example/agent/cli.js", asksInNode);
    const node = realpathSync(process.execPath);
    expect(await rig.programOf(process.execPath, "--no-warnings", script)).toMatchObject({
      name: "agent",
      path: node,
      identity: `${node}\0${script}`,
    });
  });

  test("in a shell", async () => {
    const script = rig.write("deploy.sh", `#!/bin/sh\n${asksInShell}`, 0o755);
    const dash = realpathSync("/bin/sh");
    const bash = realpathSync("/bin/bash");
    const told = { name: "deploy.sh", path: dash, identity: `${dash}\0${script}` };
    expect(await rig.programOf(script)).toMatchObject(told);
    expect(await rig.programOf("/bin/sh", "-e", script, "-c")).toMatchObject(told);
    expect(await rig.programOf("/bin/bash", "-euo", "pipefail", script)).toMatchObject({
      path: bash,
      identity: `${bash}\0${script}`,
    });
  });

  test("and is not told from others where it has none", async () => {
    const folder = dirname(rig.write("asks.py", asksInPython));
    rig.write("test", asksInPython);
    const unknown = { path: python, identity: undefined };
    expect(await rig.programOf(python, "-c", asksInPython)).toMatchObject({
      ...unknown,
      name: basename(python),
    });
    expect(await rig.programOf(python, "-m", "asks")).toMatchObject({
      ...unknown,
      name: `${basename(python)} -m asks`,
    });
    expect(await rig.programOf("/bin/sh", "-c", `cat asks.py | ${python} -; exit`)).toMatchObject(
      unknown,
    );
    expect(
      await rig.programOf("/bin/bash", "-c", `${python} <(cat ${folder}/asks.py); exit`),
    ).toMatchObject(unknown);
    expect(await rig.programOf(python, "test")).toMatchObject(unknown);
    expect(await rig.programOf(process.execPath, "-e", asksInNode)).toMatchObject({
      name: "node",
      identity: undefined,
    });
    expect(
      await rig.programOf(process.execPath, "-r", rig.write("asks.cjs", asksInNode), "-e", "0"),
    ).toMatchObject({ name: "node", identity: undefined });
  });

  test("nor by a relative name: it may be in another folder by now", async () => {
    const trusted = dirname(rig.write("trusted/main.py", "pass\n"));
    rig.write("main.py", `import os; os.chdir(${JSON.stringify(trusted)})\n${asksInPython}`);
    rig.write("tool/__main__.py", asksInPython);
    rig.write("__main__.py", asksInPython);
    // There is one in the folder that we are in.
    rig.write("package.json", asksInPython);
    const unknown = { path: python, identity: undefined };
    for (const [word, name] of [
      ["main.py", "main.py"],
      ["./main.py", "main.py"],
      ["tool/__main__.py", "tool"],
      ["./__main__.py", basename(python)],
      ["package.json", "package.json"],
    ] as const) {
      expect(await rig.programOf(python, word)).toMatchObject({ ...unknown, name });
    }
  });

  test("nor with what is read behind the script", async () => {
    const trusted = rig.write("trusted.py", "pass\n");
    rig.write("asks.py", asksInPython);
    const line = `${python} -i ${trusted} < asks.py 2> /dev/null; exit`;
    expect(await rig.programOf("/bin/sh", "-c", line)).toMatchObject({
      path: python,
      identity: undefined,
    });
  });

  test("nor by a name that leads somewhere else for each process", async () => {
    rig.write("asks.py", asksInPython);
    for (const name of ["/dev/stdin", "/proc/self/fd/0"]) {
      const line = `${python} ${name} < asks.py; exit`;
      expect((await rig.programOf("/bin/sh", "-c", line)).identity).toBeUndefined();
    }
    // Ours is a file.
    expect(realPlace("/proc/self/exe")).toBeUndefined();
  });

  test.skipIf(!isRoot)("nor where it sees another file there than we do", async () => {
    const script = rig.write("deploy.py", "");
    const other = rig.write("other.py", asksInPython);
    const mounted = `mount --bind '${other}' '${script}' && ${python} '${script}'; exit`;
    const told = await rig.programOf("/usr/bin/unshare", "-m", "/bin/sh", "-c", mounted);
    expect(told).toMatchObject({ path: python, identity: undefined });
  });

  test("a program that has rewritten its command line is not told from others", async () => {
    const script = rig.write("titled.cjs", `process.title = "claude"; ${asksInNode}`);
    expect(await rig.programOf(process.execPath, script)).toMatchObject({
      name: "node",
      identity: undefined,
    });
  });

  test("what it runs in its own place is another program, of the same number", async () => {
    const second = rig.write("second.py", asksInPython);
    const first = rig.write(
      "first.py",
      `${asksInPython}import sys; os.execv(sys.executable, [sys.executable, ${JSON.stringify(second)}])\n`,
    );
    const child = rig.start(python, first);
    const asked = [await rig.next(), await rig.next()];
    expect(asked).toMatchObject([
      { caller: { program: { identity: `${python}\0${first}` } } },
      { caller: { program: { identity: `${python}\0${second}` } } },
    ]);
    expect(child.pid).toBeGreaterThan(0);
  });
});

describe("a compiled program counts by its real path", () => {
  test("and a renamed copy of it is another one", async () => {
    const [one, two] = [rig.copy("agent"), rig.copy("claude")];
    const asked = ["10", "/bin/sh", "-c", asksInShell];
    const first = await rig.programOf(one, ...asked);
    const second = await rig.programOf(two, ...asked);
    expect(first).toMatchObject({ name: "agent", path: one, identity: one });
    expect(second).toMatchObject({ name: "claude", path: two, identity: two });
    const link = join(rig.sandbox.home, "linked");
    symlinkSync(one, link);
    expect((await rig.programOf(link, ...asked)).identity).toBe(one);
  });

  test("a static one too, and one named after its version", async () => {
    const source = rig.write(
      "agent.c",
      '#include <stdlib.h>\nint main(void) { return system("\\"$EVERCRED\\" x; exit 0"); }\n',
    );
    const file = join(rig.sandbox.home, "claude/versions/2.0.14");
    mkdirSync(dirname(file), { recursive: true });
    expect(spawnSync("cc", ["-static", source, "-o", file], { stdio: "inherit" }).status).toBe(0);
    expect(await rig.programOf(file)).toMatchObject({ name: "claude", path: file, identity: file });
  });

  test("one whose file is gone, or was replaced, is not told from others", async () => {
    const file = rig.copy("agent");
    const gone = `rm '${file}'; ${asksInShell}`;
    expect(await rig.programOf(file, "10", "/bin/sh", "-c", gone)).toMatchObject({
      name: "agent",
      path: file,
      identity: undefined,
    });
    rig.copy("agent");
    const replaced = `cp '${file}' '${file}.new'; mv '${file}.new' '${file}'; ${asksInShell}`;
    expect(await rig.programOf(file, "10", "/bin/sh", "-c", replaced)).toMatchObject({
      path: file,
      identity: undefined,
    });
  });

  test("a file that is really called so is there", async () => {
    const file = rig.copy("agent (deleted)");
    expect(await rig.programOf(file, "10", "/bin/sh", "-c", asksInShell)).toMatchObject({
      path: file,
      identity: file,
    });
  });

  test("one that is in memory alone is not told from others", async () => {
    const script = rig.write(
      "memory.py",
      `import os, shutil
fd = os.memfd_create("agent")
with open(${JSON.stringify(timeout)}, "rb") as file: os.write(fd, file.read())
os.execv(f"/proc/self/fd/{fd}", ["agent", "10", "/bin/sh", "-c", ${JSON.stringify(asksInShell)}])
`,
    );
    expect(await rig.programOf(python, script)).toMatchObject({
      name: "memfd:agent",
      identity: undefined,
    });
  });

  test.skipIf(!isRoot)(
    "one in another place of the same name is not told from others",
    async () => {
      const file = rig.copy("agent");
      const impostor = rig.copy("impostor");
      const mounted = `mount --bind '${impostor}' '${file}' && '${file}' 10 /bin/sh -c '${asksInShell}'`;
      const told = await rig.programOf("/usr/bin/unshare", "-m", "/bin/sh", "-c", mounted);
      expect(told.identity).not.toBe(file);
      expect(told.identity).toBeUndefined();
    },
  );
});
