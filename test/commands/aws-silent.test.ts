import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { otherKey } from "../fakes/source.ts";
import { hour, minute, type Outcome, second, terminal, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const exported = (...more: readonly string[]): Promise<Outcome> =>
  world.run(["aws", "export", "--profile", "dev", ...more]);

/** The key of the credential that was printed: each one that the provider hands out has its own. */
const keyOf = ({ stdout }: Outcome): string =>
  (JSON.parse(stdout) as { readonly Credentials: { readonly AccessKeyId: string } }).Credentials
    .AccessKeyId;

describe("what is printed", () => {
  test("aws export prints exactly what awsCredentialExport reads, and nothing else", async () => {
    expect(await exported()).toEqual({
      exit: 0,
      stdout:
        '{"Credentials":{"AccessKeyId":"ASIA1","SecretAccessKey":"secret-access-key-1","SessionToken":"session-token-1","Expiration":"2027-01-04T10:00:00Z"}}\n',
      stderr: "",
      questions: [],
    });
  });

  test("aws process prints exactly version 1 of what credential_process reads", async () => {
    expect(await world.run(["aws", "process", "--profile", "ops"])).toEqual({
      exit: 0,
      stdout:
        '{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"secret-access-key-1","SessionToken":"session-token-1","Expiration":"2027-01-04T10:00:00Z","AccountId":"444455556666"}\n',
      stderr: "",
      questions: [],
    });
  });

  test("the expiration is the provider's own value, to the millisecond where it has them", async () => {
    world.provider.credentialMs = hour + 7;
    expect((await exported()).stdout).toContain('"Expiration":"2027-01-04T10:00:00.007Z"');
  });

  test("a second time it is the same, and nobody is asked", async () => {
    const first = await exported();
    expect(await exported()).toEqual(first);
    expect(world.provider.count("issue")).toBe(1);
  });
});

describe("a provider that takes its time", () => {
  test.each([
    ["is told of at a terminal", terminal, "Waiting for profile dev…\n"],
    ["is told of to no program", { ...terminal, stderr: false }, ""],
  ])("%s", async (_what, where, stderr) => {
    const answer = world.provider.hold("issue");
    const call = await world.start(["aws", "export", "--profile", "dev"], { terminal: where });
    await world.clock.advance(2 * second);
    expect(call.stderr).toBe(stderr);
    answer();
    expect(await call.exit).toBe(0);
  });
});

describe("--fresh", () => {
  test("fetches a new credential", async () => {
    const first = keyOf(await exported());
    await world.clock.advance(minute);
    expect(keyOf(await exported("--fresh"))).not.toBe(first);
  });

  test("does so once a minute at most", async () => {
    const first = keyOf(await exported());
    await world.clock.advance(minute - 1);
    expect(keyOf(await exported("--fresh"))).toBe(first);
    expect(world.provider.count("issue")).toBe(1);
  });

  test("fails where no new one is to be had", async () => {
    await exported();
    await world.clock.advance(minute);
    world.provider.outage = "unreachable";
    expect(await exported("--fresh")).toMatchObject({ exit: 7, stdout: "" });
  });
});

describe.each(["export", "process"])("aws %s that fails prints nothing on stdout and", (verb) => {
  const fail = (...more: readonly string[]): Promise<Outcome> =>
    world.run(["aws", verb, "--profile", "dev", ...more]);

  test("exits 3, asks nobody and opens nothing where a sign-in is needed", async () => {
    await world.session().signOut();
    const before = world.provider.count("sign-in");
    expect(await fail()).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: You are not signed in to corp. Run: evercred login corp\n",
    });
    expect(world.pages).toBe(0);
    expect(world.provider.count("sign-in")).toBe(before);
    expect(world.session().wantedAt).toBe(world.clock.now());
  });

  test("exits 3 also at a terminal", async () => {
    await world.session().signOut();
    const { exit } = await world.run(["aws", verb, "--profile", "dev"], { terminal });
    expect(exit).toBe(3);
    expect(world.pages).toBe(0);
  });

  test("exits 3 and says that a sign-in is open, where one is", async () => {
    await world.session().signOut();
    world.session().signIn("code");
    expect(await fail()).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: A sign-in to corp is open and waits for you. Run: evercred login corp\n",
    });
  });

  test("exits 5 and passes on what the provider says where a role is refused", async () => {
    const refusal = new EvercredError(
      "access-denied",
      "You may not use the role Developer in account 111122223333.",
    );
    world.provider.fail("issue", refusal);
    expect(await fail()).toMatchObject({
      exit: 5,
      stdout: "",
      stderr:
        "evercred: You may not use the role Developer in account 111122223333. Ask whoever assigns it to you.\n",
    });
  });

  test("exits 6 when nothing is answered in 30 seconds", async () => {
    world.provider.hold("issue");
    const call = await world.start(["aws", verb, "--profile", "dev"]);
    await world.clock.advance(30 * second - 1);
    expect(call.stderr).toBe("");
    await world.clock.advance(1);
    expect(await call.exit).toBe(6);
    expect(call.stdout).toBe("");
    expect(call.stderr).toBe("evercred: There was no answer for profile dev in time. Try again.\n");
  });

  test("exits 6 as soon as --timeout says", async () => {
    world.provider.hold("issue");
    const call = await world.start(["aws", verb, "--profile", "dev", "--timeout", "5s"]);
    await world.clock.advance(5 * second);
    expect(await call.exit).toBe(6);
  });

  test.each([
    "unreachable",
    "proxy-refused",
    "tls-failed",
    "throttled",
    "provider-unavailable",
    "reply-invalid",
  ] as const)("exits 7 where the provider is %s", async (outage) => {
    world.provider.outage = outage;
    const { exit, stdout, stderr } = await fail();
    expect({ exit, stdout }).toEqual({ exit: 7, stdout: "" });
    expect(stderr).toMatch(/^evercred: [^\n]+\n$/);
  });

  test("exits 1 where the keychain is locked", async () => {
    const { store } = world;
    store.mood = "locked";
    world = await World.make({ store });
    expect(await fail()).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: "evercred: The keychain is locked. Unlock it; Evercred looks again by itself.\n",
    });
  });
});

