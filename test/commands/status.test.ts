import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import { plus } from "../../electron/core/time.ts";
import { EnteredSource } from "../fakes/entered.ts";
import { key, otherKey } from "../fakes/source.ts";
import { build, codeSource, configure, worldOf } from "./organisation.ts";
import { hour, minute, type Outcome, terminal, World } from "./world.ts";

const two = { sources: { corp: { dev: key }, lab: { test: otherKey } } };

/** A person enters the key of litellm, at the tray. */
const enter = async (world: World, secret: string): Promise<void> => {
  const { request, outcome } = world.session("litellm").signIn(undefined);
  const asked = await request;
  if (asked.flow === "secret") asked.submit(new Secret(secret));
  await outcome;
};

/** Ends the world's renewals: what is there serves until its end. */
const goOffline = async (world: World, forMs: number): Promise<void> => {
  world.provider.outage = "unreachable";
  await world.clock.advance(forMs);
};

describe("status on a terminal", () => {
  const three = { sources: { corp: { dev: key }, elsewhere: { test: otherKey } } };
  const onTerminal = async (
    world: World,
    env: Readonly<Record<string, string>> = {},
    ...flags: readonly string[]
  ): Promise<string> => (await world.run(["status", ...flags], { terminal, env })).stdout;

  test("is a table whose marks differ in shape and colour", async () => {
    const world = await World.make(three);
    await world.signIn("corp");
    await world
      .session("elsewhere")
      .issue(otherKey)
      .catch(() => undefined);
    const text = await onTerminal(world);
    expect(text).toContain("\u001b[32m●\u001b[39m corp       ");
    expect(text).toContain("\u001b[31m!\u001b[39m elsewhere  ");
    expect(text).toContain(`\u001b[2m  dev  ${key}\u001b[22m\n`);
  });

  test.each([
    ["NO_COLOR", { NO_COLOR: "1" }, []],
    ["a terminal without them", { TERM: "dumb" }, []],
    ["--no-color", {}, ["--no-color"]],
  ])("has no colours where none are wanted: %s", async (_why, env, flags) => {
    const world = await World.make(three);
    await world.signIn("corp");
    const text = await onTerminal(world, env, ...flags);
    expect(text).not.toContain("\u001b");
    expect(text).toContain("\n● corp       ");
  });

  test("has them where NO_COLOR is empty", async () => {
    const world = await World.signedIn();
    expect(await onTerminal(world, { NO_COLOR: "" })).toContain("\u001b[32m●");
  });

  test("shows what cannot be reached, and what is open, by other marks", async () => {
    const world = await World.signedIn();
    await goOffline(world, 50 * minute);
    expect(await onTerminal(world, { NO_COLOR: "1" })).toContain("\n◌ corp  ");
    world.session().signIn(undefined);
    expect(await onTerminal(world, { NO_COLOR: "1" })).toContain("\n… corp  ");
    world.session().cancelSignIn();
    await world.run(["logout", "corp"]);
    expect(await onTerminal(world, { NO_COLOR: "1" })).toContain("\n○ corp  ");
  });

  test("is drawn anew at each change with --watch, from the first line on", async () => {
    const world = await World.signedIn();
    const call = await world.start(["status", "--watch"], { terminal });
    await world.run(["logout", "corp"]);
    await world.settle();
    call.leave();
    await call.exit;
    const screens = call.stdout.split("\u001b[H\u001b[2J");
    expect(screens[0]).toBe("");
    expect(screens[1]).toContain("All signed in");
    expect(screens.at(-1)).toContain("Signed out");
  });
});

