import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, oneProfile, openHouse } from "./house.ts";

const aws = "/usr/bin/aws";
let house: House;

beforeEach(async () => {
  house = await openHouse({ lifetimes: { deviceIntervalMs: 1_000 } });
});

afterEach(async () => {
  await house.close();
});

const cacheFolder = (): string => join(house.home, ".aws", "sso", "cache");

const signedInAs = async (profile: string): Promise<void> => {
  const { code, stdout, stderr } = await house.run(aws, [
    "sts",
    "get-caller-identity",
    "--profile",
    profile,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ Account: "111122223333" });
};

test("the AWS CLI works through credential_process", async () => {
  await writeFile(
    join(house.home, ".aws", "config"),
    `${oneProfile}\n[profile by-process]\nregion = us-east-1\ncredential_process = ${house.shim} aws process --profile p\n`,
  );
  await house.evercred("login");
  await signedInAs("by-process");
});

test("the AWS CLI and boto3 are signed in through the mirrored cache, without a refresh token in it", async () => {
  await house.evercred("login");
  await signedInAs("p");
  const script =
    "import boto3; print(boto3.Session(profile_name='p').client('sts').get_caller_identity()['Account'])";
  const boto = await house.run("/usr/bin/python3", ["-c", script]);
  expect(boto).toMatchObject({ code: 0, stdout: "111122223333\n" });
  const [name = ""] = (await readdir(cacheFolder())).filter((each) => each.endsWith(".json"));
  const file = join(cacheFolder(), name);
  expect(Object.keys(JSON.parse(await readFile(file, "utf8")) as object).sort()).toEqual([
    "accessToken",
    "expiresAt",
    "region",
    "startUrl",
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a sign-in with aws sso login is adopted, and its refresh token leaves the file", async () => {
  const watch = house.start(house.shim, ["status", "--short", "--watch"]);
  await watch.line(/sign-in needed/);
  const login = await house.run(aws, ["sso", "login", "--profile", "p"]);
  expect(login.code).toBe(0);
  await watch.line(/All signed in/);
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
  const texts = await Promise.all(
    (await readdir(cacheFolder())).map((name) => readFile(join(cacheFolder(), name), "utf8")),
  );
  expect(texts.filter((each) => each.includes("refreshToken"))).toEqual([]);
  watch.child.kill("SIGINT");
  await watch.outcome;
});

test("a sign-out with aws sso logout is noticed", async () => {
  await house.evercred("login");
  const watch = house.start(house.shim, ["status", "--short", "--watch"]);
  await watch.line(/All signed in/);
  expect((await house.run(aws, ["sso", "logout"])).code).toBe(0);
  await watch.line(/sign-in needed/);
  watch.child.kill("SIGINT");
  await watch.outcome;
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 3 });
});

test("a legacy profile signs in with a code, and the AWS CLI is signed in through its own cache file", async () => {
  const legacy = [
    "[profile old]",
    "sso_start_url = https://d-1234567890.awsapps.com/start",
    "sso_region = us-east-1",
    "sso_account_id = 111122223333",
    "sso_role_name = ReadOnly",
    "region = us-east-1",
    "",
  ].join("\n");
  await writeFile(join(house.home, ".aws", "config"), legacy);
  const login = await house.evercred("aws", "login", "--profile", "old");
  expect(login).toMatchObject({ code: 0 });
  expect(login.stdout).toMatch(/^https:.*\nCode: .*\nSigned in to d-1234567890 until \S/);
  expect(login.stdout).not.toContain("about");
  await signedInAs("old");
  expect(await house.evercred("aws", "export")).toMatchObject({ code: 0 });
});
