import { describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { ticketOf } from "../fakes/provider.ts";
import { hour, key, minute, place, second, World } from "./world.ts";

/** Another tool's sign-in at the same provider. */
const foreign = (world: World): Grant => world.provider.signIn(world.source.boundTo);

const accessOf = (grant: Grant | undefined): string | undefined =>
  grant === undefined ? undefined : ticketOf(grant.saved).access;

describe("another tool's sign-in", () => {
  test("is taken over: into the keychain first, and then without its refresh token for others", async () => {
    const world = new World();
    world.shared.leave(foreign(world));
    let leftWhenSaved: boolean | undefined;
    world.store.onWrite = () => {
      leftWhenSaved = world.shared.content?.renewable;
    };
    const session = await world.open();
    expect(session.state.kind).toBe("active");
    expect(session).toMatchObject({ durable: true, isBorrowed: false, neededAt: undefined });
    expect(leftWhenSaved).toBe(true);
    expect(world.shared.content?.renewable).toBe(false);
    expect(world.store.peek(place)).toBeDefined();
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });

  test("is taken over when it appears, and ends the wish for a sign-in", async () => {
    const world = new World();
    const session = await world.open();
    expect(session.terms).toEqual({});
    await expect(session.issue(key)).rejects.toThrow();
    world.shared.leave(foreign(world));
    await session.look();
    expect(session.state.kind).toBe("active");
    expect(session.wantedAt).toBeUndefined();
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ event: "session: adopted a sign-in of another tool" }),
    );
  });

  test("that is newer takes the place of ours, found at the latest before a renewal", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.clock.advance(30 * minute);
    world.shared.leave(foreign(world));
    await world.clock.advance(10 * minute);
    expect(world.provider.count("renew")).toBe(0);
    expect(session.state).toMatchObject({ expiresAt: plus(world.clock.now(), 50 * minute) });
  });

  test("that is older than ours is not worth having", async () => {
    const world = new World();
    const older = foreign(world);
    await world.clock.advance(30 * minute);
    const session = await world.signedIn();
    const { state } = session;
    world.shared.leave(older);
    await session.look();
    expect(session.state).toEqual(state);
    await world.clock.advance(40 * minute);
    expect(world.provider.presentations).toMatchObject([{ session: 1, refresh: 0 }]);
    expect(session.state).toMatchObject({ expiresAt: plus(world.clock.now(), hour) });
  });

  test("that has ended, but can be renewed, is taken over and renewed", async () => {
    const world = new World();
    world.shared.leave(foreign(world));
    await world.clock.advance(2 * hour);
    const session = await world.open();
    await world.clock.advance(second);
    expect(session.isLive).toBe(true);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("that has ended and cannot be renewed is nothing to have", async () => {
    const world = new World();
    world.provider.renewable = false;
    world.shared.leave(foreign(world));
    await world.clock.advance(hour);
    const session = await world.open();
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
  });

  test.each(["locked", "unavailable"] as const)(
    "that can be renewed is left alone while the keychain is %s",
    async (mood) => {
      const world = new World();
      const session = await world.open();
      world.shared.leave(foreign(world));
      world.store.mood = mood;
      await session.look();
      expect(session.state.kind).toBe("signed-out");
      expect(world.shared.content?.renewable).toBe(true);
      world.store.mood = "well";
      await session.look();
      expect(session.state.kind).toBe("active");
    },
  );

  test.each([
    ["the place is not ours to write", { writable: false, durability: "persisted" }],
    ["our keychain is memory", { writable: true, durability: "memory" }],
  ] as const)("is only borrowed where %s", async (_, { writable, durability }) => {
    const world = new World({ durability });
    world.shared.writable = writable;
    const left = foreign(world);
    world.shared.leave(left);
    const session = await world.open();
    expect(session.state).toMatchObject({ kind: "active", renewAt: left.expiresAt });
    expect(session).toMatchObject({ durable: true, isBorrowed: true, neededAt: { exact: true } });
    expect(session.terms).toMatchObject({ registeredUntil: left.registeredUntil });
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    await world.live(session, 50 * minute);
    expect(world.provider.count("renew")).toBe(0);
    expect(world.store.writes).toBe(0);
    expect(world.shared.content).toBe(left);
    await session.close();
  });

  test("that is borrowed is followed when the other tool renews it", async () => {
    const world = new World({ durability: "memory" });
    world.shared.leave(foreign(world));
    const session = await world.open();
    await world.clock.advance(30 * minute);
    world.shared.leave(foreign(world));
    await world.clock.advance(30 * minute);
    expect(session.state).toMatchObject({
      kind: "active",
      expiresAt: plus(world.clock.now(), 30 * minute),
    });
  });

  test("that is borrowed ends with its file, and without touching anything", async () => {
    const world = new World({ durability: "memory" });
    world.shared.leave(foreign(world));
    const session = await world.open();
    world.shared.remove();
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "elsewhere" });
    expect(world.provider.calls).toEqual([]);
  });

  test("that is borrowed and has ended stays in its file", async () => {
    const world = new World();
    world.provider.renewable = false;
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    const session = await world.open();
    expect(session.isBorrowed).toBe(true);
    await world.clock.advance(2 * hour);
    expect(session.state.kind).toBe("signed-out");
    expect(world.shared.content).toBeDefined();
  });

  test.each([
    ["is worth more than ours", undefined],
    ["is all there is once ours is rejected", "grant-rejected"],
  ] as const)("that %s is in the keychain from then on", async (_, code) => {
    const world = new World();
    const older = world.provider.signIn(world.source.boundTo);
    await world.clock.advance(minute);
    const session = await world.signedIn();
    await world.clock.advance(minute);
    world.shared.leave(code === undefined ? world.provider.signIn(world.source.boundTo) : older);
    if (code !== undefined) world.provider.fail("renew", code);
    await session.prove();
    expect(session.isLive).toBe(true);
    expect(world.store.peek(place)).toBeDefined();
    world.shared.remove();
    const next = await world.restart(session);
    expect(next.isSignedIn).toBe(true);
  });

  test("that was taken over as we died is not left to others with what renews it", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.clock.advance(minute);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    world.shared.crash = "before-write";
    void session.look();
    await settle();
    world.crash();
    const next = await world.open();
    expect(next.isLive).toBe(true);
    expect(ticketOf(world.shared.content!.saved).refresh).toBeUndefined();
  });

  test("that is borrowed and that the provider rejects is not taken up again from the same file", async () => {
    const world = new World({ durability: "memory" });
    world.shared.leave(foreign(world));
    const session = await world.open();
    world.provider.endSessions();
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    await session.look();
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    world.shared.leave(foreign(world));
    await session.look();
    expect(session.state.kind).toBe("active");
  });

  test("without a refresh token never takes the place of one that can be renewed", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.clock.advance(minute);
    world.provider.renewable = false;
    world.shared.leave(foreign(world));
    const { state } = session;
    await session.look();
    expect(session.state).toEqual(state);
    expect(session.neededAt).toBeUndefined();
  });

  test("without a refresh token takes the place of one that ends sooner", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    await world.clock.advance(minute);
    world.shared.leave(foreign(world));
    await session.look();
    expect(session.neededAt).toEqual({ at: plus(world.clock.now(), hour), exact: true });
  });
});