describe("status", () => {
  test("says until when nobody is needed, and what is handed out", async () => {
    const world = await World.signedIn();
    const until = world.timeIn(hour);
    await world.run(["aws", "export", "--profile", "dev"]);
    const { exit, stdout, stderr } = await world.run(["status"]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toBe(
      [
        "All signed in",
        "",
        `corp  ${world.source().organisation}  signed in`,
        `  dev  ${key}  keys until ${until}`,
        `  ops  ${otherKey}`,
        "",
      ].join("\n"),
    );
  });

  test("says who is signed in, by which names, and until when, where experience tells", async () => {
    const world = await worldOf({ corp: { aliases: ["old", "older"], profiles: {} } });
    world.memo.set("session-ms:corp", String(8 * hour));
    world.memo.set("fixed-end:corp", "yes");
    world.memo.set("account:corp", "ann\u001b[2J@corp.example");
    await world.signIn();
    const until = world.timeIn(8 * hour);
    expect((await world.run(["status"])).stdout).toBe(
      [
        `All signed in · next sign-in about ${until}`,
        "",
        `corp  corp.example  until about ${until}`,
        "  also called old, older",
        "  signed in as ann?[2J@corp.example",
        `  sign-in needed about ${until}`,
        "  your organisation ends this at a fixed time",
        "",
      ].join("\n"),
    );
  });

  test("says when a sign-in is needed, where the provider has said so", async () => {
    const world = await World.make();
    world.provider.renewable = false;
    await world.signIn();
    const { stdout } = await world.run(["status"]);
    expect(stdout).toContain(`\n  sign-in needed at ${world.timeIn(hour)}\n`);
  });

  test("says plainly of what needs nobody that it does not", async () => {
    const world = await World.make({ sources: {} });
    await configure(world, { build: build(world).source });
    expect((await world.run(["status"])).stdout).toBe(
      ["All signed in", "", "build  corp.example  needs nobody", `  build  ${key}`, ""].join("\n"),
    );
    await world.run(["logout", "build"]);
    expect((await world.run(["status"])).stdout).toContain("build  corp.example  signed out\n");
  });

  test("says whose code an open sign-in waits for, and whom else it has met", async () => {
    const world = await World.make({ sources: {} });
    await configure(world, { mfa: codeSource(world, {}) });
    world.session("mfa").signIn(undefined);
    await world.settle();
    const { stdout } = await world.run(["status"]);
    expect(stdout).toContain("waiting for the code of your device\n");
    expect(stdout).toContain("\n  the device is arn:aws:iam::111122223333:mfa/ann\n");
  });

  test("says of a key that is entered how to enter it, and of one that is there when it ends", async () => {
    const world = await World.make({ sources: {} });
    const endsAt = plus(world.clock.now(), 30 * 24 * hour);
    await world.broker.configure([new EnteredSource(world.clock, { endsAt })]);
    const status = async (): Promise<readonly string[]> =>
      (await world.run(["status"])).stdout.split("\n");
    expect(await status()).toEqual([
      "litellm: no key yet",
      "",
      "litellm  litellm  no key yet",
      "  to enter it: evercred api-key set litellm",
      "  litellm  litellm",
      "",
    ]);
    world.store.mood = "locked";
    await enter(world, "sk-1");
    await world.session("litellm").issue("key");
    const date = world.timeIn(30 * 24 * hour);
    expect(await status()).toEqual([
      `All keys are there · the key of litellm ends on ${date}`,
      "",
      `litellm  litellm  the key ends on ${date}`,
      "  kept in memory only: a restart asks for it again",
      `  litellm  litellm  key until ${date}`,
      "",
    ]);
    world.session("litellm").signIn(undefined);
    await world.settle();
    expect(await status()).toContain(`  the key ends on ${date}`);
  });

  test("says what is refused, what is not durable, and what is wrong with files", async () => {
    const world = await World.make();
    world.store.mood = "locked";
    await world.signIn();
    world.provider.denied.add(key);
    await world.run(["aws", "export", "--profile", "dev"]);
    world.problems = [{ code: "x", sentence: "The file is broken.", remedy: "Mend it." }];
    const { stdout } = await world.run(["status"]);
    expect(stdout).toContain(`\n  dev  ${key}  refused by the provider\n`);
    expect(stdout).toContain("\n  kept in memory only: a restart asks for a new sign-in\n");
    expect(stdout.endsWith("\n\n! The file is broken. Mend it.\n")).toBe(true);
  });

  test("says what helps where a session fails, and no longer counts keys that have ended", async () => {
    const world = await World.signedIn();
    await world.run(["aws", "export", "--profile", "dev"]);
    await goOffline(world, 61 * minute);
    const { stdout } = await world.run(["status"]);
    expect(stdout).toMatch(/^Offline since .* · not serving\n/);
    expect(stdout).toContain("the provider cannot be reached, not serving\n  Check the network.\n");
    expect(stdout).not.toContain("keys until");
  });

  test("asks no provider and nobody", async () => {
    const world = await World.make();
    for (const words of [[], ["--json"], ["--short"], ["--check"], ["--check", "--for", "1h"]]) {
      await world.run(["status", ...words]);
    }
    expect(world.provider.calls).toEqual([]);
    expect(world.pages).toBe(0);
    expect(world.session().wantedAt).toBeUndefined();
  });

  test("--short is the headline alone", async () => {
    const world = await World.make();
    expect(await world.run(["status", "--short"])).toMatchObject({
      exit: 0,
      stdout: "Corp: sign-in needed\n",
    });
  });

  test.each([["corp"], ["--for", "8h"]])(
    "takes %s only together with --check",
    async (...words) => {
      const world = await World.make();
      expect(await world.run(["status", ...words])).toMatchObject({
        exit: 2,
        stdout: "",
        stderr: "evercred: Names and --for go with --check. See: evercred help status\n",
      });
    },
  );
});

describe("status --json", () => {
  const draw = async (world: World): Promise<Record<string, unknown>> => {
    const { exit, stdout, stderr } = await world.run(["status", "--json"]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout.indexOf("\n")).toBe(stdout.length - 1);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  test("of a live session is exactly this", async () => {
    const world = await World.signedIn();
    await world.run(["aws", "export", "--profile", "dev"]);
    expect(await draw(world)).toStrictEqual({
      version: 1,
      at: "2027-01-04T09:00:00.000Z",
      headline: "All signed in",
      daemon: {
        version: "1.2.3",
        pid: 4242,
        socket: "/run/user/1000/evercred/daemon.sock",
        keychain: "os",
      },
      problems: [],
      sources: [
        {
          id: "corp",
          aliases: [],
          title: "Corp",
          organisation: world.source().organisation,
          unattended: false,
          signInCommand: "evercred login corp",
          hasDirectory: false,
          state: "active",
          endIsFixed: false,
          tokenExpiresAt: "2027-01-04T10:00:00.000Z",
          nextAttemptAt: "2027-01-04T09:40:00.000Z",
          durable: true,
          targets: [
            {
              target: "aws:dev",
              title: key,
              lastUsedAt: "2027-01-04T09:00:00.000Z",
              credentialExpiresAt: "2027-01-04T10:00:00.000Z",
            },
            { target: "aws:ops", title: otherKey },
          ],
        },
      ],
    });
  });

  test("of a session that failed, of one that ended and of what is refused is this", async () => {
    const world = await World.signedIn();
    world.provider.denied.add(key);
    await world.run(["aws", "export", "--profile", "dev"]);
    await goOffline(world, 40 * minute);
    world.problems = [{ code: "config-invalid", sentence: "Broken.", remedy: "Mend it." }];
    expect(await draw(world)).toMatchObject({
      problems: [{ code: "config-invalid", message: "Broken.", remedy: "Mend it." }],
      sources: [
        {
          state: "failing",
          error: {
            code: "unreachable",
            message: "The provider cannot be reached.",
            remedy: "Check the network.",
          },
          tokenExpiresAt: "2027-01-04T10:00:00.000Z",
          nextAttemptAt: "2027-01-04T09:40:05.000Z",
        },
      ],
    });
  });

  test("of an open sign-in, which a program has asked for, is this", async () => {
    const world = await World.make();
    await world.run(["aws", "export", "--profile", "dev"]);
    expect(await draw(world)).toMatchObject({
      headline: "Corp: sign-in needed",
      sources: [{ state: "signed-out", reason: "never", signInWantedAt: expect.any(String) }],
    });
    await world.start(["aws", "login", "--profile", "dev", "--no-browser", "--timeout", "1s"]);
    expect(await draw(world)).toMatchObject({
      headline: "Corp: waiting for you to sign in",
      sources: [
        {
          state: "signing-in",
          signIn: {
            flow: "device",
            url: "https://corp.example/sign-in/1",
            userCode: "ABCD-EFGH",
            endsAt: "2027-01-04T09:10:00.000Z",
          },
        },
      ],
    });
    await world.clock.advance(1_000);
  });

  test("of a session of which more is known is this", async () => {
    const world = await worldOf({ corp: { aliases: ["old"], lists: true } });
    world.memo.set("session-ms:corp", String(8 * hour));
    world.memo.set("fixed-end:corp", "yes");
    world.provider.person = "ann";
    await world.signIn();
    await world.session("corp").issue(key);
    await world.settle();
    expect(await draw(world)).toMatchObject({
      sources: [
        {
          aliases: ["old"],
          account: "ann",
          hasDirectory: true,
          signedInUntil: "2027-01-04T17:00:00.000Z",
          signedInUntilIsExact: false,
          endIsFixed: true,
        },
      ],
    });
  });

  test("of a sign-in that waits for a code, or for somebody else to be accepted, is this", async () => {
    const world = await World.make();
    world.provider.person = "ann";
    await world.signIn();
    await world.session("corp").issue(key);
    await world.settle();
    await configure(world, { corp: world.source(), mfa: codeSource(world) });
    world.session("corp").signIn(undefined);
    world.session("mfa").signIn(undefined);
    await world.settle();
    world.provider.person = "bob";
    world.approve();
    await world.settle();
    expect(await draw(world)).toMatchObject({
      sources: [
        { account: "ann", state: "signing-in", signIn: { other: { before: "ann", now: "bob" } } },
        { signIn: { flow: "mfa", device: "arn:aws:iam::111122223333:mfa/ann" } },
      ],
    });
  });

  test("holds only fields that its documentation names", async () => {
    const documentation = readFileSync(
      new URL("../../docs/status-json.md", import.meta.url),
      "utf8",
    );
    const world = await World.make(two);
    world.memo.set("session-ms:corp", String(8 * hour));
    world.provider.person = "ann";
    for (const { id } of world.sources) await world.signIn(id);
    world.provider.denied.add(key);
    for (const profile of ["dev", "test"]) {
      await world.run(["aws", "export", "--profile", profile]);
    }
    await world.session("lab").signOut();
    world.session("lab").signIn("device");
    world.problems = [{ code: "x", sentence: "Broken.", remedy: "Mend it." }];
    await goOffline(world, 41 * minute);
    world.provider.mend();
    await world.broker.configure([
      ...world.sources,
      codeSource(world),
      new EnteredSource(world.clock),
    ]);
    for (const id of ["corp", "mfa", "litellm"]) world.session(id).signIn(undefined);
    world.session("lab").signIn("device");
    await world.settle();
    world.provider.person = "bob";
    world.approve("corp");
    world.provider.outage = "unreachable";
    await world.settle();
    const fields = new Set<string>();
    JSON.stringify(await draw(world), (name, value: unknown) => {
      if (name !== "" && !/^\d+$/.test(name)) fields.add(name);
      return value;
    });
    expect(fields.size).toBeGreaterThan(25);
    expect([...fields].filter((name) => !new RegExp(`\\b${name}\\b`).test(documentation))).toEqual(
      [],
    );
  });

  test("holds no secret", async () => {
    const world = await World.signedIn();
    const { stdout } = await world.run(["aws", "export", "--profile", "dev"]);
    const { Credentials } = JSON.parse(stdout) as {
      readonly Credentials: Readonly<Record<string, string>>;
    };
    const drawn = (await world.run(["status", "--json"])).stdout;
    for (const name of ["AccessKeyId", "SecretAccessKey", "SessionToken"]) {
      expect(drawn).not.toContain(Credentials[name]!);
    }
  });
});

describe("status --watch", () => {
  test("draws again at each change until the caller leaves, and not after", async () => {
    const world = await World.make();
    const call = await world.start(["status", "--short", "--watch"]);
    expect(call.stdout).toBe("Corp: sign-in needed\n");
    await world.signIn();
    await world.settle();
    const lines = call.stdout.trimEnd().split("\n");
    expect(lines).toContain("Corp: waiting for you to sign in");
    expect(lines.at(-1)).toMatch(/^All signed in/);
    call.leave();
    expect(await call.exit).toBe(0);
    const { stdout } = call;
    await world.session().signOut();
    await world.settle();
    expect(call.stdout).toBe(stdout);
  });

  test("with --json is one document a line", async () => {
    const world = await World.make();
    const call = await world.start(["status", "--json", "--watch"]);
    await world.signIn();
    await world.settle();
    const pictures = call.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly version: number });
    expect(pictures.length).toBeGreaterThan(1);
    expect(pictures.every(({ version }) => version === 1)).toBe(true);
    call.leave();
    await call.exit;
  });

  test("ends at once for a caller that has already left", async () => {
    const world = await World.make();
    expect((await world.run(["status", "--watch"], { gone: true })).exit).toBe(0);
  });
});

