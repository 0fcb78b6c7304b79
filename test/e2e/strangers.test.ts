import { chmod } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";

let house: House;

afterEach(async () => {
  await house.close();
});

const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];

test("another user can neither connect nor read where the daemon listens", async () => {
  house = await openHouse();
  await house.evercred("login");
  // All that is left is our own guard: everything above it may be entered by everybody.
  for (const path of [dirname(house.home), house.home, house.runtime, dirname(house.shim)]) {
    await chmod(path, 0o755);
  }
  const asNobody = (program: string, ...args: readonly string[]): ReturnType<House["run"]> =>
    house.run("/usr/bin/setpriv", [...nobody, program, ...args], {
      HOME: join(house.home, "nowhere"),
    });
  const socket = join(house.runtime, "evercred", "daemon.sock");
  const connect = `import socket; socket.socket(socket.AF_UNIX).connect(${JSON.stringify(socket)})`;
  expect((await asNobody("/usr/bin/python3", "-c", connect)).stderr).toContain("PermissionError");
  expect((await asNobody("/bin/cat", join(house.state, "endpoint"))).code).not.toBe(0);
  const shim = await asNobody(house.shim, "aws", "export");
  expect(shim).toMatchObject({ code: 4, stdout: "" });
  expect(shim.stderr).toContain("belongs to another user");
});
