import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test, vi } from "vitest";
import type { CredentialDoor } from "../../electron/commands/ports.ts";
import { Secret } from "../../electron/core/secret.ts";
import { targetOf } from "../../electron/core/source.ts";
import { hour, key, minute, second } from "../core/world.ts";
import { settle } from "../fakes/clock.ts";
import {
  askDoor,
  askHttp,
  type BrokerWorld,
  brokerWorld,
  crowd,
  doorOf,
  type OpenDoor,
  type Question,
  spoiled,
  squat,
} from "./door-rig.ts";
import { ask, makePlaces, open, requestFor } from "./rig.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

const dev = targetOf("aws", "dev");
const record = "door/container";

interface Run {
  readonly built: BrokerWorld;
  readonly opened: OpenDoor;
  readonly given: CredentialDoor;
  readonly run: AbortController;
}

/** A door that was opened for a run of `dev`, with its credentials in memory. */
const running = async (): Promise<Run> => {
  const built = await brokerWorld();
  const opened = doorOf(built);
  const run = new AbortController();
  const given = await opened.door.forRun(dev, run.signal);
  await built.broker.issue(dev);
  return { built, opened, given, run };
};

const portOf = ({ url }: CredentialDoor): number => Number(new URL(url).port);

const refused = { code: "ECONNREFUSED" };

describe("whoever has the token", () => {
  test("gets the credentials that are in memory, for no cache to keep", async () => {
    const { given, built } = await running();
    expect(given.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/credentials$/u);
    const { status, headers, body } = await askDoor(given);
    expect(status).toBe(200);
    expect(body).toEqual({
      AccessKeyId: "ASIA1",
      SecretAccessKey: "secret-access-key-1",
      Token: "session-token-1",
      Expiration: new Date(built.world.clock.now() + hour).toISOString(),
      AccountId: key.slice(0, 12),
    });
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      connection: "close",
    });
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(built.world.provider.count("issue")).toBe(1);
  });

  test("may call this computer localhost", async () => {
    const { given } = await running();
    const headers = { Host: `localhost:${portOf(given)}` };
    expect((await askDoor(given, { headers })).status).toBe(200);
  });

  test("gets what has to be fetched first, where that comes soon", async () => {
    const built = await brokerWorld();
    const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
    expect((await askDoor(given)).body).toMatchObject({ AccessKeyId: "ASIA1" });
  });

  test("is told to ask again where it takes longer, and gets it then", async () => {
    const built = await brokerWorld();
    const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
    const { provider, clock } = built.world;
    const release = provider.hold("issue");
    const answer = askDoor(given);
    while (provider.busy("issue") === 0) await settle();
    await clock.advance(800);
    expect(await answer).toMatchObject({
      status: 503,
      body: { message: "The credentials are being fetched. Try again.", Code: "InProgress" },
    });
    release();
    await settle();
    expect((await askDoor(given)).body).toMatchObject({ AccessKeyId: "ASIA1" });
    expect(provider.count("issue")).toBe(1);
  });

  test("gets what is still good where something fresher takes longer", async () => {
    const { given, built } = await running();
    const { provider, clock } = built.world;
    await askDoor(given);
    provider.hold("issue");
    await clock.advance(50 * minute);
    expect(provider.busy("issue")).toBe(1);
    const issue = vi.spyOn(built.broker, "issue");
    const answer = askDoor(given);
    while (issue.mock.calls.length === 0) await settle();
    await clock.advance(800);
    expect(await answer).toMatchObject({ status: 200, body: { AccessKeyId: "ASIA1" } });
  });

  test("is told whom to sign in to, and the need is noted", async () => {
    const { given, built } = await running();
    await built.broker.session("corp")!.signOut();
    expect(await askDoor(given)).toMatchObject({
      status: 503,
      body: {
        message: "You are not signed in to corp. Run: evercred login corp",
        Message: "You are not signed in to corp. Run: evercred login corp",
        Code: "sign-in-needed",
      },
    });
    expect(built.broker.session("corp")!.wantedAt).toBeDefined();
  });

  test("is told that the role is refused", async () => {
    const built = await brokerWorld();
    built.world.provider.denied.add(key);
    const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
    expect(await askDoor(given)).toMatchObject({ status: 403, body: { Code: "access-denied" } });
  });

  test("is told of any other trouble", async () => {
    const built = await brokerWorld();
    built.world.provider.outage = "unreachable";
    const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
    expect(await askDoor(given)).toMatchObject({ status: 503, body: { Code: "unreachable" } });
  });
});

