import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildShim } from "../../scripts/build-shim.mjs";
import { type OwnerOptions, takeOwnership } from "../../electron/platform/owner.ts";
import { temporaryFolder } from "./folder.ts";
import { builtPeer } from "./peer.ts";
import { bundleProgram, runProgram } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "evercred-owner-"));
const shims = {
  "by the addon": join(folder, "whole", "evercred"),
  "by the shim, where there is no addon": join(folder, "alone", "evercred"),
};

beforeAll(async () => {
  for (const shim of Object.values(shims)) {
    mkdirSync(dirname(shim));
    await buildShim({ usage: "usage", version: "0.0.0", outFile: shim });
  }
  copyFileSync(await builtPeer(), join(folder, "whole", "peer.node"));
  return () => {
    rmSync(folder, { recursive: true });
  };
});

const optionsWith =
  (shim: string) =>
  (stateDir: string): OwnerOptions => ({ stateDir, shim, socket: "/run/first.sock" });

const program = `
  import { takeOwnership } from "./electron/platform/owner.ts";
  import { spawn } from "node:child_process";
  const { STATE: stateDir, SHIM: shim } = process.env;
  takeOwnership({ stateDir, shim, socket: "/run/other.sock" }).then((ownership) => {
    const child = process.env.CHILD && spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    console.log(JSON.stringify({ held: ownership.held, by: ownership.by, child: child?.pid }));
    process.stdin.resume();
  });
`;

describe.each(Object.entries(shims))("the owner of a state directory, %s", (_, shim) => {
  const options = optionsWith(shim);

  test("is one: a second taker is told who it is and where it listens", async () => {
    const stateDir = join(temporaryFolder(), "state");
    const first = await takeOwnership(options(stateDir));
    expect(first.held).toBe(true);
    const by = { pid: process.pid, socket: "/run/first.sock" };
    expect(await takeOwnership(options(stateDir))).toEqual({ held: false, by });
    const file = await bundleProgram(program, temporaryFolder());
    const other = runProgram(file, { STATE: stateDir, SHIM: shim });
    expect(await other.next()).toEqual({ held: false, by });
    if (first.held) first.release();
  });

  test("gives it up by release", async () => {
    const stateDir = temporaryFolder();
    for (let i = 0; i < 3; i++) {
      const ownership = await takeOwnership(options(stateDir));
      expect(ownership.held).toBe(true);
      if (ownership.held) ownership.release();
    }
  });

  test("gives it up when it is killed, also where a child of it lives on", async () => {
    const stateDir = temporaryFolder();
    const file = await bundleProgram(program, temporaryFolder());
    const owner = runProgram(file, { STATE: stateDir, SHIM: shim, CHILD: "yes" });
    const said = await owner.next();
    expect(said).toEqual({ held: true, child: expect.any(Number) });
    const by = { pid: owner.child.pid, socket: "/run/other.sock" };
    expect(await takeOwnership(options(stateDir))).toEqual({ held: false, by });
    owner.child.kill("SIGKILL");
    await owner.ended;
    const ownership = await takeOwnership(options(stateDir));
    process.kill((said as { child: number }).child, "SIGKILL");
    expect(ownership.held).toBe(true);
    if (ownership.held) ownership.release();
  });

  test("is one of many that come at once", async () => {
    const stateDir = temporaryFolder();
    const file = await bundleProgram(program, temporaryFolder());
    const all = Array.from({ length: 6 }, () => runProgram(file, { STATE: stateDir, SHIM: shim }));
    const answers = await Promise.all(all.map((each) => each.next()));
    const owners = answers.map((answer) => (answer as { held: boolean }).held).filter(Boolean);
    expect(owners).toEqual([true]);
  });

  test("leaves its lock for its owner only", async () => {
    const stateDir = join(temporaryFolder(), "state");
    const ownership = await takeOwnership(options(stateDir));
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(stateDir, "owner.lock")).mode & 0o777).toBe(0o600);
    if (ownership.held) ownership.release();
  });

  test("is unknown, not wrong, while it has not said who it is", async () => {
    const stateDir = temporaryFolder();
    const ownership = await takeOwnership(options(stateDir));
    writeFileSync(join(stateDir, "owner.lock"), "");
    expect(await takeOwnership(options(stateDir))).toEqual({ held: false, by: undefined });
    if (ownership.held) ownership.release();
  });
});

describe("a lock that does not work is an error, never ownership", () => {
  const internal = { code: "internal" };
  const options = optionsWith(shims["by the addon"]);

  test("without the addon and the shim", async () => {
    const wrong = { ...options(temporaryFolder()), shim: "/nonexistent/evercred" };
    await expect(takeOwnership(wrong)).rejects.toMatchObject(internal);
    const refusing = join(temporaryFolder(), "evercred");
    writeFileSync(refusing, "#!/bin/sh\nexit 2\n", { mode: 0o700 });
    await expect(takeOwnership({ ...wrong, shim: refusing })).rejects.toMatchObject(internal);
  });

  test("with a link in its place", async () => {
    const [stateDir, elsewhere] = [temporaryFolder(), join(temporaryFolder(), "file")];
    writeFileSync(elsewhere, "precious");
    symlinkSync(elsewhere, join(stateDir, "owner.lock"));
    await expect(takeOwnership(options(stateDir))).rejects.toMatchObject(internal);
    expect(readFileSync(elsewhere, "utf8")).toBe("precious");
  });

  test("with a folder in its place", async () => {
    const stateDir = temporaryFolder();
    mkdirSync(join(stateDir, "owner.lock"));
    await expect(takeOwnership(options(stateDir))).rejects.toMatchObject(internal);
  });
});
