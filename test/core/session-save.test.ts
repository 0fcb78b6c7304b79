import { describe, expect, test } from "vitest";
import { Session } from "../../electron/core/session.ts";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { ticketOf } from "../fakes/provider.ts";
import { Secret } from "../../electron/core/secret.ts";
import { hour, key, minute, otherKey, place, second, World } from "./world.ts";

/** Which renewal of the sign-in the keychain has. */
const savedRefresh = (world: World): number | undefined =>
  ticketOf(new Secret(world.store.peek(place) ?? "{}")).refresh;

describe("save, then use", () => {
  test("a new grant is in the keychain before anything shows it or uses it", async () => {
    const world = new World();
    const saved: (number | undefined)[] = [];
    const shown: { session?: Session } = {};
    const session = await Session.open(world.source, {
      ...world.ports,
      changed: () => {
        if (shown.session?.state.kind === "active") saved.push(savedRefresh(world));
      },
    });
    shown.session = session;
    await world.signIn(session);
    await world.clock.advance(40 * minute);
    expect(saved.at(0)).toBe(0);
    expect(saved.at(-1)).toBe(1);
    expect(saved).toEqual([...saved].sort());
  });

  test("until a renewed grant is saved, the one before it serves", async () => {
    const world = new World();
    const session = await world.signedIn();
    const { state } = session;
    world.store.mood = "hanging";
    await world.clock.advance(40 * minute);
    expect(world.provider.count("renew")).toBe(1);
    expect(session.state).toEqual(state);
    await session.issue(key);
    expect(world.provider.shownAccess).toEqual(["access-token-0"]);
    await world.clock.advance(5 * second);
    expect(session.state).toMatchObject({ expiresAt: plus(world.clock.now(), hour - 5 * second) });
    await session.issue(otherKey);
    expect(world.provider.shownAccess).toEqual(["access-token-0", "access-token-1"]);
  });

  test("a crash between save and use loses nothing: the next start goes on with the new grant", async () => {
    const world = new World();
    await world.signedIn();
    world.store.crash = "after-write";
    await world.clock.advance(40 * minute);
    world.crash();
    const next = await world.open();
    expect(next.state).toMatchObject({ kind: "active", expiresAt: plus(world.clock.now(), hour) });
    await world.clock.advance(40 * minute);
    expect(next.state.kind).toBe("active");
    expect(savedRefresh(world)).toBe(2);
  });

  test("a crash before the provider has answered loses nothing", async () => {
    const world = new World();
    await world.signedIn();
    world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    world.crash();
    world.provider.hold("renew")();
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state).toMatchObject({ kind: "active", expiresAt: plus(world.clock.now(), hour) });
  });

  test("a crash between renewal and save serves on, and costs at most a sign-in that works", async () => {
    const world = new World();
    await world.signedIn();
    world.store.crash = "before-write";
    await world.clock.advance(40 * minute);
    world.crash();
    world.provider.hold("renew");
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state.kind).toBe("active");
    await expect(next.issue(key)).resolves.toMatchObject({ kind: "aws" });
    world.crash();
    world.provider.hold("renew")();
    const last = await world.open();
    await world.clock.advance(second);
    expect(last.state).toEqual({ kind: "signed-out", reason: "lost" });
    await world.signIn(last);
    expect(last.state.kind).toBe("active");
  });
});

describe("a grant that cannot be saved", () => {
  test.each(["locked", "unavailable", "hanging"] as const)(
    "because the keychain is %s is used from memory, shown as such, and saved at a later sweep",
    async (mood) => {
      const world = new World();
      const session = await world.signedIn();
      const shown = world.shared.content;
      world.store.mood = mood;
      await world.clock.advance(40 * minute + 5 * second);
      expect(session.durable).toBe(false);
      expect(session.state).toMatchObject({ kind: "active" });
      expect(session.isLive).toBe(true);
      expect(world.shared.content).toBe(shown);
      expect(savedRefresh(world)).toBe(0);
      void session.sweep();
      await world.clock.advance(10 * second);
      expect(session.durable).toBe(false);
      world.store.mood = "well";
      const before = world.changes;
      await session.sweep();
      expect(session.durable).toBe(true);
      expect(world.changes).toBeGreaterThan(before);
      expect(savedRefresh(world)).toBe(1);
      expect(ticketOf(world.shared.content!.saved).access).not.toBe(ticketOf(shown!.saved).access);
      expect(world.log.lines).toContainEqual(
        expect.objectContaining({ level: "error", event: "session: grant not saved" }),
      );
    },
  );

  test("is renewed all the same, each time from the one in memory", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.readOnly = true;
    await world.live(session, 5 * hour);
    expect(session.state.kind).toBe("active");
    expect(session.durable).toBe(false);
    world.store.readOnly = false;
    await world.live(session, minute);
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state.kind).toBe("active");
  });

  test("is no matter of a sweep where there is none", async () => {
    const world = new World();
    const session = await world.signedIn();
    const { changes } = world;
    await session.sweep();
    expect(world.changes).toBe(changes);
  });

  test("that was saved is not saved again at each sweep", async () => {
    const world = new World();
    const session = await world.signedIn();
    const { writes } = world.store;
    await world.live(session, 10 * minute);
    expect(world.store.writes).toBe(writes);
  });

  test("is not lost where there is none", async () => {
    const session = await new World({ durability: "memory" }).open();
    expect(session.durable).toBe(true);
  });

  test("in a store that is memory is never durable, nor shown to other tools", async () => {
    const world = new World({ durability: "memory" });
    const session = await world.signedIn();
    expect(session.durable).toBe(false);
    expect(world.shared.content).toBeUndefined();
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });
});

