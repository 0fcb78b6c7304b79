import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type House, openHouse } from "../../e2e/house.ts";

const headless = join(import.meta.dirname, "..", "..", "..", "dist", "headless.cjs");

// Only root may hold more open than the system usually lets anybody.
const isRoot = process.getuid?.() === 0;

const exported = ["aws", "export", "--profile", "p"];

/** A house where somebody has signed in. */
const opened = async (): Promise<House> => {
  const house = await openHouse();
  onTestFinished(() => house.close());
  expect(await house.evercred("aws", "login", "--profile", "p")).toMatchObject({ code: 0 });
  return house;
};

/** Opens so many connections, tells when they are there, and holds them until its stdin ends. */
const crowd = `
import resource, socket, sys
path, wanted = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 100, wanted + 100))
held = []
for _ in range(wanted):
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    held.append(one)
print("there", flush=True)
sys.stdin.read()
`;

test.skipIf(!isRoot)("10,000 connections that say nothing", async () => {
  const house = await opened();
  const path = join(house.runtime, "evercred", "daemon.sock");
  const many = spawn("python3", ["-c", crowd, path, "10000"]);
  onTestFinished(() => void many.kill());
  const before = await house.daemonPid();
  let areThere = false;
  void once(many.stdout, "data").then(() => (areThere = true));
  let after = 0;
  // While they come, and when all of them are there.
  while (after < 5) {
    if (areThere) after += 1;
    expect(await house.evercred(...exported)).toMatchObject({ code: 0, stderr: "" });
  }
  expect(await house.daemonPid()).toBe(before);
});

test("several daemons that start at once", async () => {
  const house = await opened();
  process.kill(await house.daemonPid(), "SIGKILL");
  const all = Array.from({ length: 6 }, () =>
    house.start(process.execPath, [headless, "--background"]),
  );
  expect(await house.evercred(...exported)).toMatchObject({ code: 0 });
  const owner = await house.daemonPid();
  const others = all.filter(({ child }) => child.pid !== owner);
  const outcomes = await Promise.all(others.map(({ outcome }) => outcome));
  for (const outcome of outcomes) {
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`already at ${house.runtime}`);
  }
  // One session, one renewal at most: nobody was asked anew.
  expect(await house.pages()).toHaveLength(1);
});

test("a configuration that is edited to garbage", async () => {
  const house = await opened();
  const folder = join(house.home, ".config", "evercred");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), '{\n  "sources": {\n    garbage\n');
  expect(await house.evercred(...exported)).toMatchObject({ code: 0, stderr: "" });
  await expect
    .poll(async () => (await house.evercred("status")).stdout)
    .toMatch(/config\.json line \d+/);
  process.kill(await house.daemonPid(), "SIGKILL");
  expect(await house.evercred(...exported)).toMatchObject({ code: 0 });
  expect(await house.pages()).toHaveLength(1);
});
