import { describe, expect, test } from "vitest";
import { type Credential, tokenOf } from "../../electron/core/credential.ts";
import { Secret } from "../../electron/core/secret.ts";
import { Session } from "../../electron/core/session.ts";
import { signInCommandOf } from "../../electron/core/source.ts";
import { instantOf, never, plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { EnteredSource, type EnteredParts } from "../fakes/entered.ts";
import { hour, minute, second, World } from "./world.ts";

const day = 24 * hour;
const place = "grant/litellm";
const wordOf = (credential: Credential): string => tokenOf(credential).token.reveal();

const bench = () => {
  const world = new World();
  const sourceOf = (parts: EnteredParts = {}) => new EnteredSource(world.clock, parts);
  const open = (parts: EnteredParts = {}) => Session.open(sourceOf(parts), world.ports);
  const enter = async (session: Session, secret: string): Promise<void> => {
    const { request, outcome } = session.signIn(undefined);
    const asked = await request;
    if (asked.flow === "secret") asked.submit(new Secret(secret));
    expect(await outcome).toEqual({ kind: "signed-in" });
  };
  const entered = async (parts: EnteredParts = {}): Promise<Session> => {
    const session = await open(parts);
    await enter(session, "one");
    return session;
  };
  return { world, sourceOf, open, enter, entered, ends: plus(world.clock.now(), 30 * day) };
};

describe("a secret that a person enters", () => {
  test("is asked for by the command that takes it", async () => {
    const session = await bench().open();
    expect(signInCommandOf(session.source)).toBe("evercred api-key set litellm");
    await expect(session.issue("key")).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "There is no key of litellm yet.",
      remedy: "Run: evercred api-key set litellm",
    });
    expect(session.wantedAt).toBeDefined();
  });

  test("that a person has taken back stays so through a new configuration", async () => {
    const { entered, sourceOf } = bench();
    const session = await entered();
    await session.signOut();
    await session.replaceSource(sourceOf());
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });

  test("goes on where a new version of its source cannot read it", async () => {
    const { entered, sourceOf } = bench();
    const session = await entered();
    await session.replaceSource(Object.assign(sourceOf(), { restore: () => undefined }));
    expect(wordOf(await session.issue("key"))).toBe("one");
  });

  test("is kept, handed out for ever, and fetched ahead by nobody", async () => {
    const { world, entered, open } = bench();
    const session = await entered();
    expect(wordOf(await session.issue("key"))).toBe("one");
    expect(session.state).toEqual({ kind: "active", expiresAt: never, renewAt: never });
    expect(session.askAt(20 * minute)).toBeUndefined();
    expect(world.clock.pending).toEqual([]);
    await session.close();
    const next = await open();
    expect(wordOf(await next.issue("key"))).toBe("one");
  });

  test("makes way for another at once: what was made of it before is handed to nobody", async () => {
    const { enter, entered } = bench();
    const session = await entered();
    expect(wordOf(await session.issue("key"))).toBe("one");
    await enter(session, "two");
    expect(wordOf(await session.issue("key"))).toBe("two");
  });

  test("is not given up for a page by whoever wishes for one", async () => {
    const session = await bench().open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    await expect(session.issue("key")).rejects.toMatchObject({
      message: "The secret of litellm is asked for, and waits for you.",
    });
    expect(signIn.meets("code")).toBe(true);
    expect(session.signIn("device")).toBe(signIn);
  });
});

describe("the end that the configuration gives it", () => {
  test("is asked about as long before as it says, however short its life and whatever earlier ones were", async () => {
    const { ends, entered, enter } = bench();
    const session = await entered({ endsAt: ends, askBeforeMs: 14 * day });
    expect(session.neededAt).toEqual({ at: ends, exact: true });
    expect(session.askAt(20 * minute)).toBe(plus(ends, -14 * day));
    // One that is entered early and ends at the same time has gained nothing; that is no reason to be silent.
    await enter(session, "two");
    expect(session.askAt(20 * minute)).toBe(plus(ends, -14 * day));
  });

  test("ends it, and leaves it in the keychain", async () => {
    const { world, ends, entered } = bench();
    const session = await entered({ endsAt: ends });
    await session.issue("key");
    await world.live(session, 30 * day + second);
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended", because: undefined });
    await expect(session.issue("key")).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "The key of litellm has ended.",
    });
    expect(world.store.peek(place)).toBeDefined();
    expect(world.clock.pending).toEqual([]);
  });

  test("is found out at a start too, without a moment in which it is served", async () => {
    const { world, ends, entered, open } = bench();
    await (await entered({ endsAt: ends })).close();
    world.clock.jump(31 * day);
    const session = await open({ endsAt: ends });
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "ended" });
    await expect(session.issue("key")).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(world.store.peek(place)).toBeDefined();
  });

  test("may be put off when it has passed: then what was kept serves again", async () => {
    const { world, ends, entered, sourceOf } = bench();
    const session = await entered({ endsAt: ends });
    await world.live(session, 31 * day);
    await session.replaceSource(sourceOf({ endsAt: plus(ends, 30 * day) }));
    expect(wordOf(await session.issue("key"))).toBe("one");
    await session.replaceSource(sourceOf({ endsAt: plus(ends, 30 * day) }));
    expect(session.neededAt?.at).toBe(plus(ends, 30 * day));
  });

  test("may be brought forward: what is in memory ends with it", async () => {
    const { world, ends, entered, sourceOf } = bench();
    const session = await entered({ endsAt: ends });
    await session.issue("key");
    await session.replaceSource(sourceOf({ endsAt: plus(world.clock.now(), hour) }));
    expect((await session.issue("key")).expiresAt).toBe(plus(world.clock.now(), hour));
    await session.replaceSource(sourceOf({ endsAt: instantOf(world.clock.now() - 1) }));
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "ended" });
    await expect(session.issue("key")).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("changes nothing for one that was never entered, or is the same", async () => {
    const { world, ends, open, entered, sourceOf } = bench();
    const never = await open();
    await never.replaceSource(sourceOf({ endsAt: ends }));
    expect(never.state).toEqual({ kind: "signed-out", reason: "never" });
    await never.close();
    const session = await entered({ endsAt: ends });
    const given = await session.issue("key");
    await session.replaceSource(sourceOf({ endsAt: ends }));
    expect(await session.issue("key")).toBe(given);
    expect(world.store.peek(place)).toBeDefined();
  });

  test("does not bring it back where it was signed out of and could not be forgotten", async () => {
    const { world, ends, entered, open } = bench();
    const session = await entered({ endsAt: ends });
    await world.live(session, 31 * day);
    world.store.mood = "locked";
    await expect(session.signOut()).rejects.toMatchObject({ code: "keychain-locked" });
    await session.close();
    world.store.mood = "well";
    expect(world.store.peek(place)).toBeDefined();
    const next = await open({ endsAt: plus(ends, 60 * day) });
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("does not keep it from being forgotten by the one who signs out", async () => {
    const { world, ends, entered } = bench();
    const session = await entered({ endsAt: ends });
    await world.live(session, 31 * day);
    await session.signOut();
    expect(world.store.peek(place)).toBeUndefined();
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
    await settle();
  });
});
