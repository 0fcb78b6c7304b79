import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";
import { wireSecrets } from "./wire-secrets.ts";

let house: House;

afterEach(async () => {
  await house.close();
});

const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
};

test("no secret is in a log, on stderr, in an argument, or in any file but the mirrored token", async () => {
  house = await openHouse({ lifetimes: { accessTokenMs: 4_000, roleMs: 4_000 } });
  await writeConfig(house);
  const said: string[] = [];
  const run = async (...args: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await house.evercred(...args);
    said.push(stderr);
    if (args[1] !== "export" && args[1] !== "process") said.push(stdout);
  };
  await run("login", "--debug");
  await run("aws", "export", "--debug");
  await house.cloud.log.waitFor({ grantType: "refresh_token" });
  await run("aws", "process", "--debug");
  await run("aws", "login", "--debug");
  await run("status", "--json");
  house.cloud.faults.add({ path: "/token", kind: "status", status: 500, times: 1 });
  house.cloud.organisation().denyRole("111122223333", "Developer");
  await run("aws", "export", "--fresh", "--debug");
  const pid = String(await house.daemonPid());
  said.push(
    await readFile(`/proc/${pid}/cmdline`, "utf8"),
    await readFile(`/proc/${pid}/environ`, "utf8"),
  );
  const secrets = wireSecrets(house.cloud);
  expect(secrets.length).toBeGreaterThan(5);
  const mirror = join(".aws", "sso", "cache");
  for (const file of await filesBelow(house.home)) {
    if (!file.includes(mirror)) said.push(await readFile(file, "utf8"));
  }
  const leaked = secrets.filter((secret) => said.some((text) => text.includes(secret)));
  expect(leaked).toEqual([]);
  await run("logout");
});

const writeConfig = async ({ home }: House): Promise<void> => {
  const { mkdir, writeFile } = await import("node:fs/promises");
  await mkdir(join(home, ".config", "evercred"), { recursive: true });
  await writeFile(join(home, ".config", "evercred", "config.json"), '{ "log": "debug" }\n');
};
