import { describe, expect, test } from "vitest";
import { SignIn } from "../../electron/core/sign-in.ts";
import { never, plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { hour, key, minute, place, World } from "./world.ts";

const newest = (world: World) => world.source.visits.at(-1)!;

describe("a sign-in", () => {
  test("asks a person, and ends in an active session with its grant in the keychain", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    expect(session.state).toEqual({
      kind: "signing-in",
      endsAt: plus(world.clock.now(), 10 * minute),
      request: undefined,
      standing: { kind: "signed-out", reason: "never" },
    });
    expect(session.signInOpen).toBe(signIn);
    const request = await signIn.request;
    expect(request).toMatchObject({ flow: "code", url: "https://corp.example/sign-in/1" });
    expect(session.state).toMatchObject({ kind: "signing-in", request, endsAt: request.endsAt });
    newest(world).approve();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(session.state.kind).toBe("active");
    expect(session.signInOpen).toBeUndefined();
    expect(session.heldBack).toBe(false);
    expect(world.store.peek(place)).toBeDefined();
  });

  test("that has ended is remembered, with how, until the next one is made", async () => {
    const world = new World();
    const session = await world.open();
    const begun = { by: { kind: "person" }, at: world.clock.now() };
    const signIn = session.signIn(undefined);
    await signIn.request;
    expect(session.endedSignIn).toBeUndefined();
    await world.clock.advance(minute);
    newest(world).refuse();
    const outcome = await signIn.outcome;
    expect(session.endedSignIn).toEqual({ begun, endedAt: world.clock.now(), outcome });
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "sign-in-denied" } });
    const next = session.signIn(undefined);
    expect(session.endedSignIn).toBeUndefined();
    await next.request;
    newest(world).approve();
    await next.outcome;
    expect(session.endedSignIn).toMatchObject({ outcome: { kind: "signed-in" } });
  });

  test("that was replaced is not the one that has ended", async () => {
    const world = new World();
    const session = await world.open();
    const first = session.signIn("code");
    await first.request;
    session.signIn("device");
    await first.outcome;
    expect(session.endedSignIn).toBeUndefined();
  });

  test("that is open is joined by whoever comes later", async () => {
    const world = new World();
    const session = await world.open();
    const first = session.signIn("device");
    expect(session.signIn(undefined)).toBe(first);
    expect(session.signIn("device")).toBe(first);
    await first.request;
    expect(session.signIn(undefined)).toBe(first);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("by the other flow replaces the one that is open, whose callers learn of it", async () => {
    const world = new World();
    const session = await world.open();
    const first = session.signIn("code");
    await first.request;
    const second = session.signIn("device");
    expect(second).not.toBe(first);
    expect(await first.outcome).toEqual({ kind: "replaced" });
    expect(await second.request).toMatchObject({ flow: "device", userCode: "ABCD-EFGH" });
    expect(session.signInOpen).toBe(second);
    expect(session.heldBack).toBe(false);
    newest(world).approve();
    expect(await second.outcome).toEqual({ kind: "signed-in" });
  });

  test("where there is no flow with a code is of the other one, and is not replaced by a wish for it", async () => {
    const world = new World();
    const source = world.makeSource({ hasDeviceFlow: false });
    const session = await world.open(source);
    const first = session.signIn("device");
    expect(await first.request).toMatchObject({ flow: "code" });
    expect(session.signIn("device")).toBe(first);
    expect(session.signIn("code")).toBe(first);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("that is replaced before it had anything to show shows nothing", async () => {
    const world = new World();
    const session = await world.open();
    const release = world.provider.hold("sign-in", true);
    const first = session.signIn("code");
    await settle();
    const second = session.signIn("device");
    release();
    await expect(first.request).rejects.toThrow("there was nothing to open");
    const request = await second.request;
    expect(session.state).toMatchObject({ kind: "signing-in", request });
    expect(request.flow).toBe("device");
  });

  test("that is replaced before it had anything to show says so to who waits for that", async () => {
    const world = new World();
    const session = await world.open();
    const first = session.signIn("code");
    session.signIn("device");
    await expect(first.request).rejects.toBeInstanceOf(Error);
  });

  test.each(["mfa", "secret"] as const)(
    "for which something is entered here (%s) is not given up for another page",
    (flow) => {
      const begun = { by: { kind: "person" }, at: new World().clock.now() } as const;
      const endsAt = never;
      const submit = (): boolean => true;
      const signIn = new SignIn("code", begun, ({ show }) => {
        if (flow === "mfa") show({ flow, device: "phone", endsAt, submit });
        else show({ flow, what: "the key of litellm", hasLines: false, endsAt, submit });
        return new Promise(() => undefined);
      });
      expect([signIn.meets("device"), signIn.meets("program")]).toEqual([true, true]);
    },
  );

  test("that ends says why, each time in words of its own", async () => {
    const world = new World();
    const session = await world.open();
    const said: string[] = [];
    const ends: readonly (() => unknown)[] = [
      () => session.cancelSignIn(),
      () => world.clock.advance(10 * minute),
      () => session.replaceSource(world.makeSource({ boundTo: "elsewhere" })),
      () => session.close(),
    ];
    for (const end of ends) {
      const { outcome } = session.signIn(undefined);
      await end();
      const ended = await outcome;
      if (ended.kind === "failed") said.push(ended.error.message);
    }
    expect(new Set(said).size).toBe(ends.length);
    expect(said).not.toContain("");
  });

  test("that a person refuses leaves things as they were, and is held back", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    newest(world).refuse();
    expect(await signIn.outcome).toMatchObject({ error: { code: "sign-in-denied" } });
    expect(session.state).toEqual({ kind: "signed-out", reason: "never" });
    expect(session.heldBack).toBe(true);
  });

  test("that nobody answers lapses, and is held back: also after a restart, until a person acts", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    await world.clock.advance(10 * minute);
    expect(await signIn.outcome).toMatchObject({ error: { code: "timed-out" } });
    expect(session.state.kind).toBe("signed-out");
    const next = await world.open();
    expect(next.heldBack).toBe(true);
    next.release();
    expect(next.heldBack).toBe(false);
  });

  test("for which no page was ready in ten minutes lapses too", async () => {
    const world = new World();
    const session = await world.open();
    world.provider.hold("sign-in");
    const signIn = session.signIn(undefined);
    await world.clock.advance(10 * minute);
    expect(await signIn.outcome).toMatchObject({ error: { code: "timed-out" } });
    await expect(signIn.request).rejects.toMatchObject({ code: "timed-out" });
    expect(session.state.kind).toBe("signed-out");
    expect(world.clock.pending).toEqual([]);
  });

  test("that succeeds ends the holding back", async () => {
    const world = new World();
    const session = await world.open();
    session.signIn(undefined);
    session.cancelSignIn();
    await settle();
    expect(session.heldBack).toBe(true);
    await world.signIn(session);
    expect(session.heldBack).toBe(false);
  });

  test("that failed for want of a network holds nothing back, and frees nothing either", async () => {
    const world = new World();
    const session = await world.open();
    world.provider.outage = "unreachable";
    const first = session.signIn(undefined);
    expect(await first.outcome).toMatchObject({ error: { code: "unreachable" } });
    expect(session.heldBack).toBe(false);
    session.signIn(undefined);
    session.cancelSignIn();
    await settle();
    await session.signIn(undefined).outcome;
    expect(session.heldBack).toBe(true);
  });

  test("that is cancelled before it began asks nobody", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    session.cancelSignIn();
    expect(await signIn.outcome).toMatchObject({ error: { code: "cancelled" } });
    expect(world.source.visits).toEqual([]);
    session.cancelSignIn();
  });

  test("that is cancelled while its last exchange is under way is cancelled", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    newest(world).approve();
    session.cancelSignIn();
    expect(await signIn.outcome).toMatchObject({ error: { code: "cancelled" } });
    expect(session.state.kind).toBe("signed-out");
  });
});