describe("what other tools see of ours", () => {
  test("is the access token of each grant, once it is saved", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(world.shared.content).toMatchObject({ renewable: false });
    const first = accessOf(world.shared.content);
    await world.clock.advance(40 * minute);
    expect(accessOf(world.shared.content)).not.toBe(first);
    expect(session.state.kind).toBe("active");
  });

  test("is written once at the start where it never was", async () => {
    const world = new World();
    const unshared = world.makeSource();
    const alone = await world.open(unshared);
    await world.signIn(alone, unshared);
    await alone.close();
    const session = await world.open();
    expect(world.shared.published).toBe(1);
    await session.look();
    expect(world.shared.published).toBe(1);
  });

  test("is not written over what another tool has left, though that is worth less", async () => {
    const world = new World();
    const left = foreign(world);
    world.shared.leave(left);
    await world.clock.advance(minute);
    const unshared = world.makeSource();
    const alone = await world.open(unshared);
    await world.signIn(alone, unshared);
    await alone.close();
    const session = await world.open();
    await session.look();
    expect(world.shared.content).toBe(left);
  });

  test("is nothing where the place may not be written", async () => {
    const world = new World();
    world.shared.writable = false;
    await world.signedIn();
    expect(world.shared.published).toBe(0);
    expect(world.memo.get("published:corp")).toBeUndefined();
  });

  test("is not waited for when the place does not answer: renewals go on", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.shared.hanging = true;
    await world.live(session, 5 * hour);
    expect(session.state.kind).toBe("active");
    expect(session.isLive).toBe(true);
    const signedOut = session.signOut();
    await world.clock.advance(minute);
    expect(await signedOut).toBe(true);
    expect(world.store.peek(place)).toBeUndefined();
  });
});

