import { describe, expect, test } from "vitest";
import {
  headlineOf,
  iconOf,
  isOffline,
  isWanting,
  needsPerson,
  sourceLine,
} from "../../electron/protocol/headline.ts";
import { clockTime, whenLine } from "../../electron/protocol/times.ts";
import type {
  SignedOutReasonView,
  SourceView,
  StandingView,
  View,
} from "../../electron/protocol/view.ts";
import { english } from "../../electron/protocol/words.ts";

const now = Date.UTC(2027, 0, 4, 9);
const minute = 60_000;
const hour = 60 * minute;

/** The time of day as this machine's language writes it. */
const time = (at: number): string => new Date(at).toISOString().slice(11, 16);

const active: StandingView = { kind: "active", expiresAt: now + hour, renewAt: now + 40 * minute };
const signedOut = (reason: SignedOutReasonView): StandingView => ({
  kind: "signed-out",
  reason,
});
const failing = (icon: "attention" | "offline", expiresAt = now + hour): StandingView => ({
  kind: "failing",
  expiresAt,
  retryAt: now + minute,
  since: now - 5 * minute,
  icon,
  trouble:
    icon === "offline"
      ? { code: "unreachable", sentence: "The provider cannot be reached.", remedy: "Wait." }
      : { code: "keychain-locked", sentence: "The keychain is locked.", remedy: "Unlock it." },
});

const source = (standing: StandingView, parts: Partial<SourceView> = {}): SourceView => ({
  id: "corp",
  kind: "aws-sso",
  title: "Corp",
  unattended: false,
  isEntered: false,
  signInCommand: "evercred login corp",
  hasDirectory: false,
  account: undefined,
  keptBy: undefined,
  endIsFixed: false,
  organisation: "corp.example",
  standing,
  signIn: undefined,
  signInEnd: undefined,
  neededAt: standing.kind === "signed-out" ? undefined : { at: now + 8 * hour, exact: false },
  durable: true,
  scopes: [],
  registeredUntil: undefined,
  askAt: undefined,
  wantedAt: undefined,
  offers: [],
  ...parts,
});
const asking: Partial<SourceView> = {
  signIn: {
    startedBy: { kind: "person" },
    startedAt: now,
    doubt: undefined,
    trusted: false,
    flow: "code",
    url: "https://corp.example/",
    host: "corp.example",
    userCode: undefined,
    device: undefined,
    secret: undefined,
    other: undefined,
    endsAt: now + hour,
    opened: true,
    belated: false,
    mayUseCode: true,
    lines: [],
  },
};
const signIn = asking.signIn!;
const otherPerson: Partial<SourceView> = {
  signIn: { ...signIn, other: { before: "ada", now: "bob" } },
};
const code: Partial<SourceView> = {
  signIn: { ...signIn, flow: "mfa", url: undefined, host: undefined, device: "phone" },
};
const lasting: StandingView = { kind: "active", expiresAt: undefined, renewAt: undefined };
const soon = { at: now + hour, exact: true };
const view = (...sources: readonly SourceView[]): View => ({
  version: 1,
  at: now,
  sources,
  problems: [],
  questions: [],
  activity: [],
});

