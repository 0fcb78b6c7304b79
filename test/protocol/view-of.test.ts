import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { awsKeysOf } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import type { Session } from "../../electron/core/session.ts";
import { targetOf } from "../../electron/core/source.ts";
import { Secret } from "../../electron/core/secret.ts";
import { never, plus } from "../../electron/core/time.ts";
import { troubleOf, viewOf } from "../../electron/protocol/view-of.ts";
import type { SourceView, View } from "../../electron/protocol/view.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { EnteredSource } from "../fakes/entered.ts";
import { MemoryLog } from "../fakes/log.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { FakeGrantFile, FakeSharedPlace } from "../fakes/shared-place.ts";
import { key, otherKey, ScriptedSource } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";

const minute = 60_000;
const hour = 60 * minute;

let clock: FakeClock;
let provider: ScriptedProvider;
let source: ScriptedSource;
let store: MemoryStore;
let memo: MemoryMemo;
let broker: Broker;
let session: Session;

beforeEach(async () => {
  clock = new FakeClock();
  provider = new ScriptedProvider(clock);
  source = new ScriptedSource({ clock, provider });
  store = new MemoryStore();
  memo = new MemoryMemo();
  broker = new Broker({
    store,
    memo,
    clock,
    random: () => 0,
    log: new MemoryLog(),
  });
  await broker.configure([source]);
  session = broker.session("corp")!;
});

afterEach(async () => {
  await broker.close();
});

const draw = (): View =>
  viewOf(broker.sessions, [], { questions: [], activity: [] }, clock.now(), 20 * 60_000);

const signIn = async (): Promise<void> => {
  const { outcome, request } = session.signIn(undefined);
  await request;
  source.visits[0]!.approve();
  await outcome;
};

test("a source that nobody has signed in to is drawn with all that it could hand out", () => {
  expect(draw()).toMatchObject({
    version: 1,
    at: clock.now(),
    problems: [],
    sources: [
      {
        id: "corp",
        kind: "aws-sso",
        scopes: [],
        registeredUntil: undefined,
        title: source.title,
        organisation: source.organisation,
        standing: { kind: "signed-out", reason: "never" },
        signIn: undefined,
        neededAt: undefined,
        durable: true,
        askAt: undefined,
        wantedAt: undefined,
        offers: [
          { target: "aws:dev", title: key, askedAt: undefined, expiresAt: undefined },
          { target: "aws:ops", title: otherKey, askedAt: undefined, expiresAt: undefined },
        ],
      },
    ],
  });
});

test("a live session is drawn with until when nobody is needed, and with what is in use", async () => {
  memo.set("session-ms:corp", String(8 * hour));
  await signIn();
  await broker.issue(targetOf("aws", "dev"));
  provider.denied.add(otherKey);
  await expect(broker.issue(targetOf("aws", "ops"))).rejects.toThrow(EvercredError);
  const now = clock.now();
  expect(draw().sources[0]).toMatchObject({
    standing: { kind: "active", expiresAt: now + hour, renewAt: now + 40 * minute },
    scopes: ["accounts"],
    registeredUntil: now + 90 * 24 * hour,
    neededAt: { at: now + 8 * hour, exact: false },
    offers: [
      { target: "aws:dev", askedAt: now, expiresAt: now + hour, refused: undefined },
      { target: "aws:ops", refused: { code: "access-denied" } },
    ],
  });
});

test("an open sign-in is drawn with its address, host and code, beside what stands", async () => {
  const open = session.signIn("device");
  const request = await open.request;
  expect(draw().sources[0]).toMatchObject({
    standing: { kind: "signed-out", reason: "never" },
    signIn: {
      flow: "device",
      url: "https://corp.example/sign-in/1",
      host: "corp.example",
      userCode: "ABCD-EFGH",
      endsAt: request.endsAt,
      opened: false,
    },
  });
});

test("what ended a session, and how long such sessions last, is drawn with it", async () => {
  memo.set("session-ms:corp", String(16 * hour));
  await signIn();
  provider.fail("renew", "reauth-needed");
  await clock.advance(40 * 60_000);
  expect(draw().sources[0]!.standing).toMatchObject({
    kind: "signed-out",
    reason: "reauth",
    trouble: {
      code: "reauth-needed",
      sentence: "Your organisation asks for a new sign-in.",
      remedy: "Run: evercred login",
    },
  });
  expect(draw().sources[0]!.standing).toHaveProperty("lengthMs", session.lengthMs);
  expect(session.lengthMs).toBe(40 * 60_000);
});

test("a sign-in of a program is drawn with the last lines that it has printed, and who keeps it", async () => {
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  const shared = new FakeGrantFile();
  const parts = { clock, provider, id: "adc", keptBy: "gcloud", byProgram: true, shared };
  const adc = new ScriptedSource(parts);
  adc.lines = lines;
  await broker.configure([adc]);
  const open = broker.session("adc")!.signIn(undefined);
  expect(draw().sources[0]).toMatchObject({ keptBy: "gcloud", signIn: { lines: [] } });
  open.attend();
  await open.request;
  expect(draw().sources[0]!.signIn).toMatchObject({
    flow: "program",
    url: "https://corp.example/sign-in/1",
    mayUseCode: false,
    lines: lines.slice(-8),
  });
});

