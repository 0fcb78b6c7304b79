import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Call, type CallerParts, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const exec = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Call> =>
  world.start(["exec", "--profile", "dev", ...more, "--"], parts);

/** The variables of the program that runs; those that are unset are undefined. */
const variables = (call: Call): Readonly<Record<string, string | undefined>> => {
  if (call.order === undefined || !("variables" in call.order)) throw new Error("nothing runs");
  return call.order.variables;
};

/** Everything that some tool reads ahead of, or beside, what we set. */
const gone = {
  AWS_PROFILE: undefined,
  AWS_DEFAULT_PROFILE: undefined,
  AWS_SECURITY_TOKEN: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_ROLE_ARN: undefined,
  AWS_ROLE_SESSION_NAME: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined,
  AWS_BEARER_TOKEN_BEDROCK: undefined,
};

test("sets the keys of one profile, takes away whatever would win over them, and says nothing", async () => {
  const call = await exec();
  expect(variables(call)).toStrictEqual({
    ...gone,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: undefined,
    AWS_ACCESS_KEY_ID: "ASIA1",
    AWS_SECRET_ACCESS_KEY: "secret-access-key-1",
    AWS_SESSION_TOKEN: "session-token-1",
    AWS_CREDENTIAL_EXPIRATION: "2027-01-04T10:00:00Z",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  expect([call.stdout, call.stderr]).toEqual(["", ""]);
});

test("lasts as long as the program", async () => {
  const call = await exec();
  let over = false;
  void call.exit.then(() => {
    over = true;
  });
  await world.clock.advance(3 * 60 * 60_000);
  expect(over).toBe(false);
  call.leave();
  expect(await call.exit).toBe(0);
});

describe("the region", () => {
  beforeEach(() => world.place("dev", "eu-west-1"));

  test("is the profile's", async () => {
    expect(variables(await exec())).toMatchObject({
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
    });
  });

  test("stays the caller's where it has one", async () => {
    const set = variables(await exec([], { env: { AWS_REGION: "us-east-1" } }));
    expect("AWS_REGION" in set || "AWS_DEFAULT_REGION" in set).toBe(false);
  });
});

describe("is not run", () => {
  test("without two dashes", async () => {
    expect(await world.run(["exec", "--profile", "dev"])).toMatchObject({
      exit: 125,
      stderr:
        "evercred: There is no program to run. Name it behind two dashes: evercred exec -- COMMAND\n",
    });
  });

  test("with the program before the two dashes", async () => {
    expect(await world.run(["exec", "env", "--"])).toMatchObject({ exit: 125 });
  });

  test.each([[[]], [["--server"]]])("where a sign-in is needed: %j", async (more) => {
    await world.session().signOut();
    const call = await exec(more);
    expect(await call.exit).toBe(125);
    expect(call.order).toBeUndefined();
    expect(world.pages).toBe(0);
  });

  test("where the role is refused", async () => {
    world.provider.fail("issue", "access-denied");
    const call = await exec(["--server"]);
    expect(await call.exit).toBe(125);
    expect(call.order).toBeUndefined();
    expect(world.doors.running.size).toBe(0);
  });

  test("where the door cannot be opened", async () => {
    world.doors.failure = new EvercredError("internal");
    const call = await exec(["--server"]);
    expect(await call.exit).toBe(125);
    expect(call.order).toBeUndefined();
  });
});

describe("--server", () => {
  test("sets where keys are fetched instead of the keys, and files that name no others", async () => {
    const call = await exec(["--server"]);
    expect(variables(call)).toStrictEqual({
      ...gone,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      AWS_CREDENTIAL_EXPIRATION: undefined,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:41000/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "run-token-aws:dev",
      AWS_CONFIG_FILE: "/run/user/1000/evercred/runs/1/config",
      AWS_SHARED_CREDENTIALS_FILE: "/run/user/1000/evercred/runs/1/credentials",
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect(world.files[0]!.files).toEqual({
      config: "[default]\n# settings of dev\n",
      credentials: "",
    });
  });

  test("opens a door and makes files for the time of the program", async () => {
    const call = await exec(["--server"]);
    expect([...world.doors.running]).toEqual(["aws:dev"]);
    expect(world.files[0]!.until.aborted).toBe(false);
    call.leave();
    await call.exit;
    expect(world.doors.running.size).toBe(0);
    expect(world.files[0]!.until.aborted).toBe(true);
  });
});
