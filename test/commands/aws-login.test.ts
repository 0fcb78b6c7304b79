import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { key } from "../fakes/source.ts";
import { build, configure } from "./organisation.ts";
import { type Call, type CallerParts, hour, minute, second, terminal, World } from "./world.ts";

const refusal = new EvercredError(
  "access-denied",
  "You may not use the role Developer in account 111122223333.",
);

let world: World;

const begin = (more: readonly string[] = [], caller: CallerParts = {}): Promise<Call> =>
  world.start(["aws", "login", "--profile", "dev", ...more], caller);

const keyNow = async (): Promise<string> => {
  const { stdout } = await world.run(["aws", "process", "--profile", "dev"]);
  return (JSON.parse(stdout) as { readonly AccessKeyId: string }).AccessKeyId;
};

describe("on a live session", () => {
  beforeEach(async () => {
    world = await World.signedIn();
  });

  test("it says so in one line, exits 0, opens nothing and asks nobody", async () => {
    const call = await begin();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe("Signed in to corp.\n");
    expect(call.stderr).toBe("");
    expect(world.pages).toBe(0);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("it does so without any delay of ours where the credential is there", async () => {
    await keyNow();
    const calls = world.provider.calls.length;
    const call = await begin();
    expect(await call.exit).toBe(0);
    expect(world.provider.calls).toHaveLength(calls);
  });

  test("it doubts the credential: the next export fetches a new one", async () => {
    const first = await keyNow();
    await world.clock.advance(minute);
    await (
      await begin()
    ).exit;
    const second_ = await keyNow();
    expect(second_).not.toBe(first);
    expect(await keyNow()).toBe(second_);
  });

  test("it does not doubt a credential that is younger than a minute", async () => {
    const first = await keyNow();
    await world.clock.advance(minute - 1);
    await (
      await begin()
    ).exit;
    expect(await keyNow()).toBe(first);
  });

  test("it answers in 2 seconds although the provider does not", async () => {
    world.provider.hold("issue");
    const call = await begin();
    await world.clock.advance(2 * second);
    expect(await call.exit).toBe(0);
    expect(call.stdout).toMatch(/^Signed in to corp/);
  });

  test("it says exactly until when, where the provider has said so", async () => {
    world = await World.make();
    world.provider.renewable = false;
    await world.signIn();
    const call = await begin();
    await call.exit;
    expect(call.stdout).toBe(`Signed in to corp until ${world.timeIn(hour)}.\n`);
  });

  test("a refused role is exit code 5 at once, with account and role, and no page", async () => {
    world.provider.fail("issue", refusal);
    const first = await begin();
    expect(await first.exit).toBe(5);
    const asked = world.provider.calls.length;
    const second_ = await begin();
    expect(await second_.exit).toBe(5);
    for (const call of [first, second_]) {
      expect(call.stdout).toBe("");
      expect(call.stderr).toBe(
        "evercred: You may not use the role Developer in account 111122223333. Ask whoever assigns it to you.\n",
      );
    }
    expect(world.provider.calls).toHaveLength(asked);
    expect(world.pages).toBe(0);
  });

  test("a role that is granted later is served after a minute", async () => {
    world.provider.fail("issue", refusal);
    await (
      await begin()
    ).exit;
    await world.clock.advance(minute);
    expect(await (await begin()).exit).toBe(0);
  });

  test("a provider that cannot be reached is exit code 7, and no page", async () => {
    world.provider.outage = "unreachable";
    await world.clock.advance(61 * minute);
    for (const more of [[], ["--sso-session", "corp"]]) {
      const words = more.length === 0 ? ["--profile", "dev"] : more;
      const { exit, stdout, stderr } = await world.run(["aws", "login", ...words]);
      expect({ exit, stdout }).toEqual({ exit: 7, stdout: "" });
      expect(stderr).toBe("evercred: The provider cannot be reached. Check the network.\n");
    }
    expect(world.pages).toBe(0);
  });

  test("an access token that has ended is renewed instead of asking anybody", async () => {
    world.provider.fail("renew", "unreachable", "unreachable", "unreachable");
    world.clock.jump(61 * minute);
    const call = await world.run(["aws", "login", "--sso-session", "corp"]);
    expect(call.exit).toBe(7);
    await world.clock.advance(10 * minute);
    expect(await world.run(["aws", "login", "--sso-session", "corp"])).toMatchObject({ exit: 0 });
    expect(world.pages).toBe(0);
  });

  test("a session that the provider has ended in the meantime is asked for", async () => {
    world.provider.endSessions();
    const call = await begin();
    expect(world.pages).toBe(1);
    world.approve();
    expect(await call.exit).toBe(0);
  });
});

describe("where nobody is signed in", () => {
  beforeEach(async () => {
    world = await World.make();
  });

  test("the address is the first line, the page opens once, and the result is the last line", async () => {
    const call = await begin();
    const { url } = world.browser.opened[0]!;
    expect(call.stdout).toBe(`${url}\n`);
    expect(call.stderr).toBe("The page is open in your browser. Waiting for you to sign in…\n");
    expect(world.pages).toBe(1);
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe(`${url}\nSigned in to corp.\n`);
    expect(world.pages).toBe(1);
  });

  test("a code is the second line", async () => {
    const call = await begin(["--device-code"]);
    const [url, code, rest] = call.stdout.split("\n");
    expect(url).toBe(world.browser.opened[0]!.url);
    expect([code, rest]).toEqual(["Code: ABCD-EFGH", ""]);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test.each<[string, readonly string[], CallerParts]>([
    ["--no-browser", ["--no-browser"], {}],
    ["a caller that came over SSH", [], { env: { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" } }],
    ["a terminal over SSH", [], { env: { SSH_CONNECTION: "x" }, terminal }],
  ])("%s opens no page and gives a code for any machine", async (_what, more, caller) => {
    const call = await begin(more, caller);
    expect(call.stdout).toMatch(/^https:.*\nCode: ABCD-EFGH\n$/);
    expect(call.stderr).toBe("Open the address on any machine to sign in. Waiting…\n");
    expect(world.pages).toBe(0);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("where no page can be opened, it gives a code for any machine", async () => {
    world.browser.usable = false;
    const call = await begin();
    expect(call.stdout).toMatch(/^https:.*\nCode: ABCD-EFGH\n$/);
    expect(call.stderr).toBe("Open the address on any machine to sign in. Waiting…\n");
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("a browser that fails does not end the sign-in: the address is there", async () => {
    world.browser.broken = true;
    const call = await begin();
    expect(call.stdout).toMatch(/^https:/);
    expect(call.stderr).toBe("Open the address on this computer to sign in. Waiting…\n");
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("a browser that takes its time does not keep the address back", async () => {
    const shown = world.browser.hold();
    const call = await begin();
    expect(call.stdout).toMatch(/^https:/);
    expect(call.stderr).toBe("");
    shown();
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("--sso-session takes a source instead of a profile", async () => {
    const call = await world.start(["aws", "login", "--sso-session", "corp"]);
    world.approve();
    expect(await call.exit).toBe(0);
    expect(world.provider.count("issue")).toBe(0);
  });

  test("a session that does not exist is refused with the nearest one", async () => {
    expect(await world.run(["aws", "login", "--sso-session", "corq"])).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: There is no source or profile corq. Did you mean corp?\n",
    });
  });

  test("a person who says no is exit code 5", async () => {
    const call = await begin();
    world.refuse();
    expect(await call.exit).toBe(5);
    expect(call.stderr).toContain("evercred: The sign-in was refused. Run: evercred login\n");
  });

  test("a provider that cannot be reached is exit code 7, and no page", async () => {
    world.provider.outage = "unreachable";
    const call = await begin();
    expect(await call.exit).toBe(7);
    expect(call.stdout).toBe("");
    expect(world.pages).toBe(0);
  });

  test("a role that is refused after the sign-in is exit code 5", async () => {
    world.provider.denied.add(key);
    const call = await begin();
    world.approve();
    expect(await call.exit).toBe(5);
    expect(world.session().isLive).toBe(true);
  });

  test("ten at once open one page, show one address and all exit 0", async () => {
    const calls = await Promise.all(Array.from({ length: 10 }, () => begin()));
    expect(world.pages).toBe(1);
    expect(new Set(calls.map(({ stdout }) => stdout)).size).toBe(1);
    world.approve();
    expect(await Promise.all(calls.map(({ exit }) => exit))).toEqual(calls.map(() => 0));
    expect(world.pages).toBe(1);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("one that comes later joins the same address without a second page", async () => {
    const first = await begin();
    await world.clock.advance(minute);
    const second_ = await begin();
    expect(second_.stdout).toBe(first.stdout);
    expect(world.pages).toBe(1);
    world.approve();
    expect(await Promise.all([first.exit, second_.exit])).toEqual([0, 0]);
  });

  test("a caller that leaves does not end the sign-in", async () => {
    const first = await begin();
    first.leave();
    expect(await first.exit).toBe(1);
    const second_ = await begin();
    expect(second_.stdout).toBe(first.stdout);
    world.approve();
    expect(await second_.exit).toBe(0);
    expect(world.session().isLive).toBe(true);
  });
});

describe("it gives up at 165 seconds with exit code 6", () => {
  beforeEach(async () => {
    world = await World.make();
  });

  test("and not before, and says that the sign-in stays open", async () => {
    const call = await begin();
    await world.clock.advance(165 * second - 1);
    expect(call.stderr.trimEnd().split("\n")).toHaveLength(1);
    await world.clock.advance(1);
    expect(await call.exit).toBe(6);
    expect(call.stderr.split("\n")[1]).toBe(
      "evercred: Nobody has signed in to corp yet. The sign-in stays open: finish it in the tray, or at the address above.",
    );
  });

  test("and the sign-in stays open: the next call joins it without a second page", async () => {
    const first = await begin();
    await world.clock.advance(165 * second);
    await first.exit;
    expect(world.session().signInOpen).toBeDefined();
    const second_ = await begin();
    expect(second_.stdout).toBe(first.stdout);
    expect(world.pages).toBe(1);
    world.approve();
    expect(await second_.exit).toBe(0);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("or as soon as --timeout says", async () => {
    const call = await begin(["--timeout", "30s"]);
    await world.clock.advance(30 * second);
    expect(await call.exit).toBe(6);
  });

  test("also where the provider does not even give an address", async () => {
    world.provider.hold("sign-in");
    const call = await begin();
    await world.clock.advance(165 * second);
    expect(await call.exit).toBe(6);
    expect(call.stdout).toBe("");
    expect(call.stderr).toBe(
      "evercred: Nobody has signed in to corp yet. The sign-in stays open: finish it in the tray.\n",
    );
  });
});

test("a caller that leaves before there is an address is let go at once", async () => {
  world = await World.make();
  world.provider.hold("sign-in");
  const call = await begin();
  call.leave();
  expect(await call.exit).toBe(1);
});

test("a caller that has left before its request is run is not waited for", async () => {
  world = await World.make();
  const call = await begin([], { gone: true });
  expect(await call.exit).toBe(1);
});

describe("after a sign-in that nobody finished", () => {
  beforeEach(async () => {
    world = await World.make();
    const call = await begin();
    await world.clock.advance(165 * second);
    await call.exit;
    await world.clock.advance(8 * minute);
    expect(world.session().signInOpen).toBeUndefined();
    expect(world.pages).toBe(1);
  });

  test.each<[string, CallerParts]>([
    ["a program", {}],
    ["a terminal", { terminal }],
  ])("%s opens no page, but gets the address", async (_who, caller) => {
    const call = await begin([], caller);
    expect(call.stdout).toMatch(/^https:/);
    expect(call.stderr).toBe(
      "The last sign-in was not finished, so no page is opened by itself. Open the address, or use the tray or: evercred login. Waiting…\n",
    );
    expect(world.pages).toBe(1);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("a person who runs login gets a page, for the request that the program waits for", async () => {
    const program = await begin();
    const person = await world.start(["login"]);
    expect(world.pages).toBe(2);
    expect(person.stdout).toBe(program.stdout);
    world.approve();
    expect(await Promise.all([program.exit, person.exit])).toEqual([0, 0]);
  });

  test("a finished sign-in lets programs open pages again", async () => {
    const call = await begin();
    world.approve();
    await call.exit;
    await world.session().signOut();
    const next = await begin();
    expect(world.pages).toBe(2);
    world.approve();
    await next.exit;
  });
});

describe("where nobody is at the computer", () => {
  beforeEach(async () => {
    world = await World.make();
    world.presence.leave();
  });

  test("a program's page waits, and opens once when somebody comes back", async () => {
    const calls = [await begin(), await begin()];
    expect(world.pages).toBe(0);
    for (const { stdout, stderr } of calls) {
      expect(stdout).toMatch(/^https:/);
      expect(stderr).toBe(
        "Nobody is here just now: the page opens when somebody unlocks this computer. Waiting…\n",
      );
    }
    world.presence.comeBack();
    await world.settle();
    expect(world.pages).toBe(1);
    world.presence.comeBack();
    await world.settle();
    expect(world.pages).toBe(1);
    world.approve();
    expect(await Promise.all(calls.map(({ exit }) => exit))).toEqual([0, 0]);
  });

  test("who is there, and wants to be asked later, is not asked before", async () => {
    world.presence.comeBack();
    world.presence.beBusy(true);
    const call = await begin();
    expect(call.stderr).toBe(
      "Whoever is here wants to be asked later: the page opens then, or from the tray. Waiting…\n",
    );
    expect(world.pages).toBe(0);
    world.presence.beBusy(false);
    await world.settle();
    expect(world.pages).toBe(1);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("the page opens at the return also when the program has given up", async () => {
    const call = await begin();
    await world.clock.advance(165 * second);
    expect(await call.exit).toBe(6);
    world.presence.comeBack();
    await world.settle();
    expect(world.pages).toBe(1);
    expect(world.browser.opened[0]!.url).toBe(call.stdout.trimEnd());
  });

  test("no page opens at the return where the sign-in has ended", async () => {
    const call = await begin();
    world.approve();
    await call.exit;
    world.presence.comeBack();
    await world.settle();
    expect(world.pages).toBe(0);
  });

  test.each(["stdin", "stdout", "stderr"] as const)(
    "a terminal opens its page at once: %s is one",
    async (which) => {
      const call = await begin([], {
        terminal: { stdin: false, stdout: false, stderr: false, width: 80, [which]: true },
      });
      expect(world.pages).toBe(1);
      world.approve();
      expect(await call.exit).toBe(0);
    },
  );
});

describe("where another way to sign in is chosen meanwhile", () => {
  beforeEach(async () => {
    world = await World.make();
  });

  test("the first caller gets the new address and code, and goes on to the end", async () => {
    const first = await begin();
    const second_ = await begin(["--no-browser"]);
    const lines = first.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.slice(1).join("\n")).toBe(second_.stdout.trimEnd());
    expect(lines[1]).not.toBe(lines[0]);
    expect(first.stderr.trimEnd().split("\n").at(-1)).toBe(
      "Open the address on any machine to sign in. Waiting…",
    );
    world.approve();
    expect(await Promise.all([first.exit, second_.exit])).toEqual([0, 0]);
  });

  test("nobody is told to be signed in where that came to nothing", async () => {
    const release = world.provider.hold("sign-in", true);
    const first = await begin();
    const second_ = await begin(["--device-code"]);
    world.session().cancelSignIn();
    release();
    expect(await second_.exit).toBe(1);
    expect(await first.exit).toBe(1);
    expect(first.stdout).toBe("");
  });
});

describe("where the keychain is locked", () => {
  beforeEach(async () => {
    const { store } = await World.signedIn();
    store.mood = "locked";
    world = await World.make({ store });
  });

  test.each([["--profile=dev"], ["--sso-session=corp"]])(
    "it says so with exit code 1, and asks nobody: %s",
    async (which) => {
      const call = await world.run(["aws", "login", which]);
      expect(call).toMatchObject({
        exit: 1,
        stdout: "",
        stderr: "evercred: The keychain is locked. Unlock it; Evercred looks again by itself.\n",
      });
      expect(world.pages).toBe(0);
      expect(world.provider.count("sign-in")).toBe(0);
    },
  );
});

test("what needs nobody says by its own word what it lacks, and exits 3", async () => {
  world = await World.make({ sources: {} });
  const { source } = build(world);
  await configure(world, { build: source });
  const ended = new EvercredError("sign-in-needed", "The keys of build have ended.");
  source.issue = () => Promise.reject(ended);
  const { exit, stdout, stderr } = await world.run(["aws", "login", "--profile", "build"]);
  expect({ exit, stdout, stderr }).toEqual({
    exit: 3,
    stdout: "",
    stderr: "evercred: The keys of build have ended. Run: evercred login\n",
  });
  expect(world.pages).toBe(0);
});
