import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { FakeSharedPlace } from "../fakes/shared-place.ts";

import { addKeys } from "./keys.ts";
import { configure } from "./organisation.ts";
import { hour, terminal, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
  world.belongings.entries.add("grant/corp");
  world.belongings.setUp.add("what was set up in /home/ann/.claude/settings.json");
  world.belongings.filed.add("the configuration");
});

const revocations = (): number => world.provider.count("revoke");

describe("reset --yes", () => {
  test("ends sign-ins at the provider, takes back what was set up, then the configuration, and leaves", async () => {
    const { bridges, belongings } = world;
    await bridges.add({ name: "box", allow: [], lastsMs: hour, tcp: false, madeFor: undefined });
    belongings.entries.add("grant/gone");
    expect(await world.run(["reset", "--yes"])).toEqual({
      exit: 0,
      stdout: [
        `Gone: the sign-in of corp, here and at ${world.source().organisation}`,
        "Gone: the bridge box",
        "Gone: what was set up in /home/ann/.claude/settings.json",
        "Gone: the entry grant/gone of the keychain",
        "Gone: the configuration",
        "Evercred has stopped, and leaves nothing behind.",
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
    expect(revocations()).toBe(1);
    expect(world.store.peek("grant/corp")).toBeUndefined();
    expect(bridges.list()).toEqual([]);
    expect(belongings.leaves).toBe(1);
  });

  test("keeps a sign-in whose provider cannot be told, and all that is needed to go on from there", async () => {
    const { belongings, provider } = world;
    provider.outage = "unreachable";
    const first = await world.run(["reset", "--yes"]);
    expect(first).toMatchObject({ exit: 1 });
    expect(first.stdout).toBe("Gone: what was set up in /home/ann/.claude/settings.json\n");
    expect(first.stderr).toContain(
      `could not be told. Try again later; to forget it here only: evercred logout corp\n`,
    );
    expect(first.stderr).toContain("Then run again: evercred reset\n");
    expect(world.session().isSignedIn).toBe(true);
    expect(world.store.peek("grant/corp")).toBeDefined();
    expect([...belongings.filed]).toEqual(["the configuration"]);
    expect(belongings.leaves).toBe(0);
    provider.outage = undefined;
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0, stderr: "" });
    expect(revocations()).toBe(2);
    expect(belongings.leaves).toBe(1);
  });

  test("does all else where one thing cannot be taken back, and says what to do about it", async () => {
    const { belongings } = world;
    belongings.setUp.add("what was set up elsewhere");
    belongings.stuck.add("what was set up elsewhere");
    const first = await world.run(["reset", "--yes"]);
    expect(first).toMatchObject({ exit: 1 });
    expect(first.stderr).toContain(
      "Not done: what was set up elsewhere. It is read-only. Make it so.\n",
    );
    expect(belongings.gone).toEqual(["what was set up in /home/ann/.claude/settings.json"]);
    expect(revocations()).toBe(1);
    belongings.stuck.clear();
    const second = await world.run(["reset", "--yes"]);
    expect(second).toMatchObject({ exit: 0, stderr: "" });
    expect(second.stdout).not.toContain(".claude");
  });

  test("says what stays, which keeps nothing else from going", async () => {
    const { belongings } = world;
    belongings.setUp.add("what stood there before");
    belongings.staying.set("what stood there before", "/a is somebody else's by now.");
    belongings.left = [{ sentence: "/etc/evercred/policy.json.", remedy: undefined }];
    expect(await world.run(["reset", "--yes"])).toMatchObject({
      exit: 0,
      stderr: "Stays: /a is somebody else's by now.\nStays: /etc/evercred/policy.json.\n",
    });
    expect(belongings.leaves).toBe(1);
  });

  test("exits 1 where only an administrator can do the rest, which is done all the same", async () => {
    const { belongings } = world;
    belongings.left = [{ sentence: "/etc/x asks Evercred.", remedy: "An administrator has to." }];
    expect(await world.run(["reset", "--yes"])).toMatchObject({
      exit: 1,
      stderr: "Stays: /etc/x asks Evercred. An administrator has to.\n",
    });
    expect(belongings.leaves).toBe(1);
  });

  test("with a locked keychain does the rest, and needs what it has", async () => {
    const { belongings } = world;
    belongings.keysRefusal = new EvercredError("keychain-locked");
    world.store.mood = "locked";
    const first = await world.run(["reset", "--yes"]);
    expect(first).toMatchObject({ exit: 1 });
    expect(first.stderr).toContain("Not done: what the keychain has.");
    expect(belongings.gone).toEqual(["what was set up in /home/ann/.claude/settings.json"]);
    belongings.keysRefusal = undefined;
    world.store.mood = "well";
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0, stderr: "" });
    expect([...belongings.entries]).toEqual([]);
  });

  test("reads a keychain that was locked until now, so that its sign-ins are ended and not only forgotten", async () => {
    const { store } = world;
    store.mood = "locked";
    const later = await World.make({ store });
    later.belongings.entries.add("grant/corp");
    store.mood = "well";
    expect(await later.run(["reset", "--yes"])).toMatchObject({ exit: 0 });
    expect(later.provider.count("revoke")).toBe(1);
  });

  test("leaves another tool's sign-in where it is, and valid, also where the keychain has one of before", async () => {
    const shared = new FakeSharedPlace();
    await configure(world, { theirs: { shared, profiles: {} } });
    shared.leave({ ...world.provider.signIn(world.source("theirs").boundTo), renewable: false });
    await world.session("theirs").look();
    expect(world.session("theirs").isBorrowed).toBe(true);
    world.belongings.entries.clear();
    world.belongings.entries.add("grant/theirs");
    const told = revocations();
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0, stderr: "" });
    expect([...world.belongings.entries]).toEqual([]);
    expect(revocations()).toBe(told);
    expect(shared.content).toBeDefined();
  });

  test("needs no keychain: where there is none, nothing is in it", async () => {
    world.belongings.keysRefusal = new EvercredError("keychain-unavailable");
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0, stderr: "" });
  });
});

