import { beforeEach, describe, expect, test } from "vitest";
import { key, otherKey } from "../fakes/source.ts";
import { build, configure, worldOf } from "./organisation.ts";
import { hour, minute, terminal, World } from "./world.ts";

const two = { sources: { corp: { dev: key }, lab: { test: otherKey } } };
const list = (world: World): string =>
  world.sources
    .map(({ id, organisation }, index) => `${String(index + 1)}  ${id}  ${organisation}\n`)
    .join("");

describe("login", () => {
  test("without a name signs in to the only source", async () => {
    const world = await World.make();
    const call = await world.start(["login"]);
    expect(world.pages).toBe(1);
    expect(call.stdout).toBe(`${world.browser.opened[0]!.url}\n`);
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout.split("\n")[1]).toBe("Signed in to corp.");
  });

  test("says until when, where experience tells", async () => {
    const world = await World.make();
    world.memo.set("session-ms:corp", String(8 * hour));
    const call = await world.start(["login"]);
    world.approve();
    await call.exit;
    expect(call.stdout).toContain(`Signed in to corp until about ${world.timeIn(8 * hour)}.\n`);
  });

  test("without a name signs in to the only one that needs it", async () => {
    const world = await World.make(two);
    await world.signIn("corp");
    const call = await world.start(["login"]);
    expect(world.browser.opened.map(({ source }) => source)).toEqual(["lab"]);
    world.approve("lab");
    expect(await call.exit).toBe(0);
  });

  test("without a name says so where none needs it, and opens nothing", async () => {
    const world = await World.signedIn(two);
    expect(await world.run(["login"])).toEqual({
      exit: 0,
      stdout: "You are signed in to corp, lab.\n",
      stderr: "",
      questions: [],
    });
    expect(world.pages).toBe(0);
  });

  test.each(["corp", "old", "dev"])(
    "takes any name of a source, or a profile's: %s",
    async (name) => {
      const world = await worldOf({ corp: { aliases: ["old"], profiles: { dev: key } }, lab: {} });
      const call = await world.start(["login", name]);
      expect(world.browser.opened.map(({ source }) => source)).toEqual(["corp"]);
      world.approve("corp");
      expect(await call.exit).toBe(0);
    },
  );

  test("by name signs in again where somebody is signed in, and the old session serves until then", async () => {
    const world = await World.signedIn();
    const call = await world.start(["login", "corp"]);
    expect(world.pages).toBe(1);
    expect((await world.run(["aws", "export", "--profile", "dev"])).exit).toBe(0);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("refuses a name that it does not know, with the nearest or with what there is", async () => {
    const world = await World.make(two);
    expect(await world.run(["login", "lob"])).toMatchObject({
      exit: 2,
      stderr: "evercred: There is no source or profile lob. Did you mean lab?\n",
    });
    expect(await world.run(["login", "elsewhere"])).toMatchObject({
      exit: 2,
      stderr: "evercred: There is no source or profile elsewhere. There are corp, lab.\n",
    });
  });

  test("refuses a name that it does not know, and says what is wrong with the file that may have it", async () => {
    const world = await World.make(two);
    world.problems = [
      { code: "config-invalid", sentence: "The file is broken.", remedy: "Mend it." },
    ];
    expect(await world.run(["login", "elsewhere"])).toMatchObject({
      exit: 2,
      stderr:
        "evercred: There is no source or profile elsewhere. The file is broken. There are corp, lab. Mend it.\n",
    });
  });

  test.each([[[]], [["corp"]], [["--all"]]])(
    "is refused with exit code 2 where there is nothing to sign in to: %j",
    async (words) => {
      const world = await World.make({ sources: {} });
      const { exit, stdout, stderr } = await world.run(["login", ...words]);
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
      expect(stderr).toContain("There is nothing to sign in to yet.");
    },
  );

  test("gives a code with --device-code, and opens no page with --no-browser", async () => {
    const world = await World.make();
    const first = await world.start(["login", "--device-code"]);
    expect(first.stdout).toContain("\nCode: ABCD-EFGH\n");
    expect(world.pages).toBe(1);
    world.approve();
    expect(await first.exit).toBe(0);
    const second = await world.start(["login", "corp", "--no-browser"]);
    expect(second.stdout).toContain("\nCode: ABCD-EFGH\n");
    expect(world.pages).toBe(1);
    world.approve();
    expect(await second.exit).toBe(0);
  });

  test("over SSH gives a code that can be used elsewhere", async () => {
    const world = await World.make();
    const env = { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" };
    const call = await world.start(["login"], { env, terminal });
    expect(call.stdout).toContain("\nCode: ABCD-EFGH\n");
    expect(world.pages).toBe(0);
    world.approve();
    expect(await call.exit).toBe(0);
  });

  test("over SSH goes over to a code also where a page is open at the desk, which a program only joins", async () => {
    const world = await World.make();
    const env = { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" };
    const desk = await world.start(["login"]);
    const program = await world.start(["aws", "login", "--profile", "dev"], { env });
    expect(program.stdout).toBe(desk.stdout);
    const person = await world.start(["login"], { env, terminal });
    expect(person.stdout).toContain("\nCode: ABCD-EFGH\n");
    world.approve();
    expect(await Promise.all([desk.exit, program.exit, person.exit])).toEqual([0, 0, 0]);
  });

  test("opens its page although nobody seems to be there", async () => {
    const world = await World.make();
    world.presence.leave();
    const call = await world.start(["login"]);
    expect(world.pages).toBe(1);
    world.approve();
    await call.exit;
  });

  test("waits for a person until the page lapses, and says so with exit code 6", async () => {
    const world = await World.make();
    const call = await world.start(["login"]);
    await world.clock.advance(9 * minute);
    expect(call.stderr.trimEnd().split("\n")).toHaveLength(1);
    await world.clock.advance(minute);
    expect(await call.exit).toBe(6);
  });

  test("gives up as soon as --timeout says, and the sign-in stays open", async () => {
    const world = await World.make();
    const call = await world.start(["login", "--timeout", "1m"]);
    await world.clock.advance(minute);
    expect(await call.exit).toBe(6);
    expect(world.session().signInOpen).toBeDefined();
  });

  test("exits 5 where the person says no", async () => {
    const world = await World.make();
    const call = await world.start(["login"]);
    world.refuse();
    expect(await call.exit).toBe(5);
  });
});

describe("login to what needs nobody", () => {
  let world: World;

  beforeEach(async () => {
    world = await World.make();
    await configure(world, { corp: world.source(), build: build(world).source });
  });

  test("is refused by name, with where to look instead", async () => {
    expect(await world.run(["login", "build"])).toEqual({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: build (corp.example) needs no sign-in. If its keys are refused, renew them where they stand.\n",
      questions: [],
    });
    expect((await world.run(["aws", "login", "--profile", "build"])).stdout).toBe(
      "build needs no sign-in.\n",
    );
  });

  test.each([[[]], [["--all"]]])("is left out without a name: %j", async (words) => {
    const call = await world.start(["login", ...words]);
    expect(world.browser.opened.map(({ source }) => source)).toEqual(["corp"]);
    world.approve("corp");
    expect(await call.exit).toBe(0);
    expect((await world.run(["login"])).stdout).toBe("You are signed in to corp.\n");
  });

  test("says so where there is nothing else", async () => {
    await configure(world, { build: world.source("build") });
    expect((await world.run(["login"])).stdout).toBe("Nothing needs a sign-in.\n");
  });

  test.each([["build"], ["--all"]])(
    "brings back what the user has signed out of, without a page: %s",
    async (word) => {
      await configure(world, { build: world.source("build") });
      await world.run(["logout", "build"]);
      expect((await world.run(["aws", "export", "--profile", "build"])).exit).toBe(3);
      expect(await world.run(["login", word])).toMatchObject({
        exit: 0,
        stdout: "build is in use again.\n",
      });
      expect((await world.run(["aws", "export", "--profile", "build"])).exit).toBe(0);
      expect(world.pages).toBe(0);
    },
  );

  test.each([
    ["aws", "login"],
    ["aws", "export", "--sign-in"],
  ])("is no matter of a page, once the user has signed out of it: %s %s %s", async (...words) => {
    await world.run(["logout", "build"]);
    expect(await world.run([...words, "--profile", "build"])).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: You have signed out of build. Run: evercred login build\n",
    });
    expect(world.pages).toBe(0);
  });

  test("says what it lacks", async () => {
    const { source, file } = build(world);
    await configure(world, { build: source });
    file.remove();
    await world.run(["logout", "build"]);
    const { exit, stderr } = await world.run(["login", "build"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("There is nothing there to get into build with.");
  });
});

describe("login without a name where several need it", () => {
  let world: World;

  beforeEach(async () => {
    world = await World.make(two);
  });

  test("asks which, by number, on a terminal", async () => {
    const call = await world.start(["login"], { terminal, types: ["2"] });
    expect(call.questions).toEqual(["l"]);
    expect(call.stderr.startsWith(`${list(world)}Which number?\n`)).toBe(true);
    expect(world.browser.opened.map(({ source }) => source)).toEqual(["lab"]);
    world.approve("lab");
    expect(await call.exit).toBe(0);
    expect(call.stdout).not.toContain("Which");
    expect(world.session("corp").isSignedIn).toBe(false);
  });

  test.each(["", "0", "3", "-1", "1.5", "corp"])(
    "takes %j for no answer: exit code 2 with the list",
    async (typed) => {
      expect(await world.run(["login"], { terminal, types: [typed] })).toMatchObject({
        exit: 2,
        stdout: "",
        stderr: expect.stringContaining(
          "evercred: Which one? corp, lab. Name it, or use --all.\n",
        ) as string,
      });
      expect(world.pages).toBe(0);
    },
  );

  test("takes the end of input for no answer", async () => {
    expect((await world.run(["login"], { terminal })).exit).toBe(2);
  });

  test.each([
    ["without a terminal", {}],
    ["where nothing can be typed", { terminal: { ...terminal, stdin: false } }],
    ["where the question could not be read", { terminal: { ...terminal, stderr: false } }],
  ])("asks nothing %s: exit code 2 with the list", async (_where, caller) => {
    expect(await world.run(["login"], { types: ["1"], ...caller })).toEqual({
      exit: 2,
      stdout: "",
      stderr: "evercred: Which one? corp, lab. Name it, or use --all.\n",
      questions: [],
    });
  });

  test("asks nothing with -q, whose question nobody would read", async () => {
    const outcome = await world.run(["login", "-q"], { terminal, types: ["1"] });
    expect(outcome).toMatchObject({ exit: 2, questions: [] });
  });

  test("--all asks one after the other, never two pages at once", async () => {
    const call = await world.start(["login", "--all"]);
    expect(world.browser.opened.map(({ source }) => source)).toEqual(["corp"]);
    expect(world.session("lab").signInOpen).toBeUndefined();
    world.approve("corp");
    await world.settle();
    expect(world.browser.opened.map(({ source }) => source)).toEqual(["corp", "lab"]);
    world.approve("lab");
    expect(await call.exit).toBe(0);
    expect(call.stdout.match(/^Signed in to \w+/gm)).toEqual([
      "Signed in to corp",
      "Signed in to lab",
    ]);
  });

  test("--all leaves those alone that need nothing", async () => {
    await world.signIn("corp");
    const call = await world.start(["login", "--all"]);
    expect(world.browser.opened.map(({ source }) => source)).toEqual(["lab"]);
    world.approve("lab");
    expect(await call.exit).toBe(0);
  });

  test("--all asks for nothing more once a person has said no", async () => {
    const call = await world.start(["login", "--all"]);
    world.refuse("corp");
    expect(await call.exit).toBe(5);
    expect(world.pages).toBe(1);
  });
});

describe("logout", () => {
  test("forgets the sign-in and its credentials: here, in the keychain and at the provider", async () => {
    const world = await World.signedIn();
    await world.run(["aws", "export", "--profile", "dev"]);
    expect(await world.run(["logout"])).toEqual({
      exit: 0,
      stdout: "Signed out of corp.\n",
      stderr: "",
      questions: [],
    });
    expect(world.store.peek("grant/corp")).toBeUndefined();
    expect(world.provider.count("revoke")).toBe(1);
    expect((await world.run(["aws", "export", "--profile", "dev"])).exit).toBe(3);
  });

  test("says so where nobody is signed in", async () => {
    const world = await World.make();
    expect(await world.run(["logout"])).toMatchObject({
      exit: 0,
      stdout: "You are not signed in.\n",
      stderr: "",
    });
  });

  test("ends the one that is named, by its own name or a profile's", async () => {
    for (const name of ["lab", "test"]) {
      const world = await World.signedIn(two);
      expect(await world.run(["logout", name])).toMatchObject({
        exit: 0,
        stdout: "Signed out of lab.\n",
      });
      expect(world.session("corp").isLive).toBe(true);
    }
  });

  test("asks which, by number, on a terminal", async () => {
    const world = await World.signedIn(two);
    expect(await world.run(["logout"], { terminal, types: ["1"] })).toMatchObject({
      exit: 0,
      stdout: "Signed out of corp.\n",
      questions: ["l"],
    });
    expect(world.session("lab").isLive).toBe(true);
  });

  test("is refused with the list without a terminal, and nobody is signed out", async () => {
    const world = await World.signedIn(two);
    expect(await world.run(["logout"])).toMatchObject({
      exit: 2,
      stderr: "evercred: Which one? corp, lab. Name it, or use --all.\n",
    });
    expect(world.session("corp").isLive && world.session("lab").isLive).toBe(true);
  });

  test("--all ends everything", async () => {
    const world = await World.signedIn(two);
    expect(await world.run(["logout", "--all"])).toMatchObject({
      exit: 0,
      stdout: "Signed out of corp.\nSigned out of lab.\n",
    });
    expect(world.session("corp").isSignedIn || world.session("lab").isSignedIn).toBe(false);
  });

  test("says where the provider could not be told, and is done all the same", async () => {
    const world = await World.signedIn();
    world.provider.outage = "unreachable";
    expect(await world.run(["logout"])).toMatchObject({
      exit: 0,
      stdout: "Signed out of corp.\n",
      stderr:
        "corp.example could not be told: the session there ends by itself. Sign out in the browser as well if that matters.\n",
    });
  });

  test("fails where the keychain keeps the grant, after all others", async () => {
    const world = await World.signedIn(two);
    world.store.mood = "locked";
    const { exit, stdout, stderr } = await world.run(["logout", "--all"]);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toBe(
      [
        "Signed out of corp, but the keychain still has its grant.",
        "Signed out of lab, but the keychain still has its grant.",
        "evercred: The keychain is locked. Unlock it; Evercred looks again by itself.",
        "",
      ].join("\n"),
    );
    expect(world.session("lab").isSignedIn).toBe(false);
  });

  test("tells all providers at once, and waits for none longer than for one", async () => {
    const world = await World.signedIn(two);
    world.provider.hold("revoke", true);
    const call = await world.start(["logout", "--all"]);
    expect(world.provider.busy("revoke")).toBe(2);
    await world.clock.advance(minute);
    expect(await call.exit).toBe(0);
  });

  test("of what needs nobody forgets its credentials, and says that its keys stay", async () => {
    const world = await World.make();
    await configure(world, { corp: world.source(), build: build(world).source });
    await world.signIn();
    await world.run(["aws", "export", "--profile", "build"]);
    expect((await world.run(["logout"])).stdout).toBe("Signed out of corp.\n");
    expect(world.session("build").isSignedIn).toBe(true);
    expect((await world.run(["logout", "--all"])).stdout).toBe(
      "Signed out of build: Evercred forgets its credentials; its keys stay where they are.\n",
    );
    expect((await world.run(["aws", "export", "--profile", "build"])).exit).toBe(3);
  });

  test("is refused where there is nothing to sign in to", async () => {
    const world = await World.make({ sources: {} });
    expect((await world.run(["logout"])).exit).toBe(2);
  });
});
