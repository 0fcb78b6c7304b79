import { once } from "node:events";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { BridgeFacts } from "../../electron/commands/ports.ts";
import type { Request } from "../../electron/commands/verb.ts";
import type { AuditEntry } from "../../electron/core/audit.ts";
import { noRule, type Rule } from "../../electron/core/limits.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { targetOf } from "../../electron/core/source.ts";
import { instantOf, plus } from "../../electron/core/time.ts";
import { frame } from "../../electron/protocol/wire.ts";
import { LocalBridges } from "../../electron/server/bridges.ts";
import type { Handler } from "../../electron/server/connection.ts";
import { hour, key, minute } from "../core/world.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { settle } from "../fakes/clock.ts";
import { FakeGate } from "../fakes/gate.ts";
import {
  askHttp,
  type BrokerWorld,
  brokerWorld,
  type HttpAnswer,
  type Question,
} from "./door-rig.ts";
import { type Answer, ask, Caller, defer, makeDirectory, requestFor } from "./rig.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

const dev = targetOf("aws", "dev");
const ops = targetOf("aws", "ops");
const refused = { code: "ECONNREFUSED" };

interface Opened {
  readonly bridges: LocalBridges;
  readonly built: BrokerWorld;
  readonly folder: string;
  readonly notes: readonly AuditEntry[];
  readonly gate: FakeGate;
  /** The names of those that have ended. */
  readonly ended: readonly string[];
  /** What an organisation says. */
  rule: Rule;
  /** How often the troubles have changed. */
  changes: number;
  /** The requests that came in. */
  readonly requests: readonly Request[];
}

/** Says over which bridge it was asked, and for what. */
const echo: Handler = ({ args, bridge }, reply) => {
  reply.printJson({ args, bridge });
  return Promise.resolve(0);
};

/** The bridges of one daemon; others over the same world and folder stand for its next start. */
const bridgesOf = (built: BrokerWorld, folder: string, handle: Handler = echo): Opened => {
  const { clock, log, store } = built.world;
  const audit = new MemoryAudit();
  const gate = new FakeGate(audit);
  const ended: string[] = [];
  const requests: Request[] = [];
  const opened: Opened = {
    bridges: new LocalBridges({
      folder,
      store,
      clock,
      log,
      rule: () => opened.rule,
      audit,
      gate,
      ended: (name) => ended.push(name),
      issuer: built.broker,
      handle: (request, reply) => {
        requests.push(request);
        return handle(request, reply);
      },
      changed: () => {
        opened.changes += 1;
      },
    }),
    built,
    folder,
    notes: audit.entries,
    gate,
    ended,
    rule: noRule,
    changes: 0,
    requests,
  };
  onTestFinished(() => opened.bridges.close());
  return opened;
};

const opened = async (handle?: Handler): Promise<Opened> =>
  bridgesOf(await brokerWorld(), join(await makeDirectory(), "bridges"), handle);

/** The same bridges under the next daemon. */
const restarted = async ({ bridges, built, folder }: Opened): Promise<Opened> => {
  bridges.close();
  await settle();
  const next = bridgesOf(built, folder);
  await next.bridges.open();
  return next;
};

const box = { name: "box", allow: [dev], lastsMs: 12 * hour, tcp: false, madeFor: undefined };
const tcpBox = { ...box, tcp: true };

const tokenOf = ({ directory }: BridgeFacts): Promise<string> =>
  readFile(join(directory, "token"), "utf8");

const socketOf = ({ directory }: BridgeFacts): string => join(directory, "socket");

const knock = async (facts: BridgeFacts): Promise<Buffer> =>
  frame("K", Buffer.from(await tokenOf(facts), "hex"));

const askOver = async (facts: BridgeFacts, ...args: readonly string[]): Promise<Answer> =>
  ask(socketOf(facts), await knock(facts), requestFor(...args));

