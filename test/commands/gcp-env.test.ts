import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { googleWorld } from "./google.ts";
import { configure } from "./organisation.ts";
import { type Call, type CallerParts, type Order, terminal, type World } from "./world.ts";

/** Everything that some tool heeds ahead of what we set. */
const gone = [
  "GOOGLE_APPLICATION_CREDENTIALS",
  "google_application_credentials",
  "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
  "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT",
  "GOOGLE_OAUTH_ACCESS_TOKEN",
  "GOOGLE_CREDENTIALS",
  "GOOGLE_CLOUD_KEYFILE_JSON",
  "GCLOUD_KEYFILE_JSON",
  "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
  "GOOGLE_API_KEY",
  "NO_GCE_CHECK",
  "GCE_METADATA_ROOT",
];

let world: World;

beforeEach(async () => {
  world = await googleWorld({ google: { offer: { project: "example-claude" } }, bare: {} });
  world.defaultGoogleSource = "bare";
});

describe("gcp env", () => {
  test("prints the way to the tokens, takes away what would win, and needs no sign-in", async () => {
    expect(await world.run(["gcp", "env"])).toEqual({
      exit: 0,
      stdout: [
        "export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE='/run/user/1000/evercred/token-gcp:bare';",
        "export GCE_METADATA_HOST='127.0.0.1:41003';",
        "export GCE_METADATA_IP='127.0.0.1:41003';",
        "export METADATA_SERVER_DETECTION='assume-present';",
        ...gone.map((name) => `unset ${name};`),
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("has the project where it is known, and no older name of one", async () => {
    const { stdout } = await world.run(["gcp", "env", "--account", "google"]);
    expect(stdout).toContain("export GOOGLE_CLOUD_PROJECT='example-claude';\n");
    expect(stdout).toContain("unset GCLOUD_PROJECT;\n");
  });

  test("takes the form that is asked for", async () => {
    const { stdout } = await world.run(["gcp", "env", "--format", "json"]);
    expect(Object.keys(JSON.parse(stdout) as object)).toHaveLength(4);
    expect(await world.run(["gcp", "env", "--format", "tcsh"])).toMatchObject({ exit: 2 });
  });

  test("says so where there is no such door", async () => {
    world.googleDoors.failure = new EvercredError("config-invalid", "There is no standing door.");
    expect(await world.run(["gcp", "env"])).toMatchObject({ exit: 2, stdout: "" });
  });
});

const exec = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Call> =>
  world.start(["exec", "--gcp-account", "google", ...more, "--"], parts);

const variables = ({ order }: Call): Extract<Order, { variables: unknown }>["variables"] => {
  if (order === undefined || !("variables" in order)) throw new Error("nothing runs");
  return order.variables;
};

describe("exec --gcp-account", () => {
  beforeEach(async () => {
    await configure(world, {
      corp: {},
      google: world.source("google"),
      bare: world.source("bare"),
    });
    await world.signIn("google");
    await world.signIn("corp");
  });

  const google = {
    ...Object.fromEntries(gone.map((name) => [name, undefined])),
    GCLOUD_PROJECT: undefined,
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: "/run/user/1000/evercred/run-gcp:google",
    GCE_METADATA_HOST: "127.0.0.1:41002",
    GCE_METADATA_IP: "127.0.0.1:41002",
    METADATA_SERVER_DETECTION: "assume-present",
    CLOUDSDK_CONFIG: "/run/user/1000/evercred/runs/1",
    GOOGLE_CLOUD_PROJECT: "example-claude",
  };

  test("sets the way to the tokens, a folder without credentials, and nothing of AWS", async () => {
    const call = await exec();
    expect(variables(call)).toStrictEqual(google);
    expect([call.stdout, call.stderr]).toEqual(["", ""]);
    expect(world.files.map(({ files }) => files)).toEqual([
      { active_config: "work", "configurations/config_work": "[core]\nproject = work\n" },
    ]);
  });

  test("opens a door that tells the project, for the time of the program", async () => {
    const call = await exec();
    expect([...world.googleDoors.running]).toEqual([["gcp:google", "example-claude"]]);
    call.leave();
    expect(await call.exit).toBe(0);
    expect(world.googleDoors.running.size).toBe(0);
    expect(world.files[0]!.until.aborted).toBe(true);
  });

  test("leaves the caller's project, which the door then tells", async () => {
    const call = await exec([], { env: { GOOGLE_CLOUD_PROJECT: "theirs" } });
    const names = Object.keys(variables(call));
    expect(names).not.toContain("GOOGLE_CLOUD_PROJECT");
    expect(names).not.toContain("GCLOUD_PROJECT");
    expect([...world.googleDoors.running.values()]).toEqual(["theirs"]);
  });

  test("has the token before the program starts", async () => {
    const release = world.provider.hold("issue");
    const call = await exec();
    expect(call.order).toBeUndefined();
    release();
    await world.settle();
    expect(call.order).toBeDefined();
  });

  test.each([
    [["--profile", "dev"], { AWS_ACCESS_KEY_ID: "ASIA2" }],
    [["--profile", "dev", "--server"], { AWS_CONTAINER_AUTHORIZATION_TOKEN: "run-token-aws:dev" }],
  ])("goes with AWS where that is asked for: %j", async (more, aws) => {
    expect(variables(await exec(more))).toMatchObject({ ...google, ...aws });
  });

  test("--server alone is about AWS", async () => {
    world.defaultProfile = "ops";
    expect(variables(await exec(["--server"]))).toMatchObject({
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "run-token-aws:ops",
    });
  });

  test("is not run where a sign-in is needed", async () => {
    await world.session("google").signOut();
    const call = await exec([], { terminal });
    expect(await call.exit).toBe(125);
    expect(call.order).toBeUndefined();
    expect(call.stderr).toBe(
      "evercred: You are not signed in to google. Run: evercred login google\n",
    );
    expect(world.googleDoors.running.size).toBe(0);
    expect(world.files).toEqual([]);
  });

  test("with --sign-in asks first", async () => {
    await world.session("google").signOut();
    const call = await exec(["--sign-in"]);
    world.approve("google");
    await world.settle();
    expect(call.order).toBeDefined();
  });

  test.each([
    ["the door", "googleDoors"],
    ["the settings", "google"],
  ] as const)("is not run where %s cannot be had", async (_what, port) => {
    world[port].failure = new EvercredError("internal");
    const call = await exec();
    expect(await call.exit).toBe(125);
    expect(call.order).toBeUndefined();
  });

  test("is not run for an account that is not there", async () => {
    const call = await world.start(["exec", "--gcp-account", "nobody", "--"]);
    expect(await call.exit).toBe(125);
    expect(call.stderr).toContain("There is no Google account nobody.");
  });
});
