import { once } from "node:events";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Caller } from "../../electron/core/caller.ts";
import { type Places, socketPathLimit } from "../../electron/protocol/endpoint.ts";
import type { Peer } from "../../electron/server/callers.ts";
import type { Handler } from "../../electron/server/connection.ts";
import { openDoor } from "../../electron/server/door.ts";
import { FakeCallers } from "../fakes/callers.ts";
import { settle } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import {
  ask,
  Caller as Client,
  idle,
  makeDirectory,
  makePlaces,
  open,
  placesUnder,
  requestFor,
  defer,
} from "./rig.ts";

const asRoot = process.getuid?.() === 0;
const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const refusal = (message: string): object => ({ code: "config-invalid", message });

/** Something else that listens there. */
const squat = async (path: string): Promise<Server> => {
  const server = createServer((socket) => socket.end());
  server.listen(path);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return server;
};

/** A socket at which nobody listens any more, as a daemon that was killed leaves one. */
const leaveStale = async (places: Places): Promise<void> => {
  const elsewhere = join(places.runtimeDir, "was");
  await mkdir(places.runtimeDir, { recursive: true, mode: 0o700 });
  const server = createServer();
  server.listen(elsewhere);
  await once(server, "listening");
  // A server that is closed removes its own path: this one no longer finds it.
  await rename(elsewhere, places.socket);
  server.close();
  await once(server, "close");
};

describe("a door", () => {
  test("listens in directories that only we can enter, at a socket that only we can use", async () => {
    const places = await makePlaces();
    const log = new MemoryLog();
    const door = await open(places, idle, log);
    expect(door.address).toBe(places.socket);
    expect((await lstat(places.socket)).isSocket()).toBe(true);
    expect(await mode(places.socket)).toBe(0o600);
    expect(await mode(places.runtimeDir)).toBe(0o700);
    expect(await mode(places.stateDir)).toBe(0o700);
    expect(log.lines.map(({ event }) => event)).toEqual(["server: listens"]);
  });

  test("notes its address where only we can read it, and leaves nothing beside it", async () => {
    const places = await makePlaces();
    await open(places);
    expect(await readFile(places.endpointFile, "utf8")).toBe(`${places.socket}\n`);
    expect(await mode(places.endpointFile)).toBe(0o600);
    expect(await readdir(places.stateDir)).toEqual(["endpoint"]);
  });

  test("replaces a note of earlier, whatever its mode was", async () => {
    const places = await makePlaces();
    await mkdir(places.stateDir, { recursive: true });
    await writeFile(places.endpointFile, "/elsewhere\n", { mode: 0o644 });
    await open(places);
    expect(await readFile(places.endpointFile, "utf8")).toBe(`${places.socket}\n`);
    expect(await mode(places.endpointFile)).toBe(0o600);
  });

  test("does not write through a link that stands where its note belongs", async () => {
    const places = await makePlaces();
    const victim = join(await makeDirectory(), "victim");
    await writeFile(victim, "precious");
    await mkdir(places.stateDir, { recursive: true });
    await symlink(victim, places.endpointFile);
    await open(places);
    expect(await readFile(victim, "utf8")).toBe("precious");
    expect((await lstat(places.endpointFile)).isFile()).toBe(true);
  });

  test("takes over a socket at which nobody answers", async () => {
    const places = await makePlaces();
    await leaveStale(places);
    await open(places);
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
  });

  test("takes the place of a file that is no socket", async () => {
    const places = await makePlaces();
    await mkdir(places.runtimeDir, { mode: 0o700 });
    await writeFile(places.socket, "");
    await open(places);
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
  });
});

describe("who comes in", () => {
  /** A door at which everybody is this peer, and what it was asked. */
  const openTo = async (peer: Peer, log: MemoryLog): Promise<[Places, Caller[]]> => {
    const places = await makePlaces();
    const callers = new FakeCallers();
    callers.peer = peer;
    const asked: Caller[] = [];
    const handle: Handler = ({ caller }) => {
      asked.push(caller);
      return Promise.resolve(0);
    };
    const door = await openDoor(places, handle, callers, log);
    onTestFinished(() => door.close());
    return [places, asked];
  };

  test("is named to the verb", async () => {
    const program = { name: "agent", path: "/agent", identity: "/agent", parents: [] };
    const caller: Caller = { kind: "program", program };
    const [places, asked] = await openTo({ kind: "ours", caller }, new MemoryLog());
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
    expect(asked).toEqual([caller]);
  });

  test("and is another user gets nothing at all, and the log says so", async () => {
    const log = new MemoryLog();
    const [places, asked] = await openTo({ kind: "stranger" }, log);
    expect((await ask(places.socket, requestFor("status"))).frames).toEqual([]);
    expect(asked).toEqual([]);
    expect(log.lines.map(({ event }) => event)).toContain("server: another user's request");
  });
});

