import { beforeEach, describe, expect, test } from "vitest";
import { instantOf, never } from "../../electron/core/time.ts";
import { targetOf } from "../../electron/core/source.ts";
import { addKeys } from "./keys.ts";
import { hour, minute, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const bridge = (...words: readonly string[]): Promise<Outcome> => world.run(["bridge", ...words]);
const add = (...more: readonly string[]): Promise<Outcome> =>
  bridge("add", "box", "--allow", "aws:dev", ...more);

const directory = "/run/user/1000/evercred/bridges/box";

describe("bridge add", () => {
  test("says what it serves, until when, and what a container needs", async () => {
    expect(await add("--allow", "aws:ops", "--allow", "aws:dev")).toEqual({
      exit: 0,
      stdout: `Bridge box serves aws:dev, aws:ops until ${world.timeIn(12 * hour)}.
Directory: ${directory}

For devcontainer.json:
{
  "mounts": [
    "type=bind,source=${directory},target=/run/evercred-bridge,readonly",
    "type=bind,source=/opt/evercred/bin/evercred,target=/usr/local/bin/evercred,readonly"
  ],
  "containerEnv": {
    "EVERCRED_BRIDGE": "/run/evercred-bridge"
  }
}
In a container for another kind of machine put the shim for that at /usr/local/bin/evercred instead.
`,
      stderr: "",
      questions: [],
    });
    expect(world.bridges.list()).toMatchObject([
      { name: "box", allow: ["aws:dev", "aws:ops"], port: undefined },
    ]);
  });

  test("--tcp names the port, and where the container finds the token", async () => {
    const { stdout } = await add("--tcp");
    expect(stdout).toContain("Port: 41001\n");
    expect(stdout).toContain('"EVERCRED_BRIDGE": "tcp://host.docker.internal:41001"');
    expect(stdout).toContain('"EVERCRED_BRIDGE_TOKEN_FILE": "/run/evercred-bridge/token"');
  });

  test("--json is one document, with the same settings", async () => {
    expect(JSON.parse((await add("--json", "--tcp")).stdout)).toEqual({
      name: "box",
      allow: ["aws:dev"],
      directory,
      port: 41001,
      endsAt: "2027-01-04T21:00:00.000Z",
      devcontainer: {
        mounts: [
          `type=bind,source=${directory},target=/run/evercred-bridge,readonly`,
          "type=bind,source=/opt/evercred/bin/evercred,target=/usr/local/bin/evercred,readonly",
        ],
        containerEnv: {
          EVERCRED_BRIDGE: "tcp://host.docker.internal:41001",
          EVERCRED_BRIDGE_TOKEN_FILE: "/run/evercred-bridge/token",
        },
      },
    });
  });

  test("says where the shim goes where there is none here for a container", async () => {
    const daemon = { ...world.context.daemon, containerShim: undefined };
    Object.assign(world.context, { daemon });
    const { stdout } = await add();
    expect(stdout).not.toContain("/opt/evercred");
    expect(stdout).toContain("Put the shim for the container's kind of machine");
  });

  test("serves keys as well as profiles", async () => {
    await addKeys(world, { gateway: "sk-1" });
    const { stdout } = await add("--allow", "api-key:gateway");
    expect(stdout).toContain("Bridge box serves aws:dev, api-key:gateway until ");
    expect(world.bridges.list()).toMatchObject([{ allow: ["aws:dev", "api-key:gateway"] }]);
    expect(await bridge("add", "other", "--allow", "api-key:gatevay")).toMatchObject({
      exit: 2,
      stderr: "evercred: There is no api-key:gatevay to be served. Did you mean api-key:gateway?\n",
    });
  });

  test("--for says how long", async () => {
    await add("--for", "90m");
    await world.clock.advance(90 * minute - 1);
    expect(world.bridges.list()).toHaveLength(1);
    await world.clock.advance(1);
    expect(world.bridges.list()).toHaveLength(0);
  });

  test.each([
    [["add", "--allow", "aws:dev"], "Which bridge?"],
    [["add", "Box", "--allow", "aws:dev"], '"Box" is no name for a bridge.'],
    [["add", "../box", "--allow", "aws:dev"], '"../box" is no name for a bridge.'],
    [["add", "x".repeat(33), "--allow", "aws:dev"], "is no name for a bridge."],
    [
      ["add", "box"],
      "A bridge serves only what you name. Write: evercred bridge add box --allow aws:PROFILE (or gcp:SOURCE, api-key:NAME)",
    ],
    [
      ["add", "box", "--allow", "aws:dav"],
      "There is no aws:dav to be served. Did you mean aws:dev?",
    ],
    [
      ["add", "box", "--allow", "aws:dev", "--allow", "api-key:gateway"],
      "There is no api-key:gateway to be served. There are aws:dev, aws:ops.",
    ],
    [
      ["add", "box", "--allow", "aws:dev", "--for", "0s"],
      "A bridge has to be there for some time.",
    ],
    [["add", "box", "--allow", "aws:dev", "--for", "long"], '"long" is not a length of time.'],
  ])("%j is refused, and makes nothing", async (words, sentence) => {
    const { exit, stdout, stderr } = await bridge(...words);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(world.bridges.list()).toEqual([]);
  });

  test("takes no name twice", async () => {
    await add();
    expect(await add()).toMatchObject({ exit: 2, stdout: "" });
  });
});

describe("bridge list", () => {
  test("says so where there are none", async () => {
    expect(await bridge("list")).toMatchObject({ exit: 0, stdout: "There are no bridges.\n" });
    expect(await bridge("list", "--json")).toMatchObject({ stdout: '{"bridges":[]}\n' });
  });

  test("names what each serves, until when, and when it was last used", async () => {
    const end = world.timeIn(12 * hour);
    await add();
    await bridge("add", "other", "--allow", "aws:dev", "--allow", "aws:ops");
    await world.clock.advance(minute);
    world.bridges.served("other", targetOf("aws", "dev"), instantOf(0));
    expect((await bridge("list")).stdout).toBe(
      `box  serves aws:dev  until ${end}  not used yet\n` +
        `other  serves aws:dev, aws:ops  until ${end}  last used ${world.timeIn(0)}\n`,
    );
    expect(JSON.parse((await bridge("list", "--json")).stdout)).toEqual({
      bridges: [
        { name: "box", allow: ["aws:dev"], directory, endsAt: "2027-01-04T21:00:00.000Z" },
        {
          name: "other",
          allow: ["aws:dev", "aws:ops"],
          directory: "/run/user/1000/evercred/bridges/other",
          endsAt: "2027-01-04T21:00:00.000Z",
          lastUsedAt: "2027-01-04T09:01:00.000Z",
        },
      ],
    });
  });
});

describe("bridge rm", () => {
  test("takes it away", async () => {
    await add();
    expect(await bridge("rm", "box")).toMatchObject({ exit: 0, stdout: "Bridge box is gone.\n" });
    expect(world.bridges.list()).toEqual([]);
  });

  test("names the keys that are still good outside, each target once, until the last of them ends", async () => {
    await add("--allow", "aws:ops");
    const now = world.clock.now();
    world.bridges.served("box", targetOf("aws", "dev"), instantOf(now + 50 * minute));
    world.bridges.served("box", targetOf("aws", "dev"), instantOf(now + 20 * minute));
    world.bridges.served("box", targetOf("aws", "ops"), instantOf(now + 10 * minute));
    expect((await bridge("rm", "box")).stdout).toBe(
      "Bridge box is gone.\n" +
        `Keys of aws:dev that it gave out stay good until ${world.timeIn(50 * minute)}.\n` +
        `Keys of aws:ops that it gave out stay good until ${world.timeIn(10 * minute)}.\n`,
    );
  });

  test("names what has no end", async () => {
    await add();
    world.bridges.served("box", targetOf("api-key", "litellm"), never);
    expect((await bridge("rm", "box")).stdout).toBe(
      "Bridge box is gone.\n" +
        "Keys of api-key:litellm that it gave out stay good until they are ended where they come from.\n",
    );
  });

  test("refuses what is not there", async () => {
    expect(await bridge("rm", "box")).toMatchObject({ exit: 2, stdout: "" });
    expect(await bridge("rm")).toMatchObject({ exit: 2, stdout: "" });
  });
});