describe("a file of ours that has vanished", () => {
  test("is a question to the provider, whose no means signed out elsewhere", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.shared.remove();
    world.provider.endSessions();
    await session.look();
    expect(world.provider.count("probe")).toBe(1);
    expect(session.state).toEqual({ kind: "signed-out", reason: "elsewhere" });
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("is asked about once; the session stays and the next renewal writes the file again", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.shared.remove();
    await session.look();
    await session.look();
    expect(world.provider.count("probe")).toBe(1);
    expect(session.state.kind).toBe("active");
    expect(world.shared.content).toBeUndefined();
    await world.clock.advance(40 * minute);
    expect(world.shared.content).toBeDefined();
    world.shared.remove();
    await session.look();
    expect(world.provider.count("probe")).toBe(2);
  });

  test("while the provider cannot be reached is asked about again later", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.shared.remove();
    world.provider.fail("probe", "unreachable");
    await session.look();
    expect(session.state.kind).toBe("active");
    await session.look();
    expect(world.provider.count("probe")).toBe(2);
    expect(session.state.kind).toBe("active");
  });

  test("while we were down is the same question at the start", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.close();
    world.shared.remove();
    world.provider.endSessions();
    const next = await world.open();
    expect(next.state).toEqual({ kind: "signed-out", reason: "elsewhere" });
  });

  test("is no question while the access token has ended: its rejection would say nothing", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.close();
    world.shared.remove();
    world.clock.jump(2 * hour);
    const next = await world.open();
    await world.clock.advance(second);
    expect(world.provider.count("probe")).toBe(0);
    expect(next.state.kind).toBe("active");
    expect(world.shared.content).toBeDefined();
  });

  test("is no answer either where the access token ended on the way, as in a computer that slept", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.shared.remove();
    const release = world.provider.hold("probe");
    const looking = session.look();
    await world.clock.advance(second);
    world.clock.jump(2 * hour);
    release();
    await looking;
    expect(world.provider.count("probe")).toBe(1);
    expect(session.isSignedIn).toBe(true);
    await world.clock.advance(second);
    expect(session.state.kind).toBe("active");
  });

  test("that we never wrote is no question", async () => {
    const world = new World();
    world.shared.writable = false;
    const session = await world.signedIn();
    await session.look();
    expect(world.provider.count("probe")).toBe(0);
    expect(session.state.kind).toBe("active");
  });

  test("is no matter where there is no shared place", async () => {
    const world = new World({ alone: true });
    const session = await world.signedIn();
    await session.look();
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
    await session.signOut();
    expect(session.state.kind).toBe("signed-out");
  });
});
