import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import type { Session } from "../../electron/core/session.ts";
import { SignIns } from "../../electron/core/sign-ins.ts";
import { type Actions, actionsOf, replyOf } from "../../electron/shell/actions.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { EnteredSource } from "../fakes/entered.ts";
import { MemoryLog } from "../fakes/log.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { FakePresence } from "../fakes/presence.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { key, ScriptedSource } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";

const done = { kind: "done", value: undefined };

let clock: FakeClock;
let broker: Broker;
let browser: FakeBrowser;
let presence: FakePresence;
let provider: ScriptedProvider;
let signIns: SignIns;
let source: ScriptedSource;
let session: Session;
let actions: Actions;
/** The answers that were given to questions. */
let answered: string[];
let clipboard: string;
let windows: number;

beforeEach(async () => {
  clock = new FakeClock();
  const log = new MemoryLog();
  const ports = { store: new MemoryStore(), memo: new MemoryMemo(), clock, random: () => 0, log };
  broker = new Broker(ports);
  browser = new FakeBrowser();
  presence = new FakePresence();
  provider = new ScriptedProvider(clock);
  signIns = new SignIns(browser, presence, log);
  source = new ScriptedSource({ clock, provider });
  answered = [];
  clipboard = "";
  windows = 0;
  actions = actionsOf({
    broker,
    signIns,
    consent: {
      answer: (question, answer) => {
        if (question === "gone") throw new EvercredError("unknown-name", "That is asked no more.");
        answered.push(`${question} ${answer}`);
      },
    },
    copyText: async (text) => {
      clipboard = text;
    },
    openWindow: () => {
      windows += 1;
    },
  });
  await broker.configure([source]);
  session = broker.session("corp")!;
});

afterEach(async () => {
  signIns.close();
  await broker.close();
});

test("an answer goes where it was asked, and where nothing is asked any more that is said", async () => {
  expect(await actions.answer("7", "always")).toEqual(done);
  expect(answered).toEqual(["7 always"]);
  expect(await actions.answer("gone", "always")).toMatchObject({
    kind: "failed",
    trouble: { code: "unknown-name", sentence: "That is asked no more." },
  });
});

test("a sign-in opens its page and is answered when somebody has signed in", async () => {
  const reply = actions.signIn("corp");
  await settle();
  expect(browser.opened).toHaveLength(1);
  source.visits[0]!.approve();
  expect(await reply).toEqual(done);
  expect(session.state.kind).toBe("active");
});

test("a second wish to sign in opens the same page again", async () => {
  const reply = actions.signIn("corp");
  await settle();
  expect(await actions.signIn("corp")).toEqual(done);
  expect(browser.opened.map(({ url }) => url)).toEqual([
    "https://corp.example/sign-in/1",
    "https://corp.example/sign-in/1",
  ]);
  await actions.cancelSignIn("corp");
  expect(await reply).toEqual(done);
});

test("a page whose address is doubtful is shown in the window, and opened by whoever goes on all the same", async () => {
  source.hosts = ["login.corp.example"];
  const reply = actions.signIn("corp");
  await settle();
  expect({ windows, opened: browser.opened }).toEqual({ windows: 1, opened: [] });
  expect(await actions.openAllTheSame("corp")).toEqual(done);
  expect(browser.opened).toHaveLength(1);
  browser.broken = true;
  expect(await actions.openAllTheSame("corp")).toMatchObject({
    kind: "failed",
    trouble: { code: "browser-unavailable" },
  });
  source.visits[0]!.approve();
  expect(await reply).toEqual(done);
  expect(await actions.openAllTheSame("corp")).toEqual(done);
  expect(await actions.openAllTheSame("gone")).toMatchObject({ trouble: { code: "unknown-name" } });
});

test("who began a sign-in here is told from what was due", async () => {
  void actions.signIn("corp");
  await settle();
  expect(session.signInOpen?.begun.by).toEqual({ kind: "person" });
  await actions.cancelSignIn("corp");
  await settle();
  session.release();
  await actions.ask("corp");
  expect(session.signInOpen?.begun.by).toEqual({ kind: "due" });
});

test("what went wrong with a sign-in is a sentence and a remedy", async () => {
  const reply = actions.signIn("corp");
  await settle();
  source.visits[0]!.refuse();
  expect(await reply).toEqual({
    kind: "failed",
    trouble: {
      code: "sign-in-denied",
      sentence: "The sign-in was refused.",
      remedy: "Run: evercred login",
    },
  });
});

test("a browser that cannot be opened again is said, while the sign-in stays open", async () => {
  void actions.signIn("corp");
  await settle();
  browser.broken = true;
  expect(await actions.signIn("corp")).toMatchObject({
    kind: "failed",
    trouble: { code: "browser-unavailable" },
  });
  expect(session.signInOpen).toBeDefined();
});

test("the code for another machine replaces the page, and opens none here", async () => {
  const first = actions.signIn("corp");
  await settle();
  void actions.useCode("corp");
  expect(await first).toEqual(done);
  await settle();
  expect(browser.opened).toHaveLength(1);
  expect(session.signInOpen?.flow).toBe("device");
  expect(await actions.copy("corp", "code")).toEqual(done);
  expect(clipboard).toBe("ABCD-EFGH");
  expect(await actions.copy("corp", "address")).toEqual(done);
  expect(clipboard).toBe("https://corp.example/sign-in/2");
});

test("nothing is copied where no sign-in is open", async () => {
  expect(await actions.copy("corp", "address")).toMatchObject({ kind: "failed" });
  expect(clipboard).toBe("");
});