describe("status --check", () => {
  const check = (world: World, ...words: readonly string[]): Promise<Outcome> =>
    world.run(["status", "--check", ...words]);

  test("says nothing and exits 0 where all are signed in", async () => {
    const world = await World.signedIn(two);
    for (const words of [[], ["corp"], ["lab", "corp"]]) {
      expect(await check(world, ...words)).toEqual({
        exit: 0,
        stdout: "",
        stderr: "",
        questions: [],
      });
    }
  });

  test("exits 3 where one of all, or of those named, is not", async () => {
    const world = await World.make(two);
    await world.signIn("corp");
    expect(await check(world)).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: lab: a sign-in is needed. Run: evercred login lab\n",
    });
    expect((await check(world, "corp", "lab")).exit).toBe(3);
    expect((await check(world, "corp")).exit).toBe(0);
  });

  test("names the command by which a key is entered, while it is not there", async () => {
    const world = await World.make({ sources: {} });
    await world.broker.configure([new EnteredSource(world.clock)]);
    expect(await check(world)).toMatchObject({
      exit: 3,
      stderr:
        "evercred: litellm: its key is not there, or has ended. Run: evercred api-key set litellm\n",
    });
    await enter(world, "sk-1");
    expect((await check(world, "--for", "1000h")).exit).toBe(0);
  });

  test("exits 3 also where the user has signed out", async () => {
    const world = await World.signedIn();
    await world.run(["logout"]);
    expect((await check(world)).exit).toBe(3);
  });

  test("exits 2 for a source that does not exist", async () => {
    const world = await World.signedIn(two);
    expect(await check(world, "corp", "nowhere")).toMatchObject({
      exit: 2,
      stderr: "evercred: There is no source or profile nowhere. There are corp, lab.\n",
    });
  });

  test("exits 0 in an outage while what we hold serves, and 7 afterwards", async () => {
    const world = await World.signedIn();
    await goOffline(world, 50 * minute);
    expect((await check(world)).exit).toBe(0);
    await goOffline(world, 11 * minute);
    expect(await check(world)).toMatchObject({
      exit: 7,
      stderr: "evercred: corp cannot be reached. Check the network.\n",
    });
  });

  test("does not call a locked keychain a need to sign in", async () => {
    const { store } = await World.signedIn();
    store.mood = "locked";
    const world = await World.make({ store });
    expect(await check(world)).toMatchObject({
      exit: 3,
      stderr:
        "evercred: corp: The keychain is locked. Unlock it; Evercred looks again by itself.\n",
    });
  });

  test("takes another name of a source, or a profile's, for it", async () => {
    const world = await worldOf({ corp: { aliases: ["old"], profiles: { dev: key } }, lab: {} });
    await world.signIn("corp");
    for (const name of ["corp", "old", "dev"]) expect((await check(world, name)).exit).toBe(0);
  });

  test("--for asks whether that lasts: yes, no, or nobody knows", async () => {
    const world = await World.signedIn();
    expect((await check(world, "--for", "1h")).exit).toBe(0);
    expect(await check(world, "--for", "8h")).toMatchObject({
      exit: 1,
      stdout: "",
      stderr:
        "evercred: Nobody knows yet when corp ends its sessions. To begin a new one now, run: evercred login corp\n",
    });
    world.memo.set("session-ms:corp", String(8 * hour));
    expect((await check(world, "--for", "8h")).exit).toBe(0);
    expect(await check(world, "--for", "9h")).toMatchObject({
      exit: 3,
      stderr: `evercred: corp: a sign-in is needed about ${world.timeIn(8 * hour)}. Run: evercred login corp\n`,
    });
    await world.clock.advance(minute);
    expect((await check(world, "corp", "--for=8h")).exit).toBe(3);
  });

  test("--for lets a certain no outweigh what nobody knows", async () => {
    const world = await World.make(two);
    await world.signIn("corp");
    expect((await check(world, "--for", "8h")).stderr).toContain("lab: a sign-in is needed.");
    expect((await check(world, "corp", "--for", "8h")).exit).toBe(1);
  });

  test("--for is no question where there is nothing to sign in to", async () => {
    const world = await World.make({ sources: {} });
    expect((await check(world)).exit).toBe(0);
    expect((await check(world, "--for", "8h")).exit).toBe(2);
  });

  test("--for refuses what is no length of time", async () => {
    const world = await World.signedIn();
    expect((await check(world, "--for", "lunch")).exit).toBe(2);
  });
});