describe("the door refuses", () => {
  const questions: readonly (readonly [string, number, (door: CredentialDoor) => Question])[] = [
    ["another host", 403, () => ({ headers: { Host: "rebound.example" } })],
    ["another port in Host", 403, () => ({ headers: { Host: "127.0.0.1:1" } })],
    ["no port in Host", 403, () => ({ headers: { Host: "127.0.0.1" } })],
    [
      "the name of a container's host",
      403,
      (door) => ({ headers: { Host: `host.docker.internal:${portOf(door)}` } }),
    ],
    [
      "a web page",
      403,
      (door) => ({ headers: { Origin: `http://127.0.0.1:${String(portOf(door))}` } }),
    ],
    ["the origin of a file", 403, () => ({ headers: { Origin: "null" } })],
    ["POST", 405, () => ({ method: "POST" })],
    ["PUT", 405, () => ({ method: "PUT" })],
    ["HEAD", 405, () => ({ method: "HEAD" })],
    ["OPTIONS", 405, () => ({ method: "OPTIONS" })],
    ["another path", 404, () => ({ path: "/" })],
    ["a path below", 404, () => ({ path: "/credentials/dev" })],
    ["a query", 404, () => ({ path: "/credentials?x" })],
    ["a body", 413, () => ({ body: "x", headers: { "Content-Length": 1 } })],
    ["a body in pieces", 413, () => ({ body: "x", headers: { "Transfer-Encoding": "chunked" } })],
  ];
  test.each(questions)("%s with %i, even with the token", async (_what, status, question) => {
    const { given, built } = await running();
    const answer = await askDoor(given, question(given));
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer)).not.toContain("ASIA");
    expect(Object.keys(answer.headers)).not.toContain("access-control-allow-origin");
    expect((await askDoor(given)).status).toBe(200);
    expect(built.world.log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test.each<[string, number, Question]>([
    ["no token", 401, {}],
    ["an empty token", 403, { headers: { Authorization: "" } }],
    ["another token", 403, { headers: { Authorization: "x".repeat(43) } }],
  ])("%s with %i", async (_what, status, question) => {
    const { given } = await running();
    expect((await askHttp(given.url, question)).status).toBe(status);
  });

  test("a token with another last letter, with a word before it, or twice", async () => {
    const { given } = await running();
    const token = given.token.reveal();
    expect((await askDoor(spoiled(given))).status).toBe(403);
    for (const Authorization of [`Bearer ${token}`, `${token}${token}`, token.toUpperCase()]) {
      expect((await askHttp(given.url, { headers: { Authorization } })).status).toBe(403);
    }
  });

  test.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
    "a program of another user, even with the token",
    async () => {
      const { given } = await running();
      const program = [
        "import sys, urllib.request, urllib.error",
        "question = urllib.request.Request(sys.argv[1], headers={'Authorization': sys.argv[2]})",
        "try: print(urllib.request.urlopen(question).status)",
        "except urllib.error.HTTPError as refusal: print(refusal.status, refusal.read().decode())",
      ].join("\n");
      const answerTo = async (uid: number): Promise<string> => {
        const child = spawn("python3", ["-c", program, given.url, given.token.reveal()], {
          uid,
          cwd: "/",
          env: { PATH: process.env["PATH"] },
          stdio: ["ignore", "pipe", "inherit"],
        });
        return text(child.stdout);
      };
      expect(await answerTo(65_534)).toMatch(/^403 .*ForeignUser/u);
      expect(await answerTo(0)).toBe("200\n");
    },
  );

  test("what is no HTTP, and head lines without end", async () => {
    const { given } = await running();
    for (const bytes of [
      "\0\0\0\0\r\n\r\n",
      `GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:1\r\nA: ${"a".repeat(9_000)}\r\n\r\n`,
    ]) {
      const socket = connect(portOf(given), "127.0.0.1").on("error", () => undefined);
      socket.write(bytes);
      const [chunk] = await once(socket, "data");
      expect(String(chunk)).toMatch(/^HTTP\/1\.1 400 /u);
      await once(socket, "close");
    }
    expect((await askDoor(given)).status).toBe(200);
  });

  test("a second request on the same connection", async () => {
    const { given } = await running();
    const socket = connect(portOf(given), "127.0.0.1");
    const head = `GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:${String(portOf(given))}\r\nAuthorization: ${given.token.reveal()}\r\n\r\n`;
    socket.write(`${head}${head}`);
    expect((await text(socket)).match(/HTTP\/1\.1 200/gu)).toHaveLength(1);
  });
});