describe("a door is not opened", () => {
  test("where another one answers, which goes on", async () => {
    const places = await makePlaces();
    await open(places, () => Promise.resolve(7));
    await expect(open(places)).rejects.toMatchObject(
      refusal(`Another Evercred answers at ${places.socket}.`),
    );
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 7 });
  });

  test("where others can enter the directory", async () => {
    const places = await makePlaces();
    await mkdir(places.runtimeDir);
    for (const loose of [0o755, 0o710, 0o701, 0o720]) {
      await chmod(places.runtimeDir, loose);
      await expect(open(places)).rejects.toMatchObject(
        refusal(`${places.runtimeDir} can be entered by others.`),
      );
    }
    expect(await readdir(places.runtimeDir)).toEqual([]);
  });

  test("where the directory is a link, even to one of ours", async () => {
    const places = await makePlaces();
    await symlink(await makeDirectory(), places.runtimeDir);
    await expect(open(places)).rejects.toMatchObject(
      refusal(`${places.runtimeDir} is not a directory.`),
    );
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["a file", (path) => writeFile(path, "")],
    ["a link to nothing", (path) => symlink("/nowhere/at/all", path)],
  ])("where the directory is %s", async (_what, make) => {
    const places = await makePlaces();
    await make(places.runtimeDir);
    await expect(open(places)).rejects.toMatchObject(
      refusal(`${places.runtimeDir} is not a directory.`),
    );
  });

  test("where a directory cannot be made", async () => {
    const own = join(await makeDirectory(), "file");
    await writeFile(own, "");
    const places = placesUnder(own);
    await expect(open(places)).rejects.toMatchObject(refusal(`${places.stateDir} cannot be made.`));
  });

  test.skipIf(!asRoot)("where the directory belongs to another user", async () => {
    const places = await makePlaces();
    await mkdir(places.runtimeDir, { mode: 0o700 });
    await chown(places.runtimeDir, 12_345, 12_345);
    await expect(open(places)).rejects.toMatchObject(
      refusal(`${places.runtimeDir} belongs to another user.`),
    );
  });

  test("where the path is too long, instead of at a path that is cut short", async () => {
    const own = await makeDirectory();
    const rest = socketPathLimit(process.platform) - "/run/daemon.sock".length - own.length - 1;
    const fits = placesUnder(join(own, "x".repeat(rest)));
    const long = placesUnder(join(own, "é".repeat(rest / 2 + 1)));
    expect((await open(fits)).address).toHaveLength(socketPathLimit(process.platform));
    await expect(open(long)).rejects.toMatchObject(
      refusal(`The path of the socket is too long: ${long.socket}`),
    );
    expect(await readdir(long.runtimeDir)).toEqual([]);
  });

  test("where its address cannot be noted, and nothing listens there then", async () => {
    const places = await makePlaces();
    await mkdir(places.endpointFile, { recursive: true });
    await expect(open(places)).rejects.toMatchObject(
      refusal(`${places.endpointFile} cannot be written.`),
    );
    await expect(lstat(places.socket)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await readdir(places.stateDir)).toEqual(["endpoint"]);
  });

  test("where a directory stands in its place", async () => {
    const places = await makePlaces();
    await mkdir(places.socket, { recursive: true });
    await chmod(places.runtimeDir, 0o700);
    await expect(open(places)).rejects.toMatchObject(refusal(`Cannot listen at ${places.socket}.`));
  });
});

