import { describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import type { Session } from "../../electron/core/session.ts";
import { never, plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { grantOf, ticketOf } from "../fakes/provider.ts";
import { endedBy, hour, key, minute, place, second, World } from "./world.ts";

/** What stands in the place of a source that needs nobody: it cannot be renewed, and has no end unless one is given. */
const keys = (world: World, expiresAt = never): Grant => {
  world.provider.renewable = false;
  world.provider.accessMs = 1_000 * hour;
  const ticket = ticketOf(world.provider.signIn(world.source.boundTo).saved);
  return { ...grantOf(ticket), expiresAt };
};

const unattended = async (expiresAt = never) => {
  const world = new World();
  world.shared.writable = false;
  const source = world.makeSource({ unattended: true, shared: world.shared });
  world.shared.leave(keys(world, expiresAt));
  return { world, source, session: await world.open(source) };
};

const again = (world: World): Promise<Session> =>
  world.open(world.makeSource({ unattended: true, shared: world.shared }));

describe("a source that needs nobody", () => {
  test("serves what stands in its place, without an end and without a wish", async () => {
    const { world, session } = await unattended();
    expect(session.state).toEqual({ kind: "active", expiresAt: never, renewAt: never });
    expect(session.isLive).toBe(true);
    expect(session.durable).toBe(true);
    expect(session.neededAt).toBeUndefined();
    expect(session.askAt(20 * minute)).toBeUndefined();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(world.clock.pending.filter((at) => at === never)).toEqual([]);
    await world.live(session, 3 * 24 * hour);
    expect(session.state.kind).toBe("active");
    expect(world.provider.count("renew")).toBe(0);
    expect(world.provider.count("identify")).toBe(0);
  });

  test.each(["locked", "hanging", "unavailable"] as const)(
    "has no use for a keychain: it may be %s",
    async (mood) => {
      const world = new World();
      world.store.mood = mood;
      world.shared.leave(keys(world));
      const session = await again(world);
      expect(session.state.kind).toBe("active");
      expect(world.store.reads + world.store.writes).toBe(0);
      expect(await session.signOut()).toBe(true);
      expect(world.shared.content).toBeDefined();
    },
  );

  test("asks nobody who it is, whoever that may be", async () => {
    const { world, session } = await unattended();
    world.provider.person = "ada";
    world.shared.leave(keys(world));
    await session.look();
    await settle();
    expect(session.account).toBeUndefined();
    expect(world.provider.count("identify")).toBe(0);
  });

  test("takes what stands there now, although what it had is as good", async () => {
    const { world, session } = await unattended();
    await session.issue(key);
    world.shared.leave(keys(world));
    await session.look();
    world.provider.shownAccess.length = 0;
    await session.issue("444455556666/Operator");
    expect(world.provider.shownAccess).toEqual(["access-token-1"]);
  });

  test("says until when it is good, where its keys have an end, but has nobody asked ahead of it", async () => {
    const world = new World();
    const end = plus(world.clock.now(), hour);
    world.shared.leave(keys(world, end));
    const session = await again(world);
    expect(session.neededAt).toEqual({ at: end, exact: true });
    expect(session.askAt(20 * minute)).toBeUndefined();
    await world.clock.advance(hour);
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(world.shared.content).toBeDefined();
  });

  test("without a place has nothing", async () => {
    const world = new World();
    const session = await world.open(world.makeSource({ unattended: true }));
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
    await expect(session.issue(key)).rejects.toMatchObject({ code: "config-invalid" });
    await session.look();
    expect(session.state.kind).toBe("signed-out");
  });
});

describe("what it lacks", () => {
  test("is looked for only where it lacks something", async () => {
    const world = new World();
    const source = world.makeSource({ unattended: true, shared: world.shared });
    world.shared.leave(world.provider.signIn(source.boundTo));
    const session = await world.open(source);
    let looks = 0;
    world.shared.onLook = () => {
      looks += 1;
    };
    await session.takeUp();
    expect([session.isLive, looks]).toEqual([true, 0]);
  });

  test("is said, is nobody's wish for a sign-in, and is found by callers once in five seconds", async () => {
    const { world, session } = await unattended();
    world.shared.remove();
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "elsewhere" });
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "config-invalid",
      message: "There is nothing there to get into corp with.",
      remedy: "Check the profile's settings.",
      exit: 2,
    });
    expect(session.wantedAt).toBeUndefined();
    world.shared.leave(keys(world));
    await expect(session.issue(key)).rejects.toMatchObject({ code: "config-invalid" });
    await world.clock.advance(5 * second);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is taken up when it is back, also where it is what it was", async () => {
    const { world, session } = await unattended();
    const { content } = world.shared;
    world.shared.remove();
    await session.look();
    world.shared.leave(content!);
    await session.look();
    expect(session.state.kind).toBe("active");
  });

  test("is not accepted any more: that is said, and what lies there is not tried by itself", async () => {
    const { world, session } = await unattended();
    world.provider.endSessions();
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "access-denied",
      message: "What corp has is no longer accepted.",
      remedy: "Renew it where it is kept.",
      exit: 5,
    });
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(session.wantedAt).toBeUndefined();
    await session.look();
    expect(session.state.kind).toBe("signed-out");
    await world.clock.advance(5 * second);
    const before = world.provider.count("issue");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "access-denied" });
    expect(world.provider.count("issue")).toBe(before + 1);
    world.shared.leave(keys(world));
    await session.look();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });
});