describe("the headline and the icon", () => {
  const table: readonly (readonly [string, View, string, string])[] = [
    ["nothing is configured", view(), "Nothing to sign in to yet", "signed-in"],
    [
      "all is well, by experience",
      view(source(active)),
      `All signed in · next sign-in about ${time(now + 8 * hour)}`,
      "signed-in",
    ],
    [
      "all is well, by the provider's word",
      view(source(active, { neededAt: { at: now + 2 * hour, exact: true } }), source(active)),
      `All signed in · next sign-in at ${time(now + 2 * hour)}`,
      "signed-in",
    ],
    [
      "nobody has ever signed in",
      view(source(signedOut("never"))),
      "Corp: sign-in needed",
      "attention",
    ],
    [
      "the session has ended",
      view(source(signedOut("ended"))),
      "Corp: sign-in needed",
      "attention",
    ],
    [
      "the configuration has changed",
      view(source(signedOut("changed"))),
      "Corp: sign-in needed",
      "attention",
    ],
    [
      "another tool has signed out",
      view(source(signedOut("elsewhere"))),
      "Corp: sign-in needed",
      "attention",
    ],
    [
      "several need a person",
      view(source(signedOut("ended")), source(active), source(signedOut("never"))),
      "2 sign-ins needed",
      "attention",
    ],
    ["the user has signed out", view(source(signedOut("user"))), "Signed out", "signed-in"],
    [
      "the user has signed out, and a program wants in",
      view(source(signedOut("user"), { wantedAt: 1 })),
      "Corp: sign-in needed",
      "attention",
    ],
    [
      "the keychain is locked",
      view(source(failing("attention"))),
      "Corp: the keychain is locked",
      "attention",
    ],
    [
      "the provider is away, and what we hold still serves",
      view(source(failing("offline"))),
      `Offline since ${time(now - 5 * minute)} · still serving until ${time(now + hour)}`,
      "offline",
    ],
    [
      "the provider is away, and nothing serves any more",
      view(source(failing("offline", now))),
      `Offline since ${time(now - 5 * minute)} · not serving`,
      "offline",
    ],
    [
      "one is offline and another needs a person",
      view(source(failing("offline")), source(signedOut("ended"), { title: "Lab" })),
      "Lab: sign-in needed",
      "attention",
    ],
    [
      "nobody knows when the next sign-in is needed",
      view(source(active, { neededAt: undefined }), source(signedOut("user"))),
      "All signed in",
      "signed-in",
    ],
    [
      "all that there is needs nobody, and has no end",
      view(source(lasting, { unattended: true, neededAt: undefined })),
      "All signed in",
      "signed-in",
    ],
    [
      "what needs nobody ends sooner than what needs a sign-in",
      view(source(active), source(active, { unattended: true, neededAt: soon })),
      `All signed in · next sign-in about ${time(now + 8 * hour)}`,
      "signed-in",
    ],
    [
      "what needs nobody is not accepted any more, which no sign-in mends",
      view(source(signedOut("ended"), { unattended: true, title: "Robot" }), source(active)),
      "Robot: what it has is no longer accepted",
      "attention",
    ],
    [
      "the user has signed out of what needs nobody, whatever programs want",
      view(source(signedOut("user"), { unattended: true, wantedAt: 1 })),
      "Signed out",
      "signed-in",
    ],
    [
      "the outcome of a renewal was lost",
      view(source(signedOut("lost"))),
      "Corp: the last renewal was cut off, sign-in needed",
      "attention",
    ],
    [
      "somebody else has signed in",
      view(source(active, otherPerson)),
      "Corp: bob has signed in instead of ada: is that right?",
      "signing-in",
    ],
    [
      "a code is asked for",
      view(source(signedOut("never"), code)),
      "Corp: waiting for the code of your device",
      "signing-in",
    ],
    [
      "a sign-in is open, whatever else is wrong",
      view(source(signedOut("ended")), source(active, { ...asking, title: "Lab" })),
      "Lab: waiting for you to sign in",
      "signing-in",
    ],
  ];
  test.each(table)("when %s", (_when, picture, headline, icon) => {
    expect(headlineOf(picture, english)).toBe(headline);
    expect(iconOf(picture)).toBe(icon);
  });
});