test("a sign-out of which the provider was not told says so", async () => {
  void actions.signIn("corp");
  await settle();
  source.visits[0]!.approve();
  await settle();
  provider.outage = "unreachable";
  expect(await actions.signOut("corp")).toMatchObject({
    kind: "failed",
    trouble: { sentence: "Signed out here, but the provider was not told." },
  });
  expect(session.state).toEqual({ kind: "signed-out", reason: "user" });
});

test("a sign-out that went well says nothing", async () => {
  expect(await actions.signOut("corp")).toEqual(done);
});

test.each(["signIn", "useCode", "cancelSignIn", "signOut", "acceptAccount"] as const)(
  "%s of a source that there is not is refused",
  async (name) => {
    expect(await actions[name]("nobody")).toMatchObject({
      kind: "failed",
      trouble: { code: "unknown-name" },
    });
  },
);

test("asked by a program, the page opens at once only where somebody is there", async () => {
  presence.leave();
  expect(await actions.ask("corp")).toBe(true);
  expect(browser.opened).toHaveLength(0);
  presence.comeBack();
  await settle();
  expect(browser.opened).toHaveLength(1);
});

test("asked by a program after a refused sign-in, no page opens: only a person can go on", async () => {
  const first = actions.signIn("corp");
  await settle();
  source.visits[0]!.refuse();
  await first;
  expect(await actions.ask("corp")).toBe(false);
  expect(browser.opened).toHaveLength(1);
});

test("no stack, and nothing of an unknown error, reaches the window", async () => {
  const reply = await replyOf(() => {
    throw new Error("at /home/dev/secret.ts:1");
  });
  expect(JSON.stringify(reply)).not.toContain("secret.ts");
  expect(reply).toMatchObject({ kind: "failed", trouble: { code: "internal" } });
});

test("an error of ours keeps its own words", async () => {
  const reply = await replyOf(() => {
    throw new EvercredError("unreachable", "corp cannot be reached.");
  });
  expect(reply).toMatchObject({ trouble: { sentence: "corp cannot be reached." } });
});

test("a sign-in by a code brings up the window, and takes the code that is typed there", async () => {
  source.flow = "mfa";
  const reply = actions.signIn("corp");
  await settle();
  expect({ windows, pages: browser.opened }).toEqual({ windows: 1, pages: [] });
  expect(await actions.submitCode("corp", "123456")).toEqual(done);
  expect(await reply).toEqual(done);
  expect(session.state.kind).toBe("active");
});

test("a code is refused where none is asked for", async () => {
  expect(await actions.submitCode("corp", "123456")).toMatchObject({ kind: "failed" });
  const reply = actions.signIn("corp");
  await settle();
  expect(await actions.submitCode("corp", "123456")).toMatchObject({
    kind: "failed",
    trouble: { sentence: "There is no code to be entered any more." },
  });
  await actions.cancelSignIn("corp");
  await reply;
});

test("a key that is entered brings up the window, and is answered as it is taken or refused", async () => {
  const key = new EnteredSource(clock);
  const taken = key.signIn.bind(key);
  let takes = false;
  Object.assign(key, {
    signIn: async (...how: Parameters<typeof taken>) => {
      const grant = await taken(...how);
      if (takes) return grant;
      throw new EvercredError("usage", "That is no key.");
    },
  });
  await broker.configure([key]);
  const refused = { kind: "failed", trouble: { code: "usage", sentence: "That is no key." } };
  const first = actions.signIn("litellm");
  await settle();
  expect({ windows, pages: browser.opened }).toEqual({ windows: 1, pages: [] });
  expect(await actions.submitSecret("litellm", "sk-0")).toMatchObject(refused);
  expect(await first).toMatchObject(refused);
  takes = true;
  const second = actions.signIn("litellm");
  await settle();
  expect(await actions.submitSecret("litellm", "sk-1")).toEqual(done);
  expect(await second).toEqual(done);
  expect(broker.session("litellm")!.isSignedIn).toBe(true);
});

test("a secret is not said to be taken where somebody else has entered one first", async () => {
  await broker.configure([new EnteredSource(clock)]);
  const reply = actions.signIn("litellm");
  await settle();
  const replies = await Promise.all(
    ["sk-1", "sk-2"].map((secret) => actions.submitSecret("litellm", secret)),
  );
  expect(replies).toMatchObject([
    done,
    { kind: "failed", trouble: { sentence: "Somebody else has entered it first." } },
  ]);
  expect(await reply).toEqual(done);
});

test("a secret is refused where none is asked for", async () => {
  const none = {
    kind: "failed",
    trouble: { sentence: "Nothing is to be entered any more." },
  };
  expect(await actions.submitSecret("corp", "sk-1")).toMatchObject(none);
  const reply = actions.signIn("corp");
  await settle();
  expect(await actions.submitSecret("corp", "sk-1")).toMatchObject(none);
  await actions.cancelSignIn("corp");
  await reply;
});

test("somebody else's sign-in is shown in the window, and goes on once it is accepted", async () => {
  provider.person = "dev@example.com";
  const first = actions.signIn("corp");
  await settle();
  source.visits[0]!.approve();
  await first;
  await session.issue(key);
  await settle();
  provider.person = "ops@example.com";
  const second = actions.signIn("corp");
  await settle();
  source.visits[0]!.approve();
  await settle();
  expect(session.account).toBe("dev@example.com");
  expect(await actions.signIn("corp")).toEqual(done);
  expect(windows).toBe(1);
  expect(await actions.acceptAccount("corp")).toEqual(done);
  expect(await second).toEqual(done);
  expect(session.account).toBe("ops@example.com");
});

test("nothing is accepted where no sign-in is open", async () => {
  expect(await actions.acceptAccount("corp")).toMatchObject({ kind: "failed" });
});
