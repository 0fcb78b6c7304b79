import { beforeEach, describe, expect, test } from "vitest";
import type { Setting } from "../../electron/commands/ports.ts";
import { type Outcome, World } from "./world.ts";

const file = "/home/ann/.config/evercred/config.json";

const written = (path: readonly string[], value: Setting["value"]): Setting => ({
  path,
  value,
  setBy: "config",
});
const builtIn = (path: readonly string[], value: Setting["value"]): Setting => ({
  path,
  value,
  setBy: "built-in",
});

const settings: readonly Setting[] = [
  written(["sources", "corp", "kind"], "aws-sso"),
  written(["sources", "corp", "browser"], ["firefox", "{url}"]),
  builtIn(["sources", "corp", "enabled"], true),
  builtIn(["sources", "corp", "region"], undefined),
  written(["keys", "minted", "claims", "https://example.com/team"], "payments"),
  builtIn(["aws", "defaultProfile"], undefined),
  written(["signIn", "before"], "30m"),
  builtIn(["signIn", "schedule"], []),
];

let world: World;

beforeEach(async () => {
  world = await World.make();
  world.configReader.has = () => settings;
});

const config = (...words: readonly string[]): Promise<Outcome> => world.run(["config", ...words]);

const lines = ({ stdout }: Outcome): readonly string[] => stdout.trimEnd().split("\n");

describe("config list", () => {
  test("says what stands in the file", async () => {
    const outcome = await config("list");
    expect(outcome).toMatchObject({ exit: 0, stderr: "" });
    expect(lines(outcome)).toEqual([
      "sources.corp.kind                              aws-sso              from the file",
      'sources.corp.browser                           ["firefox","{url}"]  from the file',
      'keys.minted.claims."https://example.com/team"  payments             from the file',
      "signIn.before                                  30m                  from the file",
    ]);
  });

  test("with --all says what is built in, and what could be set", async () => {
    const outcome = await config("list", "--all");
    expect(lines(outcome)).toHaveLength(settings.length);
    expect(outcome.stdout).toMatch(/^sources\.corp\.enabled +true +built in$/m);
    expect(outcome.stdout).toMatch(/^aws\.defaultProfile +- +not set$/m);
    expect(outcome.stdout).toMatch(/^signIn\.schedule +\[\] +built in$/m);
  });

  test("as JSON has the values themselves", async () => {
    const all = JSON.parse((await config("list", "--all", "--json")).stdout);
    expect(all).toMatchObject({ version: 1, file });
    expect(all.settings).toContainEqual({
      name: "sources.corp.browser",
      value: ["firefox", "{url}"],
      setBy: "config",
    });
    expect(all.settings).toContainEqual({ name: "signIn.schedule", value: [], setBy: "built-in" });
    expect(all.settings).toContainEqual({ name: "aws.defaultProfile", setBy: "nothing" });
    const short = JSON.parse((await config("list", "--json")).stdout);
    expect(short.settings.map(({ setBy }: { setBy: string }) => setBy)).toEqual(
      Array<string>(4).fill("config"),
    );
  });

  test("of nothing says how to find what could be set", async () => {
    world.configReader.has = () => [];
    expect(await config("list")).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "Nothing is set. See what could be: evercred config list --all\n",
    });
  });

  test("says where the file is broken, and not where it only has something odd", async () => {
    const problem = { line: 3, sentence: "log must be a text.", remedy: "Correct it." };
    world.configReader.problems.set(file, [{ ...problem, severity: "warning" }]);
    expect((await config("list")).stderr).toBe("");
    world.configReader.problems.set(file, [{ ...problem, severity: "error" }]);
    for (const flags of [[], ["--json"]]) {
      expect(await config("list", ...flags)).toMatchObject({
        exit: 0,
        stderr: `${file} is broken: the settings before it are in force. See: evercred config check\n`,
      });
    }
  });

  test("prints nothing that moves a terminal's text", async () => {
    world.configReader.has = () => [written(["sources", "corp", "title"], "a\u001b[2Jb\nc")];
    expect((await config("list")).stdout).toBe("sources.corp.title  a [2Jb c  from the file\n");
  });
});

describe("config get", () => {
  test.each([
    ["signIn.before", "30m"],
    ["sources.corp.browser", '["firefox","{url}"]'],
    ["sources.corp.enabled", "true"],
    ["signIn.schedule", "[]"],
    ['keys.minted.claims."https://example.com/team"', "payments"],
    ["signIn", '{"before":"30m","schedule":[]}'],
    ["sources.corp", '{"kind":"aws-sso","browser":["firefox","{url}"],"enabled":true}'],
  ])("%s", async (name, value) => {
    expect(await config("get", name)).toMatchObject({ exit: 0, stdout: `${value}\n`, stderr: "" });
  });

  test("with --json a text is JSON too", async () => {
    expect((await config("get", "signIn.before", "--json")).stdout).toBe('"30m"\n');
  });

  test.each(["aws.defaultProfile", "sources.corp.region", "aws"])(
    "%s is not set, which is no mistake of the caller",
    async (name) => {
      expect(await config("get", name)).toEqual({
        exit: 1,
        stdout: "",
        stderr: `evercred: ${name} is not set. Set it: evercred config set NAME VALUE\n`,
        questions: [],
      });
    },
  );

  test.each([
    ["signIn.befor", "Did you mean signIn.before?"],
    ["sources.crop", "Did you mean sources.corp?"],
    ["singIn", "Did you mean signIn?"],
    ["signIn.before.more.and.more", "See: evercred config list --all"],
    ["__proto__", "See: evercred config list --all"],
  ])("%s is unknown, and not repeated", async (name, remedy) => {
    expect(await config("get", name)).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: `evercred: There is no setting of that name. ${remedy}\n`,
    });
  });

  test.each([".", "signIn.", ".before", "signIn..before", 'a."b', 'a"b"', '"a\\x"', ""])(
    "'%s' is no name",
    async (name) => {
      const { exit, stderr } = await config("get", name);
      expect(exit).toBe(2);
      expect(stderr).toMatch(/^evercred: That is no name of a setting\. Write it with dots/);
    },
  );

  test("without a name says where they are", async () => {
    expect(await config("get")).toMatchObject({
      exit: 2,
      stderr: "evercred: Which setting? See: evercred config list --all\n",
    });
  });
});
