import { expect, test } from "vitest";
import { agoLine, clockTime, leftLine } from "../../electron/protocol/times.ts";
import {
  accountLine,
  factsOf,
  fitting,
  isOneKey,
  offerLine,
  offersTitle,
  profileNameOf,
  stateLine,
  usedOffers,
} from "../../renderer/words.ts";
import {
  at,
  codeSignIn,
  failing,
  hour,
  keyOffer,
  keySource,
  minute,
  offer,
  signedOut,
  source,
} from "../shell/views.ts";
import { english } from "../../electron/protocol/words.ts";

test.each([
  [0, "just now"],
  [59_999, "just now"],
  [minute, "1 min ago"],
  [59 * minute, "59 min ago"],
  [hour, "1 h ago"],
  [11 * hour, "11 h ago"],
  [13 * hour, clockTime(at - 13 * hour, at, english)],
])("a use %d ms ago reads: %s", (pastMs, words) => {
  expect(agoLine(at - pastMs, at, english)).toBe(words);
});

test.each([
  [580_000, "9:40"],
  [60_000, "1:00"],
  [59_001, "1:00"],
  [9_000, "0:09"],
  [0, "0:00"],
  [-5_000, "0:00"],
])("with %d ms left the clock shows %s", (leftMs, words) => {
  expect(leftLine(at + leftMs, at)).toBe(words);
});

test("what is in use is listed by its last use, and what is not in use is not", () => {
  const offers = [offer("old", hour), offer("unused"), offer("new", 1_000)];
  expect(usedOffers(source("corp", { offers })).map(({ target }) => target)).toEqual([
    "aws:new",
    "aws:old",
  ]);
});

test("a credential that has ended is not called good", () => {
  const ended = { ...offer("p", 2 * hour), expiresAt: at - minute };
  expect(offerLine(ended, at, english)).toBe("used 2 h ago");
  expect(offerLine(offer("p", minute), at, english)).toMatch(/^used 1 min ago, good until /);
  expect(offerLine(offer("p"), at, english)).toBe("not used yet");
});

test("a source that fails is said to serve only as long as it does", () => {
  const line = (expiresAt: number): string =>
    stateLine(source("corp", { standing: failing("offline", expiresAt) }), at, english);
  expect(line(at + hour)).toMatch(/^Still serving until /);
  expect(line(at)).toBe("Not serving");
});

test("an open sign-in is a source's first word", () => {
  const standing = failing("attention");
  expect(stateLine(source("corp", { standing, signIn: codeSignIn }), at, english)).toBe(
    "Waiting for you to sign in",
  );
});

test("the details tell renewal from sign-in, and where the sign-in is kept", () => {
  const facts = factsOf(source("corp", { durable: false }), at, english);
  expect(facts.map(({ term }) => term)).toEqual([
    "Access token",
    "Next renewal",
    "Next sign-in",
    "Kept",
  ]);
  expect(facts.at(-1)?.text).toContain("in memory only");
});

test("a token that cannot be renewed has no renewal time", () => {
  const standing = { kind: "active", expiresAt: at + hour, renewAt: at + hour } as const;
  const neededAt = { at: at + hour, exact: true };
  const facts = factsOf(source("corp", { standing, neededAt }), at, english);
  expect(facts.map(({ term }) => term)).toEqual(["Access token", "Next sign-in", "Kept"]);
  expect(facts[1]?.text).toMatch(/^at /);
});

test("a failing source says since when, and when it is tried again", () => {
  const facts = factsOf(source("corp", { standing: failing("offline", at - minute) }), at, english);
  expect(facts.map(({ term }) => term).slice(1, 3)).toEqual(["Failing since", "Next try"]);
  expect(facts[0]?.text).toMatch(/^ended at /);
});

test("of a source that nobody is signed in to there are no times", () => {
  expect(factsOf(source("corp", { standing: signedOut("ended") }), at, english)).toEqual([]);
});

test("an account is found by words of its name and number, in any order", () => {
  const accounts = [
    { id: "111122223333", name: "Payments Production" },
    { id: "444455556666", name: "Payments Test" },
    { id: "777788889999", name: "" },
  ];
  const found = (filter: string) => fitting(accounts, filter).map(({ id }) => id);
  expect(found("")).toHaveLength(3);
  expect(found("prod PAY")).toEqual(["111122223333"]);
  expect(found("4444")).toEqual(["444455556666"]);
  expect(found("pay 7777")).toEqual([]);
  expect(accounts.map(accountLine).at(-1)).toBe("777788889999");
});

test("a proposed profile name has only characters that all AWS tools read", () => {
  expect(profileNameOf({ id: "111122223333", name: "Payments & Zölle" }, "Power User")).toBe(
    "payments-z-lle-power-user",
  );
  expect(profileNameOf({ id: "111122223333", name: "" }, "Dev")).toBe("111122223333-dev");
});

test("the facts of a source that needs nobody have no times in them", () => {
  const standing = { kind: "active", expiresAt: undefined, renewAt: undefined } as const;
  const build = { unattended: true, keptBy: "the AWS tools", standing, neededAt: undefined };
  const facts = factsOf(source("build", build), at, english);
  expect(facts).toEqual([{ term: "Kept", text: "by the AWS tools, not here" }]);
});

test("the facts of a key are its end and where it is kept", () => {
  const end = at + 2000 * hour;
  const ends = {
    standing: { kind: "active", expiresAt: end, renewAt: end },
    neededAt: { at: end, exact: true },
  } as const;
  expect(factsOf(keySource("litellm", ends), at, english)).toEqual([
    { term: "The key", text: `good until ${clockTime(end, at, english)}` },
    { term: "Kept", text: "in the keychain" },
  ]);
  expect(factsOf(keySource("litellm", { durable: false }), at, english)).toEqual([
    { term: "Kept", text: "in memory only: a restart asks for it again" },
  ]);
});

test.each([
  ["Profiles", []],
  ["Profiles", [offer("dev")]],
  ["Keys", [keyOffer("a"), keyOffer("b")]],
  ["Profiles and keys", [offer("dev"), keyOffer("a")]],
])("what a source hands out is called: %s", (title, offers) => {
  expect(offersTitle(source("corp", { offers }), english)).toBe(title);
});

test("a source is a key where it hands out that one key only", () => {
  expect(isOneKey(keySource("litellm"))).toBe(true);
  expect(isOneKey(source("vault", { unattended: true, offers: [keyOffer("vault")] }))).toBe(true);
  expect(isOneKey(source("company", { offers: [keyOffer("gateway")] }))).toBe(false);
  const offers = [keyOffer("company"), keyOffer("gateway")];
  expect(isOneKey(source("company", { offers }))).toBe(false);
  expect(isOneKey(source("litellm", { offers: [offer("litellm")] }))).toBe(false);
});

test("the facts name who is signed in, and an end that is fixed", () => {
  const facts = factsOf(
    source("corp", { account: "dev@example.com", endIsFixed: true }),
    at,
    english,
  );
  expect(facts).toContainEqual({ term: "Signed in as", text: "dev@example.com" });
  expect(facts).toContainEqual({
    term: "Its end",
    text: "your organisation ends this at a fixed time",
  });
});
