import { afterEach, expect, test } from "vitest";
import { electronPath } from "../../scripts/electron-dist.mjs";
import { appArgs, appEnv } from "./app.ts";
import { type House, openHouse } from "./house.ts";

let house: House;

afterEach(async () => {
  await house.close();
});

test("where only the app is installed, it looks for the reason itself, and opens no window", async () => {
  const words = ["app", await electronPath(), ...appArgs("--background")];
  house = await openHouse({ launch: `${words.join("\t")}\n` });
  const env = appEnv(house);
  expect(await house.run(house.shim, ["daemon", "start"], env)).toMatchObject({ code: 0 });
  expect(await house.run(house.shim, ["daemon", "stop"], env)).toMatchObject({ code: 0 });
  const { code, stdout } = await house.run(house.shim, ["doctor", "--json"], env);
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as { findings: readonly { id: string }[] };
  expect(findings[0]).toMatchObject({ id: "daemon.stopped", remedy: "Run: evercred daemon start" });
  // It has examined, as well as under plain Node, and has started nothing.
  const ids = findings.map(({ id }) => id);
  expect(ids).toContain("keychain.fine");
  expect(ids.filter((id) => id.endsWith(".not-checked"))).toEqual([]);
  expect(await house.run(house.shim, ["status"], env)).toMatchObject({ code: 4 });
});
