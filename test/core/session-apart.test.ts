import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { hour, key, minute, otherKey, second, World } from "./world.ts";

/** A session whose grant has to be renewed for what `key` names. */
const bench = async () => {
  const world = new World();
  world.provider.apart.add(key);
  return { world, session: await world.signedIn() };
};

describe("what a grant has to be renewed for", () => {
  test("is had by one renewal, however many ask, and by none for as long as the grant has it", async () => {
    const { world, session } = await bench();
    await Promise.all(Array.from({ length: 300 }, () => session.issue(key)));
    expect(world.provider.count("renew")).toBe(1);
    await session.issue(otherKey);
    expect(world.provider.count("renew")).toBe(1);
    expect(session.state.kind).toBe("active");
  });

  test("is saved before it is used", async () => {
    const { world, session } = await bench();
    await session.issue(key);
    world.crash();
    const next = await world.open();
    await expect(next.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(world.provider.count("renew")).toBe(1);
  });

  test("and may not be had by this person is a no to that one thing: the session goes on", async () => {
    const { world, session } = await bench();
    world.provider.denied.add(key);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "access-denied", exit: 5 });
    expect(session.state.kind).toBe("active");
    expect(session.issued.refusalOf(key)).toMatchObject({ code: "access-denied" });
    await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
    await world.live(session, 5 * hour);
    expect(session.state.kind).toBe("active");
  });

  test("is told apart from a renewal that fails for all: then the session is failing", async () => {
    const { world, session } = await bench();
    world.provider.fail("renew", "provider-unavailable");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "provider-unavailable" });
    expect(session.state).toMatchObject({ kind: "failing", error: "provider-unavailable" });
    await world.clock.advance(minute);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is not asked for any more where the user signs out meanwhile", async () => {
    const { world, session } = await bench();
    world.provider.hold("renew");
    const asked = expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.clock.advance(second);
    const left = session.signOut();
    await world.clock.advance(30 * second);
    await left;
    await asked;
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });
});

const refusing = async (mayRecover: boolean) => {
  const world = new World();
  const source = world.makeSource({ keptBy: "vault", shared: world.shared, mayRecover });
  world.provider.renewable = false;
  world.shared.leave(world.provider.signIn(source.boundTo));
  const session = await world.open(source);
  const word = new EvercredError("grant-rejected", "vault has failed (exit code 2).");
  const no = new EvercredError("token-rejected", undefined, { cause: word });
  world.provider.fail("issue", no);
  return { world, session, word };
};

describe("a source that says why it rejects", () => {
  test("is quoted: in the error, and in the state", async () => {
    const { session, word } = await refusing(true);
    await expect(session.issue(key)).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "You are not signed in to corp. vault has failed (exit code 2).",
      remedy: "Run: evercred login corp",
    });
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended", because: word });
    expect(session.wantedAt).toBeDefined();
  });

  test("also after a renewal", async () => {
    const { world, session } = await bench();
    const cause = new EvercredError("grant-rejected", "It is over.");
    const no = new EvercredError("token-rejected", undefined, { cause });
    world.provider.fail("issue", no, no);
    await expect(session.issue(otherKey)).rejects.toMatchObject({
      message: "You are not signed in to corp. It is over.",
    });
    expect(session.state).toMatchObject({ because: cause });
  });
});

describe("what was found wanting", () => {
  test("may be good again by itself where its source says so: callers try, once in five seconds", async () => {
    const { world, session } = await refusing(true);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.clock.advance(second);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(world.provider.count("issue")).toBe(1);
    await world.clock.advance(5 * second);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is not tried again by callers where it does not", async () => {
    const { world, session } = await refusing(false);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.clock.advance(second);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await world.clock.advance(5 * second);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(world.provider.count("issue")).toBe(1);
  });
});

