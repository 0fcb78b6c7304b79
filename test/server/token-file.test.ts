import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { plus } from "../../electron/core/time.ts";
import { TokenFile } from "../../electron/server/token-file.ts";
import { hour, minute, second } from "../core/world.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { settle } from "../fakes/clock.ts";
import { FakeGate } from "../fakes/gate.ts";
import { adc, type GoogleWorld, googleWorld } from "./metadata-rig.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

interface Tended {
  readonly built: GoogleWorld;
  readonly file: TokenFile;
  readonly audit: MemoryAudit;
  /** What the configuration says. */
  allowed: boolean;
  /** What stands in the file. */
  content(): Promise<string | undefined>;
  /** Lets time pass, and what follows from it be written. */
  pass(ms: number): Promise<void>;
  /** The same without a look of its own: before an alarm goes off, all that the last one has led to is done. */
  passByAlarms(ms: number): Promise<void>;
}

const fileIn = (built: GoogleWorld): Tended => {
  const { clock, log } = built.world;
  const path = join(built.folder, "token");
  const audit = new MemoryAudit();
  const file = new TokenFile(path, adc, {
    ...{ issuer: built.broker, clock, random: () => 0, log },
    gate: new FakeGate(audit),
    filesAllowed: () => opened.allowed,
  });
  onTestFinished(() => file.leave());
  const stop = built.broker.subscribe(() => void file.tend());
  onTestFinished(stop);
  const looks = vi.spyOn(file, "tend").mock.results;
  const looked = async (): Promise<void> => {
    for (const { value } of looks) await value;
  };
  const opened: Tended = {
    built,
    file,
    audit,
    allowed: true,
    content: () => readFile(path, "utf8").catch(() => undefined),
    pass: async (ms) => {
      await clock.advance(ms);
      await file.tend();
    },
    passByAlarms: async (ms) => {
      const end = plus(clock.now(), ms);
      for (;;) {
        const next = clock.pending[0];
        if (next === undefined || next > end) break;
        await clock.advance(Math.max(0, next - clock.now()));
        await looked();
      }
      await clock.advance(end - clock.now());
    },
  };
  return opened;
};

const tended = async (lifeMs = hour): Promise<Tended> => {
  const built = await googleWorld();
  built.source.lifeMs = lifeMs;
  const all = fileIn(built);
  await all.file.tend();
  return all;
};

describe("the file", () => {
  test("has the token and a newline", async () => {
    const { content } = await tended();
    expect(await content()).toBe("ya29.token-1\n");
  });

  test.each([
    ["an hour", hour, 15 * minute],
    ["12 hours", 12 * hour, 15 * minute],
    ["half an hour", 30 * minute, 10 * minute],
    ["six minutes", 6 * minute, 2 * minute],
  ])("is rewritten in time where tokens live for %s", async (_what, lifeMs, marginMs) => {
    const { built, content, passByAlarms } = await tended(lifeMs);
    const { clock } = built.world;
    // By its own alarms only: nobody sweeps.
    const ends = new Map([["ya29.token-1\n", clock.now() + lifeMs]]);
    for (let time = 0; time < 180; time += 1) {
      await passByAlarms(lifeMs / 60);
      const newest = `ya29.token-${built.source.fetched.length}\n`;
      if (!ends.has(newest)) ends.set(newest, clock.now() + lifeMs);
      expect(ends.get((await content())!)! - clock.now()).toBeGreaterThan(marginMs);
    }
    expect(built.source.fetched.length).toBeGreaterThan(3);
    expect(built.source.fetched.length).toBeLessThan(9);
  });

  test("is rewritten as soon as there is a new token, where it is told", async () => {
    const { built, content, file } = await tended();
    await built.session.issued.get([...built.source.offers.values()][0]!.key, true);
    built.world.clock.jump(2 * minute);
    await built.session.issued.get([...built.source.offers.values()][0]!.key, true);
    await file.tend();
    expect(await content()).toBe("ya29.token-2\n");
    expect(built.source.fetched).toHaveLength(2);
  });

  test("goes by the provider's clock", async () => {
    const built = await googleWorld();
    built.source.skewMs = -30 * minute;
    const { file, content, pass } = fileIn(built);
    await file.tend();
    await pass(10 * minute);
    expect(built.source.fetched).toHaveLength(1);
    await pass(50 * minute);
    expect(await content()).toBe("ya29.token-2\n");
  });

  test("is gone as soon as the user signs out, and nobody is asked to sign in for it", async () => {
    const { built, content, file } = await tended();
    await built.session.signOut();
    await file.tend();
    expect(await content()).toBeUndefined();
    expect(built.session.wantedAt).toBeUndefined();
    const asked = built.source.asked;
    await built.world.clock.advance(24 * hour);
    expect(built.source.asked).toBe(asked);
    expect(built.session.wantedAt).toBeUndefined();
  });

  test("is there again as soon as somebody signs in", async () => {
    const { built, content, file } = await tended();
    await built.session.signOut();
    await file.tend();
    await built.session.signIn(undefined).outcome;
    await vi.waitFor(async () => expect(await content()).toBe("ya29.token-2\n"), patient);
  });

  test("keeps what is still good where the provider ends the session, until that ends", async () => {
    const { built, content, file, pass } = await tended(2 * hour);
    built.source.renewals = "grant-rejected";
    await pass(hour);
    expect(built.session.isSignedOut).toBe(true);
    expect(await content()).toBe("ya29.token-1\n");
    await pass(hour - second);
    expect(await content()).toBe("ya29.token-1\n");
    await built.world.clock.advance(second);
    await vi.waitFor(async () => expect(await content()).toBeUndefined(), patient);
    await file.tend();
    expect(built.session.wantedAt).toBeUndefined();
  });

  test("is gone where the source is gone from the configuration, and back with it", async () => {
    const { built, content, file } = await tended();
    await built.broker.configure([]);
    await file.tend();
    expect(await content()).toBeUndefined();
    await built.broker.configure([built.source]);
    await built.broker.session("adc")!.signIn(undefined).outcome;
    await vi.waitFor(async () => expect(await content()).toBeDefined(), patient);
  });

  test("that is removed comes not back, also where a token is just on its way", async () => {
    const built = await googleWorld();
    const { file, content } = fileIn(built);
    const release = built.source.hold();
    const tending = file.tend();
    while (built.source.asked === 0) await settle();
    await file.remove();
    release();
    await tending;
    await file.tend();
    expect(await content()).toBeUndefined();
    await built.world.clock.advance(hour);
    expect(await content()).toBeUndefined();
  });

  test("that is removed comes not back, whenever in its writing that is", async () => {
    const { built, file: first } = await tended();
    await first.remove();
    for (let turns = 0; turns < 30; turns += 1) {
      const { file, content } = fileIn(built);
      const written = file.tend();
      for (let turn = 0; turn < turns; turn += 1) await settle();
      await file.remove();
      await written;
      expect(await content()).toBeUndefined();
    }
  });

  test("that is removed needs nothing any more", async () => {
    const { built, file } = await tended();
    const { clock } = built.world;
    const alarms = clock.pending.length;
    await file.remove();
    expect(clock.pending).toHaveLength(alarms - 1);
    clock.jump(2 * hour);
    await file.tend();
    expect(built.source.asked).toBe(1);
  });

  test("that is left stays as it is", async () => {
    const { built, file, content } = await tended();
    file.leave();
    await built.world.clock.advance(2 * hour);
    await file.tend();
    expect(built.source.fetched.length).toBeGreaterThan(1);
    expect(await content()).toBe("ya29.token-1\n");
  });
});

