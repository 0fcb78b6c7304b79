import { describe, expect, test } from "vitest";
import { awsKeysOf, type Credential } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Issued } from "../../electron/core/issued.ts";
import { Patience } from "../../electron/core/patience.ts";
import { Secret } from "../../electron/core/secret.ts";
import { plus } from "../../electron/core/time.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import { IssuedBench } from "./issued-bench.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

describe("memory", () => {
  test("answers while what it holds is not stale, without another fetch", async () => {
    const { issued, clock, fetches } = new IssuedBench();
    const first = await issued.get("dev", false);
    await clock.advance(39 * minute);
    expect(issued.peek("dev")).toBe(first);
    expect(await issued.get("dev", false)).toBe(first);
    expect(fetches).toHaveLength(1);
  });

  test("knows nothing of a key that was never asked for", () => {
    const { issued } = new IssuedBench();
    expect(issued.peek("dev")).toBeUndefined();
    expect(issued.has("dev")).toBe(false);
    expect(issued.refusalOf("dev")).toBeUndefined();
    expect(issued.uses()).toEqual([]);
  });

  test("has a credential until its end and no longer", async () => {
    const { issued, clock } = new IssuedBench();
    await issued.get("dev", false);
    issued.pause();
    await clock.advance(hour - 1);
    expect(issued.has("dev")).toBe(true);
    await clock.advance(1);
    expect(issued.has("dev")).toBe(false);
  });

  test("shows what is in use: when it was asked for, when it ends, and a no", async () => {
    const bench = new IssuedBench();
    const { issued, clock } = bench;
    const askedAt = clock.now();
    const { expiresAt } = await issued.get("dev", false);
    bench.failure = "access-denied";
    await expect(issued.get("ops", false)).rejects.toMatchObject({ code: "access-denied" });
    expect(issued.uses()).toEqual([
      { key: "dev", askedAt, expiresAt, refused: undefined },
      { key: "ops", askedAt, expiresAt: undefined, refused: issued.refusalOf("ops") },
    ]);
  });

  test("holds what is still good, however stale", async () => {
    const { issued, clock } = new IssuedBench();
    const given = await issued.get("dev", false);
    issued.pause();
    await clock.advance(hour - 1);
    expect(issued.peek("dev")).toBeUndefined();
    expect(issued.held("dev")).toBe(given);
    await clock.advance(1);
    expect(issued.held("dev")).toBeUndefined();
    expect(issued.held("ops")).toBeUndefined();
  });

  test("keeps what has ended for as long as somebody may still ask, eight hours", async () => {
    const { issued, clock } = new IssuedBench();
    await issued.get("dev", false);
    issued.pause();
    await clock.advance(8 * hour - 1);
    issued.sweep();
    expect(issued.uses().map(({ key }) => key)).toEqual(["dev"]);
    await clock.advance(1);
    issued.sweep();
    expect(issued.uses()).toEqual([]);
  });

  test("keeps what is on its way, for whoever comes after those who waited for it", async () => {
    const bench = new IssuedBench();
    const { issued, clock, fetches } = bench;
    bench.lifeMs = 24 * hour;
    bench.latencyMs = 9 * hour;
    const first = issued.get("dev", false);
    await clock.advance(8 * hour);
    issued.sweep();
    const next = issued.get("dev", false);
    await clock.advance(hour);
    expect(await next).toBe(await first);
    expect(issued.peek("dev")).toBe(await first);
    expect(fetches).toHaveLength(1);
  });

  test("forgets everything when it is cleared", async () => {
    const { issued, clock, fetches } = new IssuedBench();
    await issued.get("dev", false);
    issued.clear();
    expect(issued.has("dev")).toBe(false);
    await clock.advance(hour);
    expect(fetches).toHaveLength(1);
  });

  test("gives nobody what was on its way when it was cleared", async () => {
    const bench = new IssuedBench();
    const { issued, clock, fetches } = bench;
    bench.latencyMs = second;
    const before = issued.get("dev", false);
    await settle();
    issued.clear();
    const after = issued.get("dev", false);
    await clock.advance(second);
    expect(await after).not.toBe(await before);
    expect(fetches).toHaveLength(2);
    expect(issued.peek("dev")).toBe(await after);
  });
});

