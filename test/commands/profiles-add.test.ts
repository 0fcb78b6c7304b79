import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { configure, type Given, give, organisation } from "./organisation.ts";
import { type CallerParts, type Outcome, terminal, World } from "./world.ts";

const payments = "444455556666";
const zoo = "111122223333";
const given: Given = {
  [payments]: { name: "Payments", roles: ["ReadOnly", "Admin"] },
  [zoo]: { name: "Zoo", roles: ["Keeper"] },
};
const start = "https://corp.example/start";

let world: World;

const add = (words: readonly string[], caller: CallerParts = {}): Promise<Outcome> =>
  world.run(["aws", "profiles", "add", ...words], caller);

/** At a terminal, with these answers. */
const typing = (types: readonly string[], words: readonly string[] = []): Promise<Outcome> =>
  add(words, { terminal, types });

const profile = (name: string, account: string, role: string, region?: string): object => ({
  name,
  account,
  role,
  region,
});

describe("aws profiles add by flags", () => {
  beforeEach(async () => {
    world = await organisation(given);
    await world.signIn();
  });

  test("writes the profile, and says what it is and what to try next", async () => {
    const words = ["--account", "Payments", "--role", "ReadOnly"];
    expect(await add([...words, "--name", "pay", "--region", "eu-central-1"])).toEqual({
      exit: 0,
      stdout: `Added pay: ReadOnly in Payments (${payments})\nTry: evercred aws export --profile pay\n`,
      stderr: "It is in /home/ann/.aws/config.\n",
      questions: [],
    });
    expect(world.aws.profiles).toEqual([
      { source: "corp", added: [profile("pay", payments, "ReadOnly", "eu-central-1")] },
    ]);
  });

  test.each([
    [[], "Payments-Admin"],
    [["--template", "{role}.{account-id}"], `Admin.${payments}`],
  ])("takes the name from the template where none is given: %j", async (words, name) => {
    await add(["--account", payments, "--role", "Admin", ...words]);
    expect(world.aws.profiles[0]!.added).toEqual([profile(name, payments, "Admin")]);
  });

  test("asks nothing, not even where a name or a region could be asked for", async () => {
    const words = ["--account", payments, "--role", "Admin", "--yes"];
    expect((await typing([], words)).questions).toEqual([]);
  });

  test.each([
    [[], "--account and --role"],
    [["--account", payments], "--role"],
    [["--role", "Admin"], "--account"],
    [["--all", "--start-url", start], "--sso-region"],
    [["--start-url", start, "--account", payments], "--sso-region and --role"],
  ])("is refused without a terminal where something is missing: %j", async (words, missing) => {
    expect(await add(words)).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: `evercred: Without a terminal this needs ${missing}. See what there is: evercred aws roles\n`,
    });
  });

  test.each([
    [["--name", "a b"], '"a b" is no name for a profile.'],
    [["--region", "Frankfurt"], '"Frankfurt" is no region.'],
    [["--start-url", start, "--sso-region", "eu"], '"eu" is no region.'],
    [["--start-url", "http://corp.example/start"], "is no https address."],
    [["--start-url", "https://ann@corp.example/start"], "is no https address."],
    [["--start-url", "https://corp.example/a b"], "is no https address."],
    [["--start-url", "start"], "is no https address."],
    [["--sso-region", "us-east-1"], "--sso-region goes with --start-url."],
    [["--all", "--name", "x"], "--all takes names from --template, not from --name."],
    [["--template", "{x}"], "a template knows no {x}."],
    [["--account", "Paymants"], "There is no account Paymants for you. Did you mean Payments?"],
    [["--role", "Readonly"], "There is no role Readonly for you there. Did you mean ReadOnly?"],
    [["--sso-session", "nowhere"], "There is no source or profile nowhere."],
  ])("is refused with exit code 2, and nothing is written: %j", async (words, sentence) => {
    const usual = ["--account", payments, "--role", "Admin"];
    const { exit, stdout, stderr } = await add([...usual, ...words]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect([...world.aws.organisations, ...world.aws.profiles]).toEqual([]);
  });

  test("passes on why a profile is not written, and says of none that it was", async () => {
    world.aws.failure = new EvercredError("usage", "dev is taken.", { remedy: "Take another." });
    expect(await add(["--account", payments, "--role", "Admin"])).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: dev is taken. Take another.\n",
    });
  });

  test.each([
    [{}, "corp gives you no account."],
    [{ [payments]: { name: "Payments", roles: [] } }, "corp gives you no role there."],
  ])("exits 5 where nothing is assigned: %j", async (nothing, sentence) => {
    await give(world, "corp", nothing);
    const { exit, stderr } = await add(["--account", payments, "--role", "Admin"]);
    expect({ exit, stderr }).toMatchObject({ exit: 5, stderr: expect.stringContaining(sentence) });
  });

  test("signs in first where need be, as a person does, and says so aside", async () => {
    await world.session().signOut();
    world.presence.leave();
    const words = ["aws", "profiles", "add", "--account", zoo, "--role", "Keeper"];
    const call = await world.start(words);
    expect(world.pages).toBe(1);
    expect(call.stdout).toBe("");
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toMatch(/^Added Zoo-Keeper/);
  });
});