describe("where nothing fresher comes", () => {
  test("what is still good stays, until it has ended", async () => {
    const { built, content } = await tended();
    built.source.trouble = "unreachable";
    await built.world.clock.advance(hour - second);
    await settle();
    expect(await content()).toBe("ya29.token-1\n");
    await built.world.clock.advance(second);
    await vi.waitFor(async () => expect(await content()).toBeUndefined(), patient);
  });

  test("it is tried again with patience, however much else happens, and then is there", async () => {
    const built = await googleWorld();
    built.source.trouble = "unreachable";
    const { file, content, pass } = fileIn(built);
    await file.tend();
    expect(built.source.asked).toBe(1);
    // What else changes is no reason to try.
    for (let time = 0; time < 50; time += 1) await file.tend();
    expect(built.source.asked).toBe(1);
    await pass(hour);
    expect(built.source.asked).toBeGreaterThan(8);
    expect(built.source.asked).toBeLessThan(25);
    built.source.trouble = undefined;
    await pass(5 * minute);
    await vi.waitFor(async () => expect(await content()).toBe("ya29.token-1\n"), patient);
  });

  test("a new trouble begins with short patience, whatever there was before", async () => {
    const built = await googleWorld();
    built.source.trouble = "unreachable";
    const { content, file, pass } = fileIn(built);
    await file.tend();
    await pass(30 * minute);
    built.source.trouble = undefined;
    await pass(5 * minute);
    await vi.waitFor(async () => expect(await content()).toBeDefined(), patient);
    built.source.trouble = "unreachable";
    built.world.clock.jump(2 * hour);
    const asked = built.source.asked;
    await file.tend();
    await built.world.clock.advance(11 * second);
    expect(built.source.asked - asked).toBeGreaterThanOrEqual(2);
  });

  test("a sign-in is reason to try at once", async () => {
    const built = await googleWorld();
    built.source.trouble = "unreachable";
    const { file, content } = fileIn(built);
    await file.tend();
    built.source.trouble = undefined;
    await file.tend();
    expect(await content()).toBeUndefined();
    await built.session.signIn(undefined).outcome;
    await vi.waitFor(async () => expect(await content()).toBe("ya29.token-1\n"), patient);
  });

  test("a provider that gives what is as good as over is not besieged", async () => {
    const { built, pass } = await tended(3 * second);
    const asked = built.source.asked;
    await pass(minute);
    expect(built.source.asked - asked).toBeLessThanOrEqual(60);
  });

  test("a disk that takes nothing is tried again", async () => {
    const built = await googleWorld();
    const { folder } = built;
    await writeFile(folder, "");
    const { file, content, pass } = fileIn(built);
    await file.tend();
    expect(await content()).toBeUndefined();
    expect(built.world.log.lines.map(({ event }) => event)).toContain("server: a token file waits");
    await rm(folder);
    await pass(10 * second);
    await vi.waitFor(async () => expect(await content()).toBe("ya29.token-1\n"), patient);
    expect(built.source.fetched).toHaveLength(1);
  });
});

test("where people are asked whom to let have tokens there is no file, and it is back after that", async () => {
  const opened = await tended();
  await opened.pass(0);
  expect(await opened.content()).toBeDefined();
  expect(opened.audit.entries).toMatchObject([
    { event: "served", program: "unknown", target: adc, verb: "token file" },
  ]);
  opened.allowed = false;
  await opened.file.tend();
  expect(await opened.content()).toBeUndefined();
  opened.allowed = true;
  await opened.file.tend();
  expect(await opened.content()).toBeDefined();
  expect(opened.audit.entries).toHaveLength(2);
});
