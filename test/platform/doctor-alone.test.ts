import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { runDoctor } from "../../electron/doctor.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "evercred-doctor-"));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  vi.stubEnv("HOME", home);
  vi.stubEnv("EVERCRED_HOME", join(home, "evercred"));
  vi.stubEnv("EVERCRED_KEYCHAIN", "memory");
  onTestFinished(() => void vi.unstubAllEnvs());
});

/** A client that says who it is, and locks what it is given. */
const client = async (): Promise<string> => {
  const file = join(home, "evercred-client");
  await writeFile(file, "#!/bin/sh\necho 'evercred 1.2.3'\n");
  await chmod(file, 0o755);
  return file;
};

const said = async (): Promise<readonly { id: string; message: string; verdict: string }[]> => {
  const lines: string[] = [];
  const print = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  await runDoctor(["--json"], await client());
  print.mockRestore();
  return JSON.parse(lines.join("")).findings;
};

const put = async (name: string, text: string): Promise<void> => {
  await mkdir(join(home, name, ".."), { recursive: true });
  await writeFile(join(home, name), text);
};

/** What is broken, and the finding that names it. */
const breakages: Readonly<Record<string, readonly [string, () => Promise<unknown>]>> = {
  "the state directory is a file": ["disk.no-folder", () => put("evercred/state", "")],
  "the state directory is a link to nothing": [
    "disk.no-folder",
    async () => {
      await mkdir(join(home, "evercred"));
      await symlink(join(home, "gone"), join(home, "evercred", "state"));
    },
  ],
  "the configuration's folder is a file": ["config.broken", () => put("evercred/config", "")],
  "~/.aws is a file": ["aws.hidden", () => put(".aws", "")],
  "~/.aws/config is a link to itself": [
    "aws.dangling",
    async () => {
      await mkdir(join(home, ".aws"));
      await symlink("config", join(home, ".aws", "config"));
    },
  ],
  "Claude Code's settings are a folder": [
    "claude.unreadable",
    () => mkdir(join(home, ".claude", "settings.json"), { recursive: true }),
  ],
  "the notes of set-ups are broken": [
    "claude.notes-broken",
    () => put("evercred/state/setup.json", "{"),
  ],
};

test.each(Object.entries(breakages))("%s: that is named", async (_what, [id, broken]) => {
  await broken();
  const findings = await said();
  expect(findings.map((each) => each.id)).toContain(id);
  expect(findings.filter(({ message }) => message.includes("went wrong inside"))).toEqual([]);
});

test("who reads no further ends nothing", async () => {
  vi.spyOn(process.stdout, "write").mockImplementation(() => {
    process.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    return false;
  });
  const spoken = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await runDoctor([], await client())).toBe(1);
  expect(spoken).not.toHaveBeenCalled();
});