describe("a socket is put back", () => {
  const mended: readonly (readonly [string, (places: Places) => Promise<void>])[] = [
    ["that has vanished", ({ socket }) => unlink(socket)],
    ["together with its directory", ({ runtimeDir }) => rm(runtimeDir, { recursive: true })],
    [
      "where a file has replaced it",
      async ({ socket }) => {
        await unlink(socket);
        await writeFile(socket, "");
      },
    ],
    [
      "where a dead socket has replaced it",
      async (places) => {
        await unlink(places.socket);
        await leaveStale(places);
      },
    ],
  ];
  test.each(mended)("%s, and the requests that run are not cut", async (_what, damage) => {
    const places = await makePlaces();
    const finish = defer<number>();
    const door = await open(places, ({ args }, reply) => {
      reply.say("running");
      return args[0] === "wait" ? finish.promise : Promise.resolve(0);
    });
    const caller = new Client(places.socket).send(requestFor("wait"));
    await caller.frame("2");
    await damage(places);
    await door.mend();
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
    expect(await mode(places.socket)).toBe(0o600);
    expect(await mode(dirname(places.socket))).toBe(0o700);
    finish.resolve(9);
    expect(await caller.ended).toMatchObject({ stderr: "running\n", exit: 9 });
  });

  test("only where it has gone: else nothing is touched", async () => {
    const places = await makePlaces();
    const log = new MemoryLog();
    const door = await open(places, idle, log);
    const before = await lstat(places.socket, { bigint: true });
    await door.mend();
    await door.mend();
    expect(await lstat(places.socket, { bigint: true })).toEqual(before);
    expect(log.lines).toHaveLength(1);
  });

  test("again and again", async () => {
    const places = await makePlaces();
    const door = await open(places);
    for (let time = 0; time < 3; time += 1) {
      await unlink(places.socket);
      await door.mend();
      expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
    }
  });

  test("later, where it could not be at first", async () => {
    const places = await makePlaces();
    const door = await open(places);
    await unlink(places.socket);
    await chmod(places.runtimeDir, 0o755);
    await expect(door.mend()).rejects.toMatchObject({ code: "config-invalid" });
    await chmod(places.runtimeDir, 0o700);
    await door.mend();
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
  });

  test("once, where two look at the same time", async () => {
    const places = await makePlaces();
    const door = await open(places);
    await unlink(places.socket);
    await Promise.all([door.mend(), door.mend()]);
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 0 });
  });

  test("but not for long where the door is closed meanwhile", async () => {
    const places = await makePlaces();
    const log = new MemoryLog();
    const door = await open(places, idle, log);
    const begun = defer<undefined>();
    log.warn = () => {
      begun.resolve(undefined);
    };
    await unlink(places.socket);
    const mending = door.mend();
    await begun.promise;
    await door.close();
    await mending;
    await settle();
    await expect(lstat(places.socket)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("but not by a door that is closed", async () => {
    const places = await makePlaces();
    const door = await open(places);
    await door.close();
    await door.mend();
    await expect(lstat(places.socket)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a door that is closed", () => {
  test("cuts off what runs after all that was said, and leaves no socket", async () => {
    const places = await makePlaces();
    const aborted = defer<undefined>();
    const door = await open(places, ({ signal }, reply) => {
      signal.addEventListener("abort", () => aborted.resolve(undefined));
      reply.say("running");
      return new Promise(() => undefined);
    });
    const caller = new Client(places.socket).send(requestFor("status"));
    await caller.frame("2");
    await door.close();
    expect(await caller.ended).toMatchObject({ stderr: "running\n", exit: undefined });
    await aborted.promise;
    await expect(lstat(places.socket)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("lets the very request that closes it have its answer", async () => {
    const places = await makePlaces();
    const door = await open(places, (_request, reply) => {
      reply.print("Evercred stops.");
      void door.close();
      return Promise.resolve(0);
    });
    expect(await ask(places.socket, requestFor("daemon", "stop"))).toMatchObject({
      stdout: "Evercred stops.\n",
      exit: 0,
    });
  });

  test("can be followed by another one at the same place", async () => {
    const places = await makePlaces();
    await (await open(places)).close();
    await settle();
    await open(places, () => Promise.resolve(5));
    expect(await ask(places.socket, requestFor("status"))).toMatchObject({ exit: 5 });
  });
});

test("something that is no Evercred but answers is left alone", async () => {
  const places = await makePlaces();
  await mkdir(places.runtimeDir, { mode: 0o700 });
  const stranger = await squat(places.socket);
  await expect(open(places)).rejects.toMatchObject({ code: "config-invalid" });
  expect(stranger.listening).toBe(true);
  expect((await lstat(places.socket)).isSocket()).toBe(true);
});