describe("a grant whose source is not configured any more", () => {
  let ends: string[];
  let isAway: boolean;

  beforeEach(() => {
    ends = [];
    isAway = false;
    world.belongings.entries.add("grant/gone");
    world.belongings.strays.set("grant/gone", {
      organisation: "old.example",
      revoke: async () => {
        if (isAway) throw new EvercredError("unreachable");
        ends.push("revoked");
      },
      withdraw: async () => void ends.push("withdrawn"),
    });
  });

  test("is ended at its provider, then taken from other tools and the keychain", async () => {
    const { exit, stdout } = await world.run(["reset", "--yes"]);
    expect(exit).toBe(0);
    expect(stdout).toContain(
      "Gone: the sign-in of gone, which is not configured any more, here and at old.example\n",
    );
    expect(ends).toEqual(["revoked", "withdrawn"]);
    expect(world.belongings.entries.has("grant/gone")).toBe(false);
  });

  test("stays where its provider cannot be told, with what to do about it", async () => {
    isAway = true;
    const { exit, stderr } = await world.run(["reset", "--yes"]);
    expect(exit).toBe(1);
    expect(stderr).toContain("old.example could not be told. Try again later;");
    expect(ends).toEqual([]);
    expect(world.belongings.entries.has("grant/gone")).toBe(true);
    expect(world.belongings.leaves).toBe(0);
    isAway = false;
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0 });
    expect(ends).toEqual(["revoked", "withdrawn"]);
  });
});

describe("what is left at the very end", () => {
  const left = { sentence: "/a cannot be taken away (EACCES).", remedy: "Delete it by hand." };

  test("is named, and exits 1: nothing is said to be gone that is there", async () => {
    world.belongings.remains = [left];
    const { exit, stdout, stderr } = await world.run(["reset", "--yes"]);
    expect(exit).toBe(1);
    expect(stdout).not.toContain("leaves nothing behind");
    expect(stderr).toBe(
      "Not done: /a cannot be taken away (EACCES). Delete it by hand.\nEvercred has stopped; nothing else of it is left.\n",
    );
  });

  test("is named also where nothing was set up", async () => {
    world = await World.make();
    world.belongings.remains = [left];
    expect(await world.run(["reset"])).toMatchObject({ exit: 1 });
  });
});

describe("reset forgets keys that were entered", () => {
  beforeEach(async () => {
    await addKeys(world, { litellm: "sk-1", proxy: "secret" }, "entered");
    for (const key of ["litellm", "proxy"]) world.belongings.entries.add(`grant/${key}`);
  });

  test("and says that they cannot be had again", async () => {
    const { stdout } = await world.run(["reset", "--dry-run"]);
    expect(stdout).toContain(
      "Would go: the key litellm, which was entered and cannot be had again\n",
    );
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0, stderr: "" });
    expect(world.store.peek("grant/litellm")).toBeUndefined();
  });

  test("except those by which a provider is reached that could not be told", async () => {
    const { config, belongings, provider } = world;
    config.tree = { ...config.tree, network: { proxyPasswordKey: "proxy" } };
    provider.outage = "unreachable";
    const { stderr } = await world.run(["reset", "--yes"]);
    expect(stderr).toContain("Not done: the key proxy, which was entered");
    expect([...belongings.entries]).toEqual(["grant/corp", "grant/proxy"]);
  });
});

