import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { googleWorld } from "./google.ts";
import { addKeys, worldOf } from "./keys.ts";
import { World } from "./world.ts";

const url = "https://gateway.example.com";

const setup = (world: World, line: string) => world.run(["setup", "claude", ...line.split(" ")]);

const bedrock = "--provider bedrock --profile dev --region us-east-1";

test("what may be used and what may not is said, and set-up is done all the same", async () => {
  const world = await World.signedIn();
  world.access.checks = [
    { what: "model m", verdict: "allowed", sentence: "It may be used.", remedy: undefined },
    { what: "model n", verdict: "refused", sentence: "It may not.", remedy: "Ask for it." },
    { what: "quota", verdict: "not-checked", sentence: "Nobody says.", remedy: undefined },
  ];
  const { exit, stderr } = await setup(world, `${bedrock} --model m --small-model n`);
  expect(exit).toBe(0);
  expect(stderr).toMatch(
    /^allowed +model m: It may be used\.\nrefused +model n: It may not\.\n +Ask for it\.\nnot checked +quota: Nobody says\.\n/,
  );
  expect(world.access.asked.bedrock).toMatchObject([
    { region: "us-east-1", models: ["m", "n"], baseUrl: undefined, credential: { kind: "aws" } },
  ]);
});

test("with --no-verify and in a dry run nobody is asked", async () => {
  const world = await World.signedIn();
  await setup(world, `${bedrock} --no-verify`);
  await setup(world, `${bedrock} --dry-run`);
  expect(world.access.asked.bedrock).toEqual([]);
});

test("where nobody is signed in it is not checked, and no page is opened", async () => {
  const world = await World.make();
  const { exit, stderr } = await setup(world, bedrock);
  expect(exit).toBe(0);
  expect(stderr).toContain("not checked  use of Claude: You are not signed in to corp.");
  expect(world.pages).toBe(0);
  expect(world.access.asked.bedrock).toEqual([]);
});

test("where the credential does not come it is not checked, after a while", async () => {
  const world = await World.signedIn();
  world.provider.hold("issue");
  const call = await world.start(["setup", "claude", ...bedrock.split(" ")]);
  await world.clock.advance(30_000);
  await world.settle();
  expect(await call.exit).toBe(0);
  expect(call.stderr).toContain(
    "not checked  use of Claude: There was no answer for profile dev in time.",
  );
});

test("what is used for it has to be allowed, and is recorded", async () => {
  const world = await World.signedIn();
  await setup(world, bedrock);
  expect(world.gate.asked).toMatchObject([{ target: "aws:dev" }]);
  expect(world.audit.entries).toContainEqual(
    expect.objectContaining({ event: "served", target: "aws:dev", verb: "setup claude" }),
  );
  world.gate.refusal = new EvercredError("consent-refused", "Somebody said no.");
  const { exit, stderr } = await setup(world, bedrock);
  expect(exit).toBe(0);
  expect(stderr).toContain("not checked  use of Claude: Somebody said no.");
  expect(world.access.asked.bedrock).toHaveLength(1);
});

describe("each shape is asked as Claude Code will ask it:", () => {
  test("vertex, with the account's token", async () => {
    const world = await googleWorld({ google: { offer: { project: "example-claude" } } });
    await world.signIn("google");
    await setup(world, `--provider vertex --region global --base-url ${url}`);
    expect(world.access.asked.vertex).toMatchObject([
      { region: "global", project: "example-claude", models: [], baseUrl: url },
    ]);
  });

  test("a gateway, with the key, and the variables that were named besides", async () => {
    const world = await worldOf({ gateway: "k" });
    const models = "--env ANTHROPIC_DEFAULT_OPUS_MODEL=o --env ANTHROPIC_MODEL_X=no";
    await setup(world, `--provider gateway --base-url ${url} --model m ${models}`);
    const [asked] = world.access.asked.gateway;
    expect(asked).toMatchObject({
      baseUrl: url,
      speaks: { kind: "anthropic" },
      models: ["m", "o"],
    });
    expect(asked?.key?.reveal()).toBe("k");
  });

  test.each([
    ["bedrock", "", { kind: "bedrock" }],
    [
      "vertex",
      "--region global --project example-claude",
      { kind: "vertex", region: "global", project: "example-claude" },
    ],
  ])("%s by a gateway that signs in", async (provider, more, speaks) => {
    const world = await World.make();
    await addKeys(world, { gateway: "k" });
    const line = `--provider ${provider} ${more} --skip-auth --base-url ${url}`.replace("  ", " ");
    await setup(world, line);
    await setup(world, `${line} --key gateway`);
    const { gateway } = world.access.asked;
    expect(gateway).toMatchObject([{ baseUrl: url, speaks, key: undefined }, { speaks }]);
    expect(gateway[1]?.key?.reveal()).toBe("k");
  });
});