describe("the line of a source", () => {
  const table: readonly (readonly [string, SourceView, string])[] = [
    ["active, by experience", source(active), `until about ${time(now + 8 * hour)}`],
    [
      "active, by the provider's word",
      source(active, { neededAt: { at: now + hour, exact: true } }),
      `until ${time(now + hour)}`,
    ],
    ["active, nobody knows how long", source(active, { neededAt: undefined }), "signed in"],
    [
      "failing and serving",
      source(failing("offline")),
      `the provider cannot be reached, serving until ${time(now + hour)}`,
    ],
    [
      "failing and not serving",
      source(failing("attention", now)),
      "the keychain is locked, not serving",
    ],
    ["never signed in", source(signedOut("never")), "not signed in yet"],
    ["signed out by the user", source(signedOut("user")), "signed out"],
    ["signed out elsewhere", source(signedOut("elsewhere")), "signed out with another tool"],
    ["ended", source(signedOut("ended")), "the session has ended, sign-in needed"],
    ["changed", source(signedOut("changed")), "its configuration has changed, sign-in needed"],
    ["lost", source(signedOut("lost")), "the last renewal was cut off, sign-in needed"],
    ["asking", source(active, asking), "waiting for you to sign in"],
    ["asking for a code", source(active, code), "waiting for the code of your device"],
    ["without an end", source(lasting, { unattended: true, neededAt: undefined }), "needs nobody"],
    [
      "of keys that end",
      source(active, { unattended: true, neededAt: soon }),
      `until ${time(soon.at)}`,
    ],
    [
      "without what it was to have",
      source(signedOut("never"), { unattended: true }),
      "there is nothing there to get in with",
    ],
    [
      "without what it had",
      source(signedOut("elsewhere"), { unattended: true }),
      "there is nothing there to get in with",
    ],
    [
      "signed out of by the user, and needs nobody",
      source(signedOut("user"), { unattended: true }),
      "signed out",
    ],
  ];
  test.each(table)("that is %s", (_what, picture, line) => {
    expect(sourceLine(picture, now, english)).toBe(line);
  });
});

test("only a person can mend a locked keychain; an absent network mends itself", () => {
  expect(needsPerson(source(failing("attention")))).toBe(true);
  expect(isOffline(source(failing("attention")))).toBe(false);
  expect(needsPerson(source(failing("offline")))).toBe(false);
  expect(isOffline(source(failing("offline")))).toBe(true);
});

test("no person is asked for what needs nobody, and what it lacks is said all the same", () => {
  for (const reason of ["never", "elsewhere", "ended", "changed", "lost"] as const) {
    const robot = source(signedOut(reason), { unattended: true });
    expect(needsPerson(robot)).toBe(false);
    expect(isWanting(robot)).toBe(true);
    expect(isWanting(source(signedOut(reason)))).toBe(false);
  }
  expect(isWanting(source(signedOut("user"), { unattended: true }))).toBe(false);
  expect(isWanting(source(active, { unattended: true }))).toBe(false);
});

test("a time of another day names the day", () => {
  const tomorrow = now + 24 * hour;
  const day = new Date(tomorrow).toLocaleDateString(undefined, { weekday: "short" });
  expect(clockTime(tomorrow, now, english)).toBe(`${day} ${time(tomorrow)}`);
  expect(clockTime(now + hour, now, english)).toBe(time(now + hour));
});

describe("a time", () => {
  const day = 24 * hour;
  const date = (at: number, more: Intl.DateTimeFormatOptions = {}): string =>
    new Date(at).toLocaleDateString(undefined, { day: "numeric", month: "long", ...more });

  test("a week away or more is the date alone", () => {
    const weekday = new Date(now + 6 * day - 1).toLocaleDateString(undefined, { weekday: "short" });
    expect(clockTime(now + 6 * day - 1, now, english)).toBe(
      `${weekday} ${time(now + 6 * day - 1)}`,
    );
    expect(clockTime(now + 6 * day, now, english)).toBe(date(now + 6 * day));
    expect(clockTime(now - 6 * day, now, english)).toBe(date(now - 6 * day, { year: "numeric" }));
  });

  test("of another year has the year", () => {
    expect(clockTime(now + 400 * day, now, english)).toBe(
      date(now + 400 * day, { year: "numeric" }),
    );
    expect(clockTime(now + 300 * day, now, english)).not.toContain("2027");
  });

  test("at the end of a day belongs to that day", () => {
    const lastOfMarch = Date.UTC(2027, 2, 31);
    for (const end of [lastOfMarch + day - 1, lastOfMarch + day]) {
      expect(clockTime(end, now, english)).toBe(date(lastOfMarch));
    }
  });

  test.each([
    [{ at: now + hour, exact: true }, `at ${time(now + hour)}`],
    [{ at: now + hour, exact: false }, `about ${time(now + hour)}`],
    [{ at: now + day, exact: true }, `on ${clockTime(now + day, now, english)}`],
    [{ at: now + 30 * day, exact: true }, `on ${date(now + 30 * day)}`],
    [{ at: now + 30 * day, exact: false }, `about ${date(now + 30 * day)}`],
  ])("that is expected has its word: %j", (expected, words) => {
    expect(whenLine(expected, now, english)).toBe(words);
  });
});