describe("reset asks", () => {
  test("on a terminal, with a list of what goes; without a yes nothing does", async () => {
    const call = await world.run(["reset"], { terminal, types: [""] });
    expect(call).toMatchObject({ exit: 1, stdout: "", questions: ["l"] });
    expect(call.stderr).toContain("Goes: the configuration\n");
    expect(call.stderr).toContain("Nothing was changed.");
    expect(revocations()).toBe(0);
    expect(world.belongings).toMatchObject({ gone: [], leaves: 0 });
    expect(await world.run(["reset"], { terminal, types: ["yes"] })).toMatchObject({ exit: 0 });
    expect(world.belongings.leaves).toBe(1);
  });

  test("nobody where there is no terminal: it exits 2 and says how to go without a question", async () => {
    expect(await world.run(["reset"])).toMatchObject({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: Nobody can be asked whether everything is to go. Without a question: evercred reset --yes\n",
    });
    expect(world.belongings).toMatchObject({ gone: [], leaves: 0 });
  });
});

describe("reset and what happens meanwhile", () => {
  test("a second one at the same time does nothing, and says why", async () => {
    const { bridges, belongings } = world;
    await bridges.add({ name: "box", allow: [], lastsMs: hour, tcp: false, madeFor: undefined });
    const calls = await Promise.all([world.run(["reset", "--yes"]), world.run(["reset", "--yes"])]);
    const [first, second] = calls.sort((one, other) => one.exit - other.exit);
    expect(first).toMatchObject({ exit: 0, stderr: "" });
    expect(second).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: "evercred: Another reset is under way. Wait until it has ended.\n",
    });
    expect(revocations()).toBe(1);
    expect(belongings.leaves).toBe(1);
  });

  test("it ends a sign-in too that came while it asked", async () => {
    await world.session().signOut();
    world.belongings.entries.clear();
    const told = revocations();
    let answer: (line: string) => void = () => undefined;
    const typed = new Promise<string>((resolve) => (answer = resolve));
    const call = world.run(["reset"], { terminal, types: [typed] });
    // All that is awaited until the question is there already.
    await new Promise(setImmediate);
    await world.signIn();
    answer("yes");
    expect(await call).toMatchObject({ exit: 0 });
    expect(revocations()).toBe(told + 1);
  });

  test("it cancels a sign-in that is open, which could come to an end behind it", async () => {
    await world.session().signOut();
    world.belongings.entries.clear();
    const { outcome, request } = world.session().signIn(undefined);
    await request;
    expect(await world.run(["reset", "--yes"])).toMatchObject({ exit: 0 });
    expect(world.session().signInOpen).toBeUndefined();
    expect(await outcome).toMatchObject({ kind: "failed", error: { code: "cancelled" } });
  });
});

describe("reset --dry-run", () => {
  test("lists what would go, and changes nothing", async () => {
    world.belongings.left = [{ sentence: "The policy.", remedy: undefined }];
    expect(await world.run(["reset", "--dry-run"])).toMatchObject({
      exit: 0,
      stdout: [
        `Would go: the sign-in of corp, here and at ${world.source().organisation}`,
        "Would go: what was set up in /home/ann/.claude/settings.json",
        "Would go: the configuration",
        "",
      ].join("\n"),
      stderr: "Stays: The policy.\n",
    });
    expect(revocations()).toBe(0);
    expect(world.belongings).toMatchObject({ gone: [], leaves: 0 });
  });
});

describe("where nothing was ever set up", () => {
  beforeEach(async () => {
    world = await World.make();
  });

  test("reset says so, asks nobody, and leaves", async () => {
    expect(await world.run(["reset"])).toMatchObject({
      exit: 0,
      stdout: "There is nothing to take back.\n",
      stderr: "",
    });
    expect(world.belongings.leaves).toBe(1);
  });

  test("a dry run leaves it running", async () => {
    expect(await world.run(["reset", "--dry-run"])).toMatchObject({ exit: 0 });
    expect(world.belongings.leaves).toBe(0);
  });

  test("reset fails where nobody can tell", async () => {
    world.belongings.setupsRefusal = new EvercredError("config-invalid", "The notes are broken.");
    const { exit, stderr } = await world.run(["reset", "--yes"]);
    expect(exit).toBe(1);
    expect(stderr).toContain("Not done: what was set up in other tools. The notes are broken.");
    expect(world.belongings.leaves).toBe(0);
  });
});
