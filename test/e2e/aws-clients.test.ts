import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { roleSession } from "../fakes/cloud/identity.ts";
import { allThree, aws, boto3, javaScript } from "./aws-clients.ts";
import { type House, oneProfile, openHouse } from "./house.ts";

const user = {
  arn: "arn:aws:iam::111122223333:user/ci",
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

const hop = "arn:aws:iam::111122223333:role/hop";
const deep = "arn:aws:iam::444455556666:role/deep";

/** Every kind of profile, and whom AWS takes its keys for. */
const identities: Readonly<Record<string, RegExp>> = {
  p: /^arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_Developer_\w+\/dev@example\.com$/,
  chained: /^arn:aws:sts::444455556666:assumed-role\/deep\/nightly$/,
  keys: /^arn:aws:iam::111122223333:user\/ci$/,
  tool: /^arn:aws:sts::111122223333:assumed-role\/tool\/vault$/,
};

const profiles = Object.keys(identities);

const config = (tool: string, shim: string): string =>
  [
    oneProfile,
    `[profile hop]\nrole_arn = ${hop}\nsource_profile = p\nregion = us-east-1\n`,
    `[profile chained]\nrole_arn = ${deep}\nsource_profile = hop\nregion = us-east-1`,
    "external_id = 4711\nrole_session_name = nightly\n",
    `[profile keys]\nregion = us-east-1\naws_access_key_id = ${user.accessKeyId}`,
    `aws_secret_access_key = ${user.secretAccessKey}\n`,
    `[profile tool]\nregion = us-east-1\ncredential_process = ${tool}\n`,
    ...profiles.map(
      (name) =>
        `[profile by-${name}]\nregion = us-east-1\ncredential_process = ${shim} aws process --profile ${name}\n`,
    ),
  ].join("\n");

let house: House;

beforeAll(async () => {
  house = await openHouse({
    awsConfig: "",
    iam: {
      users: [user],
      roles: [
        { arn: hop, trust: ["arn:aws:iam::111122223333:role/aws-reserved/*_Developer_*"] },
        { arn: deep, trust: [hop], externalId: "4711" },
      ],
    },
  });
  const keys = house.cloud.keyRing.issue({
    identity: roleSession("arn:aws:iam::111122223333:role/tool", "vault"),
    ...{ accountId: "111122223333", roleName: "", user: "", startUrl: "" },
    ...{ issuedAt: house.cloud.now(), lifetimeMs: 3_600_000 },
  });
  const printed = JSON.stringify({
    Version: 1,
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    SessionToken: keys.sessionToken,
    Expiration: new Date(keys.expiresAt).toISOString(),
  });
  const tool = join(house.home, "vault");
  await writeFile(tool, `#!/bin/sh\necho '${printed}'\n`, { mode: 0o700 });
  await writeFile(join(house.home, ".aws", "config"), config(tool, house.shim));
  const login = await house.evercred("login", "corp");
  expect(login).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await house.close();
});

/** Runs a program as this user, and gives the lines that it prints. */
const lines = async (program: string, args: readonly string[]): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await house.run(program, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
};

const expectIdentities = (printed: readonly string[], names: readonly string[]): void => {
  expect(printed).toEqual(names.map((name) => expect.stringMatching(identities[name] ?? /^$/)));
};

test("the JavaScript SDK is signed in through the mirrored cache, at the end of a role chain too", async () => {
  const names = ["p", "chained"];
  expectIdentities(await lines(javaScript[0], [...javaScript.slice(1), ...names]), names);
});

test("every kind of profile works in every client through credential_process", async () => {
  const named = profiles.map((name) => `by-${name}`);
  const [byCli, byBoto3, byJavaScript] = await Promise.all([
    Promise.all(named.map((name) => lines(aws[0], [...aws.slice(1), "--profile", name]))),
    lines(boto3[0], [...boto3.slice(1), ...named]),
    lines(javaScript[0], [...javaScript.slice(1), ...named]),
  ]);
  expectIdentities(byCli.flat(), profiles);
  expectIdentities(byBoto3, profiles);
  expectIdentities(byJavaScript, profiles);
});

test.each(profiles)("%s works in every client that exec runs", async (name) => {
  const printed = await lines(house.shim, ["exec", "--profile", name, "--", ...allThree]);
  expectIdentities(printed, [name, name, name]);
});

test.each(profiles)("%s works in every client that fetches keys from the door", async (name) => {
  const server = ["exec", "--server", "--profile", name, "--"];
  const [printed, byProvider] = await Promise.all([
    lines(house.shim, [...server, ...allThree]),
    lines(house.shim, [...server, ...javaScript, "container"]),
  ]);
  expectIdentities(printed, [name, name, name]);
  expectIdentities(byProvider, [name]);
});

test.each(profiles)("%s works in every client of a shell that evaluates aws env", async (name) => {
  const clients = `eval "$(${house.shim} aws env --profile ${name})"; exec "$@"`;
  const printed = await lines("/bin/sh", ["-c", clients, "sh", ...allThree]);
  expectIdentities(printed, [name, name, name]);
});

test("long-lived keys reach no client: what is handed out is a session of theirs", async () => {
  house.cloud.log.clear();
  await lines(house.shim, ["exec", "--profile", "keys", "--", ...boto3]);
  const [asked] = house.cloud.log.all({ host: /^sts\./ });
  expect(asked?.headers.authorization).not.toContain(user.accessKeyId);
  expect(asked?.headers["x-amz-security-token"]).toBeDefined();
});