const askWeb = async (
  facts: BridgeFacts,
  { headers = {}, ...question }: Question = {},
): Promise<HttpAnswer> =>
  askHttp(`http://127.0.0.1:${String(facts.port)}/aws/dev`, {
    ...question,
    headers: { Authorization: await tokenOf(facts), ...headers },
  });

const withFakeTimers = (): void => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
};

const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("a bridge", () => {
  test("is a directory that only we can enter, with a socket and a token", async () => {
    const { bridges, folder, built, notes } = await opened();
    const facts = await bridges.add(box);
    expect(facts).toEqual({
      name: "box",
      allow: [dev],
      directory: join(folder, "box"),
      port: undefined,
      endsAt: plus(built.world.clock.now(), 12 * hour),
      lastUsedAt: undefined,
    });
    expect(bridges.list()).toEqual([facts]);
    expect((await readdir(facts.directory)).sort()).toEqual(["socket", "token"]);
    expect(await mode(facts.directory)).toBe(0o700);
    expect(await mode(join(facts.directory, "token"))).toBe(0o600);
    expect(await tokenOf(facts)).toMatch(/^[0-9a-f]{64}$/u);
    expect(notes).toEqual([{ event: "bridge-added", bridge: "box", target: "aws:dev" }]);
  });

  test("serves who shows its token, and says over which bridge the request came", async () => {
    const { bridges, built } = await opened();
    const facts = await bridges.add(box);
    await built.world.clock.advance(minute);
    const { stdout, exit } = await askOver(facts, "aws", "export");
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      args: ["aws", "export"],
      bridge: { name: "box", allow: [dev] },
    });
    expect(bridges.list()[0]!.lastUsedAt).toBe(built.world.clock.now());
  });

  test("takes neither variables nor a directory from the other side", async () => {
    const { bridges, requests } = await opened();
    const facts = await bridges.add(box);
    await ask(
      socketOf(facts),
      await knock(facts),
      frame("V", "1"),
      frame("E", "AWS_PROFILE=ops"),
      frame("D", "/home/ann"),
      frame("G"),
    );
    expect(requests).toMatchObject([{ env: {}, cwd: "/" }]);
  });

  test.each<[string, (facts: BridgeFacts) => Promise<readonly Buffer[]>]>([
    ["no token", async () => [requestFor("status")]],
    ["another token", async () => [frame("K", Buffer.alloc(32)), requestFor("status")]],
    [
      "the token as text",
      async (facts) => [frame("K", await tokenOf(facts)), requestFor("status")],
    ],
    [
      "a beginning without end",
      async () => [Buffer.from("K\0\x0f\0\0", "latin1"), Buffer.alloc(100)],
    ],
  ])("says nothing to who shows %s", async (_what, bytes) => {
    const { bridges, requests } = await opened();
    const facts = await bridges.add(box);
    expect((await ask(socketOf(facts), ...(await bytes(facts)))).frames).toEqual([]);
    expect(requests).toEqual([]);
    expect(bridges.list()[0]!.lastUsedAt).toBeUndefined();
  });

  test("does not know the token of another", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(box);
    const other = await bridges.add({ ...box, name: "other", allow: [ops] });
    const got = await ask(socketOf(facts), await knock(other), requestFor("status"));
    expect(got.frames).toEqual([]);
  });

  test("makes room for new connections where slow ones are too many", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(box);
    // So that none is cut because it is late.
    withFakeTimers();
    const slow = Array.from({ length: 600 }, () => new Caller(socketOf(facts)));
    await slow[0]!.ended;
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });

  test("cuts none that runs for them", async () => {
    const finish = defer<number>();
    const { bridges } = await opened((_request, reply) => {
      reply.say("running");
      return finish.promise;
    });
    const facts = await bridges.add(box);
    const running = new Caller(socketOf(facts)).send(await knock(facts), requestFor("exec"));
    await running.frame("2");
    const slow = Array.from({ length: 300 }, () => new Caller(socketOf(facts)));
    await slow[0]!.ended;
    finish.resolve(0);
    expect(await running.ended).toMatchObject({ exit: 0 });
  });

  test.each(["", "A", "a/b", "..", "x".repeat(33), "a b"])("is not named '%s'", async (name) => {
    const { bridges, folder } = await opened();
    await expect(bridges.add({ ...box, name })).rejects.toMatchObject({ code: "usage" });
    await expect(readdir(folder)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("has a name of its own", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(box);
    await expect(bridges.add({ ...box, allow: [ops] })).rejects.toMatchObject({
      code: "usage",
      message: "There is a bridge box already.",
    });
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });

  test("is not made where others can enter the directory, and leaves nothing", async () => {
    const { bridges, folder, built } = await opened();
    await mkdir(folder);
    await chmod(folder, 0o755);
    await expect(bridges.add(tcpBox)).rejects.toMatchObject({ code: "config-invalid" });
    expect(bridges.list()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    expect(built.world.store.peek("bridges")).toBeUndefined();
  });
});

test("a bridge that is not made whole leaves nothing of ours", async () => {
  const { bridges, folder } = await opened();
  await mkdir(join(folder, "box", "token"), { recursive: true, mode: 0o700 });
  await expect(bridges.add(box)).rejects.toMatchObject({
    code: "config-invalid",
    message: `${join(folder, "box", "token")} cannot be written.`,
  });
  expect(await readdir(join(folder, "box"))).toEqual(["token"]);
});

describe("over TCP a bridge", () => {
  test("serves shims, with the same token", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(tcpBox);
    const got = await ask(facts.port!, await knock(facts), requestFor("aws", "export"));
    expect(JSON.parse(got.stdout)).toMatchObject({ bridge: { name: "box" } });
    expect((await ask(facts.port!, frame("K", Buffer.alloc(32)), requestFor("x"))).frames).toEqual(
      [],
    );
  });

  test("serves a shim whose first byte comes alone", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(tcpBox);
    const bytes = Buffer.concat([await knock(facts), requestFor("status")]);
    const caller = new Caller(facts.port!).send(bytes.subarray(0, 1));
    await once(caller.socket, "connect");
    await settle();
    expect(await caller.send(bytes.subarray(1)).ended).toMatchObject({ exit: 0 });
  });

  test.each(["127.0.0.1", "localhost", "host.docker.internal"])(
    "serves what cannot run one, as %s",
    async (host) => {
      const { bridges, notes, built } = await opened();
      const facts = await bridges.add(tcpBox);
      const answer = await askWeb(facts, { headers: { Host: `${host}:${String(facts.port)}` } });
      expect(answer).toMatchObject({
        status: 200,
        body: { AccessKeyId: "ASIA1", AccountId: key.slice(0, 12) },
      });
      expect(notes.at(-1)).toEqual({
        event: "served",
        bridge: "box",
        target: dev,
        verb: "container-credentials",
        exit: 0,
        expiresAt: built.world.clock.now() + hour,
      });
      expect(await bridges.remove("box")).toEqual([
        { target: dev, expiresAt: built.world.clock.now() + hour },
      ]);
    },
  );

  test("serves no other target, whether there is one or not", async () => {
    const { bridges, notes, built } = await opened();
    const facts = await bridges.add(tcpBox);
    for (const name of ["ops", "nobody", "..%2Fdev", "dev%20"]) {
      const { status, body } = await askWeb(facts, { path: `/aws/${name}` });
      expect(status).toBe(403);
      expect(body["message"]).toBe(
        `The bridge box does not serve aws:${decodeURIComponent(name)}.`,
      );
      // Whatever texts there are, they are one line.
      expect(notes.at(-1)).toEqual({
        ...{ event: "refused", bridge: "box", verb: "container-credentials" },
      });
    }
    expect(built.world.provider.count("issue")).toBe(0);
  });

  test("says in the record that what it could not get was refused", async () => {
    const { bridges, notes, built } = await opened();
    const facts = await bridges.add(tcpBox);
    await built.broker.session("corp")!.signOut();
    expect((await askWeb(facts)).status).toBe(503);
    expect(notes.at(-1)).toMatchObject({ event: "refused", target: dev });
    expect(await bridges.remove("box")).toEqual([]);
  });

  test("asks whether it may have that, and passes on what is said", async () => {
    const { bridges, gate, notes } = await opened();
    const facts = await bridges.add(tcpBox);
    gate.refusal = new EvercredError("consent-refused", "You did not let bridge box.");
    const { status, body } = await askWeb(facts);
    expect([status, body["message"]]).toEqual([403, expect.stringContaining("bridge box")]);
    expect(gate.asked).toMatchObject([{ caller: { kind: "bridge", name: "box" }, target: dev }]);
    expect(notes.at(-1)).toMatchObject({
      event: "refused",
      bridge: "box",
      code: "consent-refused",
    });
  });

  test.each<[string, number, Question]>([
    ["another host", 403, { headers: { Host: "rebound.example" } }],
    ["a web page", 403, { headers: { Origin: "http://host.docker.internal" } }],
    ["another token", 403, { headers: { Authorization: "0".repeat(64) } }],
    ["a part of the token", 403, { headers: { Authorization: "" } }],
    ["another path", 404, { path: "/credentials" }],
    ["a path that is no text", 404, { path: "/aws/%ff" }],
    ["another method", 405, { method: "POST" }],
  ])("refuses %s with %i", async (_what, status, question) => {
    const { bridges, notes } = await opened();
    const facts = await bridges.add(tcpBox);
    expect((await askWeb(facts, question)).status).toBe(status);
    expect(notes).toHaveLength(1);
  });

  test("listens nowhere where it was not wanted", async () => {
    const { bridges } = await opened();
    expect((await bridges.add(box)).port).toBeUndefined();
  });

  test("cuts a caller that says nothing", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(tcpBox);
    withFakeTimers();
    const caller = new Caller(facts.port!);
    while (vi.getTimerCount() === 0) await settle();
    vi.advanceTimersByTime(6_000);
    expect((await caller.ended).frames).toEqual([]);
  });
});

