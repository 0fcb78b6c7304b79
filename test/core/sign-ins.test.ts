import { describe, expect, test } from "vitest";
import type { Session } from "../../electron/core/session.ts";
import { SignIns, type SignInWish } from "../../electron/core/sign-ins.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { settle } from "../fakes/clock.ts";
import { FakePresence } from "../fakes/presence.ts";
import { minute, World } from "./world.ts";

const wish = (by: SignInWish["by"], more: Partial<SignInWish> = {}): SignInWish => ({
  by,
  flow: undefined,
  browser: true,
  ...more,
});

const bench = async () => {
  const world = new World();
  const browser = new FakeBrowser();
  const presence = new FakePresence();
  const session = await world.open();
  const signIns = new SignIns(browser, presence, world.log);
  return { world, browser, presence, session, signIns };
};

/** Begins a sign-in, and waits until it is known what becomes of its page. */
const begin = async (signIns: SignIns, session: Session, what: SignInWish) => {
  const { signIn, page } = signIns.begin(session, what);
  return { signIn, page: await page };
};

/** Lets a sign-in lapse, so that the session is held back. */
const lapse = async ({ world, session }: Awaited<ReturnType<typeof bench>>): Promise<void> => {
  const { outcome, request } = session.signIn(undefined);
  await request;
  await world.clock.advance(10 * minute);
  await outcome;
};

describe("a page", () => {
  test("is opened once for a sign-in, however many ask", async () => {
    const { browser, session, signIns } = await bench();
    const first = await begin(signIns, session, wish("program"));
    expect(first.page).toBe("opened");
    expect(browser.opened).toEqual([
      { url: "https://corp.example/sign-in/1", source: session.source.id },
    ]);
    const second = await begin(signIns, session, wish("terminal"));
    expect(second).toEqual(first);
    expect(browser.opened).toHaveLength(1);
  });

  test("is opened again for a person who asks again: it may have been closed", async () => {
    const { browser, session, signIns } = await bench();
    const first = await begin(signIns, session, wish("program"));
    const second = await begin(signIns, session, wish("person"));
    expect(second).toEqual(first);
    expect(browser.opened).toHaveLength(2);
  });

  test("is opened once for a person who clicks twice before there is one, and again from then on", async () => {
    const { browser, session, signIns } = await bench();
    const release = browser.hold();
    const first = begin(signIns, session, wish("person"));
    const again = signIns.openAgain(session);
    const second = begin(signIns, session, wish("person"));
    await settle();
    expect(browser.opened).toHaveLength(1);
    const later = signIns.openAgain(session);
    await settle();
    expect(browser.opened).toHaveLength(2);
    release();
    expect([(await first).page, await again, (await second).page, await later]).toEqual([
      "opened",
      true,
      "opened",
      true,
    ]);
  });

  test("is opened once for ten who ask at once", async () => {
    const { world, browser, session, signIns } = await bench();
    const ten = await Promise.all(
      Array.from({ length: 10 }, () => begin(signIns, session, wish("program"))),
    );
    await settle();
    expect(new Set(ten.map(({ signIn }) => signIn)).size).toBe(1);
    expect(ten.map(({ page }) => page)).toEqual(ten.map(() => "opened"));
    expect(browser.opened).toHaveLength(1);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("is opened anew for the next sign-in", async () => {
    const { browser, session, signIns } = await bench();
    const { signIn } = await begin(signIns, session, wish("person"));
    session.cancelSignIn();
    await signIn.outcome;
    await begin(signIns, session, wish("person"));
    expect(browser.opened.map(({ url }) => url)).toEqual([
      "https://corp.example/sign-in/1",
      "https://corp.example/sign-in/2",
    ]);
  });

  test("is not opened where nobody wants one on this machine: the device flow serves any other", async () => {
    const { browser, session, signIns } = await bench();
    const { signIn, page } = await begin(signIns, session, wish("terminal", { browser: false }));
    expect(page).toBe("not-wanted");
    expect(await signIn.request).toMatchObject({ flow: "device", userCode: "ABCD-EFGH" });
    expect(browser.opened).toEqual([]);
  });

  test("that cannot be opened leaves the device flow, which any machine can finish", async () => {
    const { browser, session, signIns } = await bench();
    browser.usable = false;
    const { signIn, page } = await begin(signIns, session, wish("person"));
    expect(page).toBe("unavailable");
    expect(signIn.flow).toBe("device");
  });

  test("is of the flow that was wished for", async () => {
    const { browser, session, signIns } = await bench();
    const device = await begin(signIns, session, wish("terminal", { flow: "device" }));
    expect(device).toMatchObject({ page: "opened", signIn: { flow: "device" } });
    browser.usable = false;
    const code = await begin(signIns, session, wish("terminal", { flow: "code" }));
    expect(code).toMatchObject({ page: "unavailable", signIn: { flow: "code" } });
  });

  test("that cannot be opened here does not replace the sign-in that is open", async () => {
    const { session, signIns } = await bench();
    const first = await begin(signIns, session, wish("person"));
    const second = await begin(signIns, session, wish("terminal", { browser: false }));
    expect(second.signIn).toBe(first.signIn);
    expect(second.page).toBe("opened");
  });

  test("that failed to open can be opened by the next who asks", async () => {
    const { browser, session, signIns } = await bench();
    browser.broken = true;
    expect((await begin(signIns, session, wish("program"))).page).toBe("unavailable");
    browser.broken = false;
    expect((await begin(signIns, session, wish("program"))).page).toBe("opened");
    expect(browser.opened).toHaveLength(1);
  });

  test("of a sign-in that came to nothing before is not opened, and the log says so", async () => {
    const { world, browser, session, signIns } = await bench();
    world.provider.outage = "unreachable";
    const { signIn, page } = await begin(signIns, session, wish("person"));
    expect(page).toBe("unavailable");
    expect(await signIn.outcome).toMatchObject({ error: { code: "unreachable" } });
    expect(browser.opened).toEqual([]);
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ level: "debug", event: "sign-in: nothing to open" }),
    );
  });

  test("of a sign-in that was cancelled before is not opened, which is not worth a line", async () => {
    const { world, browser, session, signIns } = await bench();
    const begun = begin(signIns, session, wish("person"));
    session.cancelSignIn();
    expect((await begun).page).toBe("unavailable");
    expect(browser.opened).toEqual([]);
    expect(world.log.lines.filter(({ level }) => level === "debug")).toEqual([]);
  });
});