describe("many callers", () => {
  test("of one key cause one fetch and share its outcome", async () => {
    const { issued, fetches } = new IssuedBench();
    const all = await Promise.all(Array.from({ length: 500 }, () => issued.get("dev", false)));
    expect(new Set(all).size).toBe(1);
    expect(fetches).toHaveLength(1);
  });

  test("share a failure too, and the next one tries again", async () => {
    const bench = new IssuedBench();
    bench.failure = "unreachable";
    const all = await Promise.allSettled([1, 2, 3].map(() => bench.issued.get("dev", false)));
    expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(bench.fetches).toHaveLength(1);
    bench.failure = undefined;
    await bench.issued.get("dev", false);
    expect(bench.fetches).toHaveLength(2);
  });

  test("of several keys do not wait for each other", async () => {
    const bench = new IssuedBench();
    bench.latencyMs = second;
    const both = Promise.all([bench.issued.get("dev", false), bench.issued.get("ops", false)]);
    await bench.clock.advance(second);
    expect((await both).map((credential) => awsKeysOf(credential).accessKeyId)).toEqual([
      "ASIA1",
      "ASIA2",
    ]);
  });
});

describe("a stale credential", () => {
  /** One with ten minutes left, of which nothing has been fetched ahead. */
  const stale = async () => {
    const bench = new IssuedBench();
    const held = await bench.issued.get("dev", false);
    bench.issued.pause();
    await bench.clock.advance(50 * minute);
    const { issued, clock, fetches } = bench;
    return { bench, issued, clock, fetches, held };
  };

  test("gives way to a fresher one that comes within two seconds", async () => {
    const { bench, issued, clock, held } = await stale();
    bench.latencyMs = 2 * second - 1;
    const given = issued.get("dev", false);
    await clock.advance(2 * second);
    expect(await given).not.toBe(held);
  });

  test("is handed out where the fresher one takes longer, which then serves the next caller", async () => {
    const { bench, issued, clock, held, fetches } = await stale();
    bench.latencyMs = 3 * second;
    const given = issued.get("dev", false);
    await clock.advance(2 * second);
    expect(await given).toBe(held);
    await clock.advance(second);
    expect(await issued.get("dev", false)).not.toBe(held);
    expect(fetches).toHaveLength(2);
  });

  test("is handed out where nothing fresher is to be had", async () => {
    const { bench, issued, held } = await stale();
    bench.failure = "provider-unavailable";
    expect(await issued.get("dev", false)).toBe(held);
  });

  test("is not handed out so in its last seconds: each who asks has it tried", async () => {
    const { bench, issued, clock, fetches } = await stale();
    clock.jump(10 * minute - 4 * second);
    bench.failure = "unreachable";
    await issued.get("dev", false);
    await issued.get("dev", false);
    expect(fetches).toHaveLength(3);
  });

  test("is not handed out so once what its session lacked is there", async () => {
    const { bench, issued, clock, fetches } = await stale();
    bench.failure = "unreachable";
    await issued.get("dev", false);
    clock.jump(second);
    issued.resume(true);
    await issued.get("dev", false);
    expect(fetches).toHaveLength(3);
  });

  test("is handed out without another attempt until the next one is due", async () => {
    const { bench, issued, clock, held, fetches } = await stale();
    bench.failure = new EvercredError("throttled", undefined, { retryAfterMs: minute });
    expect(await issued.get("dev", false)).toBe(held);
    await clock.advance(3 * minute - 1);
    expect(await issued.get("dev", false)).toBe(held);
    expect(fetches).toHaveLength(2);
    bench.failure = undefined;
    await clock.advance(1);
    expect(await issued.get("dev", false)).not.toBe(held);
  });

  test("that ends while a caller waits is not handed out", async () => {
    const { bench, issued, clock, held } = await stale();
    await clock.advance(10 * minute - second);
    bench.latencyMs = 5 * second;
    const given = issued.get("dev", false);
    await clock.advance(5 * second);
    expect(await given).not.toBe(held);
    expect((await given).expiresAt).toBeGreaterThan(clock.now());
  });

  test("that has ended is not handed out: the caller is told why", async () => {
    const { bench, issued, clock } = await stale();
    await clock.advance(10 * minute);
    bench.failure = "unreachable";
    await expect(issued.get("dev", false)).rejects.toMatchObject({ code: "unreachable" });
  });

  test("that ends while a caller waits in vain is not handed out either", async () => {
    const { bench, issued, clock } = await stale();
    await clock.advance(10 * minute - second);
    bench.latencyMs = 2 * second;
    bench.failure = "unreachable";
    const given = issued.get("dev", false);
    given.catch(() => undefined);
    await clock.advance(4 * second);
    await expect(given).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("a caller who insists", () => {
  test("gets a new credential, but not within a minute of the last fetch", async () => {
    const { issued, clock, fetches } = new IssuedBench();
    const first = await issued.get("dev", true);
    await clock.advance(minute - 1);
    expect(await issued.get("dev", true)).toBe(first);
    await clock.advance(1);
    expect(await issued.get("dev", true)).not.toBe(first);
    expect(fetches).toHaveLength(2);
  });

  test("is told why there is no new one, and the old one stays for all others", async () => {
    const bench = new IssuedBench();
    const first = await bench.issued.get("dev", false);
    await bench.clock.advance(minute);
    bench.failure = "unreachable";
    await expect(bench.issued.get("dev", true)).rejects.toMatchObject({ code: "unreachable" });
    expect(await bench.issued.get("dev", false)).toBe(first);
  });

  test("after the end gets a new one, however recent the last fetch", async () => {
    const bench = new IssuedBench();
    bench.lifeMs = 3 * second;
    const first = await bench.issued.get("dev", false);
    bench.issued.pause();
    await bench.clock.advance(3 * second);
    expect(await bench.issued.get("dev", true)).not.toBe(first);
  });
});

describe("doubt", () => {
  test("has a credential that is older than a minute replaced at its next use", async () => {
    const { issued, clock } = new IssuedBench();
    const first = await issued.get("dev", false);
    await clock.advance(minute);
    issued.doubt("dev");
    expect(issued.peek("dev")).toBeUndefined();
    const second = await issued.get("dev", false);
    expect(second).not.toBe(first);
    expect(issued.peek("dev")).toBe(second);
  });

  test("keeps the old one until a new one is there", async () => {
    const bench = new IssuedBench();
    const first = await bench.issued.get("dev", false);
    await bench.clock.advance(minute);
    bench.issued.doubt("dev");
    bench.failure = "unreachable";
    expect(await bench.issued.get("dev", false)).toBe(first);
  });

  test("is heard although the background waits, once a minute, but not before the provider allows it", async () => {
    const bench = new IssuedBench();
    const { issued, clock, fetches } = bench;
    const first = await issued.get("dev", false);
    bench.failure = "provider-unavailable";
    await clock.advance(40 * minute);
    // The background has failed once, and tries again two minutes later.
    expect(fetches).toHaveLength(2);
    issued.doubt("dev");
    await clock.advance(minute - 1);
    expect(await issued.get("dev", false)).toBe(first);
    expect(fetches).toHaveLength(2);
    await clock.advance(1);
    bench.failure = new EvercredError("throttled", undefined, { retryAfterMs: 2 * minute });
    expect(await issued.get("dev", false)).toBe(first);
    expect(fetches).toHaveLength(3);
    bench.failure = undefined;
    await clock.advance(2 * minute - 1);
    expect(await issued.get("dev", false)).toBe(first);
    expect(fetches).toHaveLength(3);
    await clock.advance(1);
    expect(await issued.get("dev", false)).not.toBe(first);
  });

  test("is not heard within a minute of a fetch, nor of what was never fetched", async () => {
    const { issued, clock } = new IssuedBench();
    issued.doubt("dev");
    const first = await issued.get("dev", false);
    await clock.advance(minute - 1);
    issued.doubt("dev");
    expect(await issued.get("dev", false)).toBe(first);
  });
});

describe("a refusal", () => {
  test("is remembered for a minute, or until the provider says yes", async () => {
    const bench = new IssuedBench();
    const { issued, clock } = bench;
    bench.failure = "access-denied";
    await expect(issued.get("dev", false)).rejects.toMatchObject({ code: "access-denied" });
    await clock.advance(minute - 1);
    expect(issued.refusalOf("dev")).toMatchObject({ code: "access-denied" });
    await clock.advance(1);
    expect(issued.refusalOf("dev")).toBeUndefined();
    await expect(issued.get("dev", false)).rejects.toMatchObject({ code: "access-denied" });
    bench.failure = undefined;
    await issued.get("dev", false);
    expect(issued.refusalOf("dev")).toBeUndefined();
  });

  test("is nothing else than the provider's no", async () => {
    const bench = new IssuedBench();
    bench.failure = "unreachable";
    await expect(bench.issued.get("dev", false)).rejects.toMatchObject({ code: "unreachable" });
    expect(bench.issued.refusalOf("dev")).toBeUndefined();
  });
});

describe("fetching ahead", () => {
  test("keeps warm what is in use: nobody waits for years", async () => {
    const { issued, clock, fetches } = new IssuedBench(() => 0.5);
    await issued.get("dev", false);
    const asked = fetches.length;
    for (let n = 0; n < 24; n++) {
      await clock.advance(hour);
      expect(issued.peek("dev")).toBeDefined();
    }
    expect(fetches.length - asked).toBeGreaterThanOrEqual(24);
    expect(fetches.length - asked).toBeLessThanOrEqual(48);
  });

  test("is planned for what is due first, whatever was asked for first", async () => {
    const bench = new IssuedBench();
    const startedAt = bench.clock.now();
    for (const [name, lifeMs] of [
      ["long", 9 * hour],
      ["short", hour],
      ["longer", 12 * hour],
    ] as const) {
      bench.lifeMs = lifeMs;
      await bench.issued.get(name, false);
    }
    expect(bench.clock.pending).toEqual([plus(startedAt, 40 * minute)]);
  });

  test("lets lapse what nobody asked for in eight hours, and forgets it", async () => {
    const { issued, clock, fetches } = new IssuedBench();
    await issued.get("dev", false);
    await clock.advance(24 * hour);
    const lastAt = fetches.at(-1)!.at;
    expect(clock.now() - lastAt).toBeGreaterThan(15 * hour);
    expect(clock.pending).toEqual([]);
    issued.sweep();
    expect(issued.uses()).toEqual([]);
  });

  test("keeps what is good, and what was asked for in the last eight hours, through a sweep", async () => {
    const bench = new IssuedBench();
    bench.lifeMs = 12 * hour;
    await bench.issued.get("dev", false);
    bench.failure = "unreachable";
    await bench.clock.advance(9 * hour);
    bench.issued.sweep();
    expect(bench.issued.has("dev")).toBe(true);
    await bench.clock.advance(3 * hour);
    bench.issued.sweep();
    expect(bench.issued.uses()).toEqual([]);
  });

  test("tries again where it failed, as patiently as the provider asks, until the end", async () => {
    const bench = new IssuedBench();
    const held = await bench.issued.get("dev", false);
    bench.failure = new EvercredError("throttled", undefined, { retryAfterMs: 7 * minute });
    await bench.clock.advance(hour);
    const gaps = bench.fetches.slice(1).map(({ at }, i) => at - bench.fetches[i]!.at);
    // The second wait would be 15 minutes: the last attempt before the end comes first.
    expect(gaps).toEqual([40 * minute, 9 * minute, 10.5 * minute]);
    expect(bench.log.lines).toContainEqual({
      level: "warn",
      event: "issued: not fetched ahead",
      fields: { key: "dev", code: "throttled" },
    });
    expect(bench.clock.now()).toBe(held.expiresAt);
    expect(bench.clock.pending).toEqual([]);
  });

  test("does not begin before it is told to", async () => {
    const clock = new FakeClock();
    const fetch = (): Promise<Credential> =>
      Promise.resolve({
        kind: "token",
        token: new Secret("token"),
        scopes: [],
        issuedAt: clock.now(),
        expiresAt: plus(clock.now(), hour),
      });
    const random = (): number => 0;
    const issued = new Issued(fetch, clock, random, new Patience(random), new MemoryLog());
    await issued.get("dev", false);
    expect(clock.pending).toEqual([]);
  });

  test("pauses where nobody is signed in, and goes on with what is in use", async () => {
    const { issued, clock, fetches } = new IssuedBench();
    await issued.get("dev", false);
    issued.pause();
    await clock.advance(45 * minute);
    issued.sweep();
    expect(fetches).toHaveLength(1);
    issued.resume();
    await clock.advance(3 * minute);
    expect(fetches).toHaveLength(2);
  });

  test("stays paused when a fetch that was under way arrives", async () => {
    const bench = new IssuedBench();
    bench.latencyMs = second;
    const given = bench.issued.get("dev", false);
    await settle();
    bench.issued.pause();
    await bench.clock.advance(second);
    await given;
    expect(bench.clock.pending).toEqual([]);
  });

  test("is not put off by those who say time and again that it may go on", async () => {
    const bench = new IssuedBench();
    bench.lifeMs = 9 * hour;
    await bench.issued.get("dev", false);
    for (let n = 0; n < 24; n++) {
      await bench.clock.advance(20 * minute);
      bench.issued.resume();
    }
    expect(bench.fetches[1]!.at - bench.fetches[0]!.at).toBe(6 * hour);
  });

  test("begins anew after an outage that outlasted the credential", async () => {
    const bench = new IssuedBench();
    await bench.issued.get("dev", false);
    bench.failure = "unreachable";
    await bench.clock.advance(2 * hour);
    bench.failure = undefined;
    bench.issued.resume();
    await bench.clock.advance(5 * minute);
    expect(bench.issued.peek("dev")).toBeDefined();
  });

  test("has nothing to resume for a key that was never given", async () => {
    const bench = new IssuedBench();
    bench.failure = "unreachable";
    await expect(bench.issued.get("dev", false)).rejects.toThrow();
    bench.issued.resume();
    await bench.clock.advance(hour);
    expect(bench.fetches).toHaveLength(1);
  });

  test("after a sleep is done at the next sweep, once", async () => {
    const { issued, clock, fetches } = new IssuedBench();
    await issued.get("dev", false);
    clock.jump(50 * minute);
    issued.sweep();
    issued.sweep();
    await settle();
    expect(fetches).toHaveLength(2);
  });

  test.each([0, 1, 3 * second, 10 * second])(
    "of credentials that live %i ms happens no more than once a second",
    async (lifeMs) => {
      const bench = new IssuedBench(() => 0.999);
      bench.lifeMs = lifeMs;
      await bench.issued.get("dev", false);
      await bench.clock.advance(minute);
      expect(bench.fetches.length).toBeLessThanOrEqual(61);
      expect(bench.clock.fired).toBeLessThanOrEqual(61);
      if (lifeMs >= 3 * second) expect(bench.issued.has("dev")).toBe(true);
    },
  );
});