describe("a bridge that is removed", () => {
  test("is cut at once, what runs over it too, and leaves nothing", async () => {
    const aborted = defer<undefined>();
    const { bridges, folder, built, notes, ended } = await opened(({ signal }, reply) => {
      signal.addEventListener("abort", () => aborted.resolve(undefined));
      reply.say("running");
      return new Promise(() => undefined);
    });
    const facts = await bridges.add(tcpBox);
    const callers = [socketOf(facts), facts.port!].map((address) => new Caller(address));
    for (const caller of callers) {
      caller.send(await knock(facts), requestFor("exec"));
      await caller.frame("2");
    }
    const removing = bridges.remove("box");
    for (const caller of callers) expect((await caller.ended).exit).toBeUndefined();
    await aborted.promise;
    expect(await removing).toEqual([]);
    expect(bridges.list()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    expect(built.world.store.peek("bridges")).toBeUndefined();
    expect(notes.at(-1)).toEqual({ event: "bridge-removed", bridge: "box" });
    expect(ended).toEqual(["box"]);
    await expect(askHttp(`http://127.0.0.1:${String(facts.port)}/aws/dev`)).rejects.toMatchObject(
      refused,
    );
  });

  test("is cut although the keychain hangs", async () => {
    const { bridges, built } = await opened(() => new Promise(() => undefined));
    const facts = await bridges.add(box);
    const caller = new Caller(socketOf(facts)).send(await knock(facts), requestFor("exec"));
    while (bridges.list()[0]!.lastUsedAt === undefined) await settle();
    const saving = defer<undefined>();
    built.world.store.mood = "hanging";
    built.world.store.onWrite = () => saving.resolve(undefined);
    void bridges.add({ ...box, name: "other" });
    await saving.promise;
    void bridges.remove("box");
    expect((await caller.ended).exit).toBeUndefined();
  });

  test("names what is still good outside, the longest of each", async () => {
    const { bridges, built } = await opened();
    const { clock } = built.world;
    await bridges.add({ ...box, allow: [dev, ops] });
    const now = clock.now();
    bridges.served("box", dev, plus(now, 2 * hour));
    bridges.served("box", dev, plus(now, hour));
    bridges.served("box", ops, plus(now, minute));
    bridges.served("nobody", ops, plus(now, hour));
    await clock.advance(minute);
    expect(await bridges.remove("box")).toEqual([{ target: dev, expiresAt: now + 2 * hour }]);
  });

  test("is another one's, where there is none of the name", async () => {
    const { bridges } = await opened();
    await bridges.add(box);
    await expect(bridges.remove("bax")).rejects.toMatchObject({
      code: "unknown-name",
      message: "There is no bridge bax.",
      remedy: "Did you mean box?",
    });
    expect(bridges.list()).toHaveLength(1);
  });

  test("is gone although the keychain is locked; that is saved later", async () => {
    const { bridges, built } = await opened();
    const { store } = built.world;
    await bridges.add(box);
    store.mood = "locked";
    await bridges.remove("box");
    expect(store.peek("bridges")).toContain("box");
    store.mood = "well";
    await bridges.sweep();
    expect(store.peek("bridges")).toBeUndefined();
  });

  test("leaves in place what the other side has put there, and follows none of its links", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(box);
    const precious = await makeDirectory();
    await writeFile(join(precious, "file"), "precious");
    await symlink(precious, join(facts.directory, "link"));
    await mkdir(join(facts.directory, "inside"));
    await writeFile(join(facts.directory, "inside", "file"), "theirs");
    await bridges.remove("box");
    expect(await readdir(precious)).toEqual(["file"]);
    expect(await readdir(facts.directory)).toEqual(["inside"]);
  });

  test("makes way for another of its name, with another token", async () => {
    const { bridges } = await opened();
    const before = await knock(await bridges.add(box));
    await bridges.remove("box");
    const facts = await bridges.add(box);
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
    expect((await ask(socketOf(facts), before, requestFor("status"))).frames).toEqual([]);
  });
});

