import { existsSync } from "node:fs";
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { button, launchFrom, launchIn, project, sheet } from "./app.ts";
import { openHouse } from "./house.ts";

/** As long as ours: it takes its place in a program, byte for byte. */
const otherVersion = manifest.version.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));

test(
  "a daemon without a face gives way to an app that is started later: nobody signs in again",
  { timeout: 200_000 },
  async () => {
    const house = await openHouse();
    onTestFinished(() => house.close());
    expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    const headless = await house.daemonPid();
    const run = house.open(house.shim, [
      ...["exec", "--profile", "p", "--server", "--"],
      ...["/bin/sh", "-c", "echo begun; read word"],
    ]);
    await run.line(/^begun$/);

    const app = await launchIn(house);
    await app.firstWindow();
    await expect.poll(() => house.daemonPid(), { timeout: 30_000 }).toBe(app.process().pid);
    await expect
      .poll(() => existsSync(`/proc/${String(headless)}`), { timeout: 30_000 })
      .toBe(false);
    expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
    expect(await house.pages()).toHaveLength(1);
    run.child.stdin.end("done\n");
    expect(await run.outcome).toMatchObject({ code: 0 });

    // The app gives way to nobody.
    const asked = await house.evercred("--give-way");
    expect(asked).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("It runs, and stays.") as string,
    });
    expect(await house.daemonPid()).toBe(app.process().pid);
    const log = await readFile(join(house.state, "evercred.log"), "utf8");
    expect(log.match(/daemon: hands over/g)).toHaveLength(1);
  },
);

test("an app that is replaced on the disk waits for what is typed in its window", async () => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-installed-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(project, "package.json"), join(folder, "package.json"));
  await cp(join(project, "dist"), join(folder, "dist"), { recursive: true });
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  const house = await openHouse({ awsConfig: "" });
  onTestFinished(() => house.close());
  await house.config({ keys: { litellm: { kind: "static" } } });
  const app = await launchFrom(folder, house);
  // Nobody is to start it again behind this test's back.
  onTestFinished(() => house.evercred("daemon", "stop").then(() => app.close()));
  const page = await app.firstWindow();
  await button(page, "Enter the key of litellm…").click();
  await sheet(page).getByLabel("Paste or type it").fill("sk-half-of-it");

  await appendFile(join(folder, "dist", "app", "main.cjs"), "\n// the next one\n");
  // A client of another version has the app look at the disk at once.
  const shim = await readFile(house.shim, "latin1");
  const other = join(folder, "evercred");
  await writeFile(other, shim.replaceAll(manifest.version, otherVersion), {
    encoding: "latin1",
    mode: 0o755,
  });
  const examined = async (): Promise<string> => {
    await house.run(other, ["status"]);
    return (await house.evercred("doctor", "--json", "--check", "versions")).stdout;
  };
  await expect.poll(examined, { timeout: 30_000 }).toContain("what is typed in its window");
  expect(await house.daemonPid()).toBe(app.process().pid);

  const log = (): Promise<string> => readFile(join(house.state, "evercred.log"), "utf8");
  expect(await log()).not.toContain("daemon: hands over");
  await page.keyboard.press("Escape");
  await expect.poll(log, { timeout: 30_000 }).toContain("daemon: hands over");
});
