import { describe, expect, test } from "vitest";
import type { Session } from "../../electron/core/session.ts";
import { plus } from "../../electron/core/time.ts";
import { endedBy, hour, minute, second, World } from "./world.ts";

const ahead = 20 * minute;

/** What past sign-ins have lasted. */
const taught = (world: World, ...hours: readonly number[]): void =>
  world.memo.set("session-ms:corp", hours.map((n) => n * hour).join(" "));

/** A session whose provider ends it after this time, as far as it has one to renew. */
const over = async (world: World, session: Session): Promise<void> => {
  world.provider.endSessions();
  await world.clock.advance(40 * minute);
  expect(session.state).toEqual(endedBy("grant-rejected"));
};

describe("how long a session lasts", () => {
  test("is not known before one has ended: nothing is promised, nobody is asked ahead", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(session.neededAt).toBeUndefined();
    expect(session.askAt(ahead)).toBeUndefined();
    expect(session.endIsFixed).toBe(false);
  });

  test("is what it was last time, as far as the provider's refusal has shown it", async () => {
    const world = new World();
    world.provider.sessionMs = 12 * hour;
    const session = await world.signedIn();
    await world.clock.advance(13 * hour);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(session.neededAt).toBeUndefined();
    expect(session.askAt(ahead)).toBeUndefined();
    await world.signIn(session);
    const { at, exact } = session.neededAt!;
    expect(exact).toBe(false);
    expect(at).toBe(plus(world.clock.now(), 12 * hour));
    expect(session.askAt(ahead)).toBe(plus(at, -ahead));
  });

  test("is not known of one that has outlived all before it", async () => {
    const world = new World();
    taught(world, 8);
    const session = await world.signedIn();
    const signedInAt = world.clock.now();
    world.provider.sessionMs = 48 * hour;
    await world.clock.advance(8 * hour - 1);
    expect(session.neededAt).toEqual({ at: plus(signedInAt, 8 * hour), exact: false });
    await world.clock.advance(1);
    expect(session.neededAt).toBeUndefined();
    expect(session.askAt(ahead)).toBeUndefined();
    expect(session.state.kind).toBe("active");
  });

  test.each([
    ["the shorter of two", [12, 8], 8],
    ["the middle one of three: one that was cut short is an exception", [8, 1, 8], 8],
    ["the middle one of the last three", [8, 1, 12, 12], 12],
  ])("is %s", async (_, hours, expected) => {
    const world = new World();
    taught(world, ...hours.slice(0, -1));
    world.provider.sessionMs = hours.at(-1)! * hour;
    const session = await world.signedIn();
    await world.clock.advance(20 * hour);
    await world.signIn(session);
    expect(session.neededAt?.at).toBe(plus(world.clock.now(), expected * hour));
  });

  test("is not learnt from a refusal that comes long after the last answer: nobody knows when it was over", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    world.clock.jump(15 * hour);
    await world.clock.advance(second);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    await world.signIn(session);
    expect(session.neededAt).toBeUndefined();
  });

  test("is not learnt from an app that the provider has forgotten", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.registered = false;
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("registration-rejected"));
    world.provider.registered = true;
    await world.signIn(session);
    expect(session.neededAt).toBeUndefined();
  });

  test("is not learnt where the clock says that it ended before it began", async () => {
    const world = new World();
    taught(world, 8);
    const session = await world.signedIn();
    await world.clock.advance(10 * minute);
    world.clock.jump(-2 * hour);
    world.provider.endSessions();
    await session.sweep();
    await world.clock.advance(minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    await world.signIn(session);
    expect(session.neededAt?.at).toBe(plus(world.clock.now(), 8 * hour));
  });

  test("is forgotten with the organisation that it was learnt of", async () => {
    const world = new World();
    taught(world, 8);
    const session = await world.signedIn();
    expect(session.neededAt).toBeDefined();
    const elsewhere = world.makeSource({ boundTo: "https://other.example/start eu-central-1" });
    await session.replaceSource(elsewhere);
    await world.signIn(session, elsewhere);
    expect(session.neededAt).toBeUndefined();
  });

  test("is forgotten with it also by one who has signed out before", async () => {
    const world = new World();
    taught(world, 8);
    const session = await world.open();
    const elsewhere = world.makeSource({ boundTo: "https://other.example/start eu-central-1" });
    await session.replaceSource(elsewhere);
    await world.signIn(session, elsewhere);
    expect(session.neededAt).toBeUndefined();
  });

  test("is forgotten also where the organisation has changed while we were down", async () => {
    const world = new World();
    taught(world, 8);
    await (await world.signedIn()).close();
    const elsewhere = world.makeSource({ boundTo: "https://other.example/start eu-central-1" });
    const next = await world.open(elsewhere);
    expect(next.state).toEqual({ kind: "signed-out", reason: "changed" });
    await world.signIn(next, elsewhere);
    expect(next.neededAt).toBeUndefined();
  });

  test("is the provider's word where its sign-ins cannot be renewed", async () => {
    const world = new World();
    world.provider.renewable = false;
    taught(world, 8);
    const session = await world.signedIn();
    expect(session.neededAt).toEqual({ at: plus(world.clock.now(), hour), exact: true });
    expect(session.endIsFixed).toBe(false);
  });
});

