import { describe, expect, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { targetOf } from "../../electron/core/source.ts";
import { settle } from "../fakes/clock.ts";
import { EnteredSource } from "../fakes/entered.ts";
import { hour, key, minute, otherKey, second, World } from "./world.ts";

const dev = targetOf("aws", "dev");
const ops = targetOf("aws", "ops");

const bench = () => {
  const world = new World({ alone: true });
  const broker = new Broker(world.ports);
  return { world, broker };
};

describe("a broker", () => {
  test("of no sources has nothing, and says so", async () => {
    const { world, broker } = bench();
    await broker.configure([]);
    expect(broker.sessions).toEqual([]);
    expect(broker.targets).toEqual([]);
    expect(broker.session("corp")).toBeUndefined();
    expect(() => broker.route(dev)).toThrow(
      expect.objectContaining({ code: "unknown-name", remedy: "See: evercred status" }),
    );
    await broker.sweep();
    await broker.look();
    await broker.close();
    expect(world.clock.pending).toEqual([]);
  });

  test("leads each target to its session and what is offered there", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    expect(broker.targets).toEqual([dev, ops]);
    const session = broker.session("corp")!;
    const account = "111122223333";
    expect(broker.route(dev)).toEqual({ session, offer: { key, title: key, account } });
    expect(broker.sessions).toEqual([session]);
    await world.signIn(session);
    await expect(broker.issue(ops)).resolves.toMatchObject({ accountId: otherKey.slice(0, 12) });
  });

  test("finds a session also under another name of its organisation, after its own names", async () => {
    const { world, broker } = bench();
    const aliased = world.makeSource({ id: "acme", aliases: ["corp", "acme-lab"], profiles: {} });
    await broker.configure([aliased, world.source]);
    expect(broker.session("acme-lab")?.source).toBe(aliased);
    expect(broker.session("corp")?.source).toBe(world.source);
    expect(broker.session("lab")).toBeUndefined();
  });

  test("of a place with one name knows no other", async () => {
    const { world, broker } = bench();
    await broker.configure([world.life.source(world.source)]);
    expect(broker.session("acme")).toBeUndefined();
  });

  test("calls what is no AWS profile a source, and proposes none of another kind", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    expect(() => broker.route(targetOf("gcp", "dev"))).toThrow(
      expect.objectContaining({
        code: "unknown-name",
        message: "There is no source dev to sign in for.",
        remedy: "See: evercred status",
      }),
    );
  });

  test("calls a key a key", async () => {
    const { world, broker } = bench();
    const source = new EnteredSource(world.clock);
    await broker.configure([source]);
    expect(() => broker.route(targetOf("api-key", "litelm"))).toThrow(
      expect.objectContaining({
        code: "unknown-name",
        message: "There is no key litelm.",
        remedy: "Did you mean litellm?",
      }),
    );
    expect(() => broker.route(targetOf("aws", "litellm"))).toThrow(
      expect.objectContaining({ remedy: "See: evercred status" }),
    );
  });

  test("hands out the same credential under two names of one key", async () => {
    const { world, broker } = bench();
    const source = world.makeSource({ profiles: { dev: key, developer: key } });
    await broker.configure([source]);
    await world.signIn(broker.session("corp")!, source);
    expect(await broker.issue(dev)).toBe(await broker.issue(targetOf("aws", "developer")));
    expect(world.provider.count("issue")).toBe(1);
  });

  test("gets a new credential for one who insists", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    await world.signIn(broker.session("corp")!);
    const first = await broker.issue(dev);
    await world.clock.advance(minute);
    expect(await broker.issue(dev)).toBe(first);
    expect(await broker.issue(dev, true)).not.toBe(first);
  });

  test("rejects an unknown target, and names the nearest", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    await expect(broker.issue(targetOf("aws", "dve"))).rejects.toMatchObject({
      code: "unknown-name",
      message: "There is no profile dve to sign in for.",
      remedy: "Did you mean dev?",
    });
    await expect(broker.issue(targetOf("aws", "production"))).rejects.toMatchObject({
      remedy: "See: evercred status",
    });
  });

  test("leads a target that two sources offer to the first of them", async () => {
    const { world, broker } = bench();
    const second = world.makeSource({ id: "second", profiles: { dev: otherKey, more: key } });
    await broker.configure([world.source, second]);
    expect(broker.route(dev).session).toBe(broker.session("corp"));
    expect(broker.route(targetOf("aws", "more")).session).toBe(broker.session("second"));
  });
});

