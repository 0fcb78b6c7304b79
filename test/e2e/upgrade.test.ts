import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type House, openHouse, type Outcome } from "./house.ts";

const project = join(import.meta.dirname, "..", "..");
const oldVersion = manifest.version;
/** As long as the old one: it takes its place in a program, byte for byte. */
const newVersion = oldVersion.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));

/** An installation of its own, which can be replaced. */
const install = async () => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-installed-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dist = join(folder, "dist");
  await cp(join(project, "dist"), dist, { recursive: true });
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  const launch = `headless\t${process.execPath}\t${join(dist, "headless.cjs")}\t--background\n`;
  await writeFile(join(dist, "bin", "evercred.launch"), launch, { mode: 0o644 });
  const replace = async (name: string): Promise<void> => {
    const file = join(dist, name);
    const text = await readFile(file, "latin1");
    const mode = name === "headless.cjs" ? 0o644 : 0o755;
    await writeFile(`${file}.new`, text.replaceAll(oldVersion, newVersion), {
      encoding: "latin1",
      mode,
    });
    await rename(`${file}.new`, file);
  };
  return {
    launch,
    shim: join(dist, "bin", "evercred"),
    upgrade: async () => {
      await replace("headless.cjs");
      await replace(join("bin", "evercred"));
    },
  };
};

const daemonOf = async (
  house: House,
): Promise<{ readonly pid: number; readonly version: string }> => {
  const { stdout } = await house.evercred("status", "--json");
  return (JSON.parse(stdout) as { daemon: { pid: number; version: string } }).daemon;
};

test("a daemon that is replaced on the disk goes over to the new one, and all who ask are served throughout", async () => {
  const installed = await install();
  const house = await openHouse({ launch: installed.launch });
  onTestFinished(() => house.close());
  expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
  const old = await daemonOf(house);
  expect(old.version).toBe(oldVersion);
  const program = ["--profile", "p", "--server", "--", "/bin/sh", "-c", "echo begun; read word"];
  const run = house.open(house.shim, ["exec", ...program]);
  await run.line(/^begun$/);

  await installed.upgrade();
  const outcomes: Outcome[] = [];
  let isOver = false;
  /** Asks again and again, as long as the old one runs. */
  const caller = async (shim: string): Promise<void> => {
    while (!isOver) outcomes.push(await house.run(shim, ["aws", "export", "--profile", "p"]));
  };
  const callers = [caller(house.shim), caller(installed.shim), caller(installed.shim)];
  await expect.poll(() => existsSync(`/proc/${String(old.pid)}`), { timeout: 30_000 }).toBe(false);
  const now = await daemonOf(house);
  isOver = true;
  await Promise.all(callers);

  expect(now.version).toBe(newVersion);
  expect(now.pid).not.toBe(old.pid);
  expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(10);
  // Nobody had to sign in again, and what ran goes on.
  expect(await house.pages()).toHaveLength(1);
  run.child.stdin.end("done\n");
  expect(await run.outcome).toMatchObject({ code: 0 });
  const log = await readFile(join(house.state, "evercred.log"), "utf8");
  expect(log.match(/daemon: hands over/g)).toHaveLength(1);
});