describe("somebody who insists on something newer than what the grant has", () => {
  /** A session whose grant has what it hands out in it. */
  const holding = async () => {
    const world = new World();
    world.provider.handsOutItsOwn = true;
    return { world, session: await world.signedIn() };
  };

  test("gets what a renewal gives", async () => {
    const { world, session } = await holding();
    const first = await session.issue(key);
    await world.clock.advance(minute);
    const second = await session.issue(key, true);
    expect(second.issuedAt).toBeGreaterThan(first.issuedAt);
    expect(world.provider.count("renew")).toBe(1);
    expect(await session.issue(key)).toBe(second);
  });

  test("gets what there is where a renewal gives nothing newer either, and nobody is signed out", async () => {
    const { world, session } = await holding();
    await session.issue(key);
    await world.clock.advance(minute);
    world.provider.dated = world.clock.now();
    await session.issue(key, true);
    await world.clock.advance(minute);
    await session.issue(key, true);
    expect(session.state.kind).toBe("active");
    expect(world.provider.count("renew")).toBe(1);
  });

  test("is not needed for what is in use: it is renewed for before its last third", async () => {
    const { world, session } = await holding();
    const first = await session.issue(key);
    await world.live(session, 40 * minute);
    const second = session.issued.peek(key);
    expect(second?.issuedAt).toBeGreaterThan(first.issuedAt);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("does not make the provider's trouble worse, however many insist", async () => {
    const { world, session } = await holding();
    const keys = [key, otherKey];
    for (const each of keys) await session.issue(each);
    await world.clock.advance(minute);
    world.provider.fail("renew", "provider-unavailable");
    const asked = Array.from({ length: 100 }, (_, n) => session.issue(keys[n % 2]!, true));
    const outcomes = await Promise.allSettled(asked);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(world.provider.count("renew")).toBe(1);
    expect(session.state).toMatchObject({ kind: "failing" });
  });

  test("of what cannot be renewed gets it as it is", async () => {
    const { world, session } = await holding();
    world.provider.renewable = false;
    await world.signIn(session);
    const first = await session.issue(otherKey);
    await world.clock.advance(minute);
    expect((await session.issue(otherKey, true)).issuedAt).toBe(first.issuedAt);
    expect(session.state.kind).toBe("active");
  });
});

describe("what a grant has with little left, where nothing was handed out yet", () => {
  /** A daemon that has just started, with a grant in its last third that is not renewed yet. */
  const started = async () => {
    const world = new World();
    world.provider.handsOutItsOwn = true;
    const before = await world.signedIn();
    const old = await before.issue(key);
    world.crash();
    world.clock.jump(50 * minute);
    return { world, old, session: await world.open() };
  };

  test("makes way for what a renewal gives", async () => {
    const { world, old, session } = await started();
    expect((await session.issue(key)).issuedAt).toBeGreaterThan(old.issuedAt);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("is handed out where the provider is out of order", async () => {
    const { world, old, session } = await started();
    world.provider.fail("renew", "provider-unavailable");
    expect((await session.issue(key)).issuedAt).toBe(old.issuedAt);
    expect(session.state).toMatchObject({ kind: "failing" });
  });

  test("is handed out after two seconds where it does not answer", async () => {
    const { world, old, session } = await started();
    world.provider.hold("renew");
    const asked = session.issue(key);
    await world.clock.advance(2 * second);
    expect((await asked).issuedAt).toBe(old.issuedAt);
  });
});

test("two keys that a grant has to be renewed for, asked for at once, sign nobody out", async () => {
  const { world, session } = await bench();
  world.provider.apart.add(otherKey);
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => session.issue(n % 2 === 0 ? key : otherKey)),
  );
  expect(session.state.kind).toBe("active");
  expect(world.provider.count("renew")).toBe(2);
});

test("a renewal that is refused by a source that renews for all alike makes the session fail", async () => {
  const world = new World();
  const source = world.makeSource({ renewsApart: false });
  const session = await world.open(source);
  await world.signIn(session, source);
  world.provider.fail("issue", "token-rejected");
  world.provider.fail("renew", "access-denied");
  await expect(session.issue(key)).rejects.toMatchObject({ code: "access-denied" });
  expect(session.state).toMatchObject({ kind: "failing", error: "access-denied" });
  expect(session.issued.refusalOf(otherKey)).toBeUndefined();
  await world.clock.advance(minute);
  // It is not told either what to renew for.
  world.provider.denied.add(key);
  world.provider.fail("issue", "token-rejected");
  await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
  expect(session.state.kind).toBe("active");
});