describe("aws profiles add --all", () => {
  beforeEach(async () => {
    world = await organisation(given);
    await world.signIn();
  });

  test("writes a profile for each role of each account, all at once", async () => {
    const { exit, stdout } = await add(["--all", "--region", "us-east-1"]);
    expect(exit).toBe(0);
    expect(stdout).toBe(
      [
        `Added Payments-Admin: Admin in Payments (${payments})`,
        `Added Payments-ReadOnly: ReadOnly in Payments (${payments})`,
        `Added Zoo-Keeper: Keeper in Zoo (${zoo})`,
        "Try: evercred aws export --profile Payments-Admin",
        "",
      ].join("\n"),
    );
    expect(world.aws.profiles).toEqual([
      {
        source: "corp",
        added: [
          profile("Payments-Admin", payments, "Admin", "us-east-1"),
          profile("Payments-ReadOnly", payments, "ReadOnly", "us-east-1"),
          profile("Zoo-Keeper", zoo, "Keeper", "us-east-1"),
        ],
      },
    ]);
  });

  test.each([
    [
      ["--account", "Payments"],
      ["Payments-Admin", "Payments-ReadOnly"],
    ],
    [["--role", "Keeper"], ["Zoo-Keeper"]],
  ])("of those only that are named: %j", async (words, names) => {
    await add(["--all", ...words]);
    expect(world.aws.profiles[0]!.added.map(({ name }) => name)).toEqual(names);
  });

  test("says of those that are there already that they are", async () => {
    const { directory } = world.source();
    await configure(world, { corp: { lists: true, profiles: { "Zoo-Keeper": `${zoo}/Keeper` } } });
    Object.assign(world.source(), { directory });
    const { exit, stdout } = await add(["--all"]);
    expect(exit).toBe(0);
    expect(stdout).toContain(`\nAlready there: Zoo-Keeper: Keeper in Zoo (${zoo})\n`);
    expect(stdout).toContain("Added Payments-Admin:");
  });

  test.each([
    ["y", 0],
    ["", 1],
    ["n", 1],
  ])("asks once more on a terminal: %j", async (answer, exit) => {
    const outcome = await typing([answer], ["--all"]);
    expect(outcome.exit).toBe(exit);
    expect(outcome.stderr).toContain("Write 3 profiles? [y/N]\n");
    expect(world.aws.profiles).toHaveLength(exit === 0 ? 1 : 0);
  });

  test("asks nothing with --yes", async () => {
    expect(await typing([], ["--all", "--yes"])).toMatchObject({ exit: 0, questions: [] });
  });
});