describe("a keychain that is locked at the start", () => {
  const restart = async (mood: "locked" | "hanging") => {
    const world = new World();
    const before = await world.signedIn();
    await before.close();
    world.store.mood = mood;
    const opening = world.open();
    await world.clock.advance(5 * second);
    return { world, session: await opening };
  };

  test.each(["locked", "hanging"] as const)(
    "(%s) is a failure, never a sign-out, and heals at a later sweep",
    async (mood) => {
      const { world, session } = await restart(mood);
      expect(session.state).toMatchObject({
        kind: "failing",
        error: "keychain-locked",
      });
      expect(session.isSignedOut).toBe(false);
      const reason = session.issue(key);
      reason.catch(() => undefined);
      await world.clock.advance(5 * second);
      await expect(reason).rejects.toMatchObject({ code: "keychain-locked" });
      await world.live(session, 3 * hour);
      expect(session.state).toMatchObject({ kind: "failing", error: "keychain-locked" });
      world.store.mood = "well";
      await world.live(session, 6 * minute);
      expect(session.state.kind).toBe("active");
      expect(session.durable).toBe(true);
    },
  );

  test("is not asked again by each caller", async () => {
    const { world, session } = await restart("locked");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "keychain-locked" });
    const { reads } = world.store;
    for (let n = 0; n < 20; n++) {
      await expect(session.issue(key)).rejects.toMatchObject({ code: "keychain-locked" });
    }
    expect(world.store.reads).toBe(reads);
    world.store.mood = "well";
    world.clock.jump(5 * second);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("keeps what it has from being shadowed by what lies in the shared place", async () => {
    const { world, session } = await restart("locked");
    await session.look();
    expect(session.state).toMatchObject({ kind: "failing", error: "keychain-locked" });
    world.store.mood = "well";
    await world.live(session, 3 * hour);
    expect(session.state.kind).toBe("active");
    expect(session.neededAt).toBeUndefined();
  });

  test("keeps it so through a new version of its source, too", async () => {
    const { world, session } = await restart("locked");
    world.provider.renewable = false;
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.replaceSource(world.makeSource({ shared: world.shared }));
    expect(session.state).toMatchObject({ kind: "failing", error: "keychain-locked" });
  });

  test("is read at once where somebody looks after it was unlocked", async () => {
    const { world, session } = await restart("locked");
    world.store.mood = "well";
    await session.look();
    expect(session.state.kind).toBe("active");
  });

  test("does not keep a person from signing in; the new grant moves in once it can", async () => {
    const { world, session } = await restart("locked");
    await world.signIn(session);
    expect(session.state.kind).toBe("active");
    expect(session.durable).toBe(false);
    world.store.mood = "well";
    await session.sweep();
    expect(session.durable).toBe(true);
    const next = await world.open();
    expect(next.neededAt).toEqual(session.neededAt);
  });
});

describe("a keychain that has nothing to give", () => {
  test("is believed where it answers", async () => {
    const world = new World();
    const session = await world.open();
    expect(world.store.reads).toBe(1);
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
  });

  test("because there is none leaves a sign-in to be kept in memory", async () => {
    const world = new World();
    world.store.mood = "unavailable";
    const session = await world.open();
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
    await world.signIn(session);
    expect(session.durable).toBe(false);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("because what it has cannot be read is as good as empty", async () => {
    const world = new World();
    await world.store.set(place, new Secret("from another version"));
    const session = await world.open();
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
    await settle();
    expect(world.store.peek(place)).toBe("from another version");
  });
});
