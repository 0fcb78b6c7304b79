import { beforeEach, describe, expect, test } from "vitest";
import { configure, give, organisation } from "./organisation.ts";
import { minute, second, terminal, type World } from "./world.ts";

const given = {
  "444455556666": { name: "payments", email: "pay@corp.example", roles: ["ReadOnly"] },
  "111122223333": { name: "Zoo", email: "zoo@corp.example", roles: ["Admin"] },
  "222233334444": { name: "payments", email: "", roles: [] },
};

let world: World;

beforeEach(async () => {
  world = await organisation(given);
});

describe("aws accounts", () => {
  test("lists number, name and address, by name, in columns", async () => {
    await world.signIn();
    expect(await world.run(["aws", "accounts"])).toEqual({
      exit: 0,
      stdout: [
        "222233334444  payments",
        "444455556666  payments  pay@corp.example",
        "111122223333  Zoo       zoo@corp.example",
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("as JSON is exactly this, names as the provider has them", async () => {
    await give(world, "corp", { "111122223333": { name: "Z\u001b[2J", email: "z@x", roles: [] } });
    await world.signIn();
    const { exit, stdout } = await world.run(["aws", "accounts", "--json"]);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toStrictEqual({
      version: 1,
      source: "corp",
      accounts: [{ id: "111122223333", name: "Z\u001b[2J", email: "z@x" }],
    });
  });

  test("keeps from the terminal what would disturb it, also in the width of a column", async () => {
    await give(world, "corp", {
      "111122223333": { name: "A\u001b]0;x\u0007\u202eb", email: "a@x", roles: [] },
      "222233334444": { name: "Büro\u{1f600}", email: "b@x", roles: [] },
    });
    await world.signIn();
    expect((await world.run(["aws", "accounts"])).stdout).toBe(
      ["111122223333  A?]0;x??b  a@x", "222233334444  Büro\u{1f600}      b@x", ""].join("\n"),
    );
  });

  test("asks the provider once in ten minutes, or with --fresh", async () => {
    await world.signIn();
    const asked = async (...words: readonly string[]): Promise<number> => {
      await world.run(["aws", "accounts", ...words]);
      return world.provider.count("list");
    };
    expect(await asked()).toBe(1);
    expect(await asked()).toBe(1);
    expect(await asked("--fresh")).toBe(2);
    await world.clock.advance(10 * minute);
    expect(await asked()).toBe(3);
  });

  test("where nobody is signed in exits 3 and opens nothing", async () => {
    expect(await world.run(["aws", "accounts"])).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: You are not signed in to corp. Run: evercred login corp\n",
    });
    expect(world.pages).toBe(0);
  });

  test("with --sign-in asks, waits, and says so aside from the list", async () => {
    const call = await world.start(["aws", "accounts", "--sign-in"]);
    expect(world.pages).toBe(1);
    expect(call.stderr).toContain("https://corp.example/sign-in/1\n");
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toMatch(/^222233334444/);
    expect(call.stdout).not.toContain("https:");
  });

  test("says so where there is no account", async () => {
    await give(world, "corp", {});
    await world.signIn();
    expect(await world.run(["aws", "accounts"])).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "corp gives you no account.\n",
    });
  });

  test("says at a terminal what it waits for", async () => {
    await world.signIn();
    const answer = world.provider.hold("list");
    const call = await world.start(["aws", "accounts"], { terminal });
    await world.clock.advance(2 * second);
    expect(call.stderr).toBe("Waiting for corp to list what you may use…\n");
    answer();
    expect(await call.exit).toBe(0);
  });

  test("gives up after two minutes, or as --timeout says, with exit code 6", async () => {
    await world.signIn();
    world.provider.hold("list");
    const usual = await world.start(["aws", "accounts"]);
    const short = await world.start(["aws", "accounts", "--timeout", "5s"]);
    await world.clock.advance(5 * second);
    expect(await short.exit).toBe(6);
    await world.clock.advance(114 * second);
    expect(usual.stderr).toBe("");
    await world.clock.advance(second);
    expect(await usual.exit).toBe(6);
    expect(usual.stderr).toContain("corp has not told all of it in time.");
  });

  test("passes on what the provider says", async () => {
    await world.signIn();
    world.provider.outage = "throttled";
    expect((await world.run(["aws", "accounts"])).exit).toBe(7);
  });
});

describe("aws accounts is of the organisation", () => {
  beforeEach(async () => {
    await world.signIn();
  });

  test("that is the only one to list any, whatever else there is", async () => {
    await configure(world, { corp: world.source(), lab: {} });
    expect((await world.run(["aws", "accounts"])).exit).toBe(0);
  });

  test("that is named by its id, another name of it, or a profile", async () => {
    const lists = { lists: true, aliases: ["old"], profiles: { dev: "1/Dev" } };
    await configure(world, { lab: lists, corp: world.source() });
    await world.signIn("lab");
    for (const name of ["lab", "old", "dev"]) {
      const { stdout } = await world.run(["aws", "accounts", "--json", "--sso-session", name]);
      expect(JSON.parse(stdout)).toMatchObject({ source: "lab" });
    }
  });

  test("that has to be named where there are several, also on a terminal", async () => {
    await configure(world, { corp: world.source(), lab: { lists: true }, file: {} });
    expect(await world.run(["aws", "accounts"], { terminal })).toMatchObject({
      exit: 2,
      stderr: "evercred: Which organisation? There are corp, lab. Name one with --sso-session.\n",
    });
  });

  test("and is refused of what lists none, with what does", async () => {
    await configure(world, { corp: world.source(), file: {} });
    expect(await world.run(["aws", "accounts", "--sso-session", "file"])).toMatchObject({
      exit: 2,
      stderr: "evercred: file has no accounts to be listed. There is: corp.\n",
    });
  });

  test("and is refused where there is none, with the way to add one", async () => {
    await configure(world, { file: {} });
    const { exit, stderr } = await world.run(["aws", "accounts"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("evercred aws profiles add");
  });
});