describe("aws profiles add on a terminal", () => {
  beforeEach(async () => {
    world = await organisation(given);
    await world.signIn();
  });

  test("asks for account, role, name and region, and takes the name that it offers", async () => {
    const { exit, stderr } = await typing(["1", "2", "", ""]);
    expect(exit).toBe(0);
    expect(stderr).toBe(
      [
        `1  ${payments}  Payments`,
        `2  ${zoo}  Zoo`,
        "Which account? Its number, or a part of its name:",
        "1  Admin",
        "2  ReadOnly",
        "Which role? Its number, or a part of its name:",
        "The profile's name? Enter for Payments-ReadOnly:",
        "The region of its programs, like us-east-1? Enter for none:",
        "It is in /home/ann/.aws/config.",
        "",
      ].join("\n"),
    );
    expect(world.aws.profiles[0]!.added).toEqual([
      profile("Payments-ReadOnly", payments, "ReadOnly"),
    ]);
  });

  test("takes what is typed, and asks again for what cannot be", async () => {
    const { exit, stderr } = await typing(["pay", "ADM", "a b", "pay", "Frankfurt", "eu-west-1"]);
    expect(exit).toBe(0);
    expect(stderr).toContain('"a b" is no name for a profile.');
    expect(stderr).toContain("That cannot be it.");
    expect(world.aws.profiles[0]!.added).toEqual([profile("pay", payments, "Admin", "eu-west-1")]);
  });

  test("asks for nothing that there is only one of", async () => {
    await give(world, "corp", { [zoo]: given[zoo]! });
    const { questions } = await typing(["", ""]);
    expect(questions).toEqual(["l", "l"]);
    expect(world.aws.profiles[0]!.added).toEqual([profile("Zoo-Keeper", zoo, "Keeper")]);
  });

  test.each([[[]], [["1"]], [["1", "1"]], [["1", "1", ""]]])(
    "writes nothing where the answers end early: %j",
    async (types) => {
      expect((await typing(types)).exit).toBe(1);
      expect(world.aws.profiles).toEqual([]);
    },
  );

  test("asks which organisation, where there are several", async () => {
    await configure(world, { corp: world.source(), lab: { lists: true } });
    const { stderr } = await typing(["1", "Zoo", "", ""]);
    expect(stderr).toMatch(
      /^1 {2}corp {2}corp\.example\n2 {2}lab {3}corp\.example\nWhich organisation\?/,
    );
    expect(world.aws.profiles[0]).toMatchObject({ source: "corp" });
  });

  test("finds one of many accounts by parts of what is known of it", async () => {
    const many = Array.from({ length: 250 }, (_, index): [string, Given[string]] => [
      String(100_000_000_000 + index),
      { name: `team-${index % 25}-${index < 25 ? "prod" : `dev-${index}`}`, roles: ["R"] },
    ]);
    await give(world, "corp", Object.fromEntries(many));
    const { exit, stderr } = await typing(["nobody", "prod", "TEAM-24-prod", "", ""]);
    expect(exit).toBe(0);
    expect(stderr).toContain("… and 230 more\n");
    expect(stderr).toContain("No account fits.\n");
    expect(stderr).toContain("… and 5 more\n");
    expect(world.aws.profiles[0]!.added).toEqual([profile("team-24-prod-R", "100000000024", "R")]);
  });

  test("takes a number for the row that is shown, and else for a part of an account's", async () => {
    await typing([zoo, "", ""]);
    expect(world.aws.profiles[0]!.added).toMatchObject([{ account: zoo }]);
  });

  test("asks nothing with -q: the questions could not be read", async () => {
    expect(await typing(["1"], ["-q"])).toMatchObject({ exit: 2, questions: [] });
  });
});

describe("aws profiles add where there is nothing yet", () => {
  /** The organisation gives this as soon as it is there. */
  const giveSoon = (id: string): void => {
    const add = world.aws.addOrganisation.bind(world.aws);
    world.aws.addOrganisation = async (asked) => {
      const added = await add(asked);
      await give(world, id, given);
      return added;
    };
  };

  const begin = (words: readonly string[], caller: CallerParts = {}): ReturnType<World["start"]> =>
    world.start(["aws", "profiles", "add", ...words], caller);

  beforeEach(async () => {
    world = await World.make({ sources: {} });
  });

  test("writes the organisation, signs in, and writes the profile", async () => {
    giveSoon("new");
    const role = ["--account", zoo, "--role", "Keeper"];
    const call = await begin(["--start-url", start, "--sso-region", "us-east-1", ...role]);
    expect(world.aws.organisations).toEqual([
      { name: undefined, startUrl: start, region: "us-east-1" },
    ]);
    expect(world.pages).toBe(1);
    expect(world.aws.profiles).toEqual([]);
    world.approve("new");
    expect(await call.exit).toBe(0);
    expect(world.aws.profiles).toEqual([
      { source: "new", added: [profile("Zoo-Keeper", zoo, "Keeper")] },
    ]);
  });

  test("asks for address and region on a terminal, again for what cannot be", async () => {
    giveSoon("new");
    const types = ["ftp://x.example", "corp.example/start", "us", "us-east-1", "zoo", "", ""];
    const call = await begin([], { terminal, types });
    world.approve("new");
    expect(await call.exit).toBe(0);
    expect(world.aws.organisations).toEqual([
      { name: undefined, startUrl: start, region: "us-east-1" },
    ]);
    expect(world.aws.profiles).toHaveLength(1);
  });

  test("gives a new organisation the name that is wished, also beside others", async () => {
    await configure(world, { corp: { lists: true } });
    giveSoon("lab");
    const words = ["--start-url", start, "--sso-session", "lab", "--sso-region", "us-east-1"];
    const call = await begin([...words, "--all"]);
    expect(world.aws.organisations).toMatchObject([{ name: "lab" }]);
    world.approve("lab");
    expect(await call.exit).toBe(0);
    expect(world.aws.profiles).toMatchObject([{ source: "lab" }]);
  });

  test("without a terminal says how to begin", async () => {
    const { exit, stderr } = await add(["--account", zoo, "--role", "Keeper"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("--start-url");
  });

  test("writes no profile where the sign-in is refused; the organisation stays", async () => {
    giveSoon("new");
    const call = await begin(["--start-url", start, "--sso-region", "us-east-1", "--all"]);
    world.refuse("new");
    expect(await call.exit).toBe(5);
    expect(world.aws.profiles).toEqual([]);
    expect(world.aws.organisations).toHaveLength(1);
  });
});
