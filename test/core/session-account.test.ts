import { describe, expect, test } from "vitest";
import type { Session } from "../../electron/core/session.ts";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { hour, key, minute, otherKey, second, World } from "./world.ts";

/** Somebody signs in: resolves once the page has been answered. */
const answered = async (world: World, session: Session, person: string) => {
  world.provider.person = person;
  const signIn = session.signIn(undefined);
  await signIn.request;
  await world.clock.advance(5 * minute);
  world.source.visits.at(-1)!.approve();
  return signIn;
};

/** A session of Ada's, with a credential in use, by which it is known that she is Ada. */
const known = async () => {
  const world = new World();
  world.provider.person = "ada";
  const session = await world.signedIn();
  const credential = await session.issue(key);
  await settle();
  expect(session.account).toBe("ada");
  return { world, session, credential };
};

/** Ada's session; Bob has just signed in over it. */
const questioned = async () => {
  const { world, session, credential } = await known();
  const signIn = await answered(world, session, "bob");
  expect(await signIn.question).toEqual({ before: "ada", now: "bob" });
  return { world, session, signIn, credential };
};

describe("who is signed in", () => {
  test("is found out by the first credential that is asked for, which does not wait for it", async () => {
    const world = new World();
    world.provider.person = "ada";
    const session = await world.signedIn();
    await settle();
    expect(world.source.identifiedBy).toEqual([]);
    const release = world.provider.hold("identify");
    const credential = await session.issue(key);
    expect(session.account).toBeUndefined();
    const before = world.changes;
    release();
    await settle();
    expect(session.account).toBe("ada");
    expect(world.changes).toBe(before + 1);
    expect(world.source.identifiedBy).toEqual([{ key, credential }]);
    await session.issue(otherKey);
    await settle();
    expect(world.source.identifiedBy).toHaveLength(1);
  });

  test("is asked once for credentials that come together", async () => {
    const world = new World();
    world.provider.person = "ada";
    const session = await world.signedIn();
    await Promise.all([session.issue(key), session.issue(otherKey)]);
    await settle();
    expect(session.account).toBe("ada");
    expect(world.source.identifiedBy).toHaveLength(1);
  });

  test("is known after a restart, and not while nobody is signed in", async () => {
    const { world, session } = await known();
    await session.close();
    const next = await world.open();
    expect(next.account).toBe("ada");
    await next.issue(key);
    await next.signOut();
    expect(next.account).toBeUndefined();
    expect(world.provider.count("identify")).toBe(1);
  });

  test("is asked again with the next credential where it could not be found out", async () => {
    const world = new World();
    world.provider.person = "ada";
    world.provider.fail("identify", "unreachable");
    const session = await world.signedIn();
    await session.issue(key);
    await settle();
    expect(session.account).toBeUndefined();
    await session.issue(otherKey);
    await settle();
    expect(session.account).toBe("ada");
  });

  test("is not asked of a grant that nobody has wanted anything of, nor again of a renewed one", async () => {
    const world = new World();
    world.provider.person = "ada";
    const session = await world.signedIn();
    await world.clock.advance(hour);
    expect(world.provider.count("renew")).toBe(1);
    expect(world.source.identifiedBy).toHaveLength(0);
    await session.issue(key);
    await settle();
    await world.clock.advance(hour);
    await session.issue(otherKey);
    await settle();
    expect(world.source.identifiedBy).toHaveLength(1);
  });

  test("is asked after a restart too, where it was not found out before", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.person = "ada";
    const next = await world.restart(session);
    await next.issue(key);
    await settle();
    expect(world.source.identifiedBy).toHaveLength(1);
  });

  test("is nobody where somebody has signed out before the answer", async () => {
    const world = new World();
    world.provider.person = "ada";
    const release = world.provider.hold("identify", true);
    const session = await world.signedIn();
    await session.issue(key);
    await session.signOut();
    release();
    await settle();
    expect(session.account).toBeUndefined();
  });

  test("is not said of a sign-in that is gone by the time of the answer", async () => {
    const world = new World();
    world.provider.person = "ada";
    const release = world.provider.hold("identify", true);
    const session = await world.signedIn();
    await session.issue(key);
    await world.clock.advance(second);
    world.provider.person = undefined;
    await world.signIn(session);
    release();
    await settle();
    expect(session.account).toBeUndefined();
  });

  test("is another one in another tool's sign-in: what was given out is forgotten", async () => {
    const { world, session } = await known();
    await world.clock.advance(minute);
    world.provider.person = "bob";
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.look();
    expect(session.account).toBe("ada");
    await session.issue(otherKey);
    await settle();
    expect(session.account).toBe("bob");
    expect(session.issued.has(key)).toBe(false);
  });

  test("is the same one in another tool's sign-in: nothing is forgotten", async () => {
    const { world, session } = await known();
    await world.clock.advance(minute);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.look();
    await session.issue(otherKey);
    await settle();
    expect(session.account).toBe("ada");
    expect(session.issued.has(key)).toBe(true);
    expect(world.provider.count("identify")).toBe(2);
  });

  test("is told by the grant itself where it has yet to be seen whether it may be used", async () => {
    const { world, signIn } = await questioned();
    expect(world.source.identifiedBy.at(-1)).toBeUndefined();
    signIn.decline();
    await signIn.outcome;
  });

  test("is forgotten with the organisation", async () => {
    const { world, session } = await known();
    const source = world.makeSource({ boundTo: "https://other.example/start eu-central-1" });
    await session.replaceSource(source);
    world.provider.person = "bob";
    await world.signIn(session, source);
    await session.issue(key);
    await settle();
    expect(session.account).toBe("bob");
  });
});