describe("while nobody is there", () => {
  test("a program's sign-in waits, and one page opens when somebody comes back", async () => {
    const { browser, presence, session, signIns } = await bench();
    presence.leave();
    const ten = await Promise.all(
      Array.from({ length: 10 }, () => begin(signIns, session, wish("program"))),
    );
    expect(ten.map(({ page }) => page)).toEqual(ten.map(() => "waiting"));
    await settle();
    expect(browser.opened).toEqual([]);
    presence.comeBack();
    await settle();
    expect(browser.opened).toHaveLength(1);
    presence.comeBack();
    await settle();
    expect(browser.opened).toHaveLength(1);
    expect((await begin(signIns, session, wish("program"))).page).toBe("opened");
  });

  test("a terminal's and a person's page opens at once", async () => {
    const { browser, presence, session, signIns } = await bench();
    presence.leave();
    expect((await begin(signIns, session, wish("program"))).page).toBe("waiting");
    expect((await begin(signIns, session, wish("terminal"))).page).toBe("opened");
    presence.comeBack();
    await settle();
    expect(browser.opened).toHaveLength(1);
  });

  test("a page that is on its way is opened for whoever asks for it then", async () => {
    const { world, presence, session, signIns } = await bench();
    const release = world.provider.hold("sign-in");
    const first = signIns.begin(session, wish("program"));
    presence.leave();
    const second = signIns.begin(session, wish("program"));
    release();
    expect([await first.page, await second.page]).toEqual(["opened", "opened"]);
  });

  test("a sign-in that has lapsed opens nothing when somebody comes back", async () => {
    const { world, browser, presence, session, signIns } = await bench();
    presence.leave();
    const { signIn } = await begin(signIns, session, wish("program"));
    await world.clock.advance(10 * minute);
    await signIn.outcome;
    presence.comeBack();
    await settle();
    expect(browser.opened).toEqual([]);
  });

  test("a sign-in that fails meanwhile, unseen, is wanted still; one that a person cancels is not", async () => {
    const { world, presence, session, signIns } = await bench();
    presence.leave();
    world.provider.outage = "unreachable";
    const { signIn } = signIns.begin(session, wish("program"));
    expect(await signIn.outcome).toMatchObject({ error: { code: "unreachable" } });
    expect(session.wantedAt).toBe(world.clock.now());
    world.provider.outage = undefined;
    const next = await begin(signIns, session, wish("program"));
    session.cancelSignIn();
    await next.signIn.outcome;
    expect(session.wantedAt).toBeUndefined();
    expect(session.heldBack).toBe(true);
  });

  test("nothing opens any more once it is closed", async () => {
    const { browser, presence, session, signIns } = await bench();
    presence.leave();
    await begin(signIns, session, wish("program"));
    signIns.close();
    presence.comeBack();
    await settle();
    expect(browser.opened).toEqual([]);
  });
});

