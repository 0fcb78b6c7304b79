import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";

const device = "arn:aws:iam::111122223333:mfa/dev";
const user = {
  arn: "arn:aws:iam::111122223333:user/dev",
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  mfaSerial: device,
};

let house: House;

beforeEach(async () => {
  house = await openHouse({
    awsConfig: [
      `[profile mfa]\nregion = us-east-1\nmfa_serial = ${device}`,
      `aws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`,
    ].join("\n"),
    iam: { users: [user] },
  });
});

afterEach(async () => {
  await house.close();
});

/** All that Evercred has written for itself. */
const written = async (): Promise<string> => {
  const names = await readdir(house.state, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8"));
  return (await Promise.all(texts)).join("\n");
};

test("a code is asked for on the terminal, again after a wrong one, and is kept nowhere", async () => {
  const silent = await house.evercred("aws", "export", "--profile", "mfa");
  expect(silent).toMatchObject({ code: 3, stdout: "" });
  const login = house.terminal(["aws", "login", "--profile", "mfa"]);
  await login.shown(`Code of ${device}:`);
  login.type("000000\n", "quietly");
  await house.cloud.log.waitFor({ host: /^sts\./ });
  // What the device shows is not what was typed.
  const code = house.cloud.iam.code(device);
  login.type(`${code.slice(0, 3)} ${code.slice(3)}\n`, "quietly");
  const { code: exit, stdout, stderr } = await login.outcome;
  expect(exit).toBe(0);
  expect(stdout.split(`Code of ${device}:`)).toHaveLength(3);
  expect(stdout).not.toContain(code.slice(0, 3));
  expect(stderr).toContain("echo on");

  const exported = await house.evercred("aws", "export", "--profile", "mfa");
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  const { Credentials: keys } = JSON.parse(exported.stdout) as {
    Credentials: { AccessKeyId: string; SessionToken: string };
  };
  expect(house.cloud.keyRing.find(keys.AccessKeyId)?.identity.hasMfa).toBe(true);

  const record = await written();
  expect(record).toContain("daemon: started");
  expect(record).not.toContain(code);
  expect(record).not.toContain(user.secretAccessKey);
  expect(record).not.toContain(keys.SessionToken);
});
