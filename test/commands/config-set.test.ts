import { beforeEach, describe, expect, test } from "vitest";
import type { ConfigValue, Setting } from "../../electron/commands/ports.ts";
import type { Caller } from "../../electron/core/caller.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Outcome, World } from "./world.ts";

let world: World;

/** What the configuration says, and what is built in where it says nothing. */
const settings = (): readonly Setting[] => {
  const { signIn } = world.config.tree as { signIn?: { before?: string } };
  return [
    {
      path: ["signIn", "before"],
      value: signIn?.before ?? "20m",
      setBy: signIn?.before === undefined ? "built-in" : "config",
    },
    { path: ["aws", "defaultProfile"], value: undefined, setBy: "built-in" },
  ];
};

beforeEach(async () => {
  world = await World.make();
  world.configReader.has = settings;
});

const config = (...words: readonly string[]): Promise<Outcome> => world.run(["config", ...words]);

describe("config set", () => {
  test.each<[string, ConfigValue]>([
    ["30m", "30m"],
    ["true", true],
    ["7", 7],
    ['"7"', "7"],
    ['["0 9 * * 1-5"]', ["0 9 * * 1-5"]],
    ['{"a": [{}]}', { a: [{}] }],
    ["Bearer ${key:gateway}", "Bearer ${key:gateway}"],
    ["", ""],
    ["7 up", "7 up"],
  ])("%s", async (typed, value) => {
    const outcome = await config("set", 'headers.otel."X.Team"', typed);
    expect(outcome).toMatchObject({ exit: 0, stderr: "" });
    expect(world.config.tree).toEqual({ headers: { otel: { "X.Team": value } } });
  });

  test("says what is set, and where it was already", async () => {
    expect((await config("set", "signIn.before", "30m")).stdout).toBe("signIn.before is now 30m\n");
    expect((await config("set", "signIn.before", "30m")).stdout).toBe(
      "signIn.before is 30m already.\n",
    );
  });

  test("of consent is known by who does it, and nothing else is", async () => {
    const caller: Caller = { kind: "bridge", name: "box" };
    const words = [
      ["set", "consent", "off"],
      ["unset", "consent"],
    ];
    for (const each of words) await world.run(["config", ...each], { caller });
    expect(world.config.changes).toEqual([
      ["consent", "off"],
      ["consent", undefined],
    ]);
    expect(world.changers).toEqual([caller, caller]);
    await config("set", "signIn.before", "30m");
    expect(world.changers).toHaveLength(2);
  });

  test("a number that cannot stand there is taken as its text", async () => {
    const { config: editor } = world;
    const set = editor.set.bind(editor);
    editor.set = async (path, value) => {
      if (typeof value !== "string") throw new EvercredError("usage", "It must be a text.");
      return await set(path, value);
    };
    expect(await config("set", "aws.defaultProfile", "1234")).toMatchObject({ exit: 0 });
    expect(editor.changes).toEqual([["aws.defaultProfile", "1234"]]);
    expect(await config("set", "aws.defaultProfile", "[1]")).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("It must be a text."),
    });
  });

  test("what is refused as a number and as a text is refused as what it is", async () => {
    world.config.set = async (_, value) => {
      throw new EvercredError("usage", `A ${typeof value} does not fit.`);
    };
    expect((await config("set", "log", "true")).stderr).toContain("A boolean does not fit.");
  });

  test("a refusal is the schema's sentence, and nothing is said on stdout", async () => {
    world.config.refusal = new EvercredError("usage", "signIn.before must be a duration.", {
      remedy: "Give another value: nothing has been changed.",
    });
    expect(await config("set", "signIn.before", "soon")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: signIn.before must be a duration. Give another value: nothing has been changed.\n",
    });
  });

  test("a part of a source that was found by itself needs an entry before", async () => {
    const missing = "sources.corp.kind is missing.";
    world.config.refusal = new EvercredError("usage", missing, { remedy: "Give another value." });
    const title = (id: string): Promise<Outcome> => config("set", `sources.${id}.title`, "Corp");
    expect(await title("corp")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr:
        'evercred: corp was found by itself, and has no entry in the configuration yet. Make one first: evercred config set sources.corp \'{"kind":"aws-sso"}\'\n',
    });
    // Whom nobody knows is not found, and what has an entry is refused for another reason.
    expect((await title("nobody")).stderr).toContain(missing);
    world.configReader.has = () => [
      { path: ["sources", "corp", "kind"], value: "aws-sso", setBy: "config" },
    ];
    expect((await title("corp")).stderr).toContain(missing);
  });

  test("a broken file is not tried with another value", async () => {
    let tries = 0;
    world.config.set = async () => {
      tries += 1;
      throw new EvercredError("config-invalid", "config.json line 3: It is broken.");
    };
    expect(await config("set", "log", "7")).toMatchObject({ exit: 2 });
    expect(tries).toBe(1);
  });

  test.each([
    ["null", "null is no value of a setting. To take a setting out: evercred config unset NAME"],
    ['{"a": [null]}', "null is no value of a setting."],
    ['["vault", "kv', "The value begins as JSON does, and is none."],
    [" {a: 1}", "The value begins as JSON does, and is none."],
  ])("%s is no value", async (typed, sentence) => {
    const { exit, stderr } = await config("set", "signIn.schedule", typed);
    expect(exit).toBe(2);
    expect(stderr).toContain(sentence);
    expect(world.config.changes).toEqual([]);
  });

  test.each([
    [["signIn.before"], "Which value?"],
    [["keys.litellm", "kind", "hunter2"], "One value is taken, and no more."],
    [[], "Which setting?"],
  ])("%j is not enough or too much, and not repeated", async (words, sentence) => {
    const { exit, stdout, stderr } = await config("set", ...words);
    expect(exit).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stdout + stderr).not.toContain("hunter2");
    expect(world.config.changes).toEqual([]);
  });

  test("what works no more because of it is said, and nothing that was so before", async () => {
    const old = { code: "config-invalid", sentence: "Old.", remedy: "Mend it." } as const;
    world.problems = [old];
    world.config.apply = async () => {
      world.problems = [old, { ...old, sentence: "sources.corp has no startUrl." }];
    };
    expect(await config("set", "sources.corp.kind", "aws-sso")).toMatchObject({
      exit: 0,
      stderr: "sources.corp has no startUrl. Mend it.\n",
    });
  });
});

