import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { googleWorld } from "./google.ts";
import { addKeys } from "./keys.ts";
import { World } from "./world.ts";

const run = (world: World, line: string) => world.run(["setup", ...line.split(" ")]);

describe("setup aws", () => {
  test("writes a profile with a program of ours, and takes it back", async () => {
    const world = await World.make();
    await world.place("dev", "eu-central-1");
    const { exit, stdout } = await run(world, "aws --profile dev");
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: "Written: profile dev-evercred gives the keys of dev, in dev-evercred\n",
    });
    expect(JSON.parse(world.processProfiles.files.texts.get("dev-evercred") ?? "")).toEqual({
      name: "dev-evercred",
      command: "/opt/evercred/bin/evercred aws process --profile dev",
      region: "eu-central-1",
    });
    expect(await run(world, "aws --profile dev --undo")).toMatchObject({ exit: 0 });
    expect(world.processProfiles.files.texts.size).toBe(0);
  });

  test("prints what would change", async () => {
    const world = await World.make();
    const { stdout } = await run(world, "aws --profile dev --name x --region us-east-1 --dry-run");
    expect(stdout).toContain('+  "region": "us-east-1"\n');
    expect(world.processProfiles.files.texts.size).toBe(0);
  });

  test.each([
    ["aws --profile dev --name dev", "Profile dev would ask for itself."],
    ["aws --profile dev --name a]b", '"a]b" is no name of a profile.'],
    ["aws --profile dev --region here", '"here" is no region.'],
    ["aws --profile nobody", "There is no profile nobody"],
    ["aws --undo --profile dev --region us-east-1", "--region does not go with --undo."],
  ])("%s: exit 2, and why", async (line, why) => {
    const world = await World.make();
    const { exit, stderr } = await run(world, line);
    expect(exit).toBe(2);
    expect(stderr).toContain(why);
    expect(world.processProfiles.files.texts.size).toBe(0);
  });
});

describe("setup gcp", () => {
  test("has gcloud read the account's token file, and takes it back", async () => {
    const world = await googleWorld({ google: {} });
    expect(await run(world, "gcp")).toMatchObject({
      exit: 0,
      stdout: "gcloud is set up: config_default takes the token of google.\n",
    });
    expect(world.gcloud.files.texts.get("config_default")).toContain("token-gcp:google");
    expect(await run(world, "gcp --undo")).toMatchObject({ exit: 0 });
    expect(world.gcloud.files.texts.size).toBe(0);
  });

  test("says why there is no such file", async () => {
    const world = await googleWorld({ google: {} });
    world.googleDoors.failure = new EvercredError("config-invalid", "There are no doors.");
    expect((await run(world, "gcp")).stderr).toContain("There are no doors.");
    expect((await run(world, "gcp --undo --account google")).exit).toBe(2);
  });
});

describe("setup devcontainer", () => {
  const bedrock = "devcontainer --provider bedrock --profile dev --region us-east-1";
  const file = "/home/ann/.devcontainer/devcontainer.json";

  test("prints the lines of a bridge that serves just what is needed", async () => {
    const world = await World.make();
    const { exit, stdout, stderr } = await run(world, bedrock);
    expect(exit).toBe(0);
    const [, json = "", helpers = ""] =
      /^For devcontainer\.json:\n(.*)\nFor \S+:\n(.*)$/s.exec(stdout) ?? [];
    expect(JSON.parse(json)).toEqual({
      mounts: [
        "type=bind,source=/run/user/1000/evercred/bridges/ann,target=/run/evercred-bridge,readonly",
        "type=bind,source=/opt/evercred/bin/evercred,target=/usr/local/bin/evercred,readonly",
        "type=bind,source=${localWorkspaceFolder}/.devcontainer/evercred-claude.json,target=/etc/claude-code/managed-settings.d/evercred.json,readonly",
      ],
      containerEnv: {
        EVERCRED_BRIDGE: "/run/evercred-bridge",
        CLAUDE_CODE_USE_BEDROCK: "1",
        AWS_REGION: "us-east-1",
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
        MAX_THINKING_TOKENS: "1024",
      },
    });
    expect(JSON.parse(helpers)).toEqual({
      awsAuthRefresh: "/usr/local/bin/evercred aws login --profile dev",
      awsCredentialExport: "/usr/local/bin/evercred aws export --profile dev",
    });
    expect(stderr).toContain("Bridge ann serves aws:dev until");
    expect(world.bridges.list()).toMatchObject([{ name: "ann", allow: ["aws:dev"] }]);
    expect(world.containers.files.texts.size).toBe(0);
  });

  test("with --write they go into the project's file; the same bridge does again", async () => {
    const world = await World.make();
    await run(world, bedrock);
    expect(await run(world, `${bedrock} --write`)).toMatchObject({
      exit: 0,
      stdout: `Set up: ${file}\n`,
    });
    expect(world.containers.files.texts.get(file)).toContain("EVERCRED_BRIDGE");
    expect(world.bridges.list()).toHaveLength(1);
    expect(await run(world, "devcontainer --undo")).toMatchObject({ exit: 0 });
    expect(world.containers.files.texts.size).toBe(0);
  });

  test("a gateway's bridge serves its key, and more where that is said", async () => {
    const world = await World.make();
    await addKeys(world, { gateway: "k" });
    const flags =
      "--base-url https://gateway.example.com --allow aws:dev --name box --for 1h --tcp";
    const { exit, stdout } = await run(world, `devcontainer --provider gateway ${flags}`);
    expect(exit).toBe(0);
    expect(stdout).toContain("tcp://host.docker.internal:41001");
    expect(world.bridges.list()).toMatchObject([
      { name: "box", allow: ["api-key:gateway", "aws:dev"] },
    ]);
  });

  test("the bridge goes where the file is refused, and with an undo; others stay", async () => {
    const world = await World.make();
    await world.run(["bridge", "add", "other", "--allow", "aws:dev"]);
    world.containers.refusal = new EvercredError("config-invalid", "It is not ours.");
    expect((await run(world, `${bedrock} --write`)).stderr).toContain("It is not ours.");
    expect(world.bridges.list()).toMatchObject([{ name: "other" }]);
    world.containers.refusal = undefined;
    await run(world, `${bedrock} --write --name other`);
    world.containers.refusal = new EvercredError("config-invalid", "It is not ours.");
    expect((await run(world, `${bedrock} --write --name other`)).exit).toBe(2);
    expect(world.bridges.list()).toMatchObject([{ name: "other" }]);
    await run(world, bedrock);
    const { stderr } = await run(world, "devcontainer --undo");
    expect(stderr).toContain("The bridge ann that was made for it is gone.");
    expect(world.bridges.list()).toMatchObject([{ name: "other" }]);
  });

  test("in a folder that is gone nothing is set up", async () => {
    const world = await World.make();
    const words = ["setup", ...bedrock.split(" ")];
    const { exit, stderr } = await world.run(words, { cwd: "" });
    expect(exit).toBe(2);
    expect(stderr).toContain("The folder where you are is not there any more.");
    expect(world.bridges.list()).toEqual([]);
  });

  test.each(["aws:ops", "aws:dev --allow aws:ops"])(
    "a bridge that serves %s is left alone",
    async (allow) => {
      const world = await World.make();
      await world.run(["bridge", "add", "ann", "--allow", ...allow.split(" ")]);
      const { exit, stderr } = await run(world, bedrock);
      expect(exit).toBe(2);
      expect(stderr).toContain("There is a bridge ann that serves something else.");
      expect((await run(world, "devcontainer --undo --provider bedrock")).exit).toBe(2);
    },
  );
});