describe("a session that is held back", () => {
  test.each(["program", "terminal"] as const)("opens no page for a %s", async (by) => {
    const all = await bench();
    await lapse(all);
    const { browser, session, signIns } = all;
    const { signIn, page } = await begin(signIns, session, wish(by));
    expect(page).toBe("held-back");
    await expect(signIn.request).resolves.toMatchObject({ flow: "code" });
    expect(browser.opened).toEqual([]);
  });

  test.each([
    ["not-wanted", { browser: false }, true],
    ["unavailable", {}, false],
  ] as const)(
    "has its address told all the same where a page is %s",
    async (fate, more, usable) => {
      const all = await bench();
      await lapse(all);
      const { browser, session, signIns } = all;
      browser.usable = usable;
      const { signIn, page } = await begin(signIns, session, wish("terminal", more));
      expect(page).toBe(fate);
      expect(await signIn.request).toMatchObject({ flow: "device" });
    },
  );

  test("stays so, however many programs ask", async () => {
    const all = await bench();
    await lapse(all);
    for (const by of ["program", "terminal", "program"] as const) {
      expect((await begin(all.signIns, all.session, wish(by))).page).toBe("held-back");
    }
  });

  test("opens its page for a person, and from then on for anybody", async () => {
    const all = await bench();
    await lapse(all);
    const { world, browser, session, signIns } = all;
    const { signIn, page } = await begin(signIns, session, wish("person"));
    expect(page).toBe("opened");
    world.source.visits.at(-1)!.approve();
    await signIn.outcome;
    expect((await begin(signIns, session, wish("program"))).page).toBe("opened");
    expect(browser.opened).toHaveLength(2);
  });
});

describe("a person who acts", () => {
  test("ends the holding back for programs too, before anything has come of it", async () => {
    const all = await bench();
    await lapse(all);
    const { session, signIns } = all;
    await begin(signIns, session, wish("person"));
    const { page } = await begin(signIns, session, wish("program", { flow: "device" }));
    expect(page).toBe("opened");
  });
});

