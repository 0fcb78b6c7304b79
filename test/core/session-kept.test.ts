import { describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { Session } from "../../electron/core/session.ts";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { ticketOf } from "../fakes/provider.ts";
import { endedBy, hour, key, minute, otherKey, second, World } from "./world.ts";

const userSignedOut = { kind: "signed-out", reason: "user" };
const lost = { kind: "signed-out", reason: "lost" };

/** A person signs in with the tool that keeps the file. */
const leave = (world: World): Grant => {
  const grant = world.provider.signIn(world.source.boundTo);
  world.shared.leave(grant);
  return grant;
};

const empty = (): World => new World({ kept: true });

/** A file that is two hours old, and the daemon's start. */
const found = async () => {
  const world = empty();
  leave(world);
  await world.clock.advance(2 * hour);
  return { world, session: await world.open() };
};

/** The same, renewed. */
const live = async () => {
  const { world, session } = await found();
  await world.clock.advance(second);
  expect(session.isLive).toBe(true);
  return { world, session };
};

/** Which renewal of the sign-in the file has. */
const refreshIn = (world: World): number | undefined =>
  ticketOf(world.shared.content!.saved).refresh;

/** Which refresh tokens were presented. */
const presented = (world: World) => world.provider.presentations.map(({ refresh }) => refresh);

/** What others keep is Ada's, and somebody has asked for it. */
const adas = async (): Promise<{ readonly world: World; readonly session: Session }> => {
  const world = empty();
  world.provider.person = "ada";
  leave(world);
  const session = await world.open();
  await session.issue(key);
  await settle();
  return { world, session };
};

describe("a sign-in that others keep", () => {
  test("is taken up at the start, renewed at once, and never in the keychain", async () => {
    const { world, session } = await found();
    expect(session.state).toMatchObject({ kind: "active" });
    expect(session.isLive).toBe(false);
    await world.clock.advance(second);
    expect(session.state).toMatchObject({ expiresAt: plus(world.clock.now(), hour) });
    expect(session.isLive).toBe(true);
    expect(session.durable).toBe(true);
    expect(world.store.reads + world.store.writes).toBe(0);
  });

  test("is renewed at once for a caller who cannot wait for that", async () => {
    const { world, session } = await found();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    await world.clock.advance(minute);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("is renewed ahead with nobody asking, and its file has each successor", async () => {
    const { world, session } = await live();
    await world.live(session, 5 * hour);
    expect(session.isLive).toBe(true);
    expect(presented(world)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(refreshIn(world)).toBe(8);
    await world.clock.advance(40 * minute);
    expect(session.state.kind).toBe("active");
  });

  test.each(["locked", "hanging", "unavailable"] as const)(
    "has no use for a keychain: it may be %s",
    async (mood) => {
      const world = empty();
      world.store.mood = mood;
      leave(world);
      const session = await world.open();
      await world.live(session, 5 * hour);
      expect(session.isLive).toBe(true);
      expect(session.durable).toBe(true);
      expect(await session.signOut()).toBe(true);
      expect(world.store.reads + world.store.writes).toBe(0);
    },
  );

  test("is renewed also where our keychain is memory: it is not kept there", async () => {
    const world = new World({ kept: true, durability: "memory" });
    leave(world);
    const session = await world.open();
    await world.live(session, 2 * hour);
    expect(session.isLive).toBe(true);
    expect(session.durable).toBe(true);
  });

  test("is taken up when its file appears", async () => {
    const world = empty();
    const session = await world.open();
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    leave(world);
    await session.look();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(session.wantedAt).toBeUndefined();
  });

  test.each([
    ["when its file changes", (session: Session) => session.look()],
    ["at the latest before a renewal", (_: Session, world: World) => world.clock.advance(hour)],
  ])("is replaced by another one in its place %s", async (_, find) => {
    const { world, session } = await live();
    await world.clock.advance(minute);
    leave(world);
    await find(session, world);
    await world.clock.advance(second);
    await session.issue(key);
    expect(world.provider.presentations.at(-1)).toMatchObject({ session: 1, refresh: 0 });
    expect(session.isLive).toBe(true);
  });

  test("is signed out elsewhere where its file is gone, and back with it", async () => {
    const { world, session } = await live();
    const { content } = world.shared;
    world.shared.remove();
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "elsewhere" });
    expect(world.provider.count("probe")).toBe(0);
    expect(world.provider.count("revoke")).toBe(0);
    world.shared.leave(content!);
    await session.look();
    await world.clock.advance(second);
    expect(session.isLive).toBe(true);
  });

  test("is somebody's: who it is is asked after each start, the file may be another person's", async () => {
    const { world, session } = await adas();
    expect(session.account).toBe("ada");
    await session.close();
    world.provider.person = "bob";
    leave(world);
    const next = await world.open();
    await next.issue(key);
    await settle();
    expect(next.account).toBe("bob");
  });

  test("is asked about as soon as another one stands there: what was given out is not that person's", async () => {
    const { world, session } = await adas();
    await world.clock.advance(second);
    world.provider.person = "bob";
    leave(world);
    await session.look();
    expect(session.issued.has(key)).toBe(true);
    await world.clock.advance(second);
    expect(session.account).toBe("bob");
    expect(session.issued.has(key)).toBe(false);
  });
});

describe("a kept sign-in that the provider rejects", () => {
  const rejected = async () => {
    const { world, session } = await live();
    world.provider.endSessions();
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    return { world, session, tried: world.provider.count("renew") };
  };

  test("is over, although its file stays: it is not tried again, also after a restart or a crash", async () => {
    const { world, session, tried } = await rejected();
    expect(world.shared.content).toBeDefined();
    await session.look();
    await world.live(session, hour);
    expect(session.isSignedOut).toBe(true);
    const next = await world.restart(session);
    expect(next.state).toEqual({ kind: "signed-out", reason: "ended" });
    await next.look();
    world.crash();
    const last = await world.open();
    await world.live(last, hour);
    expect(last.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(world.provider.count("renew")).toBe(tried);
  });

  test("is over for its next start, also where we die as soon as it is known", async () => {
    const { world, tried } = await rejected();
    world.crash();
    const next = await world.open();
    await world.clock.advance(minute);
    expect(next.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(world.provider.count("renew")).toBe(tried);
  });

  test.each([
    ["at once", async (session: Session) => session],
    ["after a restart", (session: Session, world: World) => world.restart(session)],
  ])("gives way to a new one %s", async (_, go) => {
    const { world, session } = await rejected();
    const next = await go(session, world);
    leave(world);
    await next.look();
    await world.live(next, 2 * hour);
    expect(next.isLive).toBe(true);
    const last = await world.restart(next);
    await world.clock.advance(second);
    expect(last.isLive).toBe(true);
  });

  test("gives way to a new one that was made while we were down", async () => {
    const { world, session } = await rejected();
    await session.close();
    leave(world);
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });
});

describe("a refresh token that rotates in a file of others", () => {
  test("is written back before anything shows it or uses it", async () => {
    const world = empty();
    leave(world);
    const seen: (number | undefined)[] = [];
    const shown: { session?: Session } = {};
    shown.session = await Session.open(world.source, {
      ...world.ports,
      changed: () => {
        if (shown.session?.isLive === true) seen.push(refreshIn(world));
      },
    });
    await world.clock.advance(second);
    await world.clock.advance(40 * minute);
    expect(seen.at(0)).toBe(1);
    expect(seen.at(-1)).toBe(2);
  });

  test("is of the sign-in that it was: no other one is found there", async () => {
    const { world, session } = await live();
    const { signedInAt } = world.shared.content!;
    await world.clock.advance(hour);
    const { state } = session;
    await session.look();
    expect(session.state).toEqual(state);
    expect(world.shared.content!.signedInAt).toBe(signedInAt);
    const next = await world.restart(session);
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });

  test("is not written over another sign-in that has come meanwhile: that one is taken up", async () => {
    const { world, session } = await live();
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    leave(world);
    release();
    await settle();
    expect(session.durable).toBe(false);
    expect(refreshIn(world)).toBe(0);
    await session.look();
    await world.clock.advance(second);
    expect(session.durable).toBe(true);
    expect(world.provider.presentations.at(-1)).toMatchObject({ session: 1, refresh: 0 });
  });

  test.each([
    ["the first", 0],
    ["a later", 2],
  ])(
    "a crash between %s exchange and the writing costs a sign-in, and it is known why",
    async (_, before) => {
      const { world } = await found();
      await world.clock.advance(second + before * 40 * minute - 1);
      world.shared.crash = "before-write";
      await world.clock.advance(40 * minute);
      world.crash();
      const next = await world.open();
      await world.clock.advance(second);
      expect(next.state).toEqual(lost);
      expect(presented(world).slice(-2)).toEqual([before, before]);
      world.crash();
      expect((await world.open()).state).toEqual({ kind: "signed-out", reason: "ended" });
    },
  );

  test("a crash before the writing costs nothing where the provider takes a spent one once more", async () => {
    const { world } = await found();
    world.provider.grace = true;
    world.shared.crash = "before-write";
    await world.clock.advance(second);
    world.crash();
    const next = await world.open();
    await world.clock.advance(5 * hour);
    expect(next.isLive).toBe(true);
    world.provider.grace = false;
    world.provider.endSessions();
    await world.clock.advance(hour);
    expect(next.state).toEqual(endedBy("grant-rejected"));
  });

  test("once it is written is no lost renewal at the next start", async () => {
    const { world, session } = await live();
    const next = await world.restart(session);
    world.provider.endSessions();
    await world.clock.advance(second);
    expect(next.state).toEqual(endedBy("grant-rejected"));
  });

  test("a crash after the writing costs nothing", async () => {
    const { world } = await found();
    world.shared.crash = "after-write";
    await world.clock.advance(second);
    world.crash();
    const next = await world.open();
    await world.clock.advance(5 * hour);
    expect(next.isLive).toBe(true);
    world.provider.endSessions();
    await world.clock.advance(hour);
    expect(next.state).toEqual(endedBy("grant-rejected"));
  });

  test("a crash of which another sign-in has followed is forgotten", async () => {
    const { world } = await found();
    world.shared.crash = "before-write";
    await world.clock.advance(second);
    world.crash();
    leave(world);
    const next = await world.open();
    world.provider.endSessions();
    await world.clock.advance(second);
    expect(next.state).toEqual(endedBy("grant-rejected"));
  });
});

describe("a file of others that cannot be written", () => {
  const unwritable = async () => {
    const { world, session } = await found();
    world.shared.writable = false;
    await world.clock.advance(second);
    expect(session.isLive).toBe(true);
    return { world, session };
  };

  test("leaves the successor in memory, shown as such, and takes it at the next sweep", async () => {
    const { world, session } = await unwritable();
    expect(session.durable).toBe(false);
    expect(refreshIn(world)).toBe(0);
    await session.sweep();
    expect(session.durable).toBe(false);
    world.shared.writable = true;
    const before = world.changes;
    await session.sweep();
    expect(session.durable).toBe(true);
    expect(world.changes).toBeGreaterThan(before);
    expect(refreshIn(world)).toBe(1);
    expect(world.memo.get("published:corp")).toBeUndefined();
    const next = await world.restart(session);
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });

  test("is not taken for another sign-in: what stands there is spent", async () => {
    const { world, session } = await unwritable();
    await session.look();
    await world.live(session, 5 * hour);
    expect(session.isLive).toBe(true);
    expect(presented(world)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("is not tried where the provider has ended the sign-in", async () => {
    const { world, session } = await unwritable();
    world.provider.endSessions();
    await world.clock.advance(hour);
    await world.live(session, hour);
    expect(session.isSignedOut).toBe(true);
    expect(presented(world)).toEqual([0, 1]);
  });

  test("ends it where it goes, whatever we have in memory", async () => {
    const { world, session } = await unwritable();
    world.shared.remove();
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "elsewhere" });
  });

  test("is tried once more after a crash, and it is known why that fails", async () => {
    const { world } = await unwritable();
    await world.clock.advance(hour);
    world.crash();
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state).toEqual(lost);
  });

  test("because it does not answer holds up a renewal for five seconds", async () => {
    const { world, session } = await live();
    world.shared.onPublish = () => {
      world.shared.hanging = true;
    };
    await world.clock.advance(40 * minute);
    await world.clock.advance(5 * second);
    expect(session.durable).toBe(false);
    expect(session.state).toMatchObject({
      kind: "active",
      expiresAt: plus(world.clock.now(), hour - 5 * second),
    });
  });
});

describe("the user's sign-out of what others keep", () => {
  test.each([
    ["ends it at the provider", false, 1],
    ["only leaves it, where that is wished", true, 0],
  ])("%s; the file stays, and is not taken up again", async (_, left, revoked) => {
    const { world, session } = await live();
    expect(await session.signOut(left)).toBe(true);
    expect(world.provider.count("revoke")).toBe(revoked);
    const { content } = world.shared;
    expect(content).toBeDefined();
    expect(session.state).toEqual(userSignedOut);
    await session.look();
    await world.live(session, hour);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toEqual(userSignedOut);
    world.crash();
    const crashed = await world.open();
    expect(crashed.state).toEqual(userSignedOut);
    const next = await world.restart(crashed);
    await next.look();
    await world.clock.advance(minute);
    expect(next.state).toEqual(userSignedOut);
    expect(world.provider.count("renew")).toBe(1);
    expect(world.shared.content).toBe(content);
  });

  test("ends with a new sign-in there, for good", async () => {
    const { world, session } = await live();
    await session.signOut(true);
    await world.clock.advance(minute);
    leave(world);
    await session.look();
    await world.clock.advance(second);
    expect(session.isLive).toBe(true);
    const next = await world.restart(session);
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });

  test("is forgotten with the end of a new sign-in: that was the provider's", async () => {
    const { world, session } = await live();
    await session.signOut(true);
    await world.clock.advance(minute);
    leave(world);
    await session.look();
    world.provider.endSessions();
    await world.clock.advance(second);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect((await world.restart(session)).state).toEqual({ kind: "signed-out", reason: "ended" });
  });

  test("ends with a new sign-in while we were down", async () => {
    const { world, session } = await live();
    await session.signOut();
    await session.close();
    await world.clock.advance(minute);
    leave(world);
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });

  test("holds also where the file has gone since", async () => {
    const { world, session } = await live();
    await session.signOut();
    world.shared.remove();
    expect((await world.restart(session)).state).toEqual(userSignedOut);
  });

  test("of one that cannot be renewed holds as well", async () => {
    const world = new World();
    world.provider.renewable = false;
    const source = world.makeSource({ keptBy: "gcloud", shared: world.shared });
    leave(world);
    const session = await world.open(source);
    await session.issue(key);
    await session.signOut(true);
    await session.close();
    const next = await world.open(source);
    await next.look();
    expect(next.state).toEqual(userSignedOut);
  });

  test("while the provider cannot be reached says that it could not be told", async () => {
    const { world, session } = await live();
    world.provider.outage = "unreachable";
    expect(await session.signOut()).toBe(false);
    expect(session.state).toEqual(userSignedOut);
  });
});

describe("a sign-in into the file of others", () => {
  test("is what is found there: renewed at once, and never in the keychain", async () => {
    const world = empty();
    const session = await world.signedIn();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    await world.live(session, 2 * hour);
    expect(session.durable).toBe(true);
    expect(world.store.reads + world.store.writes).toBe(0);
    const next = await world.restart(session);
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });

  test("ends a sign-out, also for the next start", async () => {
    const { world, session } = await live();
    await session.signOut(true);
    await world.clock.advance(minute);
    await world.signIn(session);
    const next = await world.restart(session);
    await world.clock.advance(second);
    expect(next.isLive).toBe(true);
  });

  test("that was found there, and renewed, before its program has ended is not begun again", async () => {
    const { world, session } = await live();
    world.memo.set("session-ms:corp", String(8 * hour));
    await world.clock.advance(minute);
    world.source.onLeft = async () => {
      await session.look();
      await session.issue(key, true);
    };
    await world.signIn(session);
    expect(session.isLive).toBe(true);
    await world.clock.advance(second);
    expect(presented(world)).toEqual([0, 0]);
    world.provider.sessionMs = 8 * hour;
    await world.clock.advance(9 * hour);
    expect(session.isSignedOut).toBe(true);
    expect(session.endIsFixed).toBe(false);
  });

  test("of somebody else asks nothing: the file is theirs already; what was given out is forgotten", async () => {
    const world = empty();
    world.provider.names = true;
    world.provider.person = "ada";
    const session = await world.signedIn();
    await session.issue(key);
    expect(session.account).toBe("ada");
    await world.clock.advance(minute);
    world.provider.person = "bob";
    await world.signIn(session);
    expect(session.account).toBe("bob");
    expect(session.issued.has(key)).toBe(false);
    await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
  });

  test("that is given up at its last moment is not ended at the provider: the file has it, and others", async () => {
    const { world, session } = await live();
    await world.clock.advance(minute);
    const signIn = session.signIn(undefined);
    await signIn.request;
    world.source.onLeft = async () => session.cancelSignIn();
    world.source.visits.at(-1)!.approve();
    expect(await signIn.outcome).toMatchObject({ error: { code: "cancelled" } });
    await settle();
    expect(world.provider.count("revoke")).toBe(0);
    await session.look();
    await session.issue(key);
    expect(world.provider.presentations.at(-1)).toMatchObject({ session: 1 });
  });

  test("that has no place to stand is used all the same, and is not durable", async () => {
    const world = new World();
    const source = world.makeSource({ keptBy: "gcloud" });
    const session = await world.open(source);
    await world.signIn(session, source);
    expect(session.durable).toBe(false);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is asked once whose it is, and not at each renewal", async () => {
    const { world, session } = await adas();
    expect(world.source.identifiedBy).toHaveLength(1);
    await world.live(session, 3 * hour);
    expect(world.provider.count("renew")).toBeGreaterThan(2);
    expect(world.source.identifiedBy).toHaveLength(1);
  });

  test("is still whose it was where the provider says nothing after a restart", async () => {
    const { world, session } = await adas();
    world.provider.person = undefined;
    const next = await world.restart(session);
    await next.issue(key);
    await settle();
    expect(next.account).toBe("ada");
  });
});
