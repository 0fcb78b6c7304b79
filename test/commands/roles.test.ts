import { beforeEach, describe, expect, test } from "vitest";
import { type Given, give, organisation } from "./organisation.ts";
import { second, type World } from "./world.ts";

const given: Given = {
  "444455556666": { name: "Payments", roles: ["ReadOnly", "Admin"] },
  "111122223333": { name: "Zoo", roles: ["Keeper"] },
  "222233334444": { name: "Empty", roles: [] },
  "555566667777": { name: "Zoo", roles: ["Keeper"] },
};

let world: World;

beforeEach(async () => {
  world = await organisation(given);
  await world.signIn();
});

describe("aws roles", () => {
  test("lists those of all accounts, by account and name, in columns", async () => {
    expect(await world.run(["aws", "roles"])).toEqual({
      exit: 0,
      stdout: [
        "444455556666  Payments  Admin",
        "444455556666  Payments  ReadOnly",
        "111122223333  Zoo       Keeper",
        "555566667777  Zoo       Keeper",
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test.each(["444455556666", "Payments"])("lists those of one account: %s", async (account) => {
    expect((await world.run(["aws", "roles", "--account", account])).stdout).toBe(
      "444455556666  Payments  Admin\n444455556666  Payments  ReadOnly\n",
    );
    expect(world.provider.count("list")).toBe(2);
  });

  test("as JSON is exactly this", async () => {
    const { stdout } = await world.run(["aws", "roles", "--json", "--account", "Payments"]);
    const account = { account: "444455556666", accountName: "Payments" };
    expect(JSON.parse(stdout)).toStrictEqual({
      version: 1,
      source: "corp",
      roles: [
        { ...account, role: "Admin" },
        { ...account, role: "ReadOnly" },
      ],
    });
  });

  test("refuses an account that there is not, with the nearest, or that several are", async () => {
    const refused = async (account: string): Promise<string> => {
      const { exit, stderr } = await world.run(["aws", "roles", "--account", account]);
      expect(exit).toBe(2);
      return stderr;
    };
    expect(await refused("Payment")).toBe(
      "evercred: There is no account Payment for you. Did you mean Payments?\n",
    );
    expect(await refused("Zoo")).toBe(
      "evercred: Zoo is the name of accounts 111122223333, 555566667777. Name one by its number.\n",
    );
  });

  test("says so where there is none", async () => {
    expect(await world.run(["aws", "roles", "--account", "Empty"])).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "corp gives you no role there.\n",
    });
  });

  test("asks again with --fresh only", async () => {
    await world.run(["aws", "roles"]);
    await world.run(["aws", "roles"]);
    expect(world.provider.count("list")).toBe(5);
    await world.run(["aws", "roles", "--fresh"]);
    expect(world.provider.count("list")).toBe(10);
  });

  test("exits 3 where nobody is signed in", async () => {
    await world.session().signOut();
    expect((await world.run(["aws", "roles"])).exit).toBe(3);
    expect(world.pages).toBe(0);
  });
});

describe("aws roles of many accounts", () => {
  const ids = Array.from({ length: 30 }, (_, index) => String(100_000_000_000 + index));
  let most = 0;

  beforeEach(async () => {
    most = 0;
    await give(
      world,
      "corp",
      Object.fromEntries(ids.map((id) => [id, { name: id, roles: ["R"] }])),
    );
    await world.run(["aws", "accounts"]);
    world.provider.latencyMs = second;
    world.provider.onCall = () => {
      most = Math.max(most, world.provider.busy("list"));
    };
  });

  test("asks for four lists at a time", async () => {
    const call = await world.start(["aws", "roles"]);
    await world.clock.advance(8 * second);
    expect(await call.exit).toBe(0);
    expect(call.stdout.match(/ R\n/g)).toHaveLength(30);
    expect(most).toBe(4);
  });

  test("asks for no more of them once the caller has gone", async () => {
    const call = await world.start(["aws", "roles"]);
    call.leave();
    await call.exit;
    const asked = world.provider.count("list");
    await world.clock.advance(20 * second);
    expect(world.provider.count("list")).toBe(asked);
  });

  test("asks for no more of them once one is refused", async () => {
    world.provider.fail("list", "access-denied");
    const call = await world.start(["aws", "roles"]);
    const asked = world.provider.count("list");
    await world.clock.advance(20 * second);
    expect(await call.exit).toBe(5);
    expect(world.provider.count("list")).toBe(asked);
  });
});
