import { describe, expect, test } from "vitest";
import { settle } from "../fakes/clock.ts";
import { hour, minute, World } from "./world.ts";

const accounts = [
  { id: "111122223333", name: "Account 111122223333", email: "" },
  { id: "444455556666", name: "Account 444455556666", email: "" },
];

const listing = async () => {
  const world = new World();
  world.provider.roles = { "111122223333": ["Developer", "Auditor"], "444455556666": ["Operator"] };
  const source = world.makeSource({ lists: true, shared: world.shared });
  const session = await world.open(source);
  await world.signIn(session, source);
  return { world, source, session };
};

describe("the accounts and roles of a session", () => {
  test("are what the provider lists", async () => {
    const { session } = await listing();
    expect(await session.accounts()).toEqual(accounts);
    expect(await session.roles("111122223333")).toEqual(["Developer", "Auditor"]);
    expect(await session.roles("444455556666")).toEqual(["Operator"]);
    expect(await session.roles("777777777777")).toEqual([]);
  });

  test("are asked for once in ten minutes, each list by itself, and at once where somebody insists", async () => {
    const { world, session } = await listing();
    await session.accounts();
    await session.roles("111122223333");
    await world.clock.advance(10 * minute - 1);
    await session.accounts();
    await session.roles("111122223333");
    expect(world.provider.count("list")).toBe(2);
    await session.accounts(true);
    await session.roles("111122223333", true);
    expect(world.provider.count("list")).toBe(4);
    await world.clock.advance(10 * minute);
    await session.accounts();
    await session.roles("111122223333");
    expect(world.provider.count("list")).toBe(6);
  });

  test("are fetched once for all who ask at the same time", async () => {
    const { world, session } = await listing();
    const all = await Promise.all(Array.from({ length: 50 }, () => session.accounts()));
    expect(new Set(all).size).toBe(1);
    expect(world.provider.count("list")).toBe(1);
  });

  test("that could not be fetched are asked for anew", async () => {
    const { world, session } = await listing();
    world.provider.fail("list", "throttled");
    await expect(session.accounts()).rejects.toMatchObject({ code: "throttled" });
    expect(await session.accounts()).toEqual(accounts);
  });

  test("renew an access token that has ended, or that is not accepted, once", async () => {
    const { world, session } = await listing();
    world.clock.jump(hour);
    expect(await session.accounts()).toEqual(accounts);
    expect(world.provider.count("renew")).toBe(1);
    world.provider.fail("list", "token-rejected");
    expect(await session.roles("444455556666")).toEqual(["Operator"]);
    expect(world.provider.count("renew")).toBe(2);
    world.provider.fail("list", "token-rejected", "token-rejected");
    await expect(session.accounts(true)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
  });

  test("are forgotten at the sign-out, which those who wait hear of: the next person gets their own", async () => {
    const { world, source, session } = await listing();
    await session.accounts();
    await session.roles("111122223333");
    world.provider.hold("list");
    const late = expect(session.roles("444455556666")).rejects.toThrow("Signed out of corp.");
    await settle();
    await session.signOut();
    await late;
    world.provider.hold("list")();
    await world.signIn(session, source);
    world.provider.roles = {};
    expect(await session.accounts()).toEqual([]);
    expect(await session.roles("111122223333")).toEqual([]);
  });

  test("are a wrong question where the provider lists nothing", async () => {
    const world = new World();
    const session = await world.signedIn();
    const usage = { code: "usage", message: "corp lists no accounts and no roles." };
    await expect(session.accounts()).rejects.toMatchObject(usage);
    await expect(session.roles("111122223333")).rejects.toMatchObject(usage);
  });
});
