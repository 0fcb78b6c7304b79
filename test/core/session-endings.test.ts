import { describe, expect, test } from "vitest";
import { type ErrorCode, EvercredError } from "../../electron/core/errors.ts";
import type { Session } from "../../electron/core/session.ts";
import { plus } from "../../electron/core/time.ts";
import { endedBy, hour, key, minute, place, second, World } from "./world.ts";

/** A session that the provider has ended so, at its next renewal. */
const ended = async (error: ErrorCode | EvercredError) => {
  const world = new World();
  const session = await world.signedIn();
  world.provider.fail("renew", error);
  await world.clock.advance(40 * minute);
  return { world, session };
};

const byReauth = {
  kind: "signed-out",
  reason: "reauth",
  because: expect.objectContaining({ code: "reauth-needed" }) as unknown,
};

const refusal = (session: Session) => session.issue(key).catch((thrown: unknown) => thrown);

describe("an organisation that wants a new sign-in every so often", () => {
  test("ends the session for that reason: the keychain is cleared, and it is asked for in these words", async () => {
    const { world, session } = await ended("reauth-needed");
    expect(session.state).toEqual(byReauth);
    expect(world.store.peek(place)).toBeUndefined();
    expect(world.provider.count("renew")).toBe(1);
    expect(await refusal(session)).toMatchObject({
      code: "sign-in-needed",
      message: "You are not signed in to corp. Your organisation asks for a new sign-in.",
      remedy: "Run: evercred login corp",
      exit: 3,
    });
    expect(session.wantedAt).toBe(world.clock.now());
  });

  test("is taken out of other tools' sight before the keychain forgets it: a crash in between leaves what is to be finished", async () => {
    const world = new World();
    await world.signedIn();
    const events: string[] = [];
    world.store.onDelete = () => events.push("keychain");
    world.shared.onWithdraw = () => events.push("shared place");
    world.provider.fail("renew", "reauth-needed");
    await world.clock.advance(40 * minute);
    expect(events).toEqual(["shared place", "keychain"]);
  });

  test("teaches how long that is: it is shown and asked for ahead from then on", async () => {
    const world = new World();
    world.provider.sessionMs = 48 * hour;
    const session = await world.signedIn();
    expect(session.lengthMs).toBeUndefined();
    await world.clock.advance(16 * hour - minute);
    world.provider.fail("renew", "reauth-needed");
    await world.clock.advance(40 * minute);
    expect(session.state).toEqual(byReauth);
    expect(session.lengthMs).toBe(16 * hour);
    await world.signIn(session);
    const expected = plus(world.clock.now(), 16 * hour);
    expect(session.neededAt).toEqual({ at: expected, exact: false });
    expect(session.askAt(20 * minute)).toBe(plus(expected, -20 * minute));
  });

  test("teaches it also where others keep the sign-in", async () => {
    const world = new World({ kept: true });
    world.provider.sessionMs = 48 * hour;
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    const session = await world.open();
    await world.clock.advance(16 * hour - minute);
    world.provider.fail("renew", "reauth-needed");
    await world.clock.advance(41 * minute);
    expect(session.state).toEqual(byReauth);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.look();
    await world.clock.advance(second);
    expect(session.neededAt?.at).toBe(plus(world.clock.now(), session.lengthMs! - second));
    expect(session.lengthMs).toBeGreaterThan(15.9 * hour);
  });

  test("teaches nothing where it is found long after the last answer", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("renew", "reauth-needed");
    world.clock.jump(20 * hour);
    await world.clock.advance(second);
    expect(session.state).toEqual(byReauth);
    expect(session.lengthMs).toBeUndefined();
  });

  test("is not mistaken for the echo of a renewal that was cut off", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.loseReply("renew");
    world.provider.fail("renew", "reauth-needed");
    await world.clock.advance(40 * minute);
    expect(session.state.kind).toBe("failing");
    world.provider.fail("renew", "reauth-needed");
    await world.clock.advance(minute);
    expect(session.state).toEqual(byReauth);
  });
});

