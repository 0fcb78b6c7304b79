import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SignInOutcome } from "../../../electron/core/sign-in.ts";
import type { CommandKeyConfig } from "../../../electron/sources/keys/command-key.ts";
import { minute, second, startWorld, waiting, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

/** How often the program has run. */
const runs = async (): Promise<number> => (await world.read("runs")).length;

/** A program that notes that it has run, and prints another key each time. */
const counting = (lines = ""): Promise<string> =>
  world.script(
    "give-key",
    `cd '${world.home}'\nprintf x >> runs\n${lines}\necho "sk-$(wc -c < runs | tr -d ' ')"`,
  );

const configure = async (program: string, more: Partial<CommandKeyConfig> = {}): Promise<void> =>
  world.configure({
    gateway: { kind: "command", command: [program], ttl: 5 * minute, timeout: minute, ...more },
  });

const issued = async (): Promise<string> => (await world.issue("gateway")).token.reveal();

describe("a program that needs nobody", () => {
  test("is run once for all who ask while it runs, and again once the key has ended", async () => {
    await configure(await counting("while [ ! -e go ]; do sleep 0.05; done"));
    const all = Array.from({ length: 300 }, () => issued());
    await vi.waitUntil(async () => (await runs()) === 1, waiting);
    await writeFile(join(world.home, "go"), "");
    expect(new Set(await Promise.all(all))).toEqual(new Set(["sk-1"]));
    expect(await runs()).toBe(1);
    world.clock.jump(5 * minute);
    const again = await Promise.all(Array.from({ length: 300 }, () => issued()));
    expect(new Set(again)).toEqual(new Set(["sk-2"]));
    expect(await runs()).toBe(2);
  });

  test("that fails is its caller's matter: the session stays, and the next caller tries again", async () => {
    await configure(await counting("[ -e ok ] || { echo 'no route' >&2; exit 3; }"));
    await expect(issued()).rejects.toMatchObject({
      code: "program-failed",
      message: "give-key has failed (exit code 3). It says: no route.",
    });
    expect(world.session("gateway").state.kind).toBe("active");
    await writeFile(join(world.home, "ok"), "");
    expect(await issued()).toBe("sk-2");
  });

  test("is asked again where somebody says that the key does not work: two who hold the old one get the new one", async () => {
    await configure(await counting());
    expect([await issued(), await issued()]).toEqual(["sk-1", "sk-1"]);
    world.clock.jump(minute);
    expect((await world.issue("gateway", true)).token.reveal()).toBe("sk-2");
    expect([await issued(), await issued()]).toEqual(["sk-2", "sk-2"]);
  });

  test("is there after a new start, saves nothing, and is left where somebody signs out of it", async () => {
    const program = await counting();
    await configure(program);
    await issued();
    expect(world.store.writes).toBe(0);
    const session = world.session("gateway");
    expect(session.durable).toBe(true);
    await session.signOut();
    await expect(issued()).rejects.toMatchObject({
      code: "sign-in-needed",
      message: "You have signed out of gateway.",
    });
    world.clock.jump(minute);
    await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
    await session.takeUp();
    expect(await issued()).toBe("sk-2");
  });
});

describe("a program that wants a person to sign in", () => {
  const usual = async (more: Partial<CommandKeyConfig> = {}): Promise<void> => {
    const program = await counting("[ -e session ] || { echo 'not logged in' >&2; exit 2; }");
    const login = await world.script("login", `echo "$WHO" > '${world.home}/session'`);
    await configure(program, { signIn: [login], env: { WHO: "ann" }, ...more });
  };

  const signIn = (): Promise<SignInOutcome> => {
    const open = world.session("gateway").signIn(undefined);
    open.attend();
    return open.outcome;
  };

  const signedOut = {
    code: "sign-in-needed",
    exit: 3,
    message:
      "You are not signed in to gateway. give-key has failed (exit code 2). It says: not logged in.",
    remedy: "Run: evercred login gateway",
  };

  test("is what the configuration says", async () => {
    await usual();
    const session = world.session("gateway");
    expect(session.source).toMatchObject({
      unattended: false,
      byProgram: true,
      mayRecover: true,
      keptBy: "give-key",
    });
    const revoked = session.lend((grant, signal) => session.source.revoke(grant, signal));
    await expect(revoked).rejects.toMatchObject({
      code: "usage",
      message: "give-key keeps its own sign-in.",
    });
  });

  test("is taken as it stands: who is signed in there needs no other sign-in", async () => {
    await usual();
    await writeFile(join(world.home, "session"), "");
    expect(await issued()).toBe("sk-1");
  });

  test("says that somebody has to sign in, and that is done by its program", async () => {
    await usual();
    await expect(issued()).rejects.toMatchObject(signedOut);
    const session = world.session("gateway");
    expect(session.state).toMatchObject({
      kind: "signed-out",
      reason: "ended",
      because: { code: "grant-rejected" },
    });
    expect(session.wantedAt).toBe(world.clock.now());
    expect(await runs()).toBe(1);
    expect(await signIn()).toEqual({ kind: "signed-in" });
    expect(await world.read("session")).toBe("ann\n");
    expect(await issued()).toBe("sk-2");
    expect(world.store.writes).toBe(0);
  });

  test("is tried again by callers, not sooner than after five seconds: somebody may have signed in elsewhere", async () => {
    await usual();
    await expect(issued()).rejects.toMatchObject(signedOut);
    await expect(issued()).rejects.toMatchObject(signedOut);
    expect(await runs()).toBe(1);
    world.clock.jump(5 * second);
    await expect(issued()).rejects.toMatchObject(signedOut);
    expect(await runs()).toBe(2);
    await writeFile(join(world.home, "session"), "");
    world.clock.jump(5 * second);
    expect(await issued()).toBe("sk-3");
    expect(world.session("gateway").state.kind).toBe("active");
  });

  test("ends the session also later, where it says no", async () => {
    await usual();
    expect(await signIn()).toEqual({ kind: "signed-in" });
    expect(await issued()).toBe("sk-1");
    await rm(join(world.home, "session"));
    world.clock.jump(5 * minute);
    await expect(issued()).rejects.toMatchObject(signedOut);
  });

  test.each([
    ["is killed", "kill -9 $$", "program-failed"],
    ["prints nothing", "exit 0", "key-unfit"],
    ["is not there", undefined, "program-missing"],
  ])("goes on being signed in where it %s", async (_, lines, code) => {
    await usual();
    const program = await counting(lines);
    if (lines === undefined) await rm(program);
    await expect(issued()).rejects.toMatchObject({ code });
    expect(world.session("gateway").state.kind).toBe("active");
  });

  test("goes on being signed in where the shell finds no program of that name", async () => {
    await usual({ command: "no-such-program" });
    await expect(issued()).rejects.toMatchObject({ code: "program-missing" });
    expect(world.session("gateway").state.kind).toBe("active");
  });

  test("goes on being signed in where it does not end in time", async () => {
    await usual();
    await counting("exec sleep 1000");
    const failed = expect(issued()).rejects.toMatchObject({ code: "timed-out" });
    await vi.waitUntil(async () => (await runs()) === 1, waiting);
    await world.clock.advance(minute);
    await failed;
    expect(world.session("gateway").state.kind).toBe("active");
  });

  test("is run where the key's program is: in the home directory, or where the configuration says", async () => {
    const look = await world.script("look", `pwd -P > '${world.home}/session'`);
    await usual({ signIn: [look] });
    expect(await signIn()).toEqual({ kind: "signed-in" });
    const home = await realpath(world.home);
    expect(await world.read("session")).toBe(`${home}\n`);
    await mkdir(join(world.home, "work"));
    await usual({ signIn: [look], cwd: join(world.home, "work") });
    expect(await signIn()).toEqual({ kind: "signed-in" });
    expect(await world.read("session")).toBe(`${join(home, "work")}\n`);
  });

  test("is not run where there is no such folder, and that is said", async () => {
    await usual({ cwd: join(world.home, "gone") });
    const outcome = await signIn();
    expect(outcome).toMatchObject({
      kind: "failed",
      error: {
        code: "config-invalid",
        remedy: "Correct cwd of keys.gateway in the configuration.",
      },
    });
    expect(await world.read("session")).toBe("");
  });

  test("has the usual time for it, and no setting is named that keys do not have", async () => {
    const wait = await world.script("wait", `echo > '${world.home}/begun'; exec sleep 1000`);
    await usual({ signIn: [wait] });
    const outcome = signIn();
    await vi.waitUntil(async () => (await world.read("begun")) !== "", waiting);
    await world.clock.advance(165 * second);
    expect(await outcome).toMatchObject({
      kind: "failed",
      error: {
        code: "timed-out",
        message: "wait has not ended within 165 s.",
        remedy: "Start it again, or see in a terminal what it waits for.",
      },
    });
  });

  test("that fails to sign in changes nothing", async () => {
    await usual({ signIn: [await world.script("refuse", "exit 1")] });
    expect(await signIn()).toMatchObject({ kind: "failed", error: { code: "sign-in-denied" } });
    await expect(issued()).rejects.toMatchObject(signedOut);
  });

  test("is left where somebody signs out, until the next sign-in", async () => {
    await usual();
    await signIn();
    await issued();
    const session = world.session("gateway");
    expect(await session.signOut()).toBe(false);
    for (const wait of [0, minute]) {
      world.clock.jump(wait);
      await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
      await session.look();
      expect(session.state).toMatchObject({ kind: "signed-out", reason: "user" });
    }
    expect(await signIn()).toEqual({ kind: "signed-in" });
    expect(await issued()).toBe("sk-2");
  });
});