test("an outage is not felt while what we hold is good", async () => {
  const first = await exported();
  world.provider.outage = "unreachable";
  await world.clock.advance(30 * minute);
  expect(await exported()).toEqual(first);
});

test("a refused role does not touch another profile", async () => {
  world.provider.denied.add(otherKey);
  expect((await world.run(["aws", "export", "--profile", "ops"])).exit).toBe(5);
  expect((await exported()).exit).toBe(0);
});

test("fifty callers at once cost one role request", async () => {
  const release = world.provider.hold("issue");
  const calls = await Promise.all(
    Array.from({ length: 50 }, () => world.start(["aws", "export", "--profile", "dev"])),
  );
  release();
  expect(await Promise.all(calls.map(({ exit }) => exit))).toEqual(calls.map(() => 0));
  expect(new Set(calls.map(({ stdout }) => stdout)).size).toBe(1);
  expect(world.provider.count("issue")).toBe(1);
});

test("a caller that leaves does not end the fetch that others wait for", async () => {
  const release = world.provider.hold("issue");
  const [first, second_] = [
    await world.start(["aws", "export", "--profile", "dev"]),
    await world.start(["aws", "export", "--profile", "dev"]),
  ];
  first.leave();
  expect(await first.exit).toBe(1);
  expect(first.stdout).toBe("");
  release();
  expect(await second_.exit).toBe(0);
});

describe("--sign-in", () => {
  beforeEach(async () => {
    await world.session().signOut();
  });

  test("asks a person, with the address on stderr, and prints the payload alone on stdout", async () => {
    const call = await world.start(["aws", "export", "--profile", "dev", "--sign-in"]);
    expect(world.pages).toBe(1);
    expect(call.stdout).toBe("");
    expect(call.stderr.split("\n")[0]).toBe(world.browser.opened[0]!.url);
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(Object.keys(JSON.parse(call.stdout) as object)).toEqual(["Credentials"]);
  });

  test("opens no page for a program while nobody is there, and one for a terminal", async () => {
    world.presence.leave();
    const args = ["aws", "export", "--profile", "dev", "--sign-in"];
    const call = await world.start(args);
    expect(call.stderr).toContain("Nobody is here just now");
    expect(world.pages).toBe(0);
    await world.start(args, { terminal });
    expect(world.pages).toBe(1);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("exits 5 where the person says no", async () => {
    const call = await world.start(["aws", "export", "--profile", "dev", "--sign-in"]);
    world.refuse();
    expect(await call.exit).toBe(5);
    expect(call.stdout).toBe("");
  });

  test("gives up at 165 seconds with exit code 6, or as soon as --timeout says", async () => {
    const [usual, short] = [
      await world.start(["aws", "export", "--profile", "dev", "--sign-in"]),
      await world.start(["aws", "export", "--profile", "dev", "--sign-in", "--timeout=1m"]),
    ];
    await world.clock.advance(minute);
    expect(await short.exit).toBe(6);
    await world.clock.advance(105 * second);
    expect(await usual.exit).toBe(6);
    expect(usual.stdout + short.stdout).toBe("");
    expect(world.session().signInOpen).toBeDefined();
  });

  test("asks nobody where nobody needs to be asked", async () => {
    await world.signIn();
    expect(await exported("--sign-in")).toMatchObject({ exit: 0, stderr: "" });
    expect(world.pages).toBe(0);
  });

  test("asks nobody where a sign-in would not help", async () => {
    await world.signIn();
    world.provider.outage = "unreachable";
    expect(await exported("--sign-in")).toMatchObject({ exit: 7 });
    expect(world.pages).toBe(0);
  });
});