describe("a key that a person enters", () => {
  const inMarch = Date.UTC(2027, 2, 31);
  const end = { at: inMarch, exact: true };
  const date = clockTime(inMarch, now, english);
  const keyed = (standing: StandingView, parts: Partial<SourceView> = {}): SourceView =>
    source(standing, { title: "litellm", isEntered: true, neededAt: undefined, ...parts });
  const waiting = { signIn: { ...signIn, flow: "secret", url: undefined } } as const;

  test.each<[string, SourceView, string, string]>([
    ["there", keyed(lasting), "the key is there", "All keys are there"],
    [
      "there, with an end",
      keyed(lasting, { neededAt: end }),
      `the key ends on ${date}`,
      `All keys are there · the key of litellm ends on ${date}`,
    ],
    ["not there yet", keyed(signedOut("never")), "no key yet", "litellm: no key yet"],
    ["ended", keyed(signedOut("ended")), "the key has ended", "litellm: the key has ended"],
    ["forgotten", keyed(signedOut("user")), "the key was forgotten", "No key is there"],
    [
      "forgotten, and a program wants it",
      keyed(signedOut("user"), { wantedAt: 1 }),
      "the key was forgotten",
      "litellm: the key is needed",
    ],
    [
      "of another kind now",
      keyed(signedOut("changed")),
      "its configuration has changed, another key is needed",
      "litellm: its configuration has changed, another key is needed",
    ],
    [
      "waited for",
      keyed(signedOut("never"), waiting),
      "waiting for you to enter the key",
      "litellm: waiting for you to enter the key",
    ],
    [
      "about to be waited for",
      keyed(signedOut("never"), asking),
      "waiting for you to enter the key",
      "litellm: waiting for you to enter the key",
    ],
    [
      "locked away",
      keyed(failing("attention", now)),
      "the keychain is locked, not serving",
      "litellm: the keychain is locked",
    ],
  ])("is said to be so: %s", (_what, picture, line, headline) => {
    expect(sourceLine(picture, now, english)).toBe(line);
    expect(headlineOf(view(picture), english)).toBe(headline);
  });

  test.each<[string, readonly SourceView[]]>([
    ["2 keys needed", [keyed(signedOut("never")), keyed(signedOut("ended"))]],
    ["1 sign-in and 1 key needed", [source(signedOut("ended")), keyed(signedOut("ended"))]],
    [
      "2 sign-ins and 2 keys needed",
      [
        ...[source(signedOut("ended")), source(signedOut("never"))],
        ...[keyed(signedOut("ended")), keyed(signedOut("never"))],
      ],
    ],
    [
      `All signed in · the key of litellm ends on ${date}`,
      [
        source(active, { neededAt: { at: inMarch + hour, exact: false } }),
        keyed(lasting, { neededAt: end }),
      ],
    ],
    [
      `All signed in · next sign-in about ${time(now + 8 * hour)}`,
      [keyed(lasting, { neededAt: end }), source(active)],
    ],
    ["All signed in", [source(active, { neededAt: undefined }), keyed(lasting)]],
    ["Signed out", [source(signedOut("user")), keyed(signedOut("user"))]],
  ])("is counted apart from sign-ins: %s", (headline, sources) => {
    expect(headlineOf(view(...sources), english)).toBe(headline);
  });
});

