import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const printed = (...more: readonly string[]): Promise<Outcome> =>
  world.run(["aws", "env", "--profile", "dev", ...more]);

const keys = {
  AWS_ACCESS_KEY_ID: "ASIA1",
  AWS_SECRET_ACCESS_KEY: "secret-access-key-1",
  AWS_SESSION_TOKEN: "session-token-1",
  AWS_CREDENTIAL_EXPIRATION: "2027-01-04T10:00:00Z",
};

test("prints the keys and takes away what would win over them, for bash where nothing else is said", async () => {
  expect(await printed()).toEqual({
    exit: 0,
    stdout: [
      "export AWS_ACCESS_KEY_ID='ASIA1';",
      "export AWS_SECRET_ACCESS_KEY='secret-access-key-1';",
      "export AWS_SESSION_TOKEN='session-token-1';",
      "export AWS_CREDENTIAL_EXPIRATION='2027-01-04T10:00:00Z';",
      "unset AWS_PROFILE;",
      "unset AWS_DEFAULT_PROFILE;",
      "unset AWS_SECURITY_TOKEN;",
      "unset AWS_WEB_IDENTITY_TOKEN_FILE;",
      "unset AWS_ROLE_ARN;",
      "unset AWS_ROLE_SESSION_NAME;",
      "unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;",
      "unset AWS_CONTAINER_CREDENTIALS_FULL_URI;",
      "unset AWS_CONTAINER_AUTHORIZATION_TOKEN;",
      "unset AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;",
      "unset AWS_BEARER_TOKEN_BEDROCK;",
      "",
    ].join("\n"),
    stderr: "",
    questions: [],
  });
});

test("has the profile's region by both of its names, where it has one", async () => {
  await world.place("dev", "eu-west-1");
  expect(JSON.parse((await printed("--format", "json")).stdout)).toEqual({
    ...keys,
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
  });
});

test.each([
  ["bash", "export AWS_ACCESS_KEY_ID='ASIA1';", "unset AWS_PROFILE;"],
  ["zsh", "export AWS_ACCESS_KEY_ID='ASIA1';", "unset AWS_PROFILE;"],
  ["fish", "set -gx AWS_ACCESS_KEY_ID 'ASIA1';", "set -eg AWS_PROFILE;"],
  ["powershell", "$env:AWS_ACCESS_KEY_ID = 'ASIA1'", "$env:AWS_PROFILE = $null"],
  ["cmd", 'set "AWS_ACCESS_KEY_ID=ASIA1"', 'set "AWS_PROFILE="'],
  ["dotenv", "AWS_ACCESS_KEY_ID=ASIA1", undefined],
])("--format %s", async (format, set, unset) => {
  const lines = (await printed("--format", format)).stdout.split("\n");
  expect(lines).toContain(set);
  if (unset !== undefined) expect(lines).toContain(unset);
});

test.each(["tcsh", "constructor", "BASH"])("there is no format %s", async (format) => {
  expect(await printed("--format", format)).toMatchObject({
    exit: 2,
    stdout: "",
    stderr: `evercred: There is no format ${format}. There are bash, zsh, fish, powershell, cmd, dotenv, json.\n`,
  });
});

test("is silent: it exits 3 and opens nothing where a sign-in is needed", async () => {
  await world.session().signOut();
  expect(await printed()).toMatchObject({ exit: 3, stdout: "" });
  expect(world.pages).toBe(0);
});

describe("--server", () => {
  const server = (...more: readonly string[]): Promise<Outcome> =>
    printed("--server", "--format", "json", ...more);

  test("prints where SDKs fetch the keys, and no key", async () => {
    await world.place("dev", "eu-west-1");
    expect(JSON.parse((await server()).stdout)).toEqual({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:41000/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "standing-token-aws:dev",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
    });
  });

  test("takes keys that are left from before away", async () => {
    const { stdout } = await printed("--server");
    expect(stdout).toContain("unset AWS_ACCESS_KEY_ID;\n");
    expect(stdout).toContain("unset AWS_SESSION_TOKEN;\n");
    expect(stdout).not.toContain("unset AWS_CONTAINER_AUTHORIZATION_TOKEN;\n");
  });

  test("needs no sign-in: the door says for itself when one is needed", async () => {
    await world.session().signOut();
    expect(await server()).toMatchObject({ exit: 0 });
  });

  test("says so where there is no such door", async () => {
    world.doors.failure = new EvercredError("config-invalid", "There is no standing door.");
    expect(await server()).toMatchObject({ exit: 2, stdout: "" });
  });
});