describe("a bridge whose time is over", () => {
  test("is gone at that moment", async () => {
    const { bridges, built, folder, notes } = await opened();
    const facts = await bridges.add(box);
    await built.world.clock.advance(12 * hour - 1);
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
    await built.world.clock.advance(1);
    await vi.waitFor(() => expect(bridges.list()).toEqual([]), patient);
    await bridges.sweep();
    expect(await readdir(folder)).toEqual([]);
    expect(notes.at(-1)).toEqual({ event: "bridge-removed", bridge: "box" });
  });

  test("is found by the sweep where the machine slept", async () => {
    const { bridges, built } = await opened();
    await bridges.add(box);
    built.world.clock.jump(13 * hour);
    await bridges.sweep();
    expect(bridges.list()).toEqual([]);
  });

  test("is not opened by the next daemon", async () => {
    const before = await opened();
    await before.bridges.add(box);
    before.bridges.close();
    before.built.world.clock.jump(13 * hour);
    const { bridges, built, folder } = await restarted(before);
    expect(bridges.list()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    expect(built.world.store.peek("bridges")).toBeUndefined();
  });
});

describe("after a restart of the daemon a bridge", () => {
  test("is there with its token, its port and the very same directory", async () => {
    const before = await opened();
    const facts = await before.bridges.add(tcpBox);
    const token = await tokenOf(facts);
    const { ino } = await lstat(facts.directory);
    const { bridges } = await restarted(before);
    expect(bridges.list()).toEqual([facts]);
    expect(await tokenOf(facts)).toBe(token);
    expect((await lstat(facts.directory)).ino).toBe(ino);
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
    expect((await askWeb(facts)).status).toBe(200);
  });

  test("still has its end", async () => {
    const before = await opened();
    await before.bridges.add(box);
    await before.built.world.clock.advance(11 * hour);
    const { bridges, built } = await restarted(before);
    await built.world.clock.advance(hour);
    await vi.waitFor(() => expect(bridges.list()).toEqual([]), patient);
  });

  test("is made anew where its directory has gone", async () => {
    const before = await opened();
    const facts = await before.bridges.add(box);
    const token = await tokenOf(facts);
    before.bridges.close();
    await rm(before.folder, { recursive: true });
    await restarted(before);
    expect(await tokenOf(facts)).toBe(token);
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });

  test("takes the place of the socket that a daemon which was killed has left", async () => {
    const before = await opened();
    const facts = await before.bridges.add(box);
    before.bridges.close();
    await settle();
    await writeFile(socketOf(facts), "");
    await restarted(before);
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });

  test("is not open where the daemon ends while it opens it", async () => {
    const before = await opened();
    const facts = await before.bridges.add(box);
    before.bridges.close();
    await settle();
    const { bridges } = bridgesOf(before.built, before.folder);
    const opening = bridges.open();
    while (bridges.list().length === 0) await Promise.resolve();
    bridges.close();
    await opening;
    await settle();
    expect(await readdir(facts.directory)).toEqual(["token"]);
  });

  test("waits for a keychain that is locked, and its directory stays meanwhile", async () => {
    const before = await opened();
    const facts = await before.bridges.add(box);
    before.built.world.store.mood = "locked";
    const { bridges, built } = await restarted(before);
    expect(bridges.list()).toEqual([]);
    await expect(bridges.add({ ...box, name: "b" })).rejects.toMatchObject({
      code: "keychain-locked",
    });
    built.world.store.mood = "well";
    await bridges.sweep();
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });

  test("of which the keychain knows nothing has its directory removed", async () => {
    const { bridges, folder } = await opened();
    await mkdir(join(folder, "stray"), { recursive: true });
    await writeFile(join(folder, "stray", "token"), "");
    await bridges.open();
    expect(await readdir(folder)).toEqual([]);
  });

  test("is void where somebody else has its port, and that is said until there is another", async () => {
    const before = await opened();
    const facts = await before.bridges.add(tcpBox);
    before.bridges.close();
    const thief = createServer().listen(facts.port, "127.0.0.1");
    await once(thief, "listening");
    onTestFinished(() => {
      thief.close();
    });
    const next = await restarted(before);
    const { bridges, built, folder } = next;
    expect(bridges.list()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    expect(built.world.store.peek("bridges")).toBeUndefined();
    expect(bridges.troubles).toEqual([
      {
        code: "bridge-void",
        sentence: `Another program holds port ${facts.port} of the bridge box: its token is void.`,
        remedy: "Make it anew: evercred bridge add box",
      },
    ]);
    await bridges.add(tcpBox);
    expect(bridges.troubles).toEqual([]);
    expect(next.changes).toBe(2);
  });
});

describe("a bridge's socket", () => {
  test.each<[string, (facts: BridgeFacts) => Promise<void>]>([
    ["that has vanished", (facts) => unlink(socketOf(facts))],
    ["that has vanished with the directory", ({ directory }) => rm(directory, { recursive: true })],
    [
      "in whose place a file stands",
      async (facts) => {
        await unlink(socketOf(facts));
        await writeFile(socketOf(facts), "");
      },
    ],
  ])("%s is put back by the sweep", async (_what, damage) => {
    const { bridges } = await opened();
    const facts = await bridges.add(box);
    await damage(facts);
    await bridges.sweep();
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });

  test("that cannot be put back is tried again, and the other bridges go on", async () => {
    const { bridges } = await opened();
    const facts = await bridges.add(box);
    const other = await bridges.add({ ...box, name: "other" });
    await unlink(socketOf(facts));
    await chmod(facts.directory, 0o755);
    await unlink(socketOf(other));
    await bridges.sweep();
    expect(await askOver(other, "status")).toMatchObject({ exit: 0 });
    expect(await askOver(facts, "status")).toMatchObject({ exit: undefined });
    await chmod(facts.directory, 0o700);
    await bridges.sweep();
    expect(await askOver(facts, "status")).toMatchObject({ exit: 0 });
  });
});

test("a bridge that is being made where the daemon ends is none", async () => {
  const { bridges, folder, built } = await opened();
  const adding = bridges.add(tcpBox);
  const outcome = expect(adding).rejects.toMatchObject({ code: "cancelled" });
  await settle();
  bridges.close();
  await outcome;
  expect(await readdir(folder)).toEqual([]);
  expect(built.world.store.peek("bridges")).toBeUndefined();
});

test("bridges that are closed cut what runs, stay for the next daemon, and take no orders", async () => {
  const { bridges, built } = await opened(() => new Promise(() => undefined));
  const facts = await bridges.add(box);
  const caller = new Caller(socketOf(facts)).send(await knock(facts), requestFor("exec"));
  while (bridges.list()[0]!.lastUsedAt === undefined) await settle();
  bridges.close();
  expect((await caller.ended).exit).toBeUndefined();
  await expect(bridges.remove("box")).rejects.toMatchObject({ code: "cancelled" });
  await expect(bridges.add({ ...box, name: "b" })).rejects.toMatchObject({ code: "cancelled" });
  await bridges.sweep();
  expect(built.world.store.peek("bridges")).toContain("box");
  expect(await tokenOf(facts)).toMatch(/^[0-9a-f]{64}$/u);
  expect(built.world.clock.pending.filter((at) => at === instantOf(facts.endsAt))).toEqual([]);
});

describe("where an organisation allows no bridges", () => {
  const forbidden = { ...noRule, organization: "Example Corp", limits: { bridges: false } };

  test("none is made", async () => {
    const world = await opened();
    world.rule = forbidden;
    await expect(world.bridges.add(box)).rejects.toMatchObject({
      code: "policy-refused",
      message: "Example Corp does not allow bridges.",
    });
    expect(world.bridges.list()).toEqual([]);
  });

  test("those that are there are cut at once, although the keychain hangs", async () => {
    const world = await opened();
    const { store } = world.built.world;
    const facts = await world.bridges.add(tcpBox);
    const saving = defer<undefined>();
    store.mood = "hanging";
    store.onWrite = () => saving.resolve(undefined);
    void world.bridges.add({ ...box, name: "other" });
    await saving.promise;
    world.rule = forbidden;
    void world.bridges.sweep();
    await expect(askWeb(facts)).rejects.toMatchObject(refused);
  });

  test("those that are there are gone", async () => {
    const world = await opened();
    await world.bridges.add(tcpBox);
    world.rule = forbidden;
    await world.bridges.sweep();
    expect(world.bridges.list()).toEqual([]);
    expect(world.notes.at(-1)).toMatchObject({ event: "bridge-removed", bridge: "box" });
    world.rule = noRule;
    expect((await restarted(world)).bridges.list()).toEqual([]);
  });

  test("while a policy cannot be read those that are there stay", async () => {
    const world = await opened();
    await world.bridges.add(box);
    const closed = new EvercredError("policy-refused", "The policy cannot be used.");
    world.rule = { ...noRule, closed };
    await world.bridges.sweep();
    expect(world.bridges.list()).toHaveLength(1);
    await expect(world.bridges.add({ ...box, name: "other" })).rejects.toBe(closed);
  });
});