describe("the user's sign-out of it", () => {
  test("leaves its place alone, and holds: for files that change, for callers, and for the next start", async () => {
    const { world, session } = await unattended();
    expect(await session.signOut()).toBe(true);
    expect(world.shared.content).toBeDefined();
    expect(world.store.peek(place)).toBeUndefined();
    const signedOut = { kind: "signed-out", reason: "user" };
    expect(session.state).toEqual(signedOut);
    world.shared.leave(keys(world));
    await session.look();
    await world.clock.advance(minute);
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "You have signed out of corp.",
      remedy: "Run: evercred login corp",
    });
    expect(session.state).toEqual(signedOut);
    expect(session.wantedAt).toBeUndefined();
    await session.close();
    expect((await again(world)).state).toEqual(signedOut);
  });

  test("ends when it is taken up again", async () => {
    const { world, session } = await unattended();
    await session.signOut();
    await session.takeUp();
    expect(session.state.kind).toBe("active");
    await session.takeUp();
    expect(session.state.kind).toBe("active");
    await session.close();
    expect((await again(world)).state.kind).toBe("active");
  });

  test("does not end where there is nothing to take up", async () => {
    const { world, session } = await unattended();
    await session.signOut();
    world.shared.remove();
    await expect(session.takeUp()).rejects.toMatchObject({ code: "config-invalid" });
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
  });
});

describe("a source that needs nobody, and whose keys are exchanged for tokens", () => {
  /** What stands in its place can be renewed, however often. */
  const exchanging = async () => {
    const world = new World();
    world.provider.grace = true;
    world.provider.sessionMs = 1_000 * hour;
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    return { world, session: await again(world) };
  };

  test("is renewed ahead, and nothing of that is remembered: keys are not spent", async () => {
    const { world, session } = await exchanging();
    const engraved: string[] = [];
    const { engrave } = world.memo;
    world.memo.engrave = (name, fact) => {
      engraved.push(name);
      engrave.call(world.memo, name, fact);
    };
    await world.live(session, 5 * hour);
    expect(session.isLive).toBe(true);
    expect(world.provider.count("renew")).toBe(7);
    expect(engraved).toEqual([]);
    expect(world.store.reads + world.store.writes).toBe(0);
  });

  test("is refused: that is no lost renewal, no session to sign in to, and not for good", async () => {
    const { world, session } = await exchanging();
    world.provider.loseReply("renew");
    await world.clock.advance(40 * minute);
    world.provider.fail("renew", "grant-rejected");
    await world.clock.advance(5 * second);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "access-denied",
      message: "What corp has is no longer accepted.",
    });
    await world.clock.advance(5 * second);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is refused in words of the provider that say more: callers hear them", async () => {
    const { world, session } = await exchanging();
    world.provider.fail("renew", "account-disabled");
    await world.clock.advance(40 * minute);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "account-disabled", exit: 5 });
    await session.look();
    expect(session.state).toEqual(endedBy("account-disabled"));
    await session.takeUp();
    expect(session.isLive).toBe(true);
  });

  test("is asked by an organisation for a person: it has none", async () => {
    const { world, session } = await exchanging();
    world.provider.fail("renew", "reauth-needed");
    await world.clock.advance(40 * minute);
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "access-denied",
      message: "What corp has is no longer accepted.",
    });
  });

  test("was refused before a restart: it is tried again", async () => {
    const { world, session } = await exchanging();
    world.provider.fail("renew", "grant-rejected");
    await world.clock.advance(40 * minute);
    expect(session.isSignedOut).toBe(true);
    await session.close();
    expect((await again(world)).state.kind).toBe("active");
  });
});
