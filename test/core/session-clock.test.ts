import { describe, expect, test } from "vitest";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { endedBy, hour, key, minute, second, World } from "./world.ts";

describe("after twelve hours of sleep", () => {
  test("a session whose provider still knows it is live again at the first sweep", async () => {
    const world = new World();
    world.provider.sessionMs = 90 * 24 * hour;
    const session = await world.signedIn();
    await session.issue(key);
    world.clock.jump(12 * hour);
    await session.sweep();
    await settle();
    expect(session.isLive).toBe(true);
    await expect(session.issue(key)).resolves.toMatchObject({
      expiresAt: plus(world.clock.now(), hour),
    });
    expect(world.provider.count("renew")).toBe(1);
  });

  test("a session that ended meanwhile asks for a sign-in", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(12 * hour);
    await session.sweep();
    await settle();
    expect(session.state).toEqual(endedBy("grant-rejected"));
  });

  test("without a network, nothing is lost: it heals as soon as there is one", async () => {
    const world = new World();
    world.provider.sessionMs = 90 * 24 * hour;
    const session = await world.signedIn();
    world.clock.jump(12 * hour);
    world.provider.outage = "unreachable";
    await world.live(session, 30 * minute);
    expect(session.state.kind).toBe("failing");
    world.provider.outage = undefined;
    await world.live(session, 5 * minute);
    expect(session.state.kind).toBe("active");
  });

  test("a sign-in page that was open has lapsed", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    world.clock.jump(12 * hour);
    await session.sweep();
    expect(await signIn.outcome).toMatchObject({ kind: "failed", error: { code: "timed-out" } });
    expect(session.state.kind).toBe("signed-out");
  });
});

describe("a clock that is set", () => {
  /** The machine's clock moves; the provider's goes on as before. */
  const set = (world: World, ms: number): void => {
    world.clock.jump(ms);
    world.provider.skewMs -= ms;
  };

  test("forward by a day costs one renewal", async () => {
    const world = new World();
    const session = await world.signedIn();
    set(world, 24 * hour);
    await world.live(session, 30 * minute);
    expect(session.state.kind).toBe("active");
    expect(world.provider.count("renew")).toBe(1);
    await world.live(session, 5 * hour);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("back by a day does not let the access token end unnoticed", async () => {
    const world = new World();
    const session = await world.signedIn();
    set(world, -24 * hour);
    for (let n = 0; n < 5; n++) {
      await world.live(session, hour);
      expect(session.state.kind).toBe("active");
      await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    }
    expect(world.provider.count("renew")).toBeGreaterThanOrEqual(6);
    expect(world.provider.count("renew")).toBeLessThanOrEqual(9);
  });

  test("back by a day while the session is failing does not put off its retry by a day", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "unreachable";
    await world.live(session, 90 * minute);
    set(world, -24 * hour);
    world.provider.outage = undefined;
    await world.live(session, minute);
    expect(session.state.kind).toBe("active");
  });

  test("back while a grant that cannot be renewed is looked at leaves a way forward", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    const { expiresAt } = session.state.kind === "active" ? session.state : { expiresAt: 0 };
    world.shared.onLook = () => {
      world.shared.onLook = () => undefined;
      world.clock.jump(-10 * minute);
    };
    await world.clock.advance(hour);
    expect(session.state.kind).toBe("signed-out");
    expect(world.clock.now()).toBeGreaterThanOrEqual(expiresAt);
  });

  test("by a minute or less is no reason to renew", async () => {
    const world = new World();
    const session = await world.signedIn();
    set(world, -minute);
    await world.live(session, 10 * minute);
    expect(world.provider.count("renew")).toBe(0);
  });
});

describe("a provider whose clock is not ours", () => {
  test.each([-2 * hour, 2 * hour])(
    "by %i ms decides, once it has answered, when a token ends",
    async (skewMs) => {
      const world = new World();
      world.provider.skewMs = skewMs;
      const session = await world.signedIn();
      const theirs = plus(world.clock.now(), skewMs);
      expect(session.state).toMatchObject({ expiresAt: plus(theirs, hour) });
      await world.clock.advance(40 * minute - 1);
      expect(world.provider.count("renew")).toBe(0);
      await world.clock.advance(1);
      expect(world.provider.count("renew")).toBe(1);
      const { expiresAt } = await session.issue(key);
      expect(expiresAt).toBe(plus(world.clock.now(), skewMs + hour));
    },
  );

  test("that turns out to be behind what we thought does not leave the session without an alarm", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.skewMs = -5 * minute;
    await session.issue(key);
    await world.clock.advance(40 * minute);
    expect(world.provider.count("renew")).toBe(0);
    await world.clock.advance(5 * minute);
    expect(world.provider.count("renew")).toBe(1);
    expect(session.state.kind).toBe("active");
  });

  test("keeps its offset in mind at a sign-in that lapses", async () => {
    const world = new World();
    world.provider.skewMs = 2 * hour;
    const session = await world.open();
    const signIn = session.signIn(undefined);
    const { endsAt } = await signIn.request;
    expect(session.state).toMatchObject({ kind: "signing-in", endsAt });
    await world.clock.advance(10 * minute - second);
    expect(session.state.kind).toBe("signing-in");
    await world.clock.advance(second);
    expect(session.state.kind).toBe("signed-out");
  });
});
