import { execFile } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import type { SecretStore } from "../../electron/core/store.ts";
import { writeArchive } from "../../electron/platform/archive.ts";
import { inspectAutostart, inspectDisk } from "../../electron/platform/inspect-machine.ts";
import { inspectPath } from "../../electron/platform/inspect-path.ts";
import { inspectVersions } from "../../electron/platform/inspect-versions.ts";
import { KeychainMemory } from "../../electron/platform/keychain-memory.ts";
import { probeKeychain } from "../../electron/platform/keychain-probe.ts";

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evercred-machine-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const put = async (name: string, text: string, mode = 0o600): Promise<string> => {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
};

describe("a path", () => {
  test("is a file, with its mode, and whether it may be run", async () => {
    const file = await put("a", "", 0o640);
    const program = await put("b", "", 0o755);
    expect(await inspectPath(file)).toEqual({
      path: file,
      kind: "file",
      mode: 0o640,
      isOurs: true,
      isLink: false,
      isExecutable: false,
      real: file,
    });
    expect(await inspectPath(program)).toMatchObject({ isExecutable: true });
  });

  test("may be a folder, a socket, a link, nothing, or a link to nothing", async () => {
    const socket = join(folder, "s");
    const server = createServer().listen(socket);
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    await symlink(socket, join(folder, "to-socket"));
    await symlink(join(folder, "gone"), join(folder, "to-nothing"));
    expect(await inspectPath(folder)).toMatchObject({ kind: "directory", isExecutable: false });
    expect(await inspectPath(socket)).toMatchObject({ kind: "socket", isLink: false });
    expect(await inspectPath(join(folder, "to-socket"))).toMatchObject({
      kind: "socket",
      isLink: true,
      real: socket,
    });
    expect(await inspectPath(join(folder, "gone"))).toMatchObject({ kind: "missing" });
    expect(await inspectPath(join(folder, "to-nothing"))).toMatchObject({ kind: "dangling" });
    expect(await inspectPath(join(await put("a", ""), "b"))).toMatchObject({ kind: "hidden" });
    await symlink(join(folder, "loop"), join(folder, "loop"));
    expect(await inspectPath(join(folder, "loop"))).toMatchObject({ kind: "dangling" });
  });
});

describe("the start at login", () => {
  const inspect = (platform: NodeJS.Platform = "linux"): ReturnType<typeof inspectAutostart> =>
    inspectAutostart({ platform, home: folder, env: {} });
  const entry = (...lines: readonly string[]): Promise<string> =>
    put(".config/autostart/dev.evercred.app.desktop", ["[Desktop Entry]", ...lines, ""].join("\n"));

  test("is told on Linux only", async () => {
    expect(await inspect()).toEqual({ isKnown: true, entry: undefined });
    expect(await inspect("darwin")).toEqual({ isKnown: false, entry: undefined });
  });

  test("leads to a program, quoted or not", async () => {
    const program = await put("the app", "", 0o755);
    await entry(`Exec="${program}" --background`);
    expect((await inspect()).entry).toMatchObject({
      isEnabled: true,
      program: { path: program, isExecutable: true },
    });
    await entry("Exec=/gone/evercred %U");
    expect((await inspect()).entry?.program).toMatchObject({ kind: "missing" });
  });

  test.each(["Hidden=true", "X-GNOME-Autostart-enabled=false"])("is off by %s", async (line) => {
    await entry("Exec=/gone/evercred", line);
    expect((await inspect()).entry?.isEnabled).toBe(false);
  });
});

describe("the disk", () => {
  test("has room, and nothing is left behind", async () => {
    await put("evercred.log", "12345");
    await put("evercred.log.1", "123");
    await put("audit.jsonl", "1");
    const facts = await inspectDisk(folder, join(folder, "evercred.log"));
    expect(facts).toMatchObject({ unwritable: undefined, logBytes: 8, auditBytes: 1 });
    expect(facts.freeBytes).toBeGreaterThan(0);
    expect(await readdir(folder)).toHaveLength(3);
  });

  test("that is none: a file, a link to nothing", async () => {
    const file = await put("a", "");
    expect((await inspectDisk(file, "x")).folder).toMatchObject({ kind: "file" });
    const link = join(folder, "link");
    await symlink(join(folder, "gone"), link);
    expect((await inspectDisk(link, "x")).folder).toMatchObject({ kind: "dangling" });
  });

  test("that takes nothing is told by the system's word", async () => {
    const facts = await inspectDisk("/proc", "/proc/evercred.log");
    expect(facts.unwritable).toMatch(/^E[A-Z]+$/);
  });
});

