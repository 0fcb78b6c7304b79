import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exitCodeOf, successionOf } from "../../electron/assembly/succession.ts";
import { temporaryFolder } from "../platform/folder.ts";

const processWith = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => ({
  argv: [...argv],
  env: { ...env },
  pid: 4_711,
  exitCode: undefined as unknown,
});

test("the main process of a unit ends with the code that has systemd start it again", async () => {
  const its = processWith(["node", "headless.cjs", "--background"], { SYSTEMD_EXEC_PID: "4711" });
  const succession = successionOf(its, "/nowhere");
  succession?.begin();
  expect(its.exitCode).toBeUndefined();
  await succession?.end();
  expect(its.exitCode).toBe(75);
});

test("what a shim has started is followed by what the shim beside it starts, in its own environment", async () => {
  const folder = temporaryFolder();
  const shim = join(folder, "evercred");
  const note = join(folder, "note");
  writeFileSync(shim, '#!/bin/sh\necho "$* $HOME" > "$NOTE.new"; mv "$NOTE.new" "$NOTE"\n');
  chmodSync(shim, 0o755);
  const env = { HOME: folder, NOTE: note, PATH: "/usr/bin:/bin", SYSTEMD_EXEC_PID: "1" };
  await successionOf(processWith(["node", "headless.cjs", "--background"], env), shim)?.end();
  await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true);
  // Every verb starts it but where the user has stopped it; `daemon start` would do so even then.
  expect(readFileSync(note, "utf8")).toBe(`status --short ${folder}\n`);
});

test("a successor that cannot be started ends nothing", async () => {
  await successionOf(
    processWith(["node", "headless.cjs", "--background"]),
    "/nowhere/evercred",
  )?.end();
});

test("what a person runs in a terminal, or another manager, has nobody who would follow", () => {
  expect(successionOf(processWith(["node", "headless.cjs"]), "/nowhere")).toBeUndefined();
});

test("a unit is not started again after the user's stop, nor where another daemon stays", () => {
  const unit = processWith([], { SYSTEMD_EXEC_PID: "4711" });
  const other = processWith([], { SYSTEMD_EXEC_PID: "1" });
  const owned = { kind: "owned", by: undefined } as const;
  expect(exitCodeOf({ kind: "stopped" }, unit)).toBe(0);
  const file = join(import.meta.dirname, "../../packaging/linux/evercred.service");
  const [, prevented] = /^RestartPreventExitStatus=(\d+)$/mu.exec(readFileSync(file, "utf8")) ?? [];
  expect(exitCodeOf(owned, unit)).toBe(Number(prevented));
  expect([exitCodeOf({ kind: "stopped" }, other), exitCodeOf(owned, other)]).toEqual([1, 1]);
});
