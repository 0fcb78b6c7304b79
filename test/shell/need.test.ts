import { expect, test } from "vitest";
import type { SourceView } from "../../electron/protocol/view.ts";
import { clockTime } from "../../electron/protocol/times.ts";
import {
  mayOpen,
  type Need,
  needsOf,
  noticeOf,
  type Reason,
  stillTold,
  toldAfter,
  type Told,
} from "../../electron/shell/need.ts";
import {
  active,
  at,
  codeSignIn,
  deviceSignIn,
  failing,
  hour,
  keySource,
  secretSignIn,
  signedOut,
  source,
  viewWith,
} from "./views.ts";
import { english, wordsFor } from "../../electron/protocol/words.ts";

/** What is told in the course of these pictures of one source. */
const toldOver = (...pictures: readonly Partial<SourceView>[]): readonly Reason[] => {
  let told: Told = new Map();
  return pictures.flatMap((parts) => {
    const step = needsOf(viewWith(source("corp", parts)), told);
    told = step.told;
    return step.needs.map(({ reason }) => reason);
  });
};

test.each(["ended", "elsewhere", "changed", "lost"] as const)(
  "a person is told of a session that is signed out because: %s",
  (reason) => {
    expect(toldOver({ standing: signedOut(reason) })).toEqual([reason]);
  },
);

test.each(["never", "user"] as const)(
  "a source that is signed out because: %s, is not mentioned before a program wants it",
  (reason) => {
    const standing = signedOut(reason);
    expect(toldOver({ standing }, { standing, wantedAt: 1 })).toEqual(["wanted"]);
  },
);

test("an end that is near is told once, and the end itself again", () => {
  const askAt = at - 1;
  const live = { standing: active, askAt };
  expect(toldOver({ standing: active, askAt: at + 1 }, live, live)).toEqual(["soon"]);
  expect(toldOver(live, { standing: signedOut("ended") })).toEqual(["soon", "ended"]);
});

test("one occasion is told once, however often the picture changes", () => {
  const standing = signedOut("ended");
  expect(toldOver({ standing }, { standing }, { standing })).toEqual(["ended"]);
});

test("a session that has ended, and a program that then needs it, are two occasions", () => {
  const standing = signedOut("ended");
  const wanted = { standing, wantedAt: 1 };
  expect(toldOver({ standing }, wanted, wanted)).toEqual(["ended", "wanted"]);
});

test("a program that finds the session ended is one occasion", () => {
  expect(toldOver({ standing: signedOut("ended"), wantedAt: 1 })).toEqual(["wanted"]);
});

test("a reminder is told again, of a source that was wanted before too", () => {
  const standing = signedOut("never");
  const wanted = { standing, wantedAt: 1 };
  expect(toldOver(wanted, wanted, { standing, wantedAt: 2 })).toEqual(["wanted", "wanted"]);
});

test("a sign-in that comes to nothing is no new occasion", () => {
  const standing = signedOut("ended");
  expect(toldOver({ standing }, { standing, signIn: codeSignIn }, { standing })).toEqual(["ended"]);
});

test("after a sign-in the next end is told again", () => {
  const standing = signedOut("ended");
  expect(toldOver({ standing }, {}, { standing })).toEqual(["ended", "ended"]);
});

test("nobody is told to sign in where a page has been opened already", () => {
  expect(toldOver({ standing: signedOut("never"), signIn: codeSignIn })).toEqual([]);
  expect(toldOver({ standing: signedOut("never"), signIn: deviceSignIn })).toEqual([]);
});

test("a page that was held back is told: only a person can open it", () => {
  const signIn = { ...codeSignIn, opened: false };
  expect(toldOver({ standing: signedOut("never"), signIn })).toEqual(["wanted"]);
});

test("a page that is still being asked for is not told", () => {
  const signIn = { ...codeSignIn, url: undefined, opened: false };
  expect(toldOver({ standing: signedOut("never"), signIn })).toEqual([]);
});

test("signing in anew over a live session is nobody's news, even before its page is open", () => {
  expect(toldOver({ signIn: { ...codeSignIn, opened: false } })).toEqual([]);
});

test("nobody is told where the daemon itself tries again", () => {
  expect(
    toldOver({}, { standing: failing("offline") }, { standing: failing("attention") }),
  ).toEqual([]);
});

test("each source has its own occasion", () => {
  const ended = { standing: signedOut("ended") };
  const { needs } = needsOf(
    viewWith(source("a", ended), source("b", ended)),
    new Map([["a", [{ reason: "ended", since: undefined }]]]),
  );
  expect(needs.map((need) => need.source.id)).toEqual(["b"]);
});

test("what is said names the source and what happened", () => {
  const corp = source("corp", { title: "Example Corp" });
  expect(noticeOf([{ source: corp, reason: "wanted" }], at, english)).toEqual({
    title: "Sign in to Example Corp",
    body: "The sign-in is needed now. Click to sign in.",
  });
});