describe("an early sign-in", () => {
  /** Signed in, with 8 hours expected; signed in anew after seven of them. */
  const early = async () => {
    const world = new World();
    taught(world, 8);
    world.provider.sessionMs = 48 * hour;
    const session = await world.signedIn();
    const expected = plus(world.clock.now(), 8 * hour);
    await world.clock.advance(7 * hour);
    await world.signIn(session);
    return { world, session, expected };
  };

  test("that ends no later than the one before would have shows that the end is fixed: no more are asked for", async () => {
    const { world, session, expected } = await early();
    world.provider.endsAllAt = expected;
    expect(session.askAt(ahead)).toBeDefined();
    await world.clock.advance(2 * hour);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(session.endIsFixed).toBe(true);
    world.provider.endsAllAt = undefined;
    await world.signIn(session);
    expect(session.endIsFixed).toBe(true);
    expect(session.askAt(ahead)).toBeUndefined();
    // What it lasted says nothing of how long the others do.
    expect(session.neededAt?.at).toBe(plus(world.clock.now(), 8 * hour));
  });

  test("shows it also across a restart", async () => {
    const { world, session, expected } = await early();
    world.provider.endsAllAt = expected;
    await session.close();
    const next = await world.open();
    await world.clock.advance(2 * hour);
    expect(next.endIsFixed).toBe(true);
  });

  test("of a session of minutes is measured by its length: a minute more is much", async () => {
    const world = new World();
    world.provider.accessMs = 30 * second;
    world.provider.sessionMs = 2 * minute;
    taught(world, 2 / 60);
    const session = await world.signedIn();
    await world.clock.advance(minute);
    await world.signIn(session);
    await world.clock.advance(3 * minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(session.endIsFixed).toBe(false);
  });

  test("that goes on beyond it shows that the end is not fixed, as soon as it does", async () => {
    const { world, session } = await early();
    world.memo.set("fixed-end:corp", "yes");
    expect(session.endIsFixed).toBe(true);
    await world.clock.advance(hour);
    expect(session.endIsFixed).toBe(true);
    await world.clock.advance(hour);
    expect(session.endIsFixed).toBe(false);
    await over(world, session);
    expect(session.endIsFixed).toBe(false);
  });

  test.each([
    ["a lost renewal", (world: World) => world.provider.loseReply("renew"), "lost"],
    [
      "a sign-out with another tool",
      (world: World, session: Session) => {
        world.shared.remove();
        world.provider.endSessions();
        void session.look();
      },
      "elsewhere",
    ],
    ["the user's sign-out", (_: World, session: Session) => void session.signOut(), "user"],
  ])("that is ended by %s teaches nothing", async (_, end, reason) => {
    const { world, session } = await early();
    end(world, session);
    await world.clock.advance(50 * minute);
    expect(session.state).toEqual({ kind: "signed-out", reason });
    expect(session.endIsFixed).toBe(false);
    await world.signIn(session);
    await over(world, session);
    expect(session.endIsFixed).toBe(false);
  });

  test("that another tool's sign-in follows teaches nothing", async () => {
    const { world, session } = await early();
    await world.clock.advance(minute);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.look();
    await over(world, session);
    expect(session.endIsFixed).toBe(false);
  });

  test("of which nobody knows when it ended teaches nothing", async () => {
    const { world, session } = await early();
    world.provider.endSessions();
    world.clock.jump(15 * hour);
    await world.clock.advance(second);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(session.endIsFixed).toBe(false);
  });

  test("is none where nobody knew when the one before would end, or where that was over", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.signIn(session);
    await over(world, session);
    expect(session.endIsFixed).toBe(false);
    await world.signIn(session);
    await over(world, session);
    expect(session.endIsFixed).toBe(false);
  });

  test("of sign-ins that cannot be renewed shows at once whether it gains anything", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    await world.clock.advance(30 * minute);
    world.provider.accessMs = 30 * minute;
    await world.signIn(session);
    expect(session.endIsFixed).toBe(true);
    world.provider.accessMs = hour;
    await world.clock.advance(10 * minute);
    await world.signIn(session);
    expect(session.endIsFixed).toBe(false);
  });

  test("after the end of one that cannot be renewed, before that is noticed, is not early", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    world.clock.jump(hour);
    world.provider.accessMs = minute;
    await world.signIn(session);
    expect(session.endIsFixed).toBe(false);
  });
});