describe("a sign-in that says itself who signed in", () => {
  const naming = (person: string, account?: string) => {
    const world = new World();
    world.provider.person = person;
    world.provider.names = true;
    const parts = account === undefined ? {} : { account };
    return { world, source: world.makeSource({ ...parts, shared: world.shared }) };
  };

  test("is known at once, with nobody asked, and so after a restart", async () => {
    const { world } = naming("ada");
    const session = await world.signedIn();
    expect(session.account).toBe("ada");
    await session.issue(key);
    await settle();
    expect(world.provider.count("identify")).toBe(0);
    expect((await world.restart(session)).account).toBe("ada");
  });

  test("is a question where it was somebody else before, and nothing where it was not", async () => {
    const { world } = naming("ada");
    const session = await world.signedIn();
    const same = await answered(world, session, "ada");
    expect(await same.question).toBeUndefined();
    const signIn = await answered(world, session, "bob");
    expect(await signIn.question).toEqual({ before: "ada", now: "bob" });
    signIn.accept();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(session.account).toBe("bob");
    expect(world.provider.count("identify")).toBe(0);
  });

  test("tells it at a renewal too: what was given out to another person is forgotten", async () => {
    const { world, session } = await known();
    world.provider.names = true;
    world.provider.person = "bob";
    await world.clock.advance(minute);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.look();
    expect(session.account).toBe("bob");
    expect(session.issued.has(key)).toBe(false);
    await session.issue(otherKey);
    await settle();
    expect(world.provider.count("identify")).toBe(1);
  });

  test.each([
    ["says so itself", true],
    ["has to be asked about", false],
  ])("of another one than the configuration names, which %s, is a question", async (_, names) => {
    const { world, source } = naming("bob", "ada");
    world.provider.names = names;
    const session = await world.open(source);
    const signIn = session.signIn(undefined);
    await signIn.request;
    source.visits.at(-1)!.approve();
    expect(await signIn.question).toEqual({ before: "ada", now: "bob" });
    signIn.accept();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(session.account).toBe("bob");
    const second = session.signIn(undefined);
    await second.request;
    source.visits.at(-1)!.approve();
    expect(await second.outcome).toEqual({ kind: "signed-in" });
  });

  test("of the one that the configuration names asks nothing, and is known", async () => {
    const { world, source } = naming("ada", "ada");
    world.provider.names = false;
    const session = await world.open(source);
    await world.signIn(session, source);
    expect(session.account).toBe("ada");
    await session.issue(key);
    await settle();
    expect(world.provider.count("identify")).toBe(1);
  });
});

describe("a sign-in of the same person", () => {
  test("asks nothing", async () => {
    const { world, session, credential } = await known();
    const signIn = await answered(world, session, "ada");
    expect(await signIn.question).toBeUndefined();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(await session.issue(key)).toBe(credential);
    signIn.accept();
    signIn.decline();
    expect(session.state.kind).toBe("active");
  });

  test.each([
    [
      "the provider does not say who",
      (world: World) => world.provider.fail("identify", "unreachable", "unreachable"),
      0,
    ],
    [
      "the provider does not say who in time",
      (world: World) => void world.provider.hold("identify"),
      5 * second,
    ],
  ])("is taken for one where %s", async (_, spoil, ms) => {
    const { world, session } = await known();
    spoil(world);
    const signIn = await answered(world, session, "bob");
    await world.clock.advance(ms);
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(session.account).toBe("ada");
  });

  test("that was taken for one is put right when the provider tells", async () => {
    const { world, session } = await known();
    world.provider.fail("identify", "unreachable");
    const signIn = await answered(world, session, "bob");
    await signIn.outcome;
    expect(session.account).toBe("ada");
    await session.issue(otherKey);
    await settle();
    expect(session.account).toBe("bob");
    expect(session.issued.has(key)).toBe(false);
  });
});

