import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { askedPatienceMs, Handover } from "../../electron/assembly/handover.ts";
import { standingIn } from "../../electron/assembly/succession.ts";
import type { Outlived, Reply, Request } from "../../electron/commands/verb.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";

const minute = 60_000;

const rig = () => {
  const world = {
    isReplaced: false,
    forbidden: undefined as Extract<Outlived, "memory" | "by-hand"> | undefined,
    work: undefined as Extract<Outlived, "renewal" | "sign-in" | "draft"> | undefined,
    left: 0,
    isAsked: undefined as boolean | undefined,
    changes: 0,
    looks: 0,
  };
  const clock = new FakeClock();
  const handover = new Handover({
    footprint: {
      isReplaced: () => {
        world.looks += 1;
        return world.isReplaced;
      },
    },
    clock,
    forbidden: () => world.forbidden,
    work: () => world.work,
    leave: (isAsked) => {
      world.left += 1;
      world.isAsked = isAsked;
    },
    changed: () => {
      world.changes += 1;
    },
    log: new MemoryLog(),
  });
  return { world, clock, handover };
};

describe("a daemon that was replaced on the disk", () => {
  test("goes over at once where nothing is under way, and once only", () => {
    const { world, handover } = rig();
    handover.look();
    expect([world.left, handover.hasLeft]).toEqual([0, false]);
    world.isReplaced = true;
    handover.look();
    handover.look();
    expect([world.left, handover.hasLeft, handover.outlived]).toEqual([1, true, undefined]);
  });

  test("that is told to end before goes over to nobody, whatever it finds or was asked", async () => {
    const { world, clock, handover } = rig();
    const leave = handover.enter();
    handover.giveWay();
    world.isReplaced = true;
    handover.close();
    handover.look();
    leave();
    await setImmediate();
    clock.jump(askedPatienceMs);
    await setImmediate();
    expect([world.left, handover.hasLeft]).toEqual([0, false]);
  });

  test("waits for the last request, and then looks at no clock", async () => {
    const { world, handover } = rig();
    const [first, second] = [handover.enter(), handover.enter()];
    world.isReplaced = true;
    handover.look();
    expect([world.left, handover.outlived, world.changes]).toEqual([0, "request", 1]);
    first();
    first();
    await setImmediate();
    expect(world.left).toBe(0);
    second();
    await setImmediate();
    expect(world.left).toBe(1);
  });

  test("waits no longer than five minutes for requests that do not end", () => {
    const { world, clock, handover } = rig();
    handover.enter();
    world.isReplaced = true;
    handover.look();
    clock.jump(5 * minute - 1);
    handover.look();
    expect(world.left).toBe(0);
    clock.jump(1);
    handover.look();
    expect(world.left).toBe(1);
  });

  test.each(["renewal", "sign-in", "draft"] as const)(
    "waits for a %s, however long",
    async (work) => {
      const { world, clock, handover } = rig();
      world.work = work;
      world.isReplaced = true;
      handover.look();
      clock.jump(60 * minute);
      handover.look();
      expect([world.left, handover.outlived]).toEqual([0, work]);
      world.work = undefined;
      handover.settled();
      expect(world.left).toBe(0);
      await setImmediate();
      expect(world.left).toBe(1);
    },
  );

  test.each(["memory", "by-hand"] as const)("stays: %s", (forbidden) => {
    const { world, clock, handover } = rig();
    world.forbidden = forbidden;
    world.isReplaced = true;
    handover.look();
    clock.jump(60 * minute);
    handover.look();
    expect([world.left, handover.outlived, world.changes]).toEqual([0, forbidden, 1]);
    world.forbidden = undefined;
    handover.look();
    expect(world.left).toBe(1);
  });

  test("does not go while the files change again, nor where the old ones are back", async () => {
    const { world, handover } = rig();
    const leave = handover.enter();
    world.isReplaced = true;
    handover.look();
    world.isReplaced = false;
    leave();
    await setImmediate();
    expect(world.left).toBe(0);
    handover.look();
    expect([world.left, handover.outlived]).toEqual([0, undefined]);
  });
});