describe("a sign-in over a live session", () => {
  test("lets it go on serving and renewing meanwhile", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.source.pageMs = 2 * hour;
    const signIn = session.signIn(undefined);
    await signIn.request;
    await world.clock.advance(100 * minute);
    expect(world.provider.count("renew")).toBe(2);
    expect(session.state).toMatchObject({ kind: "signing-in", standing: { kind: "active" } });
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    session.cancelSignIn();
    await signIn.outcome;
    expect(session.state.kind).toBe("active");
    await world.clock.advance(hour);
    expect(session.isLive).toBe(true);
  });

  test("that fails meanwhile, fails beside it", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.source.pageMs = 2 * hour;
    const signIn = session.signIn(undefined);
    await signIn.request;
    world.provider.outage = "unreachable";
    await world.clock.advance(41 * minute);
    expect(session.state).toMatchObject({ kind: "signing-in", standing: { kind: "failing" } });
    session.cancelSignIn();
    await signIn.outcome;
    expect(session.state.kind).toBe("failing");
  });

  test("replaces its grant, and may reuse what is reusable in it", async () => {
    const world = new World();
    const session = await world.signedIn();
    await world.clock.advance(30 * minute);
    const signIn = session.signIn(undefined);
    await signIn.request;
    expect(newest(world).previous).toBeDefined();
    newest(world).approve();
    await signIn.outcome;
    expect(session.state).toMatchObject({ expiresAt: plus(world.clock.now(), hour) });
  });

  test("waits for a renewal under way: both never write at once", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.source.pageMs = 2 * hour;
    const signIn = session.signIn(undefined);
    await signIn.request;
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    expect(world.provider.busy("renew")).toBe(1);
    const { writes } = world.store;
    newest(world).approve();
    await settle();
    expect(world.store.writes).toBe(writes);
    release();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(world.store.writes).toBe(writes + 2);
    expect(session.state).toMatchObject({ expiresAt: plus(world.clock.now(), hour) });
  });
});

describe("a reminder", () => {
  test("marks a session that needs a sign-in as wanted", async () => {
    const world = new World();
    const session = await world.open();
    await world.clock.advance(minute);
    session.remind();
    expect(session.wantedAt).toBe(world.clock.now());
  });

  test("leaves alone who is signed in, and who signed out by hand", async () => {
    const world = new World();
    const session = await world.signedIn();
    session.remind();
    expect(session.wantedAt).toBeUndefined();
    await session.signOut();
    const before = world.changes;
    session.remind();
    expect(session.wantedAt).toBeUndefined();
    expect(world.changes).toBe(before);
  });
});
