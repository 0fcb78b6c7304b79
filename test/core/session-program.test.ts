import { describe, expect, test } from "vitest";
import { Session } from "../../electron/core/session.ts";
import { SignIns, type SignInWish } from "../../electron/core/sign-ins.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { settle } from "../fakes/clock.ts";
import { FakePresence } from "../fakes/presence.ts";
import { key, minute, World } from "./world.ts";

const wish = (by: SignInWish["by"], more: Partial<SignInWish> = {}): SignInWish => ({
  by,
  flow: undefined,
  browser: true,
  ...more,
});

/** A source whose sign-in is done by a program of others, into their file. */
const bench = async () => {
  const world = new World({ kept: true });
  const source = world.makeSource({ keptBy: "gcloud", byProgram: true, shared: world.shared });
  const browser = new FakeBrowser();
  const presence = new FakePresence();
  const session = await world.open(source);
  const signIns = new SignIns(browser, presence, world.log);
  /** How often the program was started. */
  const started = async (): Promise<number> => {
    await settle();
    return world.provider.count("sign-in");
  };
  return { world, source, browser, presence, session, signIns, started };
};

/** Lets a sign-in lapse, so that the session is held back. */
const lapse = async ({ world, session }: Awaited<ReturnType<typeof bench>>): Promise<void> => {
  const { outcome } = session.signIn(undefined);
  await world.clock.advance(10 * minute);
  await outcome;
  expect(session.heldBack).toBe(true);
};

