import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { launchIn } from "./app.ts";
import { openHouse } from "./house.ts";

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
    expect(existsSync(`/proc/${String(headless)}`)).toBe(false);
    expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
    expect(await house.pages()).toHaveLength(1);
    run.child.stdin.end("done\n");
    expect(await run.outcome).toMatchObject({ code: 0 });

    // The app gives way to nobody.
    const asked = await house.evercred("--give-way");
    expect(asked).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("The app runs") as string,
    });
    expect(await house.daemonPid()).toBe(app.process().pid);
    const log = await readFile(join(house.state, "evercred.log"), "utf8");
    expect(log.match(/daemon: hands over/g)).toHaveLength(1);
  },
);