describe("to open again", () => {
  test("shows the page of the open sign-in once more", async () => {
    const { browser, session, signIns } = await bench();
    await begin(signIns, session, wish("person"));
    expect(await signIns.openAgain(session)).toBe(true);
    expect(browser.opened.map(({ url }) => url)).toEqual([
      "https://corp.example/sign-in/1",
      "https://corp.example/sign-in/1",
    ]);
  });

  test("opens the page that was waiting, and no second one later", async () => {
    const { browser, presence, session, signIns } = await bench();
    presence.leave();
    await begin(signIns, session, wish("program"));
    expect(await signIns.openAgain(session)).toBe(true);
    presence.comeBack();
    await settle();
    expect(browser.opened).toHaveLength(1);
  });

  test("is of no use where no sign-in is open, or no page can be opened", async () => {
    const { browser, session, signIns } = await bench();
    expect(await signIns.openAgain(session)).toBe(false);
    await begin(signIns, session, wish("person"));
    browser.broken = true;
    expect(await signIns.openAgain(session)).toBe(false);
    expect(session.signInOpen?.opened).toBe(false);
  });
});

describe("a page on a host that is not the provider's", () => {
  const doubtful = async () => {
    const all = await bench();
    all.world.source.hosts = ["login.corp.example"];
    return all;
  };

  test("is opened for nobody, until a person goes on all the same", async () => {
    const { browser, session, signIns, world } = await doubtful();
    for (const by of ["program", "terminal", "person"] as const) {
      expect((await begin(signIns, session, wish(by))).page).toBe("doubtful");
    }
    expect(await signIns.openAgain(session)).toBe(false);
    expect(session.signInOpen).toMatchObject({ opened: false, trusted: false });
    expect(browser.opened).toEqual([]);
    const changes = world.changes;
    expect(await signIns.openAllTheSame(session)).toBe(true);
    expect(world.changes).toBeGreaterThan(changes);
    expect(await signIns.openAgain(session)).toBe(true);
    expect((await begin(signIns, session, wish("program"))).page).toBe("opened");
    expect(browser.opened).toHaveLength(2);
  });

  test("is not opened at somebody's return either", async () => {
    const { browser, presence, session, signIns } = await doubtful();
    presence.leave();
    expect((await begin(signIns, session, wish("program"))).page).toBe("waiting");
    presence.comeBack();
    await settle();
    expect(browser.opened).toEqual([]);
  });

  test("is doubtful again at the next sign-in; without one there is nothing to go on with", async () => {
    const { browser, session, signIns } = await doubtful();
    const { signIn } = await begin(signIns, session, wish("person"));
    await signIns.openAllTheSame(session);
    session.cancelSignIn();
    await signIn.outcome;
    expect(await signIns.openAllTheSame(session)).toBe(false);
    expect((await begin(signIns, session, wish("person"))).page).toBe("doubtful");
    expect(browser.opened).toHaveLength(1);
  });
});

describe("who asked, and when,", () => {
  test("is remembered of the one who made the sign-in, not of those who join it", async () => {
    const { world, session, signIns } = await bench();
    const at = world.clock.now();
    const starter = { kind: "program", name: "claude" } as const;
    await begin(signIns, session, wish("program", { starter }));
    await world.clock.advance(minute);
    const { signIn } = await begin(signIns, session, wish("person"));
    expect(signIn.begun).toEqual({ by: starter, at });
  });

  test("is a person where nobody else is named", async () => {
    const { session, signIns } = await bench();
    const { signIn } = await begin(signIns, session, wish("person"));
    expect(signIn.begun.by).toEqual({ kind: "person" });
  });
});

