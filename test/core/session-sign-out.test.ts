import { describe, expect, test } from "vitest";
import { settle } from "../fakes/clock.ts";
import { hour, key, minute, otherKey, place, second, World } from "./world.ts";

describe("a sign-out", () => {
  test("forgets the grant and the credentials, here, in the keychain and at the provider", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    expect(await session.signOut()).toBe(true);
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
    expect(session.isSignedIn).toBe(false);
    expect(session.issued.has(key)).toBe(false);
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.shared.content).toBeUndefined();
    expect(world.provider.count("revoke")).toBe(1);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.clock.advance(24 * hour);
    expect(world.provider.count("renew")).toBe(0);
    const next = await world.open();
    expect(next.state.kind).toBe("signed-out");
  });

  test("clears the shared place, tells the provider, then clears the keychain and the credentials, which serve until then", async () => {
    const world = new World();
    const session = await world.signedIn();
    const credential = await session.issue(key);
    const events: string[] = [];
    const note = (event: string): void => {
      events.push(`${event}, ${session.issued.has(key) ? "serving" : "not serving"}`);
    };
    world.provider.onCall = note;
    world.store.onDelete = () => note("keychain");
    world.shared.onWithdraw = () => note("shared place");
    const release = world.provider.hold("revoke");
    const signedOut = session.signOut();
    await settle();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
    expect(await session.issue(key)).toBe(credential);
    expect(world.store.peek(place)).toBeDefined();
    release();
    expect(await signedOut).toBe(true);
    note("end");
    expect(events).toEqual([
      "shared place, serving",
      "revoke, serving",
      "keychain, serving",
      "end, not serving",
    ]);
  });

  test("shows that nothing is given out any more, once it is so", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    const release = world.provider.hold("revoke");
    const signedOut = session.signOut();
    await settle();
    const before = world.changes;
    release();
    await signedOut;
    expect(world.changes).toBe(before + 1);
  });

  test("renews an access token that has ended: the provider knows the session by a good one only", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    await world.clock.advance(2 * hour);
    world.provider.outage = undefined;
    world.provider.calls.length = 0;
    expect(await session.signOut()).toBe(true);
    expect(world.provider.calls.map(({ verb }) => verb)).toEqual(["renew", "revoke"]);
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("of one that cannot be renewed tells the provider with what there is", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    expect(await session.signOut()).toBe(true);
    expect(world.provider.count("renew")).toBe(0);
    expect(world.provider.count("revoke")).toBe(1);
  });

  test("whose provider cannot be reached for that renewal is done here all the same", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    world.clock.jump(2 * hour);
    expect(await session.signOut()).toBe(false);
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.shared.content).toBeUndefined();
  });

  test("that dies while the provider is told is finished by the next start", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.hold("revoke");
    void session.signOut();
    await settle();
    world.crash();
    const next = await world.open();
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.shared.content).toBeUndefined();
  });

  test("that a locked keychain has outlived holds at the next start, also while it cannot be cleared", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.mood = "locked";
    await expect(session.signOut()).rejects.toMatchObject({ code: "keychain-locked" });
    expect(session.issued.has(key)).toBe(false);
    world.store.mood = "well";
    world.store.onDelete = () => {
      world.store.mood = "locked";
    };
    const next = await world.open();
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(world.store.peek(place)).toBeDefined();
    world.store.mood = "well";
    world.store.onDelete = () => undefined;
    await world.signIn(next);
    expect((await world.open()).state.kind).toBe("active");
  });

  test("of a sign-in that could not be saved holds for the one before it too, which the keychain still has", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.mood = "locked";
    await world.clock.advance(minute);
    await world.signIn(session);
    await expect(session.signOut()).rejects.toMatchObject({ code: "keychain-locked" });
    world.store.mood = "well";
    expect(world.store.peek(place)).toBeDefined();
    const next = await world.restart(session);
    expect(next.isSignedIn).toBe(false);
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("where nobody is signed in is success", async () => {
    const world = new World();
    const session = await world.open();
    expect(await session.signOut()).toBe(true);
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
    expect(world.provider.count("revoke")).toBe(0);
  });

  test("takes away another tool's sign-in as well", async () => {
    const world = new World();
    const session = await world.open();
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.signOut();
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
  });

  test("from a sign-in that we only borrow is not undone by the file that we may not touch", async () => {
    const world = new World();
    world.shared.writable = false;
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    const session = await world.open();
    expect(session.state.kind).toBe("active");
    await session.signOut();
    await session.signOut();
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
  });

  test("during a renewal waits for nothing that it can stop, and leaves no grant behind", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    expect(await session.signOut()).toBe(true);
    expect(world.store.peek(place)).toBeUndefined();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
  });

  test("during a renewal that cannot be stopped ends the renewed grant too", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("renew", true);
    await world.clock.advance(40 * minute);
    const signedOut = session.signOut();
    await settle();
    release();
    expect(await signedOut).toBe(true);
    expect(world.store.peek(place)).toBeUndefined();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
    expect(world.clock.pending).toEqual([]);
  });

  test("fails the callers that are waiting, and gives later ones nothing of before", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.hold("issue");
    const waiting = session.issue(key);
    const outcome = expect(waiting).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "Signed out of corp.",
    });
    await settle();
    await session.signOut();
    await outcome;
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("is what a waiting caller hears of, also where the provider fails for another reason", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("issue", true);
    const outcome = expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await settle();
    await session.signOut();
    world.provider.outage = "unreachable";
    release();
    await outcome;
  });

  test("leaves nothing in memory of what was asked for while it was under way", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("renew", true);
    await world.clock.advance(40 * minute);
    const signedOut = session.signOut();
    const meanwhile = session.issue(otherKey);
    meanwhile.catch(() => undefined);
    await settle();
    release();
    await signedOut;
    expect(session.issued.has(otherKey)).toBe(false);
    await expect(session.issue(otherKey)).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("with the provider down says that the provider could not be told", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    expect(await session.signOut()).toBe(false);
    expect(world.store.peek(place)).toBeUndefined();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
  });

  test("waits five seconds at most for a provider that does not answer", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.hold("revoke");
    const signedOut = session.signOut();
    await world.clock.advance(5 * second);
    expect(await signedOut).toBe(false);
    expect(world.store.peek(place)).toBeUndefined();
  });

  test.each(["locked", "hanging"] as const)(
    "with the keychain %s says so, and is signed out all the same",
    async (mood) => {
      const world = new World();
      const session = await world.signedIn();
      world.store.mood = mood;
      const signedOut = session.signOut();
      const outcome = expect(signedOut).rejects.toMatchObject({ code: "keychain-locked" });
      await world.clock.advance(5 * second);
      await outcome;
      expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
      await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
      expect(world.shared.content).toBeUndefined();
    },
  );

  test("leaves nothing to be done later, and is not undone by a clock that is set back", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    await session.signOut();
    expect(world.clock.pending).toEqual([]);
    world.clock.jump(-48 * hour);
    await session.sweep();
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });

  test("ends a sign-in that is open", async () => {
    const world = new World();
    const session = await world.signedIn();
    const signIn = session.signIn(undefined);
    await signIn.request;
    world.source.visits.at(-1)!.approve();
    await session.signOut();
    expect(await signIn.outcome).toMatchObject({ kind: "failed", error: { code: "cancelled" } });
    await settle();
    expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("is followed by a sign-in like any other", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.signOut();
    await world.signIn(session);
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });
});
