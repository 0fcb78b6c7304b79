import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Broker } from "../../../electron/core/broker.ts";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { Session } from "../../../electron/core/session.ts";
import type { Source } from "../../../electron/core/source.ts";
import { never as noEnd, plus } from "../../../electron/core/time.ts";
import { type CommandsConfig, CommandSources } from "../../../electron/sources/programs/index.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";

const second = 1_000;
const minute = 60 * second;
const waiting = { timeout: 20_000 };
const never = new AbortController().signal;
let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "programs-"));
  clock = new FakeClock();
});

afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Writes a shell script, which notes that it was run; gives its path. */
const script = async (name: string, lines: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho '${name}' >> '${folder}/runs'\n${lines}\n`);
  await chmod(path, 0o700);
  return path;
};

/** What was run, in order. */
const runs = async (): Promise<string> =>
  (await readFile(join(folder, "runs"), "utf8").catch(() => "")).trim().replaceAll("\n", " ");

type Entry = CommandsConfig["sources"][string];

const sourceOf = (entry: Partial<Entry> & Pick<Entry, "signIn">): Source => {
  const full: Entry = { kind: "command", enabled: true, timeout: 165 * second, ...entry };
  return new CommandSources(clock).load({ sources: { vault: full } })[0]!;
};

/** A program that signs in, and one that says whether it has. */
const pair = async (): Promise<{ signIn: [string]; check: [string] }> => ({
  signIn: [await script("login", `: > '${folder}/session'`)],
  check: [await script("check", `[ -e '${folder}/session' ]`)],
});

const signIn = (source: Source, said: string[] = []): Promise<Grant> =>
  source.signIn(
    {
      flow: "program",
      previous: undefined,
      attended: Promise.resolve(),
      show: () => undefined,
      say: (line) => void said.push(line),
    },
    never,
  );

const nothing = (): Promise<never> => Promise.reject(new Error("Nothing else is needed."));

test("a source is what the configuration says, and hands out nothing", async () => {
  const source = sourceOf({ signIn: ["/opt/bin/vault", "login"], title: "Vault" });
  expect(source).toMatchObject({
    id: "vault",
    kind: "command",
    title: "Vault",
    organisation: "vault",
    keptBy: "vault",
    byProgram: true,
    unattended: false,
  });
  expect(source.offers.size).toBe(0);
  expect(sourceOf({ signIn: ["vault"] }).title).toBe("vault");
  await expect(source.issue({} as Grant, "x", never, nothing)).rejects.toThrow("hands out nothing");
});

test("another program or another check is another sign-in; another title is not", () => {
  const { boundTo } = sourceOf({ signIn: ["a", "b"], check: ["c"] });
  expect(sourceOf({ signIn: ["a", "b"], check: ["c"], title: "T" }).boundTo).toBe(boundTo);
  const others = [
    { signIn: ["a", "d"] as Entry["signIn"] },
    { signIn: ["a", "b"] as Entry["signIn"] },
  ];
  for (const other of others) expect(sourceOf(other).boundTo).not.toBe(boundTo);
});

test("one that is off is not there", () => {
  const off: Entry = { kind: "command", enabled: false, timeout: 1, signIn: ["a"] };
  expect(new CommandSources(clock).load({ sources: { off } })).toEqual([]);
});

describe("a sign-in", () => {
  test("is the program's, and is checked again within a quarter of an hour", async () => {
    const source = sourceOf({
      signIn: [await script("login", "echo 'signed in'")],
      check: [await script("check", `grep -q login '${folder}/runs'`)],
    });
    const said: string[] = [];
    expect(await signIn(source, said)).toMatchObject({
      boundTo: source.boundTo,
      signedInAt: clock.now(),
      expiresAt: plus(clock.now(), 15 * minute),
      renewable: true,
    });
    expect(said).toEqual(["signed in"]);
    expect(await runs()).toBe("check login check");
  });

  test("runs nothing where the check says that somebody is signed in", async () => {
    const { signIn: login, check } = await pair();
    await writeFile(join(folder, "session"), "");
    await signIn(sourceOf({ signIn: login, check }));
    expect(await runs()).toBe("check");
  });

  test("that the check does not confirm is sign-in-denied", async () => {
    const source = sourceOf({
      signIn: [await script("login", "exit 0")],
      check: [await script("check", "exit 1")],
    });
    await expect(signIn(source)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: "login has ended well, but check says that nobody is signed in.",
      remedy: "Correct signIn or check of sources.vault in the configuration.",
    });
  });

  test("that fails is sign-in-denied, and takes the time that the configuration gives it", async () => {
    const source = sourceOf({ signIn: [await script("login", "exit 3")] });
    await expect(signIn(source)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: "login has ended without a sign-in (exit code 3).",
    });
    const endless = sourceOf({
      signIn: [await script("login", "exec sleep 1000")],
      timeout: minute,
    });
    const failed = expect(signIn(endless)).rejects.toMatchObject({ code: "timed-out" });
    await vi.waitUntil(() => clock.pending.length > 0, waiting);
    await clock.advance(minute);
    await failed;
  });

  test("without a check holds without end", async () => {
    const grant = await signIn(sourceOf({ signIn: [await script("login", "exit 0")] }));
    expect(grant).toMatchObject({ expiresAt: noEnd, renewable: false });
  });
});

describe("a renewal", () => {
  const checked = async (lines: string): Promise<{ source: Source; grant: Grant }> => {
    const { signIn: login, check } = await pair();
    await writeFile(join(folder, "session"), "");
    const grant = await signIn(sourceOf({ signIn: login, check }));
    const source = sourceOf({ signIn: login, check: [await script("check", lines)] });
    return { source, grant };
  };

  test("asks the check, and is good for another quarter of an hour", async () => {
    const { source, grant } = await checked("exit 0");
    clock.jump(10 * minute);
    expect(await source.renew(grant, never)).toMatchObject({
      signedInAt: grant.signedInAt,
      issuedAt: clock.now(),
      expiresAt: plus(clock.now(), 15 * minute),
    });
  });

  test.each(["exit 1", "exit 3", "kill -9 $$"])(
    "is grant-rejected where the check ends with: %s",
    async (end) => {
      const { source, grant } = await checked(end);
      await expect(source.renew(grant, never)).rejects.toMatchObject({
        code: "grant-rejected",
        message: "check says that nobody is signed in.",
      });
    },
  );

  test("keeps the session where the check does not end; it is killed", async () => {
    const { source, grant } = await checked(`echo $$ > '${folder}/pid'; exec sleep 1000`);
    const failed = expect(source.renew(grant, never)).rejects.toMatchObject({
      code: "unreachable",
      unanswered: false,
      message: "check has not said within 10 s whether you are signed in.",
    });
    const pid = await vi.waitUntil(
      () => readFile(join(folder, "pid"), "utf8").catch(() => undefined),
      waiting,
    );
    await clock.advance(10 * second);
    await failed;
    await vi.waitUntil(async () => {
      const stat = await readFile(`/proc/${pid.trim()}/stat`, "utf8").catch(() => "");
      return stat === "" || /\) Z /.test(stat);
    }, waiting);
  });

  test("keeps the session where the check is not there, or cannot be run", async () => {
    const { source, grant } = await checked("");
    await writeFile(join(folder, "check"), "#!/no/such/shell\n");
    await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "program-missing" });
    await rm(join(folder, "check"));
    await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "program-missing" });
  });

  test("ends where nobody waits any more", async () => {
    const { source, grant } = await checked("exec sleep 1000");
    const stop = new AbortController();
    const reason = new EvercredError("cancelled");
    const failed = expect(source.renew(grant, stop.signal)).rejects.toBe(reason);
    stop.abort(reason);
    await failed;
  });
});

describe("a session of it", () => {
  let broker: Broker;
  const memo = new MemoryMemo();

  const sessionOf = async (source: Source): Promise<Session> => {
    const ports = { store: new MemoryStore(), memo, clock, random: () => 0, log: new MemoryLog() };
    broker = new Broker(ports);
    await broker.configure([source]);
    return broker.session("vault")!;
  };

  const signedIn = async (session: Session): Promise<void> => {
    const open = session.signIn(undefined);
    open.attend();
    expect(await open.outcome).toEqual({ kind: "signed-in" });
  };

  afterEach(() => broker.close());

  test("is there by itself where the check says so at the start", async () => {
    const source = sourceOf(await pair());
    expect((await sessionOf(source)).isSignedIn).toBe(false);
    await broker.close();
    await writeFile(join(folder, "session"), "");
    expect((await sessionOf(source)).isSignedIn).toBe(true);
    await broker.close();
    const nobodyKnows = sourceOf({ signIn: ["login"], check: ["no-such-program"] });
    expect((await sessionOf(nobodyKnows)).isSignedIn).toBe(false);
  });

  test("without a check is not there after a new start, and holds until somebody signs out", async () => {
    const source = sourceOf({ signIn: [await script("login", "exit 0")] });
    const session = await sessionOf(source);
    await signedIn(session);
    await clock.advance(30 * 24 * 60 * minute);
    await session.look();
    expect(session.isLive).toBe(true);
    expect(await session.signOut()).toBe(false);
    expect(session.isSignedIn).toBe(false);
    await signedIn(session);
    await broker.close();
    expect((await sessionOf(source)).isSignedIn).toBe(false);
  });

  test("goes on while the check says so, ends when it does not, and no file that changes matters to it", async () => {
    const session = await sessionOf(sourceOf(await pair()));
    await signedIn(session);
    const before = await runs();
    await session.look();
    expect(await runs()).toBe(before);
    clock.jump(20 * minute);
    await session.revive();
    expect(session.isLive).toBe(true);
    expect((await runs()).length).toBeGreaterThan(before.length);
    await rm(join(folder, "session"));
    clock.jump(20 * minute);
    await expect(session.revive()).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "You are not signed in to vault. check says that nobody is signed in.",
    });
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "ended" });
  });

  test("that somebody has signed out of is not taken up again by itself", async () => {
    const session = await sessionOf(sourceOf(await pair()));
    await signedIn(session);
    await session.signOut();
    await session.look();
    await session.sweep();
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });

  test("is kept by its program: nothing is saved", async () => {
    const session = await sessionOf(sourceOf(await pair()));
    await signedIn(session);
    expect(session.durable).toBe(true);
  });
});