describe("slow connections", () => {
  test("of which 1,000 come keep neither an SDK nor a shim from being served", async () => {
    const { given } = await running();
    const door = await open(await makePlaces());
    const sockets = await crowd(portOf(given), 1_000);
    for (let time = 0; time < 10; time += 1) {
      expect((await askDoor(given)).status).toBe(200);
      expect(await ask(door.address, requestFor("status"))).toMatchObject({ exit: 0 });
    }
    const open255 = sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded);
    expect(open255.length).toBeLessThanOrEqual(256);
  });

  test("are cut, the oldest first; one whose request is there is not", async () => {
    const built = await brokerWorld();
    const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
    const { provider } = built.world;
    const release = provider.hold("issue");
    const served = askDoor(given);
    while (provider.busy("issue") === 0) await settle();
    const sockets = await crowd(portOf(given), 300);
    while (sockets.filter(({ closed }) => closed).length < 45) await settle();
    expect(sockets.slice(0, 45).every(({ closed }) => closed)).toBe(true);
    expect(sockets.at(-1)!.closed).toBe(false);
    release();
    expect((await served).status).toBe(200);
  });

  test("are cut after two seconds", async () => {
    const { given } = await running();
    const begun = performance.now();
    const [socket] = await crowd(portOf(given), 1);
    await once(socket!, "close");
    expect(performance.now() - begun).toBeGreaterThan(1_900);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe("a run", () => {
  test("has its own token, and all have one port", async () => {
    const { given, opened } = await running();
    const other = await opened.door.forRun(targetOf("aws", "ops"), new AbortController().signal);
    expect(other.url).toBe(given.url);
    expect(other.token.reveal()).not.toBe(given.token.reveal());
    expect(given.token.reveal()).toMatch(/^[\w-]{43}$/u);
    expect((await askDoor(other)).body["AccountId"]).not.toBe(key.slice(0, 12));
  });

  test("of which two begin at once get one port, and both are kept", async () => {
    const built = await brokerWorld();
    const { door } = doorOf(built);
    const { signal } = new AbortController();
    const doors = await Promise.all([door.forRun(dev, signal), door.forRun(dev, signal)]);
    expect(new Set(doors.map(({ url }) => url)).size).toBe(1);
    for (const each of doors) {
      expect(built.world.store.peek(record)).toContain(each.token.reveal());
      expect((await askDoor(each)).status).toBe(200);
    }
  });

  test("that ends takes its token with it, out of the keychain too; the last one closes the door", async () => {
    const { given, opened, run, built } = await running();
    const other = await opened.door.forRun(dev, new AbortController().signal);
    run.abort();
    expect((await askDoor(given)).status).toBe(403);
    await opened.door.sweep();
    expect(built.world.store.peek(record)).not.toContain(given.token.reveal());
    expect((await askDoor(other)).status).toBe(200);
    const last = await running();
    last.run.abort();
    await last.opened.door.sweep();
    await expect(askDoor(last.given)).rejects.toMatchObject(refused);
    expect(last.built.world.store.peek(record)).toBeUndefined();
  });

  test("is refused where it has ended already, or there is no such profile", async () => {
    const built = await brokerWorld();
    const { door } = doorOf(built);
    const reason = new Error("gone");
    await expect(door.forRun(dev, AbortSignal.abort(reason))).rejects.toBe(reason);
    const { signal } = new AbortController();
    await expect(door.forRun(targetOf("aws", "dav"), signal)).rejects.toMatchObject({
      code: "unknown-name",
    });
    expect(built.world.store.peek(record)).toBeUndefined();
  });

  test("gets its address only once the keychain has it, and none where that is locked at first", async () => {
    const built = await brokerWorld();
    const { door } = doorOf(built);
    const { store } = built.world;
    let saved = false;
    store.onWrite = () => {
      saved = true;
    };
    store.mood = "locked";
    const { signal } = new AbortController();
    await expect(door.forRun(dev, signal)).rejects.toMatchObject({ code: "keychain-locked" });
    store.mood = "well";
    await door.forRun(dev, signal);
    expect(saved).toBe(true);
  });

  test("that ends before it has its token leaves none", async () => {
    const built = await brokerWorld();
    const run = new AbortController();
    built.world.store.onWrite = () => run.abort();
    await doorOf(built).door.forRun(dev, run.signal);
    await vi.waitFor(() => expect(built.world.store.peek(record)).toBeUndefined(), patient);
  });

  test("goes on where the keychain fails later, which the sweep makes up for", async () => {
    const { opened, built } = await running();
    const { store } = built.world;
    store.readOnly = true;
    const given = await opened.door.forRun(dev, new AbortController().signal);
    expect((await askDoor(given)).status).toBe(200);
    expect(store.peek(record)).not.toContain(given.token.reveal());
    store.readOnly = false;
    await opened.door.sweep();
    expect(store.peek(record)).toContain(given.token.reveal());
  });

  test("works where there is no keychain at all", async () => {
    const built = await brokerWorld();
    built.world.store.mood = "unavailable";
    const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
    expect((await askDoor(given)).status).toBe(200);
  });
});

describe("after a restart of the daemon", () => {
  test("the same port and token lead to the same target", async () => {
    const { given, opened, run, built } = await running();
    opened.door.close();
    await expect(askDoor(given)).rejects.toMatchObject(refused);
    // A daemon that stops cuts its connections, and so tells its runs' ends.
    run.abort();
    await settle();
    const next = doorOf(built);
    await next.door.open();
    expect(await askDoor(given)).toMatchObject({ status: 200, body: { AccessKeyId: "ASIA1" } });
  });

  test("a token is good until it was not used for 12 hours", async () => {
    const { given, opened, built } = await running();
    const { clock, store } = built.world;
    opened.door.close();
    const next = doorOf(built);
    await next.door.open();
    await clock.advance(11 * hour);
    await askDoor(given);
    await next.door.sweep();
    await clock.advance(11 * hour);
    expect((await askDoor(given)).status).not.toBe(403);
    await next.door.sweep();
    next.door.close();
    const third = doorOf(built);
    await third.door.open();
    await clock.advance(12 * hour - second);
    await third.door.sweep();
    expect(store.peek(record)).toContain(given.token.reveal());
    await clock.advance(second);
    expect((await askDoor(given)).status).toBe(403);
    await third.door.sweep();
    expect(store.peek(record)).toBeUndefined();
    await expect(askDoor(given)).rejects.toMatchObject(refused);
  });

  test("a live run's token is not measured by its use", async () => {
    const { given, opened, built } = await running();
    await built.world.clock.advance(13 * hour);
    await opened.door.sweep();
    expect((await askDoor(given)).status).not.toBe(403);
  });

  test("nothing listens where nothing is kept", async () => {
    const built = await brokerWorld();
    const { door } = doorOf(built);
    await door.open();
    expect(built.world.log.lines.map(({ event }) => event)).not.toContain(
      "server: credentials port open",
    );
  });

  test("a keychain that is locked is waited for", async () => {
    const { given, opened, built } = await running();
    opened.door.close();
    built.world.store.mood = "locked";
    const next = doorOf(built);
    await next.door.open();
    await expect(askDoor(given)).rejects.toMatchObject(refused);
    built.world.store.mood = "well";
    await next.door.sweep();
    expect((await askDoor(given)).status).toBe(200);
  });

  test("a record that makes no sense is none", async () => {
    const { opened, built } = await running();
    opened.door.close();
    const store = built.world.store;
    const text = store.peek(record)!.replace('"run"', '"walk"');
    await store.set(record, new Secret(text));
    const next = doorOf(built);
    await next.door.open();
    expect(next.door.troubles).toEqual([]);
    const given = await next.door.forRun(dev, new AbortController().signal);
    expect((await askDoor(given)).status).toBe(200);
  });
});

describe("where somebody else has the port", () => {
  const stolen = async (): Promise<Run & { readonly thief: Server }> => {
    const before = await running();
    before.opened.door.close();
    const thief = await squat(portOf(before.given));
    const opened = doorOf(before.built);
    await opened.door.open();
    return { ...before, opened, thief };
  };

  test("the tokens are void, the door stays shut, and status says why", async () => {
    const { opened, given, built, thief } = await stolen();
    expect(opened.door.troubles).toEqual([
      {
        code: "door-shut",
        sentence: `Another program holds port ${portOf(given)}, where programs fetched their AWS credentials: their tokens are void.`,
        remedy: "Start those programs and shells again.",
      },
    ]);
    expect(opened.changes).toBe(1);
    expect(built.world.store.peek(record)).toBeUndefined();
    thief.close();
    opened.standing = true;
    await opened.door.sweep();
    const openings = built.world.log.lines.filter(
      ({ event }) => event === "server: credentials port open",
    );
    expect(openings).toHaveLength(1);
    expect(opened.door.troubles).toHaveLength(1);
  });

  test("the next run gets another port, where the old tokens are nothing", async () => {
    const { opened, given } = await stolen();
    const next = await opened.door.forRun(dev, new AbortController().signal);
    expect(next.url).not.toBe(given.url);
    expect((await askDoor(next)).status).toBe(200);
    expect((await askDoor({ url: next.url, token: given.token })).status).toBe(403);
    expect(opened.door.troubles).toEqual([]);
    expect(opened.changes).toBe(2);
  });

  test("and the keychain was locked until the next run, that is said all the same", async () => {
    const { opened, given, built } = await running();
    opened.door.close();
    await squat(portOf(given));
    const next = doorOf(built);
    const run = await next.door.forRun(dev, new AbortController().signal);
    expect((await askDoor(run)).status).toBe(200);
    expect(run.url).not.toBe(given.url);
    expect(next.door.troubles).toHaveLength(1);
  });
});

describe("a standing door", () => {
  test("is there only where the configuration has it", async () => {
    const { door } = doorOf(await brokerWorld());
    await expect(door.standing(dev)).rejects.toMatchObject({ code: "config-invalid" });
  });

  test("is the same each time, and after a restart", async () => {
    const built = await brokerWorld();
    const { door } = doorOf(built, true);
    await door.open();
    const first = await door.standing(dev);
    const again = await door.standing(dev);
    expect([again.url, again.token.reveal()]).toEqual([first.url, first.token.reveal()]);
    door.close();
    const next = doorOf(built, true);
    await next.door.open();
    await built.world.clock.advance(30 * 24 * hour);
    await next.door.sweep();
    const later = await next.door.standing(dev);
    expect([later.url, later.token.reveal()]).toEqual([first.url, first.token.reveal()]);
  });

  test("closes where the configuration takes it back, and runs go on", async () => {
    const built = await brokerWorld();
    const opened = doorOf(built, true);
    const standing = await opened.door.standing(dev);
    const run = await opened.door.forRun(dev, new AbortController().signal);
    opened.standing = false;
    await opened.door.sweep();
    expect((await askDoor(standing)).status).toBe(403);
    expect((await askDoor(run)).status).toBe(200);
    expect(built.world.store.peek(record)).not.toContain(standing.token.reveal());
  });

  test("keeps the port open for as long as the configuration has it", async () => {
    const built = await brokerWorld();
    const opened = doorOf(built, true);
    await opened.door.open();
    const standing = await opened.door.standing(dev);
    const run = new AbortController();
    await opened.door.forRun(dev, run.signal);
    run.abort();
    await opened.door.sweep();
    expect((await askDoor(standing)).status).toBe(200);
    opened.standing = false;
    await opened.door.sweep();
    await expect(askDoor(standing)).rejects.toMatchObject(refused);
    expect(built.world.store.peek(record)).toBeUndefined();
  });
});

test("the port of a door that nobody used is forgotten with it", async () => {
  const built = await brokerWorld();
  const opened = doorOf(built, true);
  await opened.door.open();
  expect(built.world.store.peek(record)).toBeDefined();
  opened.standing = false;
  await opened.door.sweep();
  expect(built.world.store.peek(record)).toBeUndefined();
});

test("a door that is closed cuts what waits there", async () => {
  const built = await brokerWorld();
  const { door } = doorOf(built);
  const given = await door.forRun(dev, new AbortController().signal);
  built.world.provider.hold("issue");
  const answer = askDoor(given);
  while (built.world.provider.busy("issue") === 0) await settle();
  door.close();
  await expect(answer).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("a door that is closed opens no more", async () => {
  const built = await brokerWorld();
  const { door } = doorOf(built, true);
  door.close();
  await door.open();
  const { signal } = new AbortController();
  await expect(door.forRun(dev, signal)).rejects.toMatchObject({ code: "cancelled" });
});
