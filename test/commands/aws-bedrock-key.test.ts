import { beforeEach, expect, test } from "vitest";
import { type CallerParts, hour, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const key = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Outcome> =>
  world.run(["aws", "bedrock-key", "--profile", "dev", ...more], parts);

test("prints the key and a newline, for 12 hours", async () => {
  expect(await key(["--region", "us-west-2"])).toEqual({
    exit: 0,
    stdout: "bedrock-api-key-of-ASIA1\n",
    stderr: "",
    questions: [],
  });
  expect(world.aws.bedrockKeys).toEqual([
    { accessKeyId: "ASIA1", region: "us-west-2", lifetimeMs: 12 * hour },
  ]);
});

test("takes the region that is named, else the profile's, else the caller's", async () => {
  const env = { AWS_REGION: "us-east-1" };
  await key([], { env });
  await world.place("dev", "eu-west-1");
  await key([], { env });
  await key(["--region", "us-west-2"], { env });
  expect(world.aws.bedrockKeys.map(({ region }) => region)).toEqual([
    "us-east-1",
    "eu-west-1",
    "us-west-2",
  ]);
});

test.each([[{}], [{ AWS_REGION: "" }]])("needs a region: %j", async (env) => {
  expect(await key([], { env })).toMatchObject({
    exit: 2,
    stdout: "",
    stderr: "evercred: Profile dev has no region. Name one with --region.\n",
  });
});

test("--lifetime makes it shorter", async () => {
  await key(["--region", "us-west-2", "--lifetime", "90m"]);
  expect(world.aws.bedrockKeys[0]!.lifetimeMs).toBe(1.5 * hour);
});

test.each(["13h", "0s", "long"])(
  "--lifetime %s is refused before anybody is asked",
  async (length) => {
    expect(await key(["--region", "us-west-2", "--lifetime", length])).toMatchObject({ exit: 2 });
    expect(world.provider.count("issue")).toBe(0);
  },
);

test("exits 3 where a sign-in is needed", async () => {
  await world.session().signOut();
  expect(await key(["--region", "us-west-2"])).toMatchObject({ exit: 3, stdout: "" });
});