describe("a request", () => {
  const requestOf = (client?: string, signal = new AbortController().signal): Request => ({
    args: [],
    env: {},
    cwd: "/",
    terminal: { stdin: false, stdout: false, stderr: false, width: 0 },
    bridge: undefined,
    caller: { kind: "unknown" } as unknown as Request["caller"],
    client,
    signal,
  });
  const reply = { run: () => undefined, runScript: () => undefined } as unknown as Reply;

  test.each([
    ["1.0.0", 0],
    [undefined, 0],
    ["1.1.0", 1],
  ])("of a client of version %s has the disk looked at: %i", async (client, looks) => {
    const { world, handover } = rig();
    expect(await standingIn(handover, "1.0.0", requestOf(client), reply, async () => 5)).toBe(5);
    expect(world.looks).toBe(looks);
  });

  test("of a newer client is answered before the daemon goes", async () => {
    const { world, handover } = rig();
    world.isReplaced = true;
    const answer = async (): Promise<number> => {
      await setImmediate();
      expect(world.left).toBe(0);
      return 0;
    };
    await standingIn(handover, "1.0.0", requestOf("1.1.0"), reply, answer);
    expect(world.left).toBe(1);
  });

  test.each(["run", "runScript"] as const)("is not waited for after %s", async (order) => {
    const { world, handover } = rig();
    world.isReplaced = true;
    void standingIn(handover, "1.0.0", requestOf(), reply, (its) => {
      if (order === "run") its.run({}, []);
      else its.runScript("true", []);
      return new Promise(() => undefined);
    });
    handover.look();
    expect(world.left).toBe(1);
  });

  test("that comes after that gets no word, and ends with its caller", async () => {
    const { world, handover } = rig();
    world.isReplaced = true;
    handover.look();
    const caller = new AbortController();
    let isAnswered = false;
    const answered = standingIn(
      handover,
      "1.0.0",
      requestOf(undefined, caller.signal),
      reply,
      () => {
        isAnswered = true;
        return Promise.resolve(0);
      },
    );
    caller.abort();
    await answered;
    expect(isAnswered).toBe(false);
  });
});

describe("a daemon that is asked for its place", () => {
  test("goes at once where nothing is under way, and has nobody started in its place", async () => {
    const { world, handover } = rig();
    world.forbidden = "by-hand";
    expect(handover.giveWay()).toBeUndefined();
    await setImmediate();
    expect([world.left, world.isAsked, handover.hasLeft]).toEqual([1, true, true]);
  });

  test("finishes its requests and renewals first; a look at the disk changes nothing", async () => {
    const { world, handover } = rig();
    const leave = handover.enter();
    world.work = "renewal";
    handover.giveWay();
    await setImmediate();
    handover.look();
    leave();
    await setImmediate();
    expect(world.left).toBe(0);
    world.work = undefined;
    handover.settled();
    await setImmediate();
    expect(world.left).toBe(1);
  });

  test("waits no longer than ten seconds for requests that do not end", async () => {
    const { world, clock, handover } = rig();
    handover.enter();
    handover.giveWay();
    await clock.advance(askedPatienceMs - 1);
    expect(world.left).toBe(0);
    await clock.advance(1);
    expect([world.left, world.isAsked]).toEqual([1, true]);
  });

  test("stays where it could not go in time: whoever asked has given up, and nobody would follow", async () => {
    const { world, clock, handover } = rig();
    world.work = "sign-in";
    handover.giveWay();
    await setImmediate();
    expect(handover.outlived).toBe("sign-in");
    await clock.advance(askedPatienceMs);
    expect(handover.outlived).toBeUndefined();
    world.work = undefined;
    handover.settled();
    await setImmediate();
    expect([world.left, handover.hasLeft]).toEqual([0, false]);
    handover.giveWay();
    await setImmediate();
    expect(world.left).toBe(1);
  });

  test("stays where its sign-ins are in memory only: they would be lost", async () => {
    const { world, handover } = rig();
    world.forbidden = "memory";
    expect(handover.giveWay()).toBe("memory");
    await setImmediate();
    expect(world.left).toBe(0);
  });
});