describe("a new configuration", () => {
  test("leaves sessions alone whose source stays, adds new ones and closes those that are gone", async () => {
    const { world, broker } = bench();
    const gone = world.makeSource({ id: "gone", profiles: { old: key } });
    await broker.configure([world.source, gone]);
    const corp = broker.session("corp")!;
    const old = broker.session("gone")!;
    await world.signIn(corp);
    await world.signIn(old, gone);
    const credential = await corp.issue(key);
    const added = world.makeSource({ id: "new", profiles: { fresh: key } });
    await broker.configure([world.makeSource({ profiles: { renamed: key } }), added]);
    expect(broker.session("corp")).toBe(corp);
    expect(broker.session("gone")).toBeUndefined();
    expect(broker.targets).toEqual([targetOf("aws", "renamed"), targetOf("aws", "fresh")]);
    expect(await broker.issue(targetOf("aws", "renamed"))).toBe(credential);
    const { state } = old;
    await world.clock.advance(2 * hour);
    expect(old.state).toBe(state);
    expect(world.store.peek("grant/gone")).toBeDefined();
  });

  test("that comes while another is taken in follows it", async () => {
    const { world, broker } = bench();
    const first = broker.configure([world.source]);
    const second = broker.configure([]);
    await Promise.all([first, second]);
    expect(broker.sessions).toEqual([]);
    expect(world.clock.pending).toEqual([]);
  });

  test("that could not be taken in does not stand in the way of the next", async () => {
    const { world, broker } = bench();
    const stop = broker.subscribe(() => {
      throw new Error("a listener's fault");
    });
    await expect(broker.configure([world.source])).rejects.toThrow("a listener's fault");
    stop();
    await broker.configure([world.source]);
    expect(broker.targets).toEqual([dev, ops]);
  });

  test("after the close is not taken in", async () => {
    const { world, broker } = bench();
    await broker.close();
    await broker.configure([world.source]);
    expect(broker.sessions).toEqual([]);
    expect(world.store.reads).toBe(0);
  });
});

describe("all sessions", () => {
  test("are swept: what slept through its renewal is renewed", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    const session = broker.session("corp")!;
    await world.signIn(session);
    world.clock.jump(hour);
    await broker.sweep();
    await settle();
    expect(session.isLive).toBe(true);
  });

  test("look at what other tools have done", async () => {
    const world = new World();
    const broker = new Broker(world.ports);
    await broker.configure([world.source]);
    world.shared.leave(world.provider.signIn(world.source.boundTo));
    await broker.look();
    expect(broker.session("corp")!.state.kind).toBe("active");
  });

  test("are closed with the broker, which leaves no alarm behind", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    const session = broker.session("corp")!;
    await world.signIn(session);
    await session.issue(key);
    await broker.close();
    expect(world.clock.pending).toEqual([]);
  });

  test("are closed also where the broker is closed while they are opened", async () => {
    const { world, broker } = bench();
    world.store.mood = "hanging";
    const configured = broker.configure([world.source]);
    await settle();
    expect(world.store.reads).toBe(1);
    const closed = broker.close();
    await world.clock.advance(10 * second);
    await Promise.all([configured, closed]);
    expect(world.clock.pending).toEqual([]);
  });
});

describe("a subscriber", () => {
  test("hears of every change until it leaves", async () => {
    const { world, broker } = bench();
    await broker.configure([world.source]);
    const session = broker.session("corp")!;
    const seen: string[] = [];
    const stop = broker.subscribe(() => seen.push(session.state.kind));
    await world.signIn(session);
    expect(seen[0]).toBe("signing-in");
    expect(seen.at(-1)).toBe("active");
    stop();
    const heard = seen.length;
    await session.signOut();
    expect(seen).toHaveLength(heard);
  });

  test("hears of a new configuration, and of nothing after the close", async () => {
    const { world, broker } = bench();
    let heard = 0;
    broker.subscribe(() => {
      heard += 1;
    });
    await broker.configure([]);
    expect(heard).toBe(1);
    await broker.configure([world.source]);
    await broker.close();
    const before = heard;
    await broker.configure([]);
    expect(heard).toBe(before);
  });
});
