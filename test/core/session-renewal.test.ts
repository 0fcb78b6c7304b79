import { describe, expect, test } from "vitest";
import { type ErrorCode, EvercredError } from "../../electron/core/errors.ts";
import { wakeAt } from "../../electron/core/state.ts";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { hour, key, minute, otherKey, place, second, World } from "./world.ts";

describe("a session", () => {
  test("that nobody has signed in to is signed out, asks nobody and sets no alarm", async () => {
    const world = new World();
    const session = await world.open();
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(session.isSignedOut).toBe(true);
    expect(session.isSignedIn).toBe(false);
    expect(session.isLive).toBe(false);
    expect(session.durable).toBe(true);
    expect(session.neededAt).toBeUndefined();
    expect(world.clock.pending).toEqual([]);
    expect(world.provider.calls).toEqual([]);
  });

  test("renews before the end of the access token, again and again", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(session.state).toEqual({
      kind: "active",
      expiresAt: plus(world.clock.now(), hour),
      renewAt: plus(world.clock.now(), 40 * minute),
    });
    await world.clock.advance(7 * hour);
    expect(world.provider.count("renew")).toBe(10);
    expect(session.state.kind).toBe("active");
    expect(session.isLive).toBe(true);
  });

  test("shows each change once, after it is done", async () => {
    const world = new World();
    const session = await world.signedIn();
    const before = world.changes;
    await world.clock.advance(40 * minute);
    expect(world.changes).toBe(before + 1);
    expect(session.state.kind).toBe("active");
  });

  test("that fails to renew goes on serving, and tries again ever more patiently", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    world.provider.fail("renew", "unreachable", "provider-unavailable", "proxy-refused");
    await world.clock.advance(40 * minute);
    const since = world.clock.now();
    expect(session.state).toEqual({
      kind: "failing",
      expiresAt: plus(since, 20 * minute),
      retryAt: plus(since, 5 * second),
      since,
      attempt: 1,
      error: "unreachable",
    });
    await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
    await world.clock.advance(5 * second);
    expect(session.state).toMatchObject({
      kind: "failing",
      since,
      attempt: 2,
      retryAt: plus(world.clock.now(), 10 * minute),
      error: "provider-unavailable",
    });
    await world.clock.advance(10 * minute);
    expect(session.state).toMatchObject({ attempt: 3, error: "proxy-refused" });
    await world.clock.advance(20 * second);
    expect(session.state.kind).toBe("active");
    expect(world.log.lines.filter(({ event }) => event === "session: not renewed")).toHaveLength(3);
  });

  test("waits as long as the provider asks it to", async () => {
    const world = new World();
    const session = await world.signedIn();
    const patience = new EvercredError("throttled", undefined, { retryAfterMs: 12 * minute });
    world.provider.fail("renew", patience);
    await world.clock.advance(40 * minute);
    expect(session.state).toMatchObject({ retryAt: plus(world.clock.now(), 14 * minute) });
    await world.clock.advance(14 * minute - 1);
    expect(world.provider.count("renew")).toBe(1);
    await world.clock.advance(1);
    expect(session.state.kind).toBe("active");
  });

  test("makes one last attempt shortly before the end, and goes on after it", async () => {
    const world = new World();
    const session = await world.signedIn();
    const end = plus(world.clock.now(), hour);
    world.provider.outage = "unreachable";
    await world.clock.advance(3 * hour);
    const attempts = world.provider.calls.filter(({ verb }) => verb === "renew");
    expect(attempts.map(({ at }) => at)).toContain(plus(end, -30 * second));
    expect(attempts.filter(({ at }) => at > end).length).toBeGreaterThanOrEqual(24);
    expect(session.state).toMatchObject({ kind: "failing", expiresAt: end });
    expect(session.isLive).toBe(false);
    expect(session.isSignedIn).toBe(true);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "unreachable", exit: 7 });
    world.provider.outage = undefined;
    await world.clock.advance(5 * minute);
    expect(session.state.kind).toBe("active");
  });

  test("finds at use that the access token has ended, before any alarm", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    const credential = await session.issue(key);
    expect(credential.expiresAt).toBe(plus(world.clock.now(), hour));
    expect(world.provider.count("renew")).toBe(1);
    expect(session.state.kind).toBe("active");
  });

  test("renews for one who only wants to know that it is live", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.revive();
    expect(world.provider.count("renew")).toBe(0);
    world.clock.jump(2 * hour);
    await session.revive();
    expect(world.provider.count("renew")).toBe(1);
    world.provider.endSessions();
    world.clock.jump(2 * hour);
    await expect(session.revive()).rejects.toMatchObject({ code: "sign-in-needed", exit: 3 });
  });

  test.each([0, 1, 3 * second, 10 * second])(
    "whose access tokens live %i ms does not spin",
    async (accessMs) => {
      const world = new World({ random: () => 0.999 });
      world.provider.accessMs = accessMs;
      const session = await world.signedIn();
      const before = world.clock.fired;
      await world.clock.advance(minute);
      expect(world.provider.count("renew")).toBeLessThanOrEqual(60);
      expect(world.clock.fired - before).toBeLessThanOrEqual(60);
      expect(world.clock.pending).not.toEqual([]);
      if (accessMs >= 3 * second) expect(session.isLive).toBe(true);
    },
  );

  test("that cannot be renewed ends when its access token does", async () => {
    const world = new World();
    world.provider.renewable = false;
    world.provider.accessMs = 8 * hour;
    const session = await world.signedIn();
    const end = plus(world.clock.now(), 8 * hour);
    expect(session.state).toMatchObject({ kind: "active", renewAt: end });
    expect(session.neededAt).toEqual({ at: end, exact: true });
    expect(session.askAt(20 * minute)).toBe(plus(end, -20 * minute));
    await world.clock.advance(8 * hour - 1);
    expect(session.isLive).toBe(true);
    await world.clock.advance(1);
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.provider.count("renew")).toBe(0);
  });
});

