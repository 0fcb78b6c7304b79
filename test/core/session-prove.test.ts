import { describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { settle } from "../fakes/clock.ts";
import { ticketOf } from "../fakes/provider.ts";
import { hour, minute, second, World } from "./world.ts";

const signedIn = async () => {
  const world = new World();
  return { world, session: await world.signedIn() };
};

describe("a session that has to be proven", () => {
  test("is instantly, where the provider has confirmed it within a minute", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(minute - 1);
    world.provider.hold("renew");
    await session.prove();
    expect(world.provider.count("renew")).toBe(0);
  });

  test("is by one exchange after that, and by the next a minute later", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(minute);
    await session.prove();
    expect(world.provider.count("renew")).toBe(1);
    await session.prove();
    await world.clock.advance(minute - 1);
    await session.prove();
    expect(world.provider.count("renew")).toBe(1);
    await world.clock.advance(1);
    await session.prove();
    expect(world.provider.count("renew")).toBe(2);
    expect(session.state.kind).toBe("active");
  });

  test("is by one exchange for two hundred who want it at once", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(10 * minute);
    await Promise.all(Array.from({ length: 200 }, () => session.prove()));
    expect(world.provider.count("renew")).toBe(1);
  });

  test("stays live where the provider cannot be reached: one attempt for all, and one a minute", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(10 * minute);
    world.provider.outage = "unreachable";
    await Promise.all(Array.from({ length: 200 }, () => session.prove()));
    expect(world.provider.count("renew")).toBe(1);
    expect(session.state).toMatchObject({ kind: "failing", error: "unreachable" });
    expect(session.isLive).toBe(true);
    world.clock.jump(minute - 1);
    await session.prove();
    expect(world.provider.count("renew")).toBe(1);
    world.clock.jump(1);
    world.provider.mend();
    await session.prove();
    expect(world.provider.count("renew")).toBe(2);
    expect(session.state.kind).toBe("active");
  });

  test("does not press a provider that asks for patience", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(10 * minute);
    const patience = { retryAfterMs: 20 * minute };
    world.provider.fail("renew", new EvercredError("throttled", undefined, patience));
    await session.prove();
    world.clock.jump(5 * minute);
    await session.prove();
    expect(world.provider.count("renew")).toBe(1);
  });

  test("waits five seconds at most for a provider that does not answer, and is live then", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(10 * minute);
    world.provider.hold("renew");
    let proven = false;
    const proving = session.prove().then(() => (proven = true));
    await world.clock.advance(5 * second - 1);
    expect(proven).toBe(false);
    await world.clock.advance(1);
    await proving;
    expect(session.isLive).toBe(true);
  });

  test("notices that the organisation asks again, although the access token is still good", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(10 * minute);
    world.provider.fail("renew", "reauth-needed");
    await expect(session.prove()).rejects.toMatchObject({
      code: "sign-in-needed",
      message: expect.stringContaining("Your organisation asks for a new sign-in.") as unknown,
    });
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "reauth" });
  });

  test("is renewed as ever where its access token has ended", async () => {
    const { world, session } = await signedIn();
    world.clock.jump(2 * hour);
    await session.prove();
    expect(world.provider.count("renew")).toBe(1);
    expect(session.isLive).toBe(true);
  });

  test("is taken at its word where it cannot be renewed", async () => {
    const world = new World();
    world.provider.renewable = false;
    const session = await world.signedIn();
    await world.clock.advance(10 * minute);
    await session.prove();
    expect(world.provider.count("renew")).toBe(0);
  });

  test("finds the sign-in that another tool has made meanwhile", async () => {
    const world = new World({ kept: true });
    const session = await world.signedIn();
    await world.clock.advance(10 * minute);
    world.provider.endSessions();
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.prove();
    expect(session.isLive).toBe(true);
    expect(world.provider.presentations.at(-1)).toMatchObject({ session: 1 });
  });

  test("is asked about after a restart as ever", async () => {
    const { world, session } = await signedIn();
    await world.clock.advance(10 * minute);
    const next = await world.restart(session);
    await next.prove();
    expect(world.provider.count("renew")).toBe(1);
  });

  test("is instantly also while something else is under way", async () => {
    const { world, session } = await signedIn();
    world.shared.hanging = true;
    const look = session.look();
    await session.prove();
    await world.clock.advance(10 * second);
    await look;
  });

  test("that a person has ended stays what it is", async () => {
    const { session } = await signedIn();
    await session.signOut();
    await expect(session.prove()).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });

  test("is not where nobody is signed in", async () => {
    const session = await new World().open();
    await expect(session.prove()).rejects.toMatchObject({ code: "sign-in-needed" });
  });
});

describe("a grant that is lent", () => {
  const accessOf = async (grant: Grant): Promise<string> => ticketOf(grant.saved).access;

  test("is good then: renewed first where its access token has ended", async () => {
    const { world, session } = await signedIn();
    expect(await session.lend(accessOf)).toBe("access-token-0");
    world.clock.jump(2 * hour);
    expect(await session.lend(accessOf)).toBe("access-token-1");
  });

  test("is renewed once where the provider refuses it", async () => {
    const { world, session } = await signedIn();
    const seen: string[] = [];
    const work = async (grant: Grant): Promise<string> => {
      seen.push(await accessOf(grant));
      if (seen.length === 1) throw new EvercredError("token-rejected");
      return "done";
    };
    expect(await session.lend(work)).toBe("done");
    expect(seen).toEqual(["access-token-0", "access-token-1"]);
    expect(world.provider.count("renew")).toBe(1);
  });

  test("is nobody's where nobody is signed in", async () => {
    const session = await new World().open();
    await expect(session.lend(accessOf)).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("is taken back at the sign-out", async () => {
    const { session } = await signedIn();
    const lent = session.lend(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    );
    const outcome = expect(lent).rejects.toMatchObject({ message: "Signed out of corp." });
    await settle();
    await session.signOut();
    await outcome;
  });
});
