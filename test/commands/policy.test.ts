import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { noRule } from "../../electron/core/limits.ts";
import { temporaryFolder } from "../platform/folder.ts";
import { type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.make();
});

const policy = (...words: readonly string[]): Promise<Outcome> => world.run(["policy", ...words]);

const contact = "https://help.example.com/evercred";

const govern = (): void => {
  world.policy.state = "in-force";
  world.policy.file = "/etc/evercred/policy.json";
  world.policy.rule = {
    ...noRule,
    organization: "Example Corp",
    contact,
    limits: { bridges: false, doors: [] },
  };
  world.configReader.has = () => [
    { path: ["network", "proxy"], value: "none", setBy: "policy" },
    { path: ["signIn", "before"], value: "30m", setBy: "policy-default" },
    { path: ["log"], value: "debug", setBy: "config" },
    { path: ["aws", "mirrorSsoCache"], value: true, setBy: "built-in" },
    { path: ["aws", "defaultProfile"], value: undefined, setBy: "built-in" },
  ];
};

describe("policy show", () => {
  test("says whose it is, what is set and by whom, and what is allowed", async () => {
    govern();
    expect(await policy("show")).toMatchObject({
      exit: 0,
      stderr: "",
      stdout: `Policy        in force
File          /etc/evercred/policy.json
Organisation  Example Corp
Help          https://help.example.com/evercred

network.proxy  none   set by Example Corp
signIn.before  30m    default of Example Corp
log            debug  from the file
allow.bridges  false  set by Example Corp
allow.doors    []     set by Example Corp
`,
    });
  });

  test("with --all also says what is built in, and what could be set", async () => {
    govern();
    const { stdout } = await policy("show", "--all");
    expect(stdout).toMatch(/^aws\.mirrorSsoCache +true +built in$/m);
    expect(stdout).toMatch(/^aws\.defaultProfile +- +not set$/m);
  });

  test("as JSON has it all", async () => {
    govern();
    world.policy.problems = [
      { severity: "warning", line: 2, sentence: "force.x is odd.", remedy: "Remove it." },
    ];
    expect(JSON.parse((await policy("show", "--json")).stdout)).toEqual({
      version: 1,
      state: "in-force",
      file: "/etc/evercred/policy.json",
      organization: "Example Corp",
      contact,
      allow: { bridges: false, doors: [] },
      settings: [
        { name: "network.proxy", value: "none", setBy: "policy" },
        { name: "signIn.before", value: "30m", setBy: "policy-default" },
        { name: "log", value: "debug", setBy: "config" },
      ],
      problems: [
        { severity: "warning", line: 2, sentence: "force.x is odd.", remedy: "Remove it." },
      ],
    });
    expect((await policy("show")).stderr).toBe("force.x is odd. Remove it.\n");
  });

  test("says that there is none", async () => {
    expect(await policy("show")).toMatchObject({ exit: 0, stdout: "Policy  none\n", stderr: "" });
  });

  test("says why it is closed", async () => {
    govern();
    const closed = new EvercredError("policy-refused", "Example Corp's policy cannot be used.");
    world.policy.state = "closed";
    world.policy.rule = { ...world.policy.rule, limits: {}, closed };
    const { stdout } = await policy("show");
    expect(stdout).toContain("Policy        closed: nothing is handed out\n");
    expect(stdout).toContain("Why           Example Corp's policy cannot be used.\n");
    expect(JSON.parse((await policy("show", "--json")).stdout)).toMatchObject({
      state: "closed",
      why: "Example Corp's policy cannot be used.",
    });
  });

  test("says why it is ignored, once", async () => {
    world.policy.state = "ignored";
    world.policy.file = "/etc/evercred/policy.json";
    const sentence = "This policy does not count.";
    world.policy.problems = [
      { severity: "warning", line: undefined, sentence, remedy: "Remove it." },
    ];
    expect(await policy("show")).toMatchObject({
      stdout: expect.stringContaining(`Why     ${sentence}\n`),
      stderr: `${sentence} Remove it.\n`,
    });
  });
});

describe("policy check", () => {
  const file = (): string => {
    const path = join(temporaryFolder(), "policy.json");
    writeFileSync(path, "{}");
    return path;
  };

  test("says of each problem where it is", async () => {
    const path = file();
    world.policy.files.set(path, [
      {
        severity: "error",
        line: 3,
        column: 14,
        sentence: "allow.bridges is odd.",
        remedy: "Mend it.",
      },
      {
        severity: "error",
        line: undefined,
        column: undefined,
        sentence: "It is odd.",
        remedy: "No.",
      },
    ]);
    expect(await policy("check", path)).toMatchObject({
      exit: 2,
      stdout: `${path}:3:14: error: allow.bridges is odd. Mend it.\n${path}: error: It is odd. No.\n`,
    });
    const { exit, stdout } = await policy("check", path, "--json");
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [{ line: 3, column: 14 }, {}] });
  });

  test("of what is right exits 0", async () => {
    const path = file();
    expect(await policy("check", path)).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: `${path}: nothing is wrong.\n`,
    });
  });

  test.each([
    [[], "Which file? Write: evercred policy check FILE"],
    [["nowhere.json"], "/home/ann/nowhere.json is not there. Name a file that is."],
  ])("of %j is a mistake", async (words, sentence) => {
    expect(await policy("check", ...words)).toMatchObject({
      exit: 2,
      stderr: `evercred: ${sentence}\n`,
    });
  });
});

test("policy schema prints it", async () => {
  const { stdout } = await policy("schema");
  expect(JSON.parse(stdout)).toEqual(world.policy.schema);
});

describe("a profile that the policy names where nobody names one", () => {
  beforeEach(async () => {
    world = await World.signedIn();
    world.defaultProfile = "ops";
  });

  const served = async (
    env: Readonly<Record<string, string>>,
    ...flags: string[]
  ): Promise<string> => {
    await world.run(["aws", "export", ...flags], { env });
    return world.gate.asked.at(-1)?.target ?? "";
  };

  test("comes before what the environment says, and not before the command line", async () => {
    expect(await served({ AWS_PROFILE: "dev" })).toBe("aws:dev");
    world.policy.forced.add("aws.defaultProfile");
    expect(await served({ AWS_PROFILE: "dev", AWS_DEFAULT_PROFILE: "dev" })).toBe("aws:ops");
    expect(await served({}, "--profile", "dev")).toBe("aws:dev");
  });
});

test("config unset says what the organisation has instead", async () => {
  world.policy.rule = { ...noRule, organization: "Example Corp" };
  world.config.tree = { signIn: { before: "10m" } };
  world.configReader.has = () => [
    { path: ["signIn", "before"], value: "40m", setBy: "policy-default" },
  ];
  expect((await world.run(["config", "unset", "signIn.before"])).stdout).toBe(
    "signIn.before is taken out; Example Corp has 40m\n",
  );
});
