import { describe, expect, test } from "vitest";
import { plus } from "../../electron/core/time.ts";
import { settle } from "../fakes/clock.ts";
import { endedBy, hour, key, minute, otherKey, place, World } from "./world.ts";

describe("a grant that the provider rejects", () => {
  test("ends the session: the keychain and the shared place are cleared of it", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.shared.content).toBeUndefined();
    expect(session.durable).toBe(true);
    expect(world.clock.pending).toEqual([]);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    const next = await world.open();
    expect(next.state).toEqual({ kind: "signed-out", reason: "never" });
  });

  test("is replaced by the sign-in that another tool has made meanwhile", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    release();
    await settle();
    expect(session.state).toMatchObject({
      kind: "active",
      expiresAt: plus(world.clock.now(), hour),
    });
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });

  test("is not mistaken for another tool's sign-in because its access token still lies there", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(world.shared.content).toBeDefined();
    world.provider.fail("renew", "grant-rejected");
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
  });

  test("together with its registration ends the session too, and the next sign-in registers anew", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.registered = false;
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("registration-rejected"));
    world.provider.registered = true;
    const { request } = session.signIn(undefined);
    await request;
    expect(world.source.visits.at(-1)?.previous).toBeUndefined();
  });

  test("leaves what was already handed out good to its own end", async () => {
    const world = new World();
    world.provider.credentialMs = 8 * hour;
    const session = await world.signedIn();
    const credential = await session.issue(key);
    world.provider.endSessions();
    await world.clock.advance(40 * minute);
    expect(session.state.kind).toBe("signed-out");
    await world.live(session, 7 * hour);
    expect(await session.issue(key)).toBe(credential);
    await world.live(session, 20 * minute);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("ends the session also where the keychain cannot be cleared", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    world.store.mood = "locked";
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(world.log.lines).toContainEqual({
      level: "warn",
      event: "session: keychain not cleared",
      fields: { code: "keychain-locked" },
    });
  });

  test("is known after one attempt: a lost reply costs a sign-in, not a loop", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    await world.clock.advance(40 * minute);
    expect(session.state.kind).toBe("failing");
    await world.clock.advance(hour);
    expect(session.state).toEqual({ kind: "signed-out", reason: "lost" });
    expect(world.provider.count("renew")).toBe(2);
  });
});

describe("an access token that the portal rejects", () => {
  test("is renewed once, and the request made again", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected");
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(world.provider.count("renew")).toBe(1);
    expect(world.provider.count("issue")).toBe(2);
    expect(session.state.kind).toBe("active");
  });

  test("is renewed once for all who found it rejected at the same time", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected", "token-rejected");
    await Promise.all([session.issue(key), session.issue(otherKey)]);
    expect(world.provider.count("renew")).toBe(1);
    expect(world.provider.count("issue")).toBe(4);
  });

  test("and rejects again after the renewal means that the session has ended", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected", "token-rejected");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(world.provider.count("renew")).toBe(1);
    expect(world.store.peek(place)).toBeUndefined();
  });

  test("means that the session has ended where the renewal is rejected as well", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.endSessions();
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toEqual(endedBy("grant-rejected"));
    expect(session.wantedAt).toBe(world.clock.now());
  });

  test("leaves the session failing, not signed out, where the renewal only could not be made", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected");
    world.provider.fail("renew", "unreachable");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "unreachable" });
    expect(session.state).toMatchObject({ kind: "failing", error: "unreachable" });
    await world.clock.advance(minute);
    expect(session.state.kind).toBe("active");
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("does not end a session in which somebody has signed in anew meanwhile", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected", "token-rejected");
    const release: { retry?: () => void } = {};
    let asked = 0;
    world.provider.onCall = (verb) => {
      if (verb === "issue" && ++asked === 2) release.retry = world.provider.hold("issue");
    };
    const given = expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await settle();
    await world.signIn(session);
    release.retry?.();
    await given;
    expect(session.state.kind).toBe("active");
    expect(session.wantedAt).toBeUndefined();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("of a grant that cannot be renewed ends the session", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    world.provider.endSessions();
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toEqual({ kind: "signed-out", reason: "ended" });
    expect(world.provider.count("issue")).toBe(1);
  });

  test("of a grant that cannot be renewed gives way to another tool's sign-in", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    world.provider.endSessions();
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(session.state.kind).toBe("active");
  });
});

describe("a role that the provider refuses", () => {
  test("never signs anybody out, and is remembered", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.denied.add(key);
    await expect(session.issue(key)).rejects.toMatchObject({ code: "access-denied", exit: 5 });
    expect(session.state.kind).toBe("active");
    expect(session.issued.refusalOf(key)).toMatchObject({ code: "access-denied" });
    expect(session.wantedAt).toBeUndefined();
    await expect(session.issue(otherKey)).resolves.toMatchObject({ kind: "aws" });
    expect(world.provider.count("renew")).toBe(0);
  });

  test("after a rejected token is told as what it is", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected", "access-denied");
    await expect(session.issue(key)).rejects.toMatchObject({ code: "access-denied" });
    expect(session.state.kind).toBe("active");
  });
});
