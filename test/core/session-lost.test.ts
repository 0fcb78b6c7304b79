import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { wakeAt } from "../../electron/core/state.ts";
import { settle } from "../fakes/clock.ts";
import { endedBy, hour, key, minute, otherKey, place, second, World } from "./world.ts";

const lost = { kind: "signed-out", reason: "lost" };
const ended = endedBy("grant-rejected");

/** Time for a renewal that is due, and for those after it that follow a failure. */
const renewal = 43 * minute;

describe("a renewal whose outcome was lost", () => {
  test("is made once more with the same grant; where that is refused, that is why a sign-in is needed", async () => {
    const world = new World();
    world.provider.credentialMs = 8 * hour;
    const session = await world.signedIn();
    const credential = await session.issue(key);
    world.provider.loseReply("renew");
    await world.clock.advance(40 * minute);
    expect(session.state).toMatchObject({ kind: "failing", error: "unreachable" });
    await world.clock.advance(minute);
    expect(session.state).toEqual(lost);
    expect(world.provider.presentations.map(({ refresh }) => refresh)).toEqual([0, 0]);
    await world.live(session, 5 * hour);
    expect(await session.issue(key)).toBe(credential);
    expect(world.provider.count("renew")).toBe(2);
    await expect(session.issue(otherKey)).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "You are not signed in to corp: the last renewal was cut off.",
    });
  });

  test("costs nothing where the provider takes a spent grant once more", async () => {
    const world = new World();
    world.provider.grace = true;
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });

  test("teaches nothing of how long sessions last", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    await world.clock.advance(renewal);
    expect(session.state).toEqual(lost);
    await world.signIn(session);
    expect(session.neededAt).toBeUndefined();
  });

  test("is not made again where another tool has signed in meanwhile", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    await world.clock.advance(40 * minute);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await world.clock.advance(minute);
    expect(session.state.kind).toBe("active");
    expect(world.provider.count("renew")).toBe(1);
  });

  test.each<[string, EvercredError | "lose-reply", object]>([
    ["cut off", "lose-reply", lost],
    ["a fault of the provider", new EvercredError("provider-unavailable"), lost],
    ["a page of somebody else", new EvercredError("reply-invalid"), lost],
    ["something that nobody foresaw", new EvercredError("internal"), lost],
    ["no answer in time", new EvercredError("timed-out"), lost],
    ["no connection", new EvercredError("unreachable"), ended],
    ["the proxy's refusal", new EvercredError("proxy-refused"), ended],
    ["a request for patience", new EvercredError("throttled"), ended],
  ])("is one that ended with %s, or not", async (_, how, expected) => {
    const world = new World();
    const session = await world.signedIn();
    if (how === "lose-reply") world.provider.loseReply("renew");
    else world.provider.fail("renew", how);
    await world.clock.advance(40 * minute);
    world.provider.endSessions();
    await world.clock.advance(renewal - 40 * minute);
    expect(session.state).toEqual(expected);
  });

  test("stays one, whatever keeps us from making it again", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    world.provider.fail("renew", "unreachable");
    world.provider.fail("renew", "throttled");
    await world.clock.advance(hour);
    expect(session.state).toEqual(lost);
  });

  test("is settled by the next one that succeeds", async () => {
    const world = new World();
    world.provider.grace = true;
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    await world.clock.advance(renewal);
    expect(session.state.kind).toBe("active");
    world.provider.grace = false;
    world.provider.endSessions();
    await world.clock.advance(hour);
    expect(session.state).toEqual(ended);
  });

  test("says nothing of an app that the provider has forgotten", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    await world.clock.advance(40 * minute);
    world.provider.registered = false;
    await world.clock.advance(minute);
    expect(session.state).toEqual(endedBy("registration-rejected"));
  });
});

describe("a daemon that dies", () => {
  test("between the exchange and the save knows it at the next start, and makes the renewal once more", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.crash = "before-write";
    await world.clock.advance(40 * minute);
    world.crash();
    expect(session.state.kind).toBe("active");
    const next = await world.open();
    expect(next.state.kind).toBe("active");
    await world.clock.advance(second);
    expect(next.state).toEqual(lost);
    expect(world.provider.presentations.map(({ refresh }) => refresh)).toEqual([0, 0]);
  });

  test("and a provider that takes a spent grant once more cost nothing", async () => {
    const world = new World();
    world.provider.grace = true;
    await world.signedIn();
    world.store.crash = "before-write";
    await world.clock.advance(40 * minute);
    world.crash();
    const next = await world.open();
    await world.clock.advance(5 * hour);
    expect(next.state.kind).toBe("active");
  });

  test("right after the save has nothing to fear: a later rejection is the provider's", async () => {
    const world = new World();
    await world.signedIn();
    world.store.crash = "after-write";
    await world.clock.advance(40 * minute);
    world.crash();
    const next = await world.open();
    world.provider.endSessions();
    await world.clock.advance(40 * minute);
    expect(next.state).toEqual(ended);
  });

  test("before the answer knows it too: the mark is on the disk before the request leaves", async () => {
    const world = new World();
    await world.signedIn();
    const release = world.provider.hold("renew", true);
    await world.clock.advance(40 * minute);
    world.crash();
    release();
    await settle();
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state).toEqual(lost);
  });

  test("is ended in an orderly way before the answer knows it too", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("renew", true);
    await world.clock.advance(40 * minute);
    const restarting = world.restart(session);
    await world.clock.advance(5 * second);
    const next = await restarting;
    release();
    await world.clock.advance(second);
    expect(next.state).toEqual(lost);
  });

  test("is ended in the middle of a request knows it as well: that may have been carried out", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    const closing = session.close();
    await world.clock.advance(5 * second);
    await closing;
    await settle();
    release();
    world.memo.close();
    world.crash();
    world.provider.endSessions();
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state).toEqual(lost);
  });

  test("after renewals that could not be saved presents what the keychain has, and knows that it is spent", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.readOnly = true;
    await world.clock.advance(5 * hour);
    expect(session.durable).toBe(false);
    world.crash();
    world.store.readOnly = false;
    const next = await world.open();
    await world.clock.advance(second);
    expect(next.state).toEqual(lost);
    expect(world.provider.presentations.at(-1)).toMatchObject({ refresh: 0 });
  });

  test("after such renewals that are saved at last has nothing to fear", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.readOnly = true;
    await world.clock.advance(2 * hour);
    world.store.readOnly = false;
    await session.sweep();
    world.crash();
    const next = await world.open();
    await world.clock.advance(hour);
    expect(next.state.kind).toBe("active");
  });
});

