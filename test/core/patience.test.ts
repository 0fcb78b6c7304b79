import { describe, expect, test } from "vitest";
import { type ErrorCode, EvercredError } from "../../electron/core/errors.ts";
import { Patience } from "../../electron/core/patience.ts";
import type { Session } from "../../electron/core/session.ts";
import { standingOf } from "../../electron/core/state.ts";
import { plus } from "../../electron/core/time.ts";
import { FakeClock } from "../fakes/clock.ts";
import { IssuedBench } from "./issued-bench.ts";
import { hour, key, minute, otherKey, second, World } from "./world.ts";

const now = new FakeClock().now();
const until = plus(now, 5 * minute);
const end = plus(now, hour);

const patienceAfter = (code: ErrorCode): Patience => {
  const patience = new Patience(() => 0.8);
  patience.failed(new EvercredError(code), until);
  return patience;
};

describe("patience with a provider", () => {
  test("puts off what is due until after the next attempt of what has failed", () => {
    const patience = patienceAfter("provider-unavailable");
    expect(patience.putOff(now, end)).toBe(plus(until, 3 * minute));
    expect(patience.putOff(plus(until, -1), end)).toBe(plus(until, 3 * minute));
    expect(patience.putOff(until, end)).toBeUndefined();
  });

  test("is not had where the fault is not the provider's, nor after it has given something", () => {
    expect(patienceAfter("unreachable").putOff(now, end)).toBeUndefined();
    expect(new Patience(() => 0).putOff(now, end)).toBeUndefined();
    const patience = patienceAfter("throttled");
    patience.eased();
    expect(patience.putOff(now, end)).toBeUndefined();
  });

  test("lasts as long as the longest wait", () => {
    const patience = patienceAfter("throttled");
    patience.failed(new EvercredError("throttled"), plus(now, minute));
    expect(patience.putOff(now, end)).toBe(plus(until, 3 * minute));
  });

  test("ends ten minutes before the end of what is to be renewed", () => {
    const patience = patienceAfter("throttled");
    expect(patience.putOff(now, plus(now, 16 * minute))).toBe(plus(now, 6 * minute));
    expect(patience.putOff(now, plus(now, 10 * minute))).toBeUndefined();
  });
});

describe("while the provider has a fault, a session", () => {
  test("asks for one thing at a time, and for all once it is over", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.clock.advance(5 * minute);
    await session.issue(key);
    await session.issue(otherKey);
    const count = (): number => world.provider.count("renew") + world.provider.count("issue");
    const before = count();
    world.provider.outage = "provider-unavailable";
    // The renewal is due at 40 minutes and the two others at 45: only the renewal is tried, at 40 and 42.
    await world.clock.advance(44 * minute);
    expect(count() - before).toBe(2);
    expect(session.state).toMatchObject({ kind: "failing", attempt: 2 });
    world.provider.outage = undefined;
    await world.clock.advance(20 * minute);
    expect(session.state.kind).toBe("active");
    expect(session.issued.peek(key)).toBeDefined();
    expect(session.issued.peek(otherKey)).toBeDefined();
  });

  test.each([
    ["", () => undefined],
    [", beside a sign-in that is open", (session: Session) => void session.signIn(undefined)],
  ])("puts off its renewal too%s", async (_, before) => {
    const world = new World();
    world.provider.credentialMs = 56 * minute;
    const session = await world.signedIn();
    await session.issue(key);
    await world.clock.advance(37 * minute);
    before(session);
    // Due after 37 minutes, and again after 39: the renewal, due at 40, comes no later than at 50.
    world.provider.fail("issue", "provider-unavailable", "provider-unavailable");
    await world.clock.advance(13 * minute - 1);
    expect(world.provider.count("renew")).toBe(0);
    expect(standingOf(session.state)).toMatchObject({ kind: "active" });
    await world.clock.advance(1);
    expect(world.provider.count("renew")).toBe(1);
    expect(standingOf(session.state)).toMatchObject({ kind: "active" });
  });

  test("gives a caller who has nothing what the provider gives, at once", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    world.provider.fail("renew", "provider-unavailable");
    await world.clock.advance(40 * minute);
    expect(session.state.kind).toBe("failing");
    await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
  });
});

