import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type House, openHouse } from "../../e2e/house.ts";

// Only root may mount what cannot be written.
const isRoot = process.getuid?.() === 0;

const opened = async (): Promise<House> => {
  const house = await openHouse();
  onTestFinished(() => house.close());
  return house;
};

/** Another disk in the place of a folder. */
const mount = (folder: string, options: string): void => {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
};

/** Writes a file until its disk is full. */
const fill = (path: string): void => {
  const file = openSync(path, "w");
  try {
    for (let size = 65_536; size > 0;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
};

test.skipIf(!isRoot)("a state that cannot be written", async () => {
  const house = await opened();
  mount(house.state, "ro");
  const outcome = await house.evercred("aws", "export", "--profile", "p");
  expect(outcome).toMatchObject({ code: 4, stdout: "" });
  expect(outcome.stderr).toContain(house.state);
});

test("no home", async () => {
  const house = await opened();
  const env = { HOME: "/proc/nobody" };
  const outcome = await house.run(house.shim, ["aws", "export", "--profile", "p"], env);
  expect(outcome).toMatchObject({ code: 4, stdout: "" });
  expect(outcome.stderr).toContain("/proc/nobody");
});

test.skipIf(!isRoot)("a disk that fills up while it runs", async () => {
  const house = await opened();
  mount(house.state, "size=1m,mode=0700");
  expect(await house.evercred("aws", "login", "--profile", "p")).toMatchObject({ code: 0 });
  const ballast = join(house.state, "ballast");
  fill(ballast);
  const fresh = ["aws", "export", "--profile", "p", "--fresh"];
  expect(await house.evercred(...fresh)).toMatchObject({ code: 0, stderr: "" });
  const full = await house.evercred("doctor");
  expect(full.stdout).toContain("ENOSPC");
  process.kill(await house.daemonPid(), "SIGKILL");
  // The sign-in is in the keychain.
  rmSync(ballast);
  expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
  expect((await house.evercred("doctor")).stdout).not.toContain("ENOSPC");
  expect(await house.pages()).toHaveLength(1);
  await house.evercred("daemon", "stop");
});
