import { beforeEach, describe, expect, test } from "vitest";
import { key } from "../fakes/source.ts";
import { type Call, second, terminal, World } from "./world.ts";

const fact = "You signed in to corp as bob; before it was ann.";
const question = `${fact} Go on as bob? [y/N]\n`;
const waiting = `${fact} Accept that in the tray, or with: evercred login corp --yes. Waiting…\n`;

let world: World;

/** Ann is signed in, and then Bob signs in on the page that these words have opened. */
const asBob = async (words: readonly string[], caller = {}): Promise<Call> => {
  const call = await world.start(words, caller);
  world.provider.person = "bob";
  world.approve();
  await world.settle();
  return call;
};

const program = ["aws", "login", "--profile", "dev"];

beforeEach(async () => {
  world = await World.make();
  world.provider.person = "ann";
  await world.signIn();
  await world.session("corp").issue(key);
  await world.settle();
});

describe("after somebody else than before has signed in, a terminal", () => {
  test.each(["y", "YES", " yes "])("goes on as they where it says %j", async (answer) => {
    const call = await asBob(["login", "corp"], { terminal, types: [answer] });
    expect(await call.exit).toBe(0);
    expect(call.stderr).toContain(question);
    expect(call.questions).toEqual(["l"]);
    expect(world.session().account).toBe("bob");
  });

  test.each(["", "n", "no", "bob"])("keeps who was before where it says %j", async (answer) => {
    const call = await asBob(["login", "corp"], { terminal, types: [answer] });
    expect(await call.exit).toBe(1);
    expect(world.session()).toMatchObject({ account: "ann", isLive: true });
  });

  test("leaves the question to others at the end of input", async () => {
    const call = await asBob(["login", "corp"], { terminal });
    expect(await call.exit).toBe(1);
    expect(world.session().signInOpen).toBeDefined();
    expect(world.session().account).toBe("ann");
  });

  test("is not asked with --yes, and told all the same", async () => {
    const call = await asBob(["login", "corp", "--yes"], { terminal });
    expect(await call.exit).toBe(0);
    expect(call.questions).toEqual([]);
    expect(call.stderr).toContain(`${fact}\n`);
    expect(world.session().account).toBe("bob");
  });

  test("is not kept waiting where it is answered in the tray", async () => {
    const types = [new Promise<string>(() => undefined)];
    const call = await asBob(["login", "corp"], { terminal, types });
    expect(call.questions).toEqual(["l"]);
    world.session().signInOpen!.accept();
    expect(await call.exit).toBe(0);
  });

  test("is shown the names without what would disturb it", async () => {
    const call = await world.start(["login", "corp", "--yes"]);
    world.provider.person = "b\u001b[2Job";
    world.approve();
    await call.exit;
    expect(call.stderr).toContain("You signed in to corp as b [2Job; before it was ann.\n");
  });
});

describe("after somebody else than before has signed in, a program", () => {
  beforeEach(async () => {
    world.provider.endSessions();
    await world.clock.advance(3_600 * second);
    expect(world.session().isSignedOut).toBe(true);
  });

  test("is told where that can be accepted, and waits", async () => {
    const call = await asBob(program);
    expect(call.stderr).toContain(waiting);
    expect(call.questions).toEqual([]);
    expect(world.session().isSignedIn).toBe(false);
    world.session().signInOpen!.accept();
    expect(await call.exit).toBe(0);
  });

  test("gives up in time, and says what is waited for", async () => {
    const call = await asBob(program);
    await world.clock.advance(165 * second);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain(
      "Nobody has accepted yet that it was bob who signed in to corp. Accept it in the tray, or with: evercred login corp --yes\n",
    );
    expect(world.session().signInOpen).toBeDefined();
  });

  test("fails where that is declined", async () => {
    const call = await asBob(program);
    world.session().signInOpen!.decline();
    expect(await call.exit).toBe(1);
  });

  test("is let go on by another caller's --yes, which opens no page and prints no address", async () => {
    const call = await asBob(program);
    const pages = world.pages;
    const person = await world.run(["login", "corp", "--yes"]);
    expect(person).toMatchObject({ exit: 0, stderr: `${fact}\n` });
    expect(person.stdout).toMatch(/^Signed in to corp.*\n$/);
    expect(await call.exit).toBe(0);
    expect(world.pages).toBe(pages);
  });
});