describe("a provider that asks callers for patience", () => {
  test.each([
    ["as long as it says", 7 * minute, 7 * minute],
    ["five seconds, where it does not say", undefined, 5 * second],
  ])("gets it: %s", async (_, retryAfterMs, waitMs) => {
    const bench = new IssuedBench();
    const detail = retryAfterMs === undefined ? {} : { retryAfterMs };
    bench.failure = new EvercredError("throttled", undefined, detail);
    const refused = { code: "throttled", exit: 7 };
    await expect(bench.issued.get("dev", false)).rejects.toMatchObject(refused);
    bench.failure = undefined;
    await bench.clock.advance(waitMs - 1);
    await expect(bench.issued.get("dev", false)).rejects.toMatchObject(refused);
    expect(bench.fetches).toHaveLength(1);
    await expect(bench.issued.get("ops", false)).resolves.toMatchObject({ kind: "aws" });
    await bench.clock.advance(1);
    await expect(bench.issued.get("dev", false)).resolves.toMatchObject({ kind: "aws" });
  });

  test("gets it from those too who insist on a fresh credential, and a fault with a time counts as well", async () => {
    const bench = new IssuedBench();
    const held = await bench.issued.get("dev", false);
    await bench.clock.advance(minute);
    const retryAfterMs = 7 * minute;
    bench.failure = new EvercredError("provider-unavailable", "Corp has a fault.", {
      retryAfterMs,
    });
    await expect(bench.issued.get("dev", true)).rejects.toBe(bench.failure);
    await bench.clock.advance(5 * minute);
    bench.failure = undefined;
    await expect(bench.issued.get("dev", true)).rejects.toMatchObject({
      code: "provider-unavailable",
      message: "Corp has a fault.",
      retryAfterMs: 2 * minute,
    });
    expect(await bench.issued.get("dev", false)).toBe(held);
    expect(bench.fetches).toHaveLength(2);
    await bench.clock.advance(2 * minute);
    expect(await bench.issued.get("dev", true)).not.toBe(held);
  });

  test("has it no longer than it asks for, where what is asked for is made of something else", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    world.provider.fail("renew", throttledFor(2 * second));
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    // A caller's own attempt has to be five seconds after the last one, and no more than that.
    await world.clock.advance(3 * second);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    await world.clock.advance(2 * second);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(world.provider.count("renew")).toBe(2);
  });

  test("gets it through renewals, but for one that ends an outage of the session", async () => {
    const bench = new IssuedBench();
    bench.failure = throttledFor(7 * minute);
    const refused = { code: "throttled" };
    await expect(bench.issued.get("dev", false)).rejects.toMatchObject(refused);
    bench.failure = undefined;
    bench.issued.resume();
    await expect(bench.issued.get("dev", false)).rejects.toMatchObject(refused);
    expect(bench.fetches).toHaveLength(1);
    bench.issued.resume(true);
    await expect(bench.issued.get("dev", false)).resolves.toMatchObject({ kind: "aws" });

    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", throttledFor(hour));
    await expect(session.issue(key)).rejects.toMatchObject(refused);
    await world.clock.advance(50 * minute);
    expect(world.provider.count("renew")).toBe(1);
    await expect(session.issue(key)).rejects.toMatchObject(refused);
    expect(world.provider.count("issue")).toBe(1);
  });

  test("gets five seconds again after it was out of order for another reason", async () => {
    const bench = new IssuedBench();
    for (const code of ["throttled", "throttled", "unreachable", "throttled"] as const) {
      bench.failure = code;
      await expect(bench.issued.get("dev", false)).rejects.toMatchObject({ code });
      await bench.clock.advance(10 * second);
    }
    bench.failure = undefined;
    await expect(bench.issued.get("dev", false)).resolves.toMatchObject({ kind: "aws" });
    expect(bench.fetches).toHaveLength(5);
  });

  test("gets it from callers of all that its session gives", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    world.provider.fail("renew", throttledFor(7 * minute));
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    await world.clock.advance(7 * minute - 1);
    await expect(session.issue(otherKey)).rejects.toMatchObject({ code: "throttled" });
    expect(world.provider.count("renew")).toBe(1);
    await world.clock.advance(1);
    await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
  });

  test("keeps nobody waiting who has signed in meanwhile", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.clock.jump(2 * hour);
    world.provider.fail("renew", throttledFor(30 * minute));
    await expect(session.issue(key)).rejects.toMatchObject({ code: "throttled" });
    await world.signIn(session);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is asked to prove a sign-in as soon as it allows it, though the background waits longer", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("renew", throttledFor(2 * minute));
    await world.clock.advance(40 * minute);
    expect(session.state).toMatchObject({ kind: "failing", error: "throttled" });
    await world.clock.advance(2 * minute - 1);
    await session.prove();
    expect(world.provider.count("renew")).toBe(1);
    await world.clock.advance(1);
    await session.prove();
    expect(world.provider.count("renew")).toBe(2);
    expect(session.state.kind).toBe("active");
  });
});

const throttledFor = (retryAfterMs: number): EvercredError =>
  new EvercredError("throttled", undefined, { retryAfterMs });