test.each([true, false])(
  "a sign-in tells whether a code can finish it: %s",
  async (hasDeviceFlow) => {
    await broker.configure([new ScriptedSource({ clock, provider, id: "other", hasDeviceFlow })]);
    broker.session("other")!.signIn(undefined);
    expect(draw().sources[0]!.signIn).toMatchObject({ mayUseCode: hasDeviceFlow, lines: [] });
  },
);

test("a sign-in that has no address yet is drawn without one", () => {
  session.signIn("code");
  expect(draw().sources[0]!.signIn).toMatchObject({
    flow: "code",
    url: undefined,
    host: undefined,
    userCode: undefined,
  });
});

test("who is signed in, and that the end is fixed, are drawn as far as they are known", async () => {
  expect(draw().sources[0]).toMatchObject({ account: undefined, endIsFixed: false });
  provider.person = "ada";
  memo.set("fixed-end:corp", "yes");
  await signIn();
  await session.issue(key);
  await settle();
  expect(draw().sources[0]).toMatchObject({ account: "ada", endIsFixed: true, askAt: undefined });
});

test("a sign-in of somebody else is drawn as the question that it is", async () => {
  provider.person = "ada";
  await signIn();
  await session.issue(key);
  await settle();
  provider.person = "bob";
  const open = session.signIn(undefined);
  await open.request;
  source.visits[0]!.approve();
  await open.question;
  expect(draw().sources[0]).toMatchObject({
    account: "ada",
    standing: { kind: "active" },
    signIn: { other: { before: "ada", now: "bob" }, endsAt: clock.now() + 10 * minute },
  });
});

test("a code that is asked for is drawn without a page, with the device that shows it", async () => {
  source.flow = "mfa";
  await session.signIn("code").request;
  expect(draw().sources[0]!.signIn).toMatchObject({
    flow: "mfa",
    url: undefined,
    host: undefined,
    userCode: undefined,
    device: "phone",
  });
});

test("a key that is entered is drawn as one, with what is asked for and with the command for it", async () => {
  const endsAt = plus(clock.now(), 90 * 24 * hour);
  const parts = { endsAt, askBeforeMs: 24 * hour };
  await broker.configure([source, new EnteredSource(clock, parts)]);
  const drawn = (): SourceView => draw().sources.find(({ id }) => id === "litellm")!;
  expect(draw().sources[0]).toMatchObject({
    isEntered: false,
    signInCommand: "evercred login corp",
  });
  expect(drawn()).toMatchObject({
    isEntered: true,
    signInCommand: "evercred api-key set litellm",
    signIn: undefined,
    offers: [{ target: "api-key:litellm" }],
  });
  const open = broker.session("litellm")!.signIn(undefined);
  const request = await open.request;
  expect(drawn().signIn).toMatchObject({
    flow: "secret",
    url: undefined,
    host: undefined,
    device: undefined,
    secret: { what: "the key of litellm", hasLines: false },
    endsAt: request.endsAt,
  });
  if (request.flow === "secret") request.submit(new Secret("sk-1234"));
  await open.outcome;
  expect(drawn()).toMatchObject({
    standing: { kind: "active", expiresAt: endsAt },
    signIn: undefined,
    neededAt: { at: endsAt, exact: true },
    askAt: endsAt - 24 * hour,
  });
  expect(JSON.stringify(draw())).not.toContain("sk-1234");
});

test("what needs nobody is drawn without an end", async () => {
  const shared = new FakeSharedPlace();
  provider.renewable = false;
  shared.leave({ ...provider.signIn(source.boundTo), expiresAt: never });
  const robot = new ScriptedSource({ clock, provider, id: "robot", shared, unattended: true });
  await broker.configure([robot]);
  expect(draw().sources[0]).toMatchObject({
    unattended: true,
    hasDirectory: false,
    standing: { kind: "active", expiresAt: undefined, renewAt: undefined },
    neededAt: undefined,
  });
});

test("a failing session is drawn with its trouble and who can mend it", async () => {
  await signIn();
  provider.outage = "unreachable";
  await clock.advance(41 * minute);
  expect(draw().sources[0]!.standing).toMatchObject({
    kind: "failing",
    icon: "offline",
    trouble: troubleOf(new EvercredError("unreachable")),
  });
});

test("what has failed since the computer woke is drawn as offline, whatever it is", async () => {
  await signIn();
  provider.outage = "clock-wrong";
  await clock.advance(41 * minute);
  const drawn = (woke: number): SourceView | undefined => {
    const gate = { questions: [], activity: [] };
    return viewOf(broker.sessions, [], gate, clock.now(), 0, (since) => since >= woke).sources[0];
  };
  const now = clock.now();
  expect(drawn(now - 10 * minute)?.standing).toMatchObject({ kind: "failing", icon: "offline" });
  expect(drawn(now)?.standing).toMatchObject({ kind: "failing", icon: "attention" });
  expect(draw().sources[0]!.standing).toMatchObject({ icon: "attention" });
});

