import { chmod, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { GoogleDoor } from "../../electron/commands/ports.ts";
import { Secret } from "../../electron/core/secret.ts";
import { targetOf } from "../../electron/core/source.ts";
import { brokerWorld, squat } from "./door-rig.ts";
import { hour, second } from "../core/world.ts";
import { settle } from "../fakes/clock.ts";
import {
  account,
  adc,
  askMetadata,
  doorsOf,
  fileOf,
  type GoogleWorld,
  googleWorld,
  type OpenDoors,
  v1,
} from "./metadata-rig.ts";
import { makeDirectory } from "./rig.ts";
import { TokenSource } from "./token-source.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

const record = "door/metadata";
const facts = { project: undefined };
const refused = { code: "ECONNREFUSED" };

interface Run {
  readonly built: GoogleWorld;
  readonly opened: OpenDoors;
  readonly given: GoogleDoor;
  readonly run: AbortController;
}

const running = async (): Promise<Run> => {
  const built = await googleWorld();
  const opened = doorsOf(built);
  const run = new AbortController();
  const given = await opened.door.forRun(adc, { project: "of-the-run" }, run.signal);
  return { built, opened, given, run };
};

const statusOf = async (door: GoogleDoor): Promise<number> =>
  (await askMetadata(door, `${account}/token`)).status;

const portOf = ({ host }: GoogleDoor): number => Number(host.slice(host.indexOf(":") + 1));

describe("a run", () => {
  test("has a port and a token file of its own, both for this user only", async () => {
    const { built, opened, given } = await running();
    const other = await opened.door.forRun(adc, facts, new AbortController().signal);
    expect(given.host).toMatch(/^127\.0\.0\.1:\d+$/u);
    expect(other.host).not.toBe(given.host);
    expect(other.tokenFile).not.toBe(given.tokenFile);
    expect(await fileOf(given)).toBe("ya29.token-1\n");
    expect((await stat(given.tokenFile!)).mode & 0o777).toBe(0o600);
    expect(dirname(given.tokenFile!)).toBe(built.folder);
    expect((await stat(built.folder)).mode & 0o777).toBe(0o700);
    expect(await statusOf(given)).toBe(200);
    // The port of another run does not speak of this one's project.
    expect((await askMetadata(other, `${v1}/project/project-id`)).status).toBe(404);
  });

  test("that ends takes its port and its file with it at once, out of the keychain too", async () => {
    const { built, opened, given, run } = await running();
    const other = await opened.door.forRun(adc, facts, new AbortController().signal);
    run.abort();
    await expect(statusOf(given)).rejects.toMatchObject(refused);
    await opened.door.sweep();
    expect(await fileOf(given)).toBeUndefined();
    const kept = built.world.store.peek(record)!;
    expect(kept).not.toContain(`"port":${portOf(given)}`);
    expect(kept).toContain(`"port":${portOf(other)}`);
    expect(await statusOf(other)).toBe(200);
  });

  test("that ends leaves nothing where it was the last one, whatever nobody sweeps", async () => {
    const { built, given, run } = await running();
    run.abort();
    await vi.waitFor(() => expect(built.world.store.peek(record)).toBeUndefined(), patient);
    await vi.waitFor(async () => expect(await fileOf(given)).toBeUndefined(), patient);
  });

  test("loses its file as soon as the user signs out, whatever nobody sweeps", async () => {
    const { built, given } = await running();
    await built.session.signOut();
    await vi.waitFor(async () => expect(await fileOf(given)).toBeUndefined(), patient);
  });

  test("that ends before it has its door leaves none", async () => {
    const built = await googleWorld();
    const run = new AbortController();
    built.world.store.onWrite = () => run.abort();
    const given = await doorsOf(built).door.forRun(adc, facts, run.signal);
    await vi.waitFor(() => expect(built.world.store.peek(record)).toBeUndefined(), patient);
    await expect(statusOf(given)).rejects.toMatchObject(refused);
    expect(await fileOf(given)).toBeUndefined();
  });

  test("that ends cuts whoever waits there", async () => {
    const { built, given, run } = await running();
    built.source.hold();
    const answer = askMetadata(given, `${account}/token?scopes=a`);
    while (built.source.asked < 2) await settle();
    run.abort();
    await expect(answer).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("is refused where it has ended already, or there is no such source", async () => {
    const built = await googleWorld();
    const { door } = doorsOf(built);
    const reason = new Error("gone");
    await expect(door.forRun(adc, facts, AbortSignal.abort(reason))).rejects.toBe(reason);
    const { signal } = new AbortController();
    await expect(door.forRun(targetOf("gcp", "acd"), facts, signal)).rejects.toMatchObject({
      code: "unknown-name",
    });
    expect(built.world.store.peek(record)).toBeUndefined();
  });

  test("is refused for what has no Google tokens", async () => {
    const aws = await brokerWorld();
    const { door } = doorsOf({ ...(await googleWorld()), ...aws });
    const { signal } = new AbortController();
    await expect(door.forRun(targetOf("aws", "dev"), facts, signal)).rejects.toMatchObject({
      code: "usage",
    });
  });

  test("is refused on a system that does not tell whose program asks", async () => {
    const { door } = doorsOf(await googleWorld(), false, "win32");
    const { signal } = new AbortController();
    await expect(door.forRun(adc, facts, signal)).rejects.toMatchObject({
      code: "config-invalid",
      remedy: "Use: evercred gcp adc",
    });
  });

  test("has its door though no token is there soon, and its file as soon as there is one", async () => {
    const built = await googleWorld();
    const release = built.source.hold();
    const opening = doorsOf(built).door.forRun(adc, facts, new AbortController().signal);
    while (built.source.asked === 0) await settle();
    await built.world.clock.advance(5 * second);
    const given = await opening;
    expect(await fileOf(given)).toBeUndefined();
    release();
    await vi.waitFor(async () => expect(await fileOf(given)).toBe("ya29.token-1\n"), patient);
  });

  test("gets its door only once the keychain has it, and none where that is locked at first", async () => {
    const built = await googleWorld();
    const { door } = doorsOf(built);
    const { store } = built.world;
    let saved = false;
    store.onWrite = () => {
      saved = true;
    };
    store.mood = "locked";
    const { signal } = new AbortController();
    await expect(door.forRun(adc, facts, signal)).rejects.toMatchObject({
      code: "keychain-locked",
    });
    store.mood = "well";
    await door.forRun(adc, facts, signal);
    expect(saved).toBe(true);
  });

  test("goes on where the keychain fails later, which the sweep makes up for", async () => {
    const { built, opened } = await running();
    const { store } = built.world;
    store.readOnly = true;
    const given = await opened.door.forRun(adc, facts, new AbortController().signal);
    expect(await statusOf(given)).toBe(200);
    expect(store.peek(record)).not.toContain(String(portOf(given)));
    store.readOnly = false;
    await opened.door.sweep();
    expect(store.peek(record)).toContain(String(portOf(given)));
  });
});

describe("after a restart of the daemon", () => {
  test("the same port and file lead to the same target and project", async () => {
    const { built, opened, given, run } = await running();
    opened.door.close();
    await expect(statusOf(given)).rejects.toMatchObject(refused);
    // A daemon that stops cuts its connections, and so tells its runs' ends.
    run.abort();
    await settle();
    expect(await fileOf(given)).toBe("ya29.token-1\n");
    const next = doorsOf(built);
    await next.door.open();
    expect(await statusOf(given)).toBe(200);
    expect((await askMetadata(given, `${v1}/project/project-id`)).body).toBe("of-the-run");
    await built.session.issued.get([...built.source.offers.values()][0]!.key, true);
    await built.world.clock.advance(hour);
    await next.door.sweep();
    await vi.waitFor(
      async () => expect(await fileOf(given)).toMatch(/^ya29\.token-[2-9]\n$/u),
      patient,
    );
  });

  test("a door is open until it was not used for 12 hours", async () => {
    const { built, opened, given } = await running();
    const { clock, store } = built.world;
    opened.door.close();
    const next = doorsOf(built);
    await next.door.open();
    clock.jump(11 * hour);
    await statusOf(given);
    await next.door.sweep();
    // What is written late would else outlive its writer.
    await vi.waitFor(async () => expect(await fileOf(given)).toBe("ya29.token-2\n"), patient);
    next.door.close();
    const third = doorsOf(built);
    await third.door.open();
    clock.jump(12 * hour - second);
    await third.door.sweep();
    expect(store.peek(record)).toContain(String(portOf(given)));
    clock.jump(second);
    await third.door.sweep();
    expect(store.peek(record)).toBeUndefined();
    await expect(statusOf(given)).rejects.toMatchObject(refused);
    await vi.waitFor(async () => expect(await fileOf(given)).toBeUndefined(), patient);
  });

  test("a live run's door is not measured by its use", async () => {
    const { built, opened, given } = await running();
    built.world.clock.jump(13 * hour);
    await opened.door.sweep();
    expect(await statusOf(given)).toBe(200);
  });

  test("what a daemon that was killed has left is removed, but not what goes on", async () => {
    const { built, opened, given } = await running();
    opened.door.close();
    for (const name of ["0123", `${"a".repeat(24)}.tmp`]) {
      await writeFile(join(built.folder, name), "ya29.old\n");
    }
    const next = doorsOf(built);
    await next.door.open();
    expect((await readdir(built.folder)).map((name) => join(built.folder, name))).toEqual([
      given.tokenFile,
    ]);
  });

  test("a keychain that is locked is waited for", async () => {
    const { built, opened, given } = await running();
    opened.door.close();
    built.world.store.mood = "locked";
    const next = doorsOf(built);
    await next.door.open();
    await expect(statusOf(given)).rejects.toMatchObject(refused);
    expect(await fileOf(given)).toBeDefined();
    built.world.store.mood = "well";
    await next.door.sweep();
    expect(await statusOf(given)).toBe(200);
  });

  test.each([
    ['"run"', '"walk"'],
    ['"id":"', '"id":"../'],
  ])("a record that makes no sense (%s) is none", async (sense, nonsense) => {
    const { built, opened } = await running();
    opened.door.close();
    const { store } = built.world;
    await store.set(record, new Secret(store.peek(record)!.replace(sense, nonsense)));
    const next = doorsOf(built);
    await next.door.open();
    expect(next.door.troubles).toEqual([]);
    const given = await next.door.forRun(adc, facts, new AbortController().signal);
    expect(await statusOf(given)).toBe(200);
  });

  test("nothing listens where nothing is kept", async () => {
    const built = await googleWorld();
    await doorsOf(built, true).door.open();
    expect(built.world.log.lines.map(({ event }) => event)).not.toContain(
      "server: metadata port open",
    );
  });

  test("a use that is an hour old is saved, and nothing where there is nothing to save", async () => {
    const { built, opened, given } = await running();
    const { writes } = built.world.store;
    await opened.door.sweep();
    expect(built.world.store.writes).toBe(writes);
    const before = built.world.store.peek(record);
    built.world.clock.jump(hour);
    await opened.door.sweep();
    expect(built.world.store.peek(record)).toBe(before);
    await statusOf(given);
    await opened.door.sweep();
    expect(built.world.store.peek(record)).not.toBe(before);
  });
});

describe("where somebody else has the port", () => {
  test("that door is over, the others go on, and status says why", async () => {
    const { built, opened, given } = await running();
    const other = await opened.door.forRun(adc, facts, new AbortController().signal);
    opened.door.close();
    const thief = await squat(portOf(given));
    const next = doorsOf(built);
    await next.door.open();
    expect(next.door.troubles).toEqual([
      {
        code: "door-shut",
        sentence: `Another program holds port ${portOf(given)}, where programs fetched their Google tokens.`,
        remedy: "Start those programs and shells again.",
      },
    ]);
    expect(next.changes).toBe(1);
    expect(await fileOf(given)).toBeUndefined();
    expect(await statusOf(other)).toBe(200);
    expect(built.world.store.peek(record)).not.toContain(`"port":${portOf(given)}`);
    thief.close();
    await next.door.sweep();
    expect(next.door.troubles).toHaveLength(1);
    const third = await next.door.forRun(adc, facts, new AbortController().signal);
    expect(await statusOf(third)).toBe(200);
    expect(next.door.troubles).toEqual([]);
    expect(next.changes).toBe(2);
  });
});

describe("a standing door", () => {
  test("is there only where the configuration has it", async () => {
    const { door } = doorsOf(await googleWorld());
    await expect(door.standing(adc)).rejects.toMatchObject({
      code: "config-invalid",
      remedy: "Set doors.gceMetadata to true, or use: evercred exec --gcp-account",
    });
  });

  test("is one a target, the same each time, and after a restart", async () => {
    const built = await googleWorld();
    const work = new TokenSource(built.world.clock, { id: "work" });
    await built.broker.configure([built.source, work]);
    const { door } = doorsOf(built, true);
    const run = await door.forRun(adc, facts, new AbortController().signal);
    const first = await door.standing(adc);
    expect(first.host).not.toBe(run.host);
    expect(await door.standing(adc)).toEqual(first);
    const other = await door.standing(targetOf("gcp", "work"));
    expect(other.host).not.toBe(first.host);
    door.close();
    const next = doorsOf(built, true);
    await next.door.open();
    built.world.clock.jump(30 * 24 * hour);
    await next.door.sweep();
    expect(await next.door.standing(adc)).toEqual(first);
    expect(await statusOf(first)).toBe(200);
    await vi.waitFor(async () => expect(await fileOf(first)).toBeDefined(), patient);
  });

  test("is open again for whoever asks before the sweep has come", async () => {
    const built = await googleWorld();
    const { door } = doorsOf(built, true);
    const first = await door.standing(adc);
    door.close();
    expect(await doorsOf(built, true).door.standing(adc)).toEqual(first);
    expect(await statusOf(first)).toBe(200);
  });

  test("asked for twice at once is one", async () => {
    const { door } = doorsOf(await googleWorld(), true);
    const [one, two] = await Promise.all([door.standing(adc), door.standing(adc)]);
    expect(one).toEqual(two);
  });

  test("closes where the configuration takes it back, and runs go on", async () => {
    const built = await googleWorld();
    const opened = doorsOf(built, true);
    const standing = await opened.door.standing(adc);
    const run = await opened.door.forRun(adc, facts, new AbortController().signal);
    opened.standing = false;
    await opened.door.sweep();
    await expect(statusOf(standing)).rejects.toMatchObject(refused);
    expect(await fileOf(standing)).toBeUndefined();
    expect(await statusOf(run)).toBe(200);
    expect(built.world.store.peek(record)).not.toContain(`"port":${portOf(standing)}`);
  });
});

test("doors that are closed open no more, and write no more", async () => {
  const { built, opened, given } = await running();
  opened.door.close();
  await opened.door.sweep();
  const { signal } = new AbortController();
  await expect(opened.door.forRun(adc, facts, signal)).rejects.toMatchObject({ code: "cancelled" });
  await expect(statusOf(given)).rejects.toMatchObject(refused);
  await built.world.clock.advance(hour);
  expect(await fileOf(given)).toBe("ya29.token-1\n");
});

test("a folder that others can enter gets no token", async () => {
  const built = await googleWorld();
  const folder = await makeDirectory();
  await chmod(folder, 0o755);
  const { signal } = new AbortController();
  const given = await doorsOf({ ...built, folder }).door.forRun(adc, facts, signal);
  expect(await readdir(folder)).toEqual([]);
  expect(await statusOf(given)).toBe(200);
});