describe("the provider's other last words", () => {
  test.each<[ErrorCode, number, ErrorCode, string, string]>([
    [
      "grant-rejected",
      3,
      "sign-in-needed",
      "You are not signed in to corp. The provider has ended the session.",
      "Run: evercred login corp",
    ],
    [
      "grant-revoked",
      3,
      "sign-in-needed",
      "You are not signed in to corp. The provider says that this sign-in has been revoked, or was not used for too long.",
      "Run: evercred login corp",
    ],
    [
      "registration-rejected",
      3,
      "sign-in-needed",
      "You are not signed in to corp. The provider has forgotten this app.",
      "Run: evercred login corp",
    ],
    [
      "client-rejected",
      5,
      "client-rejected",
      "The provider has deleted or disabled the OAuth client of this sign-in.",
      "Name another client in the configuration, then run: evercred login",
    ],
    [
      "account-disabled",
      5,
      "account-disabled",
      "The provider says that this account is disabled.",
      "Ask whoever manages it.",
    ],
  ])("%s ends the session, and callers exit %i", async (code, exit, told, message, remedy) => {
    const { world, session } = await ended(code);
    expect(session.state).toEqual(endedBy(code));
    expect(world.store.peek(place)).toBeUndefined();
    expect(await refusal(session)).toMatchObject({ code: told, exit, message, remedy });
    await world.live(session, 2 * hour);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("are told with what the provider says to do", async () => {
    const remedy = "Run: gcloud auth application-default login";
    const { session } = await ended(new EvercredError("grant-revoked", "It is gone.", { remedy }));
    expect(await refusal(session)).toMatchObject({
      message: "You are not signed in to corp. It is gone.",
      remedy,
    });
  });

  test.each<ErrorCode>([
    "grant-revoked",
    "client-rejected",
    "account-disabled",
    "registration-rejected",
  ])("teach nothing of how long sessions last: %s may come at any time", async (code) => {
    const { session } = await ended(code);
    expect(session.lengthMs).toBeUndefined();
  });

  test.each<ErrorCode>(["grant-revoked", "client-rejected", "account-disabled"])(
    "are what they are also after a renewal that was cut off: %s",
    async (code) => {
      const world = new World();
      const session = await world.signedIn();
      world.provider.loseReply("renew");
      await world.clock.advance(40 * minute);
      world.provider.fail("renew", code);
      await world.clock.advance(minute);
      expect(session.state).toEqual(endedBy(code));
    },
  );

  test("are found where an access token is refused, and told at once", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.fail("issue", "token-rejected");
    world.provider.fail("renew", "account-disabled");
    expect(await refusal(session)).toMatchObject({ code: "account-disabled", exit: 5 });
    expect(session.state).toEqual(endedBy("account-disabled"));
  });

  test("are no longer told once a sign-in is open, nor once it has been made", async () => {
    const { world, session } = await ended("account-disabled");
    const signIn = session.signIn(undefined);
    expect(await refusal(session)).toMatchObject({
      code: "sign-in-needed",
      message: "A sign-in to corp is open and waits for you.",
    });
    session.cancelSignIn();
    await signIn.outcome;
    expect(session.state).toEqual(endedBy("account-disabled"));
    await world.signIn(session);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    expect(session.state.kind).toBe("active");
  });
});

describe("a computer's clock that is wrong", () => {
  test("ends no session: it fails until the clock is set, and says so", async () => {
    const { world, session } = await ended("clock-wrong");
    expect(session.state).toMatchObject({ kind: "failing", error: "clock-wrong" });
    expect(world.store.peek(place)).toBeDefined();
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    await world.clock.advance(minute);
    expect(session.state.kind).toBe("active");
  });

  test("is what a caller hears of whom nothing can be given any more", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.provider.outage = "clock-wrong";
    await world.clock.advance(2 * hour);
    expect(await refusal(session)).toMatchObject({ code: "clock-wrong", exit: 1 });
    expect(session.isSignedOut).toBe(false);
  });
});

test("a session that has ended has nothing to do any more", async () => {
  const world = new World();
  const session = await world.signedIn();
  await session.issue(key);
  world.provider.endSessions();
  await world.clock.advance(41 * minute);
  expect(session.state).toEqual(endedBy("grant-rejected"));
  expect(world.clock.pending).toEqual([]);
});