test("a page that opens by itself, late, is drawn as such", async () => {
  const open = session.signIn(undefined);
  await open.request;
  expect(draw().sources[0]!.signIn).toMatchObject({ belated: false });
  open.belated = true;
  expect(draw().sources[0]!.signIn).toMatchObject({ belated: true });
});

test("a program that waits for a sign-in is drawn as wanting it", async () => {
  await expect(broker.issue(targetOf("aws", "dev"))).rejects.toThrow(EvercredError);
  expect(draw().sources[0]!.wantedAt).toBeTypeOf("number");
});

test("a grant that could not be saved is drawn as not durable", async () => {
  store.mood = "locked";
  await signIn();
  expect(draw().sources[0]!.durable).toBe(false);
});

test("sources are drawn in the order of their ids", async () => {
  const more = ["zeta", "alpha"].map((id) => new ScriptedSource({ clock, provider, id }));
  await broker.configure([more[0]!, source, more[1]!]);
  expect(draw().sources.map(({ id }) => id)).toEqual(["alpha", "corp", "zeta"]);
});

test("a picture of a session full of secrets contains none of them", async () => {
  await signIn();
  const credential = await broker.issue(targetOf("aws", "dev"));
  const { accessKeyId, secretAccessKey, sessionToken } = awsKeysOf(credential);
  session.signIn("code");
  await settle();
  const saved = store.peek("grant/corp")!;
  const { access } = JSON.parse(saved) as { readonly access: string };
  const secrets = [saved, access, accessKeyId, secretAccessKey.reveal(), sessionToken.reveal()];
  expect(secrets.every((secret) => secret.length > 4)).toBe(true);
  const picture = draw();
  // As the renderer gets it, as the log would print it, and with all that JSON leaves out.
  const drawn = [
    JSON.stringify(structuredClone(picture)),
    inspect(picture, { depth: Infinity, showHidden: true }),
  ].join("\n");
  expect(secrets.filter((secret) => drawn.includes(secret))).toEqual([]);
  expect(drawn).not.toContain("[secret]");
});

test("an open sign-in is drawn with who asked for it, when, and whether its page is doubtful", async () => {
  source.hosts = ["login.corp.example"];
  const open = session.signIn("device", { kind: "program", name: "claude" });
  await open.request;
  expect(draw().sources[0]!.signIn).toMatchObject({
    startedBy: { kind: "program", name: "claude" },
    startedAt: clock.now(),
    doubt: "foreign",
    trusted: false,
  });
  session.trustPage();
  expect(draw().sources[0]!.signIn).toMatchObject({ doubt: "foreign", trusted: true });
  source.hosts = ["corp.example"];
  expect(draw().sources[0]!.signIn).toMatchObject({ doubt: undefined });
});

test("how a sign-in has ended is drawn, but not that somebody has cancelled it", async () => {
  const startedAt = clock.now();
  await signIn();
  expect(draw().sources[0]!.signInEnd).toEqual({ startedAt, trouble: undefined });
  const refused = session.signIn(undefined);
  await refused.request;
  expect(draw().sources[0]!.signInEnd).toBeUndefined();
  source.visits[0]!.refuse();
  await refused.outcome;
  expect(draw().sources[0]!.signInEnd).toMatchObject({ trouble: { code: "sign-in-denied" } });
  const cancelled = session.signIn(undefined);
  session.cancelSignIn();
  await cancelled.outcome;
  expect(draw().sources[0]!.signInEnd).toBeUndefined();
});

test("what providers, programs and files call things can neither mislead nor flood", async () => {
  const hostile = `<img src=x onerror=alert(1)>\u202e\u200b\u001b[2J${"x".repeat(10_000)}`;
  const parts = { clock, provider, id: "adc", keptBy: hostile, byProgram: true };
  const adc = new ScriptedSource({ ...parts, shared: new FakeGrantFile() });
  adc.lines = [hostile];
  await broker.configure([
    adc,
    new ScriptedSource({ clock, provider, profiles: { dev: hostile } }),
  ]);
  const open = broker.session("adc")!.signIn(undefined, { kind: "program", name: hostile });
  open.attend();
  await open.request;
  const trouble = troubleOf(new EvercredError("access-denied", hostile, { remedy: hostile }));
  const [kept, own] = draw().sources;
  const seen = [
    kept!.keptBy,
    kept!.signIn!.lines[0],
    (kept!.signIn!.startedBy as { readonly name: string }).name,
    own!.offers[0]!.title,
    trouble.sentence,
    trouble.remedy,
  ];
  for (const text of seen) {
    expect(text).toMatch(/^<img src=x onerror=alert\(1\)>\?\?\?\[2Jx+…$/);
    expect(text!.length).toBeLessThanOrEqual(1_000);
  }
});