describe("config unset", () => {
  test("takes a setting out, and says what is in force then", async () => {
    world.config.tree = { signIn: { before: "30m" } };
    expect(await config("unset", "signIn.before")).toMatchObject({
      exit: 0,
      stdout: "signIn.before is taken out; built in is 20m\n",
      stderr: "",
    });
    expect(world.config.tree).toEqual({ signIn: {} });
  });

  test("where nothing is built in says no more than that", async () => {
    world.config.tree = { aws: { defaultProfile: "dev" } };
    expect((await config("unset", "aws.defaultProfile")).stdout).toBe(
      "aws.defaultProfile is taken out.\n",
    );
  });

  test("of what is not set is no mistake", async () => {
    expect(await config("unset", "aws.defaultProfile")).toMatchObject({
      exit: 0,
      stdout: "aws.defaultProfile was not set.\n",
    });
  });

  test("takes out what stands there under a name that nobody knows", async () => {
    world.config.tree = { netwrok: { proxy: "none" } };
    expect(await config("unset", "netwrok.proxy")).toMatchObject({
      exit: 0,
      stdout: "netwrok.proxy is taken out.\n",
    });
  });

  test("of what is neither there nor known names the nearest", async () => {
    expect(await config("unset", "signIn.befor")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: There is no setting of that name. Did you mean signIn.before?\n",
    });
  });

  test("says what works no more because of it", async () => {
    world.config.tree = { signIn: { before: "30m" } };
    world.config.apply = async () => {
      world.problems = [{ code: "config-invalid", sentence: "It is needed.", remedy: "Mend it." }];
    };
    expect((await config("unset", "signIn.before")).stderr).toBe("It is needed. Mend it.\n");
  });
});
