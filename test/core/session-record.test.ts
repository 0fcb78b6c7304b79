import { beforeEach, describe, expect, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { pageOf } from "../../electron/core/source.ts";
import { plus } from "../../electron/core/time.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { hour, minute, World } from "./world.ts";

let world: World;

beforeEach(() => {
  world = new World();
});

describe("the record has", () => {
  test("a sign-in, and a sign-out", async () => {
    const session = await world.signedIn();
    await session.signOut();
    expect(world.befell).toEqual([
      { event: "signed-in", source: "corp" },
      { event: "signed-out", source: "corp" },
    ]);
  });

  test("no sign-out of somebody who was not signed in", async () => {
    const session = await world.open();
    await session.signOut();
    expect(world.befell).toEqual([]);
  });

  test("a sign-in that was refused, given up, or not made in time, with its code", async () => {
    const session = await world.open();
    const refused = session.signIn(undefined);
    expect(pageOf(await refused.request)).toBeDefined();
    world.source.visits.at(-1)!.refuse();
    await refused.outcome;
    const cancelled = session.signIn(undefined);
    await cancelled.request;
    session.cancelSignIn();
    await cancelled.outcome;
    const late = session.signIn(undefined);
    await late.request;
    await world.clock.advance(hour);
    await late.outcome;
    expect(world.befell).toEqual(
      ["sign-in-denied", "cancelled", "timed-out"].map((code) => ({
        event: "sign-in-failed",
        source: "corp",
        code,
      })),
    );
  });

  test("the end of a session, with the provider's word", async () => {
    const session = await world.signedIn();
    world.provider.endSessions();
    await world.live(session, 2 * hour);
    expect(world.befell.slice(1)).toEqual([
      { event: "session-ended", source: "corp", code: "grant-rejected" },
    ]);
  });

  test("each renewal, and until when what came of it is good", async () => {
    const session = await world.signedIn();
    const signedInAt = world.clock.now();
    await world.live(session, 80 * minute);
    expect(world.befell.slice(1)).toEqual(
      [40, 80].map((minutes) => ({
        event: "renewed",
        source: "corp",
        expiresAt: plus(signedInAt, minutes * minute + hour),
      })),
    );
  });

  test("that it cannot be renewed, once a spell, with the reason and the end of what is served", async () => {
    const session = await world.signedIn();
    const expiresAt = plus(world.clock.now(), hour);
    world.provider.outage = "unreachable";
    await world.live(session, 50 * minute);
    expect(world.befell.slice(1)).toEqual([
      { event: "renewal-failed", source: "corp", code: "unreachable", expiresAt },
    ]);
    world.provider.outage = undefined;
    await world.live(session, 10 * minute);
    world.provider.outage = "throttled";
    await world.live(session, 50 * minute);
    expect(world.befell.slice(2)).toMatchObject([
      { event: "renewed", source: "corp" },
      { event: "renewal-failed", source: "corp", code: "throttled" },
    ]);
  });

  test("a sign-in of another tool, and its sign-out", async () => {
    const session = await world.open();
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await session.look();
    world.shared.remove();
    world.provider.endSessions();
    await session.look();
    expect(world.befell).toEqual([
      { event: "signed-in", source: "corp", code: "elsewhere" },
      { event: "session-ended", source: "corp", code: "elsewhere" },
    ]);
  });
});

test("a broker tells the record that it is given, and nobody before", async () => {
  const broker = new Broker(world.ports);
  await broker.configure([world.source]);
  const session = broker.session("corp")!;
  await world.signIn(session);
  const audit = new MemoryAudit();
  broker.recordIn(audit);
  await session.signOut();
  expect(audit.entries).toEqual([{ event: "signed-out", source: "corp" }]);
  await broker.close();
});

describe("what other tools have got of a sign-in", () => {
  test("is taken away once they may have it no more, also where that was while we were down", async () => {
    for (const isDown of [false, true]) {
      const other = new World();
      const session = await other.signedIn();
      expect(other.shared.content).toBeDefined();
      other.shared.writable = false;
      if (isDown) await other.restart(session);
      else await session.replaceSource(other.makeSource({ shared: other.shared }));
      expect(other.shared.content).toBeUndefined();
      expect(other.memo.get("published:corp")).toBeUndefined();
    }
  });

  test("stays where it is another's sign-in by now, and where nothing was written", async () => {
    const session = await world.signedIn();
    const theirs = world.provider.signIn(world.source.boundTo);
    world.shared.leave(theirs);
    world.shared.writable = false;
    await session.replaceSource(world.makeSource({ shared: world.shared }));
    expect(world.shared.content).toBe(theirs);
    const unwritten = new World();
    unwritten.shared.writable = false;
    const other = await unwritten.signedIn();
    let withdrawals = 0;
    unwritten.shared.onWithdraw = () => (withdrawals += 1);
    await other.replaceSource(unwritten.makeSource({ shared: unwritten.shared }));
    expect(withdrawals).toBe(0);
  });

  test("comes back once they may have it again", async () => {
    const session = await world.signedIn();
    const source = world.makeSource({ shared: world.shared });
    world.shared.writable = false;
    await session.replaceSource(source);
    world.shared.writable = true;
    await session.replaceSource(source);
    expect(world.shared.content).toBeDefined();
  });
});
