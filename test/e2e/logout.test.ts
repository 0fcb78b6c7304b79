import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, keychainItems, noKeychainItems, openHouse } from "./house.ts";

let house: House;

beforeEach(async () => {
  house = await openHouse();
  expect(await house.evercred("login")).toMatchObject({ code: 0 });
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
});

afterEach(async () => {
  await house.close();
});

const mirrored = async (): Promise<readonly string[]> => {
  const names = await readdir(join(house.home, ".aws", "sso", "cache"));
  return names.filter((name) => name.endsWith(".json"));
};

test("other tools find nothing before the portal is told; until it answers the keychain has it and callers are served", async () => {
  expect(await mirrored()).toHaveLength(1);
  const held = house.cloud.faults.add({ path: "/logout", kind: "hang" });
  const logout = house.start(house.shim, ["logout"]);
  await house.cloud.log.waitForArrival({ path: "/logout" });
  expect(await keychainItems(house)).not.toBe(noKeychainItems);
  expect(await mirrored()).toEqual([]);
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 0, stderr: "" });
  expect(logout.child.exitCode).toBe(null);
  held.remove();
  expect(await logout.outcome).toMatchObject({ code: 0, stderr: "" });
  expect(house.cloud.organisation().sessions()).toEqual([]);
  expect(await keychainItems(house)).toBe(noKeychainItems);
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 3, stdout: "" });
});

test("offline it is finished here all the same, and says what is left there", async () => {
  const down = house.cloud.faults.add({ host: /./, kind: "unreachable" });
  const logout = await house.evercred("logout");
  expect(logout).toMatchObject({ code: 0, stdout: "Signed out of corp.\n" });
  expect(logout.stderr).toContain("could not be told");
  expect(await keychainItems(house)).toBe(noKeychainItems);
  expect(await mirrored()).toEqual([]);
  down.remove();
  process.kill(await house.daemonPid(), "SIGKILL");
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 3, stdout: "" });
});