describe("a sign-in that another tool keeps", () => {
  const kept: Partial<SourceView> = { keptBy: "gcloud" };

  test("is said to be, and when a person will be needed", () => {
    const at = now + 3 * hour;
    const line = sourceLine(
      source(active, { ...kept, neededAt: { at, exact: false } }),
      now,
      english,
    );
    expect(line).toBe(`kept by gcloud; sign-in needed about ${time(at)}`);
  });

  test("says at what time where that is certain", () => {
    const at = now + 3 * hour;
    const line = sourceLine(
      source(active, { ...kept, neededAt: { at, exact: true } }),
      now,
      english,
    );
    expect(line).toBe(`kept by gcloud; sign-in needed at ${time(at)}`);
  });

  test("names no time where nobody knows it", () => {
    expect(sourceLine(source(active, { ...kept, neededAt: undefined }), now, english)).toBe(
      "kept by gcloud",
    );
  });

  test("that needs nobody has no such line", () => {
    const parts = { ...kept, unattended: true, neededAt: undefined };
    expect(sourceLine(source(active, parts), now, english)).toBe("needs nobody");
  });
});

describe("an organisation that asks again", () => {
  const again = (lengthMs?: number): StandingView => ({
    kind: "signed-out",
    reason: "reauth",
    ...(lengthMs !== undefined && { lengthMs }),
  });

  test.each([
    [undefined, ""],
    [16 * hour + 4 * minute, " every 16 hours"],
    [2 * hour + 4 * minute, " every 2 hours"],
    [90 * minute, " every 90 minutes"],
    [30 * minute, " every 30 minutes"],
    [20_000, " every minute"],
  ])("is named, with its time as far as it is known: %s", (lengthMs, every) => {
    const line = `sign-in needed (your organisation asks again${every})`;
    const { sources, ...rest } = { sources: [source(again(lengthMs))], version: 1 as const };
    expect(sourceLine(sources[0]!, now, english)).toBe(line);
    expect(
      headlineOf({ ...rest, at: now, sources, problems: [], questions: [], activity: [] }, english),
    ).toBe(`Corp: ${line}`);
  });
});

test.each(["ended", "lost", "reauth"] as const)(
  "what needs nobody and is no longer accepted is not said to need a sign-in: %s",
  (reason) => {
    const line = sourceLine(source(signedOut(reason), { unattended: true }), now, english);
    expect(line).toBe("what it has is no longer accepted");
  },
);

describe("the provider's word that ended a session", () => {
  const ended = (code: string): StandingView => ({
    kind: "signed-out",
    reason: "ended",
    trouble: { code, sentence: "The OAuth client is gone.", remedy: "Make another." },
  });

  test("is said where it says more than that it has ended", () => {
    expect(sourceLine(source(ended("client-rejected")), now, english)).toBe(
      "the OAuth client is gone",
    );
  });

  test("is not where a sign-in is all that can be said of it", () => {
    const line = "the session has ended, sign-in needed";
    expect(sourceLine(source(ended("grant-rejected")), now, english)).toBe(line);
    expect(sourceLine(source(ended("registration-rejected")), now, english)).toBe(line);
  });

  test("is in the headline too, and is not said where another reason ended it", () => {
    const standing = ended("client-rejected");
    expect(headlineOf(view(source(standing)), english)).toBe("Corp: the OAuth client is gone");
    expect(headlineOf(view(source(ended("grant-rejected"))), english)).toBe("Corp: sign-in needed");
    const elsewhere = { ...standing, reason: "elsewhere" } as const;
    expect(sourceLine(source(elsewhere), now, english)).toBe("signed out with another tool");
  });
});