describe("callers", () => {
  test("five hundred of them, just after the end, cause one renewal and one issue", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(hour);
    const all = await Promise.all(Array.from({ length: 500 }, () => session.issue(key)));
    expect(new Set(all).size).toBe(1);
    expect(world.provider.count("renew")).toBe(1);
    expect(world.provider.count("issue")).toBe(1);
  });

  test("one that leaves changes nothing for the others", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("issue");
    const patient = session.issue(key);
    const hasty = Promise.race([session.issue(key), Promise.reject(new Error("gone"))]);
    await expect(hasty).rejects.toThrow("gone");
    release();
    await expect(patient).resolves.toMatchObject({ kind: "aws" });
    expect(world.provider.count("issue")).toBe(1);
  });

  test("of several keys, just after the end, cause one renewal", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(hour);
    await Promise.all([session.issue(key), session.issue(otherKey)]);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("try for themselves once in five seconds while the session is failing", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    await world.clock.advance(2 * hour);
    const before = world.provider.count("renew");
    const tries = async () => world.provider.count("renew") - before;
    await world.clock.advance(10 * second);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "unreachable" });
    const first = await tries();
    await world.clock.advance(5 * second - 1);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "unreachable" });
    expect(await tries()).toBe(first);
    await world.clock.advance(1);
    world.provider.outage = undefined;
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(await tries()).toBe(first + 1);
  });

  test("who waited for an attempt that failed slowly do not each make another", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    world.provider.latencyMs = 10 * second;
    world.clock.jump(2 * hour);
    const asked = Promise.allSettled([session.issue(key), session.issue(otherKey)]);
    await world.clock.advance(10 * second);
    await world.clock.advance(4 * second);
    expect((await asked).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("do not press a provider that has asked for patience", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    const patience = new EvercredError("throttled", undefined, { retryAfterMs: minute });
    world.provider.fail("renew", patience);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    await world.clock.advance(minute - 1);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    expect(world.provider.count("renew")).toBe(1);
    await world.clock.advance(1);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("wait ever longer for a provider that asks for patience again, not for what has failed before", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    const fails = async (how: ErrorCode, ms: number): Promise<void> => {
      world.provider.fail("renew", how);
      await expect(session.issue(key)).rejects.toMatchObject({ code: how });
      await world.clock.advance(ms);
    };
    for (let n = 0; n < 3; n++) await fails("provider-unavailable", 5 * second);
    await fails("throttled", 5 * second);
    await fails("throttled", 10 * second - 1);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    expect(world.provider.count("renew")).toBe(5);
    await world.clock.advance(1);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("do not wait for the background, which is more patient than the provider asks", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "throttled";
    await world.clock.advance(2 * hour);
    expect(session.state).toMatchObject({ kind: "failing", error: "throttled" });
    world.provider.outage = undefined;
    const renewals = world.provider.count("renew");
    const before = wakeAt(session.state)! - world.clock.now() - second;
    await world.clock.advance(before);
    expect(world.provider.count("renew")).toBe(renewals);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("try where the retry is due, although no alarm has gone off yet", async () => {
    const world = new World({ random: () => 0.9 });
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    world.provider.fail("renew", "unreachable");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "unreachable" });
    world.clock.jump(second);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("who come while something else is done with the grant still have it renewed", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    const looking = session.look();
    const credential = session.issue(key);
    await looking;
    await expect(credential).resolves.toMatchObject({ kind: "aws" });
    expect(session.wantedAt).toBeUndefined();
  });

  test("that only a sign-in can serve leave a note of the first of them", async () => {
    const world = new World();
    const session = await world.open();
    expect(session.wantedAt).toBeUndefined();
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "You are not signed in to corp.",
      remedy: "Run: evercred login corp",
    });
    const wantedAt = world.clock.now();
    const before = world.changes;
    await world.clock.advance(minute);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.wantedAt).toBe(wantedAt);
    expect(world.changes).toBe(before);
    void session.signIn(undefined);
    expect(session.wantedAt).toBeUndefined();
    await expect(session.issue(key)).rejects.toMatchObject({
      message: "A sign-in to corp is open and waits for you.",
    });
    session.cancelSignIn();
    await settle();
    await world.signIn(session);
    expect(session.wantedAt).toBeUndefined();
  });

  test("do not move a renewal that is not due, where the provider fails them", async () => {
    const world = new World();
    const session = await world.signedIn();
    const { state } = session;
    world.provider.outage = "provider-unavailable";
    await expect(session.issue(key)).rejects.toMatchObject({ code: "provider-unavailable" });
    await session.sweep();
    expect(session.state).toEqual(state);
  });

  test("do not put off a renewal that is tried again, whatever else fails meanwhile", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.clock.advance(40 * minute - second);
    world.provider.outage = "provider-unavailable";
    await world.clock.advance(minute);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "provider-unavailable" });
    await world.clock.advance(minute + second);
    expect(world.provider.count("renew")).toBe(2);
  });

  test("that only a sign-in can serve are told so at once, also while something is under way", async () => {
    const world = new World();
    const session = await world.open();
    world.shared.hanging = true;
    const look = session.look();
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.clock.advance(10 * second);
    await look;
  });

  test("that only a sign-in can serve do not ask the keychain again", async () => {
    const world = new World();
    const session = await world.open();
    await world.clock.advance(minute);
    const { reads } = world.store;
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(world.store.reads).toBe(reads);
  });

  test("who insist get a new credential", async () => {
    const world = new World();
    const session = await world.signedIn();
    const first = await session.issue(key);
    await world.clock.advance(minute);
    expect(await session.issue(key, true)).not.toBe(first);
  });
});