describe("a code of a device", () => {
  const device = async () => {
    const all = await bench();
    all.world.source.flow = "mfa";
    return all;
  };

  test("is asked for without a page, whatever is wished and whoever is there", async () => {
    const { world, browser, presence, session, signIns } = await device();
    expect((await begin(signIns, session, wish("person"))).page).toBe("no-page");
    expect((await begin(signIns, session, wish("terminal", { browser: false }))).page).toBe(
      "no-page",
    );
    presence.leave();
    const { signIn, page } = await begin(signIns, session, wish("program", { flow: "device" }));
    expect(page).toBe("no-page");
    expect(await signIn.request).toMatchObject({ flow: "mfa", device: "phone" });
    presence.comeBack();
    await settle();
    expect(signIn.opened).toBe(false);
    expect(browser.opened).toEqual([]);
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("is asked for also after one that came to nothing", async () => {
    const all = await device();
    await lapse(all);
    expect(all.session.heldBack).toBe(true);
    const { signIn, page } = await begin(all.signIns, all.session, wish("terminal"));
    expect(page).toBe("no-page");
    all.world.source.visits.at(-1)!.approve();
    expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  });
});

describe("several sign-ins that have waited", () => {
  const several = async () => {
    const all = await bench();
    const { world, presence, signIns } = all;
    const sources = ["a", "b"].map((id) => world.makeSource({ id }));
    const sessions = await Promise.all(sources.map((source) => world.open(source)));
    presence.leave();
    const begun = await Promise.all(
      sessions.map((session) => begin(signIns, session, wish("program"))),
    );
    expect(begun.map(({ page }) => page)).toEqual(["waiting", "waiting"]);
    const opened = () => all.browser.opened.map(({ source }) => source);
    return { ...all, sources, sessions, opened, signIn: begun.map(({ signIn }) => signIn) };
  };

  test("are opened one after the other, each known to come late", async () => {
    const { presence, sources, sessions, signIns, opened, signIn } = await several();
    presence.comeBack();
    await settle();
    expect(opened()).toEqual(["a"]);
    expect(signIn.map(({ belated }) => belated)).toEqual([true, false]);
    const joined = await begin(signIns, sessions[1]!, wish("program"));
    expect(joined).toEqual({ signIn: signIn[1], page: "queued" });
    presence.comeBack();
    await settle();
    expect(opened()).toEqual(["a"]);
    sources[0]!.visits.at(-1)!.approve();
    await signIn[0]!.outcome;
    await settle();
    expect(opened()).toEqual(["a", "b"]);
  });

  test("go on where one fails, and keep no other one waiting", async () => {
    const { world, sources, sessions, presence, signIns, opened, signIn } = await several();
    presence.comeBack();
    await settle();
    const third = await world.open(world.makeSource({ id: "c" }));
    expect((await begin(signIns, third, wish("program"))).page).toBe("opened");
    sources[0]!.visits.at(-1)!.refuse();
    await signIn[0]!.outcome;
    await settle();
    expect(sessions[0]!.signInOpen).toBeUndefined();
    expect(opened()).toEqual(["a", "c", "b"]);
  });

  test("are opened for a program that finds somebody there, of whose return nobody has told", async () => {
    const { sessions, presence, signIns, opened } = await several();
    presence.sneakIn();
    expect((await begin(signIns, sessions[1]!, wish("program"))).page).toBe("opened");
    expect(opened()).toEqual(["b"]);
  });

  test("are all left alone where one is cancelled, but for a person who asks", async () => {
    const { presence, sessions, signIns, opened, signIn } = await several();
    presence.comeBack();
    await settle();
    sessions[0]!.cancelSignIn();
    await signIn[0]!.outcome;
    await settle();
    expect(opened()).toEqual(["a"]);
    expect((await begin(signIns, sessions[1]!, wish("person"))).page).toBe("opened");
    expect(opened()).toEqual(["a", "b"]);
  });

  test("wait again where nobody is there any more, or nobody wants to be asked", async () => {
    const { world, presence, sessions, signIns, opened, signIn } = await several();
    presence.comeBack();
    await settle();
    presence.beBusy(true);
    await world.clock.advance(10 * minute);
    await signIn[0]!.outcome;
    await settle();
    expect(opened()).toEqual(["a"]);
    const { page } = await begin(signIns, sessions[1]!, wish("program"));
    expect(page).toBe("put-off");
    presence.leave();
    presence.beBusy(false);
    await settle();
    expect(opened()).toEqual(["a"]);
    presence.comeBack();
    await settle();
    expect(opened()).toEqual(["a", "b"]);
  });
});

describe("a sign-in that nobody can have seen", () => {
  test("is no refusal where its time runs out: the next one opens, and a person is wanted", async () => {
    const { world, browser, presence, session, signIns } = await bench();
    presence.leave();
    const { signIn } = await begin(signIns, session, wish("program"));
    await world.clock.advance(10 * minute);
    await signIn.outcome;
    expect([session.heldBack, session.wantedAt]).toEqual([false, world.clock.now()]);
    const next = await begin(signIns, session, wish("program"));
    expect(next.page).toBe("waiting");
    presence.comeBack();
    await settle();
    expect(browser.opened).toHaveLength(1);
  });

  test("forty times in two hours is one page at the return", async () => {
    const { world, browser, presence, session, signIns } = await bench();
    presence.leave();
    for (let times = 0; times < 40; times += 1) {
      expect((await begin(signIns, session, wish("program"))).page).toBe("waiting");
      await world.clock.advance(3 * minute);
    }
    expect(browser.opened).toEqual([]);
    presence.comeBack();
    await settle();
    expect(browser.opened).toHaveLength(1);
  });

  test("is kept open for a return as long as programs ask for it, and a while longer", async () => {
    const { world, presence, session, signIns } = await bench();
    presence.leave();
    await begin(signIns, session, wish("program"));
    await begin(signIns, session, wish("program"));
    await world.clock.advance(10 * minute);
    await settle();
    expect(session.signInOpen).toMatchObject({ unseen: true });
    await world.clock.advance(10 * minute);
    await settle();
    expect(session.signInOpen).toBeUndefined();
    expect(world.provider.count("sign-in")).toBe(2);
  });

  test("is not begun again where somebody is there, or all is closed", async () => {
    const { world, presence, session, signIns } = await bench();
    const lapsed = async (meanwhile: () => void): Promise<void> => {
      presence.leave();
      await begin(signIns, session, wish("program"));
      await begin(signIns, session, wish("program"));
      meanwhile();
      await world.clock.advance(10 * minute);
      await settle();
      expect(session.signInOpen).toBeUndefined();
    };
    await lapsed(() => presence.sneakIn());
    await lapsed(() => signIns.close());
  });

  test("that is cancelled is not begun again, whoever has joined it", async () => {
    const { presence, session, signIns } = await bench();
    presence.leave();
    const { signIn } = await begin(signIns, session, wish("program"));
    await begin(signIns, session, wish("program"));
    session.cancelSignIn();
    await signIn.outcome;
    await settle();
    expect(session.signInOpen).toBeUndefined();
  });

  test("that the provider refuses is refused all the same", async () => {
    const { world, presence, session, signIns } = await bench();
    presence.leave();
    world.provider.fail("sign-in", "sign-in-denied");
    const { signIn } = signIns.begin(session, wish("program"));
    await signIn.outcome;
    expect([session.heldBack, session.wantedAt]).toEqual([true, undefined]);
  });

  test("that is cancelled is refused all the same", async () => {
    const { presence, session, signIns } = await bench();
    presence.leave();
    const { signIn } = await begin(signIns, session, wish("program"));
    session.cancelSignIn();
    await signIn.outcome;
    expect(session.heldBack).toBe(true);
  });

  test("is a refusal once it has been seen", async () => {
    const { world, presence, session, signIns } = await bench();
    presence.leave();
    const { signIn } = await begin(signIns, session, wish("program"));
    presence.comeBack();
    await settle();
    await world.clock.advance(10 * minute);
    await signIn.outcome;
    expect(session.heldBack).toBe(true);
  });
});

describe("where whoever is there wants to be left alone", () => {
  test("a program's page is put off, a person's is not", async () => {
    const { browser, presence, session, signIns } = await bench();
    presence.beBusy(true);
    expect((await begin(signIns, session, wish("program"))).page).toBe("put-off");
    expect(browser.opened).toEqual([]);
    presence.beBusy(false);
    await settle();
    expect(browser.opened).toHaveLength(1);
    presence.beBusy(true);
    expect((await begin(signIns, session, wish("person"))).page).toBe("opened");
  });
});