describe("versions", () => {
  const shim = (version: string): string => `#!/bin/sh\necho "evercred ${version}"\n`;

  test("the client says its own; others are only compared, and not run", async () => {
    const own = await put("own/evercred", shim("1.2.3"), 0o755);
    await put("same/evercred", shim("1.2.3"), 0o755);
    const mark = join(folder, "was-run");
    await put("other/evercred", `#!/bin/sh\ntouch '${mark}'\n`, 0o755);
    await put("data/evercred", "");
    const path = ["relative", ...["data", "other", "same"].map((name) => join(folder, name))];
    const facts = await inspectVersions(own, path.join(":"));
    expect(facts).toMatchObject({ node: process.versions.node, shim: "1.2.3" });
    expect(facts.shims.map(({ path: { path: at }, isSame }) => [at, isSame])).toEqual([
      [join(folder, "other/evercred"), false],
      [join(folder, "same/evercred"), true],
    ]);
    expect(await inspectPath(mark)).toMatchObject({ kind: "missing" });
  });

  test("a client that does not run says nothing", async () => {
    expect(await inspectVersions(join(folder, "gone"), undefined)).toMatchObject({
      shim: undefined,
      shims: [],
      claude: undefined,
    });
  });

  test("Claude Code's is read from its place: of npm, and of its own installer", async () => {
    const shimFile = join(folder, "gone");
    const program = await put("lib/claude-code/bin/claude.js", "", 0o755);
    await put(
      "lib/claude-code/package.json",
      '{ "name": "@anthropic-ai/claude-code", "version": "2.1.331" }',
    );
    await mkdir(join(folder, "npm"));
    await symlink(program, join(folder, "npm", "claude"));
    const native = await put("share/claude/versions/2.2.0", "", 0o755);
    await mkdir(join(folder, "native"));
    await symlink(native, join(folder, "native", "claude"));
    const versionAt = async (name: string): Promise<string | undefined> =>
      (await inspectVersions(shimFile, join(folder, name))).claude;
    expect(await versionAt("npm")).toBe("2.1.331");
    expect(await versionAt("native")).toBe("2.2.0");
  });
});

describe("the probe of a keychain", () => {
  test("leaves nothing behind", async () => {
    const store = new KeychainMemory({ memoryRefusal: () => undefined });
    await probeKeychain(store);
    expect(await store.get("doctor")).toBe(undefined);
  });

  test("finds out that nothing is kept", async () => {
    const forgetful: SecretStore = {
      durability: "persisted",
      get: () => Promise.resolve(new Secret("another")),
      set: () => Promise.resolve(),
      delete: () => Promise.resolve(),
    };
    await expect(probeKeychain(forgetful)).rejects.toMatchObject({ code: "keychain-unavailable" });
  });
});

describe("an archive", () => {
  const files = [
    { name: "README.txt", text: "äöü\n" },
    { name: "empty.txt", text: "" },
    { name: "block.txt", text: "x".repeat(512) },
  ];

  test("is read by tar, byte for byte, and only by us", async () => {
    const file = join(folder, "a.tar.gz");
    await writeArchive(file, files, Date.parse("2026-11-29T12:00:00Z"));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const out = join(folder, "out");
    await mkdir(out);
    const { stderr } = await run("tar", ["-xzf", file, "-C", out]);
    expect(stderr).toBe("");
    for (const { name, text } of files) {
      expect(await readFile(join(out, name), "utf8")).toBe(text);
      expect((await stat(join(out, name))).mode & 0o777).toBe(0o600);
    }
  });

  test("takes the place of nothing", async () => {
    const file = await put("a.tar.gz", "mine");
    await expect(writeArchive(file, files, 0)).rejects.toMatchObject({ code: "usage" });
    expect(await readFile(file, "utf8")).toBe("mine");
    const nowhere = join(folder, "gone", "a.tar.gz");
    await expect(writeArchive(nowhere, files, 0)).rejects.toMatchObject({ code: "usage" });
  });
});
