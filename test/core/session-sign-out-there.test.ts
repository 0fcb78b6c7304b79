import { describe, expect, test } from "vitest";
import { hour, minute, place, World } from "./world.ts";

describe("a sign-out that has to be told", () => {
  test("forgets everything once the provider knows, which it is told once", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(await session.signOutThere()).toBe(true);
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.shared.content).toBeUndefined();
    expect(world.provider.count("revoke")).toBe(1);
  });

  test("forgets nothing where the provider cannot be told: the grant serves on, and can be ended later", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    expect(await session.signOutThere()).toBe(false);
    expect(session.state.kind).toBe("active");
    expect(world.store.peek(place)).toBeDefined();
    world.provider.outage = undefined;
    expect(await session.signOutThere()).toBe(true);
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("renews an access token that has ended, and loses nothing of that where it is told no more", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    await world.clock.advance(2 * hour);
    expect(await session.signOutThere()).toBe(false);
    expect(world.provider.count("revoke")).toBe(0);
    await world.clock.advance(minute);
    world.provider.outage = undefined;
    world.provider.fail("revoke", "provider-unavailable");
    expect(await session.signOutThere()).toBe(false);
    const next = await world.open();
    expect(next.state.kind).toBe("active");
    expect(await session.signOutThere()).toBe(true);
  });

  test("has nobody to tell of a grant that has ended and cannot be renewed", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    await world.clock.advance(2 * hour);
    expect(await session.signOutThere()).toBe(true);
  });

  test.each(["token-rejected", "grant-rejected"] as const)(
    "takes a provider that answers %s for told",
    async (code) => {
      const world = new World();
      const session = await world.signedIn();
      world.provider.fail("revoke", code);
      expect(await session.signOut()).toBe(true);
    },
  );

  test("takes a provider that does not know the session any more for told", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    expect(await session.signOutThere()).toBe(true);
    expect(world.store.peek(place)).toBeUndefined();
  });
});
