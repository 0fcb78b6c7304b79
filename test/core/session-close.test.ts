import { describe, expect, test } from "vitest";
import { settle } from "../fakes/clock.ts";
import { hour, key, minute, place, second, World } from "./world.ts";

test("a grant that a newer Evercred has saved is left alone: its source fails, and says why", async () => {
  const world = new World();
  const first = await world.signedIn();
  await first.close();
  const kept = world.store.peek(place);
  world.store.mood = "newer";
  const session = await world.open();
  expect(session.state).toMatchObject({ kind: "failing", error: "saved-by-newer" });
  await expect(session.issue(key)).rejects.toMatchObject({ code: "saved-by-newer", exit: 1 });
  await expect(session.signOut()).rejects.toMatchObject({ code: "saved-by-newer" });
  expect(world.store.peek(place)).toBe(kept);
});

describe("a session that is closed", () => {
  test("sets no alarm any more, and leaves its grant in the keychain", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    await session.close();
    expect(world.clock.pending).toEqual([]);
    world.clock.jump(2 * hour);
    await session.sweep();
    await settle();
    expect(world.provider.count("renew")).toBe(0);
    expect(world.clock.pending).toEqual([]);
    expect(world.store.peek(place)).toBeDefined();
  });

  test("waits for an exchange under way, whose grant is saved", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    const before = world.store.peek(place);
    let closed = false;
    const closing = session.close().then(() => {
      closed = true;
    });
    await settle();
    expect([closed, session.isAtWork]).toEqual([false, true]);
    release();
    await closing;
    expect(session.isAtWork).toBe(false);
    expect(world.store.peek(place)).not.toBe(before);
    expect(world.clock.pending).toEqual([]);
  });

  test("waits five seconds at most, and then stops the exchange", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    const closing = session.close();
    await world.clock.advance(5 * second);
    await closing;
    await settle();
    expect(world.provider.busy("renew")).toBe(0);
    expect(world.clock.pending).toEqual([]);
    expect(session.state.kind).toBe("active");
  });

  test("sets no alarm for a credential when a slow renewal arrives after all", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    const release = world.provider.hold("renew", true);
    await world.clock.advance(40 * minute);
    const closing = session.close();
    await world.clock.advance(5 * second);
    await closing;
    release();
    await settle();
    expect(world.clock.pending).toEqual([]);
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state.kind).toBe("active");
  });

  test("ends its sign-in without holding the next one back", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    await session.close();
    expect(await signIn.outcome).toMatchObject({ kind: "failed", error: { code: "cancelled" } });
    const next = await world.open();
    expect(next.heldBack).toBe(false);
  });
});