describe("a grant that the provider has rejected", () => {
  test("is not followed, at the next start, by the one that it came from", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.readOnly = true;
    await world.clock.advance(40 * minute);
    world.provider.endSessions();
    world.store.onDelete = () => {
      world.store.mood = "locked";
    };
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(ended);
    world.store.onDelete = () => undefined;
    world.store.mood = "well";
    world.crash();
    const next = await world.open();
    await world.clock.advance(minute);
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(world.provider.count("renew")).toBe(2);
  });

  test("is not presented again at the next start, although the keychain could not be cleared", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    world.store.onDelete = () => {
      world.store.mood = "locked";
    };
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(ended);
    expect(world.store.peek(place)).toBeDefined();
    world.store.mood = "well";
    world.store.onDelete = () => undefined;
    world.crash();
    const next = await world.open();
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.provider.count("renew")).toBe(1);
  });

  test.each(["well", "locked"] as const)(
    "and that a borrowed one has followed is not presented again either (keychain %s)",
    async (mood) => {
      const world = new World();
      const session = await world.signedIn();
      world.provider.endSessions();
      const release = world.provider.hold("renew");
      await world.clock.advance(40 * minute);
      world.provider.renewable = false;
      world.shared.leave(world.provider.signIn(world.source.boundTo));
      world.store.onDelete = () => {
        world.store.mood = mood;
      };
      release();
      await settle();
      expect(session.state.kind).toBe("active");
      expect(session.neededAt).toMatchObject({ exact: true });
      world.store.mood = "well";
      world.crash();
      const next = await world.open();
      await world.clock.advance(minute);
      expect(next.state.kind).toBe("active");
      expect(world.provider.count("renew")).toBe(1);
    },
  );

  test("is not taken up again from a file that could not be removed", async () => {
    const world = new World();
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    const { content } = world.shared;
    const session = await world.open();
    expect(session.isSignedIn).toBe(true);
    world.provider.endSessions();
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(ended);
    world.shared.leave(content!);
    world.crash();
    const next = await world.open();
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(world.provider.count("renew")).toBe(1);
  });
});

describe("a provider that asks for patience", () => {
  test.each([
    ["for so long", { retryAfterMs: 3 * minute }, [300_000, 240_000, 192_000]],
    ["without saying how long", {}, [125_000, 65_000, 17_000]],
  ])("%s gets it, jittered, while what we hold is served", async (_, detail, expected) => {
    const waits: number[] = [];
    for (const chance of [0, 0.5, 0.9]) {
      const world = new World({ random: () => chance });
      world.provider.credentialMs = 8 * hour;
      const session = await world.signedIn();
      const credential = await session.issue(key);
      world.provider.fail("renew", new EvercredError("throttled", undefined, detail));
      await world.clock.advance(wakeAt(session.state)! - world.clock.now());
      expect(session.state).toMatchObject({ kind: "failing", error: "throttled" });
      expect(await session.issue(key)).toBe(credential);
      waits.push(wakeAt(session.state)! - world.clock.now());
    }
    expect(waits).toEqual(expected);
  });
});

describe("an app that the provider has forgotten", () => {
  test("asks for one sign-in, which registers anew, and serves meanwhile", async () => {
    const world = new World();
    world.provider.credentialMs = 8 * hour;
    const session = await world.signedIn();
    const credential = await session.issue(key);
    world.provider.registered = false;
    const reasons: string[] = [];
    for (let n = 0; n < 6; n++) {
      await world.live(session, hour);
      if (session.state.kind === "signed-out") reasons.push(session.state.reason);
      expect(await session.issue(key)).toBe(credential);
    }
    expect(reasons).toEqual(["ended", "ended", "ended", "ended", "ended", "ended"]);
    expect(world.provider.count("renew")).toBe(1);
    world.provider.registered = true;
    const signIn = session.signIn(undefined);
    await signIn.request;
    expect(world.source.visits.at(-1)?.previous).toBeUndefined();
    world.source.visits.at(-1)?.approve();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(await session.issue(key)).toBe(credential);
  });
});