test("a key is told as a key: that it ends, has ended, is another one, or is needed", () => {
  const endsAt = at + 200 * hour;
  const neededAt = { at: endsAt, exact: true };
  const said = (parts: Partial<SourceView>): unknown =>
    needsOf(viewWith(keySource("litellm", parts)), new Map()).needs.map((need) =>
      noticeOf([need], at, english),
    );
  const notice = (body: string) => [{ title: "Enter the key of litellm", body }];
  expect(said({ neededAt, askAt: at + 1 })).toEqual([]);
  expect(said({ neededAt, askAt: at })).toEqual(
    notice(
      `The key of litellm ends on ${clockTime(endsAt, at, english)}. Click to enter the new one.`,
    ),
  );
  expect(said({ standing: signedOut("ended") })).toEqual(
    notice("It has ended. Click to enter the new one."),
  );
  expect(said({ standing: signedOut("changed") })).toEqual(
    notice("The configuration now names another kind of key. Click to enter it."),
  );
  expect(said({ standing: signedOut("never") })).toEqual([]);
  expect(said({ standing: signedOut("never"), wantedAt: 1 })).toEqual(
    notice("It is needed now. Click to enter it."),
  );
});

test("nobody is told of a key that is being entered", () => {
  const standing = signedOut("never");
  const signIn = secretSignIn("the key of litellm");
  const picture = viewWith(keySource("litellm", { standing, signIn }));
  expect(needsOf(picture, new Map()).needs).toEqual([]);
});

test("a page opens by itself only where there is one, and somebody has a use for it", () => {
  expect(mayOpen({ source: source("corp"), reason: "ended" })).toBe(true);
  expect(mayOpen({ source: source("corp"), reason: "elsewhere" })).toBe(false);
  expect(mayOpen({ source: keySource("litellm"), reason: "ended" })).toBe(false);
  const leftBy = (reason: "user" | "elsewhere" | "never") =>
    source("corp", { standing: signedOut(reason), wantedAt: 1 });
  expect(mayOpen({ source: leftBy("user"), reason: "wanted" })).toBe(false);
  expect(mayOpen({ source: leftBy("elsewhere"), reason: "wanted" })).toBe(false);
  expect(mayOpen({ source: leftBy("never"), reason: "wanted" })).toBe(true);
});

test("somebody else who has signed in is told, once, though a sign-in is open", () => {
  const other = { before: "dev@example.com", now: "ops@example.com" };
  const asked = { signIn: { ...codeSignIn, other } };
  expect(toldOver({ signIn: codeSignIn }, asked, asked)).toEqual(["other"]);
});

test("a page that has waited and is open now is told of once, with all that led to it", () => {
  const standing = signedOut("ended");
  const open = { standing, signIn: { ...codeSignIn, belated: true } };
  expect(toldOver(open, open, { standing })).toEqual(["opened"]);
  expect(toldOver({ standing }, open)).toEqual(["ended", "opened"]);
});

test("while nobody may be told, what has been told stays so as long as it lasts, and nothing is added", () => {
  const ended = { standing: signedOut("ended") };
  const before = needsOf(viewWith(source("a", ended), source("b", ended)), new Map()).told;
  const wanted = source("a", { ...ended, wantedAt: 1 });
  const now = needsOf(viewWith(wanted, source("b"), source("c", ended)), before).told;
  const left = stillTold(before, now);
  expect([...left]).toEqual([["a", [{ reason: "ended", since: undefined }]]]);
  const later = needsOf(viewWith(wanted, source("c", ended)), left).needs;
  expect(later.map(({ source: { id }, reason }) => [id, reason])).toEqual([
    ["a", "wanted"],
    ["c", "ended"],
  ]);
});

test("several are named in one notification, in words of the person's language, and not too many of them", () => {
  const needs = ["a", "b", "c", "d", "e"].map((id): Need => ({
    source: source(id, { title: id.toUpperCase() }),
    reason: "ended",
  }));
  expect(noticeOf(needs.slice(0, 2), at, english)).toEqual({
    title: "A and B need you",
    body: "Click to sign in: one page opens after the other.",
  });
  expect(noticeOf(needs.slice(0, 3), at, english).title).toBe("A, B, and C need you");
  expect(noticeOf(needs, at, english).title).toBe("A, B, C, and 2 more need you");
  expect(noticeOf(needs, at, wordsFor("de", "de-DE")).title).toBe(
    "A, B, C und 2 weitere brauchen Sie",
  );
  expect(noticeOf(needs, at, wordsFor("ja", "ja-JP")).title).toBe(
    "A、B、C、ほか 2 件 のサインインが必要です",
  );
});

test("what was told before a quiet time is told anew at its end, and what nobody was told of while away", () => {
  const view = viewWith(source("corp", { standing: signedOut("ended") }));
  const { told } = needsOf(view, new Map());
  const nobody: Told = new Map();
  const reasonsAfter = (before: Told): readonly Reason[] =>
    needsOf(view, before).needs.map(({ reason }) => reason);
  expect(reasonsAfter(toldAfter(nobody, told, { mayAsk: true, isQuiet: false }))).toEqual([]);
  expect(reasonsAfter(toldAfter(told, told, { mayAsk: false, isQuiet: false }))).toEqual([]);
  expect(reasonsAfter(toldAfter(nobody, told, { mayAsk: false, isQuiet: false }))).toEqual([
    "ended",
  ]);
  expect(reasonsAfter(toldAfter(told, told, { mayAsk: false, isQuiet: true }))).toEqual(["ended"]);
});

test("a page with a code that is not opened since its address is doubtful is told", () => {
  const standing = signedOut("never");
  const signIn = { ...deviceSignIn, opened: false, doubt: "foreign" as const };
  expect(toldOver({ standing, signIn })).toEqual(["wanted"]);
  expect(toldOver({ standing, signIn: { ...signIn, trusted: true } })).toEqual([]);
});
