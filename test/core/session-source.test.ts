import { describe, expect, test } from "vitest";
import type { Credential } from "../../electron/core/credential.ts";
import { plus } from "../../electron/core/time.ts";
import { ScriptedSource } from "../fakes/source.ts";
import { endedBy, hour, key, minute, otherKey, second, World } from "./world.ts";

describe("a new version of the source", () => {
  test("that means the same place changes nothing for the session", async () => {
    const world = new World();
    const session = await world.signedIn();
    const credential = await session.issue(key);
    const before = world.changes;
    const source = world.makeSource({ shared: world.shared, profiles: { dev: key } });
    await session.replaceSource(source);
    expect(session.source).toBe(source);
    expect(world.changes).toBe(before + 1);
    expect(await session.issue(key)).toBe(credential);
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });

  const other = "https://other.example/start eu-central-1";

  test("that means the same place changes nothing of how a session has ended", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    await session.replaceSource(world.makeSource({ shared: world.shared }));
    expect(session.state).toEqual(endedBy("grant-rejected"));
  });

  test("that means another place signs out; back at the old one the old grant is still there", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    await session.replaceSource(world.makeSource({ boundTo: other }));
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await session.replaceSource(world.source);
    expect(session.state.kind).toBe("active");
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("that means another place takes our access token away from other tools, not theirs", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(world.shared.content).toBeDefined();
    await session.replaceSource(world.makeSource({ boundTo: other, shared: world.shared }));
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
    expect(world.shared.content).toBeUndefined();
  });

  test("that means another place ends an open sign-in", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    await session.replaceSource(world.makeSource({ boundTo: other }));
    expect(await signIn.outcome).toMatchObject({ kind: "failed", error: { code: "cancelled" } });
    expect(session.state.kind).toBe("signed-out");
  });

  test("that means another place never sees the old grant, even with the keychain locked", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.mood = "hanging";
    const elsewhere = world.makeSource({ boundTo: other });
    const replaced = session.replaceSource(elsewhere);
    const early = session.issue(key);
    early.catch(() => undefined);
    await world.clock.advance(30 * second);
    await replaced;
    await expect(early).rejects.toMatchObject({ code: "keychain-locked" });
    expect(session.state).toMatchObject({ kind: "failing", error: "keychain-locked" });
    expect(elsewhere.strangers).toBe(0);
    expect(world.provider.count("issue")).toBe(0);
    world.store.mood = "well";
    await world.live(session, 6 * minute);
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
  });

  test("that means another place waits for the renewal under way, and never uses its grant", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    const elsewhere = world.makeSource({ boundTo: other });
    const replaced = session.replaceSource(elsewhere);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    release();
    await replaced;
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(elsewhere.strangers).toBe(0);
    expect(session.issued.has(key)).toBe(false);
  });
});

/** A source of which one credential is a request that another one has signed ahead of time: it is as old as that. */
class SignedAhead extends ScriptedSource {
  override async issue(...asked: Parameters<ScriptedSource["issue"]>): Promise<Credential> {
    const [grant, wanted, signal, other] = asked;
    if (wanted !== otherKey) return super.issue(grant, wanted, signal, other);
    const { issuedAt } = await other(key, false);
    return { ...(await super.issue(grant, wanted, signal, other)), issuedAt };
  }
}

describe("a credential that is asked for with another one", () => {
  const chained = async () => {
    const world = new World();
    const source = world.makeSource({ parents: { [otherKey]: key } });
    const session = await world.open(source);
    await world.signIn(session, source);
    return { world, source, session };
  };

  test("takes the other one from memory, as anybody does", async () => {
    const { world, session } = await chained();
    await session.issue(key);
    await world.clock.advance(2 * minute);
    await session.issue(otherKey);
    expect(world.provider.count("issue")).toBe(2);
  });

  test("shares the other one with whoever asks for that, at the same time too", async () => {
    const { world, session } = await chained();
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => session.issue(n % 2 === 0 ? key : otherKey)),
    );
    expect(world.provider.count("issue")).toBe(2);
    await session.issue(key);
    expect(world.provider.count("issue")).toBe(2);
  });

  test("fails as the other one does, and says why", async () => {
    const { world, session } = await chained();
    world.provider.denied.add(key);
    await expect(session.issue(otherKey)).rejects.toMatchObject({ code: "access-denied" });
    expect(session.issued.refusalOf(otherKey)).toMatchObject({ code: "access-denied" });
    expect(session.state.kind).toBe("active");
  });

  test("and is as old as that one is made anew of a fresh one, without a renewal", async () => {
    const world = new World();
    const source = new SignedAhead({ clock: world.clock, provider: world.provider });
    const session = await world.open(source);
    await world.signIn(session, source);
    const first = await session.issue(otherKey);
    await world.clock.advance(minute);
    const next = await session.issue(otherKey, true);
    expect(next.issuedAt).toBe(plus(first.issuedAt, minute));
    expect((await session.issue(key)).issuedAt).toBe(next.issuedAt);
    expect(world.provider.count("renew")).toBe(0);
    await world.clock.advance(minute);
    world.provider.fail("issue", "provider-unavailable");
    await expect(session.issue(otherKey, true)).rejects.toBeDefined();
    expect(session.state.kind).toBe("active");
  });

  test("has the other one fetched anew where that is needed, once a minute at most", async () => {
    const { world, source, session } = await chained();
    const first = await session.issue(key);
    source.insists = true;
    await session.issue(otherKey);
    expect(await session.issue(key)).toBe(first);
    await world.clock.advance(minute);
    await session.issue(otherKey, true);
    expect(await session.issue(key)).not.toBe(first);
  });

  test("after the end of the access token costs one renewal for both", async () => {
    const { world, session } = await chained();
    world.clock.jump(hour);
    await session.issue(otherKey);
    expect(world.provider.count("renew")).toBe(1);
  });
});