describe("a sign-in of somebody else", () => {
  test("is a question for ten minutes, beside a session that goes on as it was", async () => {
    const { world, session, signIn, credential } = await questioned();
    expect(session.state).toMatchObject({
      kind: "signing-in",
      other: { before: "ada", now: "bob" },
      endsAt: plus(world.clock.now(), 10 * minute),
      standing: { kind: "active" },
    });
    expect(session.account).toBe("ada");
    expect(await session.issue(key)).toBe(credential);
    expect(session.signIn("device")).toBe(signIn);
  });

  test("is a question also where nobody is signed in any more", async () => {
    const { world, session } = await known();
    await session.signOut();
    const signIn = await answered(world, session, "bob");
    expect(await signIn.question).toEqual({ before: "ada", now: "bob" });
    signIn.accept();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(session.account).toBe("bob");
  });

  test("that is accepted is used, and what was given out before is forgotten", async () => {
    const { world, session, signIn, credential } = await questioned();
    signIn.accept();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(session.state.kind).toBe("active");
    expect(session.account).toBe("bob");
    expect(session.issued.has(key)).toBe(false);
    expect(await session.issue(key)).not.toBe(credential);
    expect(world.provider.count("revoke")).toBe(0);
    expect(world.provider.shownAccess.at(-1)).toBe("access-token-1");
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });

  test.each([
    ["declined", async ({ signIn }: Questioned) => signIn.decline()],
    ["cancelled", async ({ session }: Questioned) => session.cancelSignIn()],
    ["left to lapse", ({ world }: Questioned) => world.clock.advance(10 * minute)],
  ])(
    "that is %s is ended at the provider; all stays as it was, and no page is opened again",
    async (_, end) => {
      const all = await questioned();
      const { world, session, signIn, credential } = all;
      await end(all);
      expect(await signIn.outcome).toMatchObject({ kind: "failed", error: { code: "cancelled" } });
      await settle();
      expect(world.provider.count("revoke")).toBe(1);
      expect(session.state.kind).toBe("active");
      expect(session.account).toBe("ada");
      expect(session.heldBack).toBe(true);
      expect(await session.issue(key)).toBe(credential);
      await world.clock.advance(5 * hour);
      expect(session.state.kind).toBe("active");
    },
  );

  test("that is declined is not asked about again; the next one is", async () => {
    const { world, session, signIn } = await questioned();
    signIn.decline();
    await signIn.outcome;
    signIn.accept();
    expect(session.account).toBe("ada");
    const next = await answered(world, session, "eve");
    expect(await next.question).toEqual({ before: "ada", now: "eve" });
    next.decline();
    await next.outcome;
  });

  test("that is cancelled while the provider is asked who it is, is ended there, and asks nothing", async () => {
    const { world, session } = await known();
    const release = world.provider.hold("identify", true);
    const signIn = await answered(world, session, "bob");
    await settle();
    session.cancelSignIn();
    release();
    expect(await signIn.outcome).toMatchObject({ error: { code: "cancelled" } });
    expect(await signIn.question).toBeUndefined();
    await settle();
    expect(world.provider.count("revoke")).toBe(1);
  });

  test("is given up, and ended where it was made, when the configuration names another organisation", async () => {
    const { world, session, signIn } = await questioned();
    const elsewhere = world.makeSource({ boundTo: "https://other.example/start eu-central-1" });
    await session.replaceSource(elsewhere);
    expect(await signIn.outcome).toMatchObject({ error: { code: "cancelled" } });
    await settle();
    expect(world.provider.count("revoke")).toBe(1);
    expect(elsewhere.strangers).toBe(0);
  });

  test("that another way to sign in has replaced asks nothing about that one", async () => {
    const { world, session } = await known();
    const release = world.provider.hold("identify", true);
    const signIn = await answered(world, session, "bob");
    await settle();
    const next = session.signIn("device");
    const request = await next.request;
    release();
    expect(await signIn.outcome).toEqual({ kind: "replaced" });
    expect(session.state).toMatchObject({ kind: "signing-in", request, other: undefined });
  });

  test("cannot be declined before it is known: until then it can be cancelled", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    signIn.decline();
    world.source.visits.at(-1)!.approve();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  });

  test("that nobody can end there, for want of a network, is given up here all the same", async () => {
    const { world, session, signIn } = await questioned();
    world.provider.outage = "unreachable";
    signIn.decline();
    expect(await signIn.outcome).toMatchObject({ error: { code: "cancelled" } });
    expect(session.state.kind).toBe("active");
  });
});

type Questioned = Awaited<ReturnType<typeof questioned>>;
