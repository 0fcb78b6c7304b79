import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Sandbox } from "./sandbox.ts";

/** Locks the file through a descriptor of this process. Its exit code. */
function own(sandbox: Sandbox, fd: number): number | null {
  return spawnSync(sandbox.shim, ["--own", "3"], { stdio: ["ignore", "ignore", "ignore", fd] })
    .status;
}

function open(path: string): number {
  const fd = openSync(path, "a");
  onTestFinished(() => {
    try {
      closeSync(fd);
    } catch {
      // the test has closed it
    }
  });
  return fd;
}

it("the lock lives on in the opener after the shim ended, and keeps others out", async () => {
  const sandbox = await Sandbox.make();
  const path = join(sandbox.folder, "owner.lock");
  const first = open(path);
  expect(own(sandbox, first)).toBe(0);
  expect(own(sandbox, open(path))).toBe(1);
  expect(own(sandbox, first)).toBe(0);
  closeSync(first);
  expect(own(sandbox, open(path))).toBe(0);
});

it("the lock of a process that is killed with -9 is free again", async () => {
  const sandbox = await Sandbox.make();
  const path = join(sandbox.folder, "owner.lock");
  const script = join(sandbox.folder, "owner.cjs");
  writeFileSync(
    script,
    `const fd = require("node:fs").openSync(process.argv[2], "a");
     const { status } = require("node:child_process").spawnSync(process.argv[3], ["--own", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
     console.log(status);
     process.stdin.resume();`,
  );
  const owner: ChildProcess = spawn(process.execPath, [script, path, sandbox.shim], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const said = await new Promise((resolve) => owner.stdout?.once("data", resolve));
  expect(String(said)).toBe("0\n");
  expect(own(sandbox, open(path))).toBe(1);
  const gone = new Promise((resolve) => owner.once("exit", resolve));
  owner.kill("SIGKILL");
  await gone;
  expect(own(sandbox, open(path))).toBe(0);
});

it.each(["99", "x", "", "-1", "3x", "99999999999999999999"])(
  "--own %j is neither a lock nor somebody else's",
  async (word) => {
    const sandbox = await Sandbox.make();
    expect((await sandbox.run(["--own", word])).code).toBe(2);
  },
);
