import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { exampleOrganisation, manyAccounts } from "../fakes/cloud/organisation.ts";
import { aws } from "./aws-clients.ts";
import { type House, openHouse } from "./house.ts";

let house: House;

afterEach(async () => {
  await house.close();
});

const configFile = (): string => join(house.home, ".aws", "config");
const organisation = ["--start-url", exampleOrganisation.startUrl, "--sso-region", "us-east-1"];
const developer =
  /^arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_Developer_\w+\/dev@example\.com\n$/;

test("somebody without ~/.aws has a profile that works everywhere after one command and one sign-in", async () => {
  house = await openHouse({ awsConfig: "" });
  await rm(join(house.home, ".aws"), { recursive: true });
  const role = ["--account", "111122223333", "--role", "Developer", "--name", "dev"];
  const added = await house.evercred(
    ...["aws", "profiles", "add", ...organisation, ...role, "--region", "us-east-1"],
  );
  expect(added.code).toBe(0);
  expect(added.stdout).toContain("Added dev: Developer in Development (111122223333)\n");
  expect(await house.pages()).toHaveLength(1);
  expect(await house.evercred("aws", "export", "--profile", "dev")).toMatchObject({ code: 0 });
  const asked = await house.run(aws[0], [...aws.slice(1), "--profile", "dev"]);
  expect(asked).toMatchObject({ code: 0, stdout: expect.stringMatching(developer) });
});

test("--all adds a profile for every role, and changes nothing of what was there", async () => {
  house = await openHouse({ awsConfig: "" });
  const before = "# mine\r\n[profile  old] ; kept\nregion=eu-west-1\n\n\n[plugins]\nx = y # z";
  await writeFile(configFile(), before);
  const all = ["aws", "profiles", "add", "--all", ...organisation];
  const template = ["--template", "x-{account-id}-{role}"];
  expect(await house.evercred(...all, ...template)).toMatchObject({ code: 0 });
  expect((await readFile(configFile(), "utf8")).slice(0, before.length)).toBe(before);
  const names = [
    "x-111122223333-Developer",
    "x-111122223333-ReadOnly",
    "x-444455556666-ReadOnly",
    "old",
  ];
  const listed = await house.run("/usr/bin/aws", ["configure", "list-profiles"]);
  expect(listed.stdout.trim().split("\n").sort()).toEqual([...names].sort());
  const codes = await Promise.all(
    names
      .slice(0, 3)
      .map(async (name) => (await house.evercred("aws", "export", "--profile", name)).code),
  );
  expect(codes).toEqual([0, 0, 0]);

  // Once more: nothing is written twice.
  const once = await readFile(configFile(), "utf8");
  const again = ["--all", "--sso-session", "d-1234567890", ...template];
  await house.evercred("aws", "profiles", "add", ...again);
  expect(await readFile(configFile(), "utf8")).toBe(once);
});

test("250 accounts are listed page by page, through a throttle, and are remembered", async () => {
  const accounts = manyAccounts(250);
  house = await openHouse({ organisations: [{ ...exampleOrganisation, accounts }] });
  await house.evercred("login");
  const path = "/assignment/accounts";
  const first = house.cloud.faults.add({ path, kind: "hang", times: 1 });
  const listing = house.start(house.shim, ["aws", "accounts", "--json"]);
  await house.cloud.log.waitForArrival({ path });
  house.cloud.faults.add({ path, kind: "status", status: 429, times: 2 });
  first.remove();
  const { code, stdout } = await listing.outcome;
  expect(code).toBe(0);
  const { accounts: rows } = JSON.parse(stdout) as { accounts: readonly { id: string }[] };
  expect(rows.map(({ id }) => id).sort()).toEqual(accounts.map(({ id }) => id).sort());
  const requests = house.cloud.log.all({ path });
  expect(requests.filter(({ status }) => status === 429)).toHaveLength(2);
  expect(await house.evercred("aws", "accounts", "--json")).toMatchObject({ code: 0, stdout });
  expect(house.cloud.log.count({ path })).toBe(requests.length);
});