describe("a program that signs in", () => {
  test("is started for a person, its page is opened once, and its sign-in is used", async () => {
    const { source, browser, session, signIns } = await bench();
    const { signIn, page } = signIns.begin(session, wish("person"));
    expect(await page).toBe("opened");
    expect(signIn.flow).toBe("program");
    expect(await signIn.request).toMatchObject({ flow: "program" });
    expect(browser.opened.map(({ url }) => url)).toEqual(["https://corp.example/sign-in/1"]);
    source.visits.at(-1)!.approve();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("is joined by whoever comes later, whatever flow they wish", async () => {
    const { session, signIns, started } = await bench();
    const { signIn } = signIns.begin(session, wish("person"));
    expect(session.signIn("device")).toBe(signIn);
    expect(session.signIn("code")).toBe(signIn);
    expect(signIns.begin(session, wish("terminal", { flow: "device" })).signIn).toBe(signIn);
    expect(await started()).toBe(1);
  });

  test("is shown line by line, as they come", async () => {
    const { world, source } = await bench();
    source.lines = ["one", "two", "three"];
    const seen: (number | undefined)[] = [];
    const shown: { session?: Session } = {};
    shown.session = await Session.open(source, {
      ...world.ports,
      changed: () => seen.push(shown.session?.signInOpen?.lines.length),
    });
    const signIn = shown.session.signIn(undefined);
    signIn.attend();
    await signIn.request;
    expect(seen).toEqual(expect.arrayContaining([1, 2, 3]));
  });

  test("is no longer heard by one who has left", async () => {
    const { source, session, signIns } = await bench();
    source.lines = ["one", "two", "three"];
    const { signIn, page } = signIns.begin(session, wish("person"));
    const heard: string[] = [];
    const stop = signIn.follow((line) => {
      heard.push(line);
      stop();
    });
    await page;
    expect(heard).toEqual(["one"]);
  });

  test("is followed: each line so far, and each new one until nobody listens", async () => {
    const { world, session, signIns } = await bench();
    const { signIn, page } = signIns.begin(session, wish("person"));
    const early: string[] = [];
    const stop = signIn.follow((line) => early.push(line));
    const before = world.changes;
    await page;
    expect(world.changes).toBeGreaterThan(before);
    const late: string[] = [];
    signIn.follow((line) => late.push(line));
    stop();
    session.cancelSignIn();
    await signIn.outcome;
    expect(early).toEqual(["Opening the page…"]);
    expect(late).toEqual(early);
    expect(signIn.lines).toEqual(early);
  });

  test("that prints without end is remembered by its last lines", async () => {
    const { source, session, signIns } = await bench();
    source.lines = Array.from({ length: 1_000 }, (_, n) => `line ${n}`);
    const { signIn, page } = signIns.begin(session, wish("person"));
    const heard: string[] = [];
    const stop = signIn.follow((line) => heard.push(line));
    await page;
    expect(heard).toHaveLength(1_000);
    expect(signIn.lines).toHaveLength(200);
    expect(signIn.lines[0]).toBe("line 800");
    expect(signIn.lines.at(-1)).toBe("line 999");
    stop();
  });

  test("and has no page to show ends what waits for one, and is used", async () => {
    const { source, browser, session, signIns } = await bench();
    source.pageless = true;
    const { signIn, page } = signIns.begin(session, wish("person"));
    await settle();
    source.visits.at(-1)!.approve();
    await expect(signIn.request).rejects.toThrow("there was nothing to open");
    expect(await page).toBe("unavailable");
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
    expect(browser.opened).toEqual([]);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("and fails before it has a page says why", async () => {
    const { world, session, signIns } = await bench();
    world.provider.fail("sign-in", "program-missing");
    const { signIn, page } = signIns.begin(session, wish("person"));
    expect(await page).toBe("unavailable");
    await expect(signIn.request).rejects.toMatchObject({ code: "program-missing" });
    expect(await signIn.outcome).toMatchObject({ error: { code: "program-missing" } });
    expect(session.heldBack).toBe(false);
  });
});

describe("while nobody is there", () => {
  test("no program is started for a program; at the return one is, once", async () => {
    const { browser, presence, session, signIns, started } = await bench();
    presence.leave();
    const ten = Array.from({ length: 10 }, () => signIns.begin(session, wish("program")));
    expect(await Promise.all(ten.map(({ page }) => page))).toEqual(ten.map(() => "waiting"));
    expect(await started()).toBe(0);
    presence.comeBack();
    expect(await started()).toBe(1);
    expect(browser.opened).toHaveLength(1);
    presence.comeBack();
    expect(await started()).toBe(1);
  });

  test.each(["terminal", "person"] as const)("one is started for a %s", async (by) => {
    const { presence, session, signIns, started } = await bench();
    presence.leave();
    const waiting = signIns.begin(session, wish("program"));
    expect(await waiting.page).toBe("waiting");
    const { signIn, page } = signIns.begin(session, wish(by));
    expect(signIn).toBe(waiting.signIn);
    expect(await page).toBe("opened");
    expect(await started()).toBe(1);
  });

  test("one is started where a person opens it from the tray", async () => {
    const { presence, session, signIns, started } = await bench();
    presence.leave();
    await signIns.begin(session, wish("program")).page;
    expect(await signIns.openAgain(session)).toBe(true);
    expect(await started()).toBe(1);
  });

  test("none is started after it has lapsed, nor once all is closed", async () => {
    const { world, presence, session, signIns, started } = await bench();
    presence.leave();
    const { signIn } = signIns.begin(session, wish("program"));
    await world.clock.advance(10 * minute);
    expect(await signIn.outcome).toMatchObject({ error: { code: "timed-out" } });
    presence.comeBack();
    expect(await started()).toBe(0);
    session.release();
    presence.leave();
    await signIns.begin(session, wish("program")).page;
    signIns.close();
    presence.comeBack();
    expect(await started()).toBe(0);
  });
});

describe("a page that cannot be, or is not to be, opened here", () => {
  test.each([
    ["not wanted", { browser: false }, true, "not-wanted"],
    ["unavailable", {}, false, "unavailable"],
  ] as const)(
    "is %s; the program is started, and says its address",
    async (_, more, usable, fate) => {
      const { browser, session, signIns, started } = await bench();
      browser.usable = usable;
      const { signIn, page } = signIns.begin(session, wish("terminal", more));
      expect(await page).toBe(fate);
      expect(await started()).toBe(1);
      expect(await signIn.request).toMatchObject({ flow: "program" });
      expect(browser.opened).toEqual([]);
    },
  );
});

describe("a session that is held back", () => {
  test.each([
    ["a program", wish("program"), true],
    ["a terminal", wish("terminal"), true],
    ["a program without a browser", wish("program"), false],
    ["a terminal that wants no page", wish("terminal", { browser: false }), true],
  ])("starts no program for %s", async (_, what, usable) => {
    const all = await bench();
    await lapse(all);
    const { browser, session, signIns, started } = all;
    browser.usable = usable;
    expect(await signIns.begin(session, what).page).toBe("held-back");
    expect(await started()).toBe(0);
  });

  test("starts one for a person", async () => {
    const all = await bench();
    await lapse(all);
    const { session, signIns, started } = all;
    const waiting = signIns.begin(session, wish("program"));
    await waiting.page;
    expect(await signIns.begin(session, wish("person")).page).toBe("opened");
    expect(session.signInOpen).toBe(waiting.signIn);
    expect(await started()).toBe(1);
  });
});
