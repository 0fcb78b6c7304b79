import { expect, test } from "vitest";
import { homeLinesOf } from "../../electron/protocol/home-line.ts";
import { english, wordsFor } from "../../electron/protocol/words.ts";
import {
  at,
  codeSignIn,
  failing,
  hour,
  keySource,
  minute,
  question,
  signedOut,
  source,
  viewWith,
} from "../shell/views.ts";

const out = signedOut("ended");
const needed = (hours: number, exact: boolean) => ({ at: at + hours * hour, exact });
const never = signedOut("never");

test.each([
  ["nothing", [], "Nothing to sign in to yet.", undefined],
  [
    "the first end that is known",
    [
      source("a"),
      source("b", { neededAt: needed(2, false) }),
      source("c", { neededAt: undefined }),
    ],
    "You are signed in.",
    "Nobody is needed before about 16:00.",
  ],
  [
    "an end that the provider tells",
    [source("a", { neededAt: needed(26, true) })],
    "You are signed in.",
    "Nobody is needed before Tue 16:00.",
  ],
  ["no end", [source("a", { neededAt: undefined })], "You are signed in.", "Nobody is needed now."],
  ["keys", [keySource("k")], "All keys are there.", "Nobody is needed now."],
  [
    "one need",
    [source("a"), source("b", { standing: out })],
    "b needs you.",
    "The session has ended, sign-in needed.",
  ],
  [
    "two needs",
    [source("a", { standing: out }), source("b", { standing: out })],
    "a and b need you.",
    undefined,
  ],
  [
    "many needs",
    ["a", "b", "c"].map((id) => source(id, { standing: out })),
    "3 sources need you.",
    undefined,
  ],
  [
    "an open sign-in",
    [source("a", { standing: out, signIn: codeSignIn })],
    "Signing in to a…",
    "Waiting for you to sign in.",
  ],
  [
    "no network",
    [source("a", { standing: failing("offline") }), source("b")],
    "Offline since 13:50.",
    "What is in use works until 15:00.",
  ],
  [
    "no network for long",
    [source("a", { standing: failing("offline", at - minute) })],
    "Offline since 13:50.",
    "Nothing can be served before the provider answers again.",
  ],
  [
    "what nobody can sign in to",
    [source("a", { unattended: true, standing: never })],
    "a cannot serve.",
    "There is nothing there to get in with.",
  ],
  [
    "what is forbidden",
    [source("a", { standing: signedOut("forbidden") })],
    "a cannot serve.",
    "Your organisation does not allow it.",
  ],
  ["a sign-out", [source("a", { standing: signedOut("user") })], "You are signed out.", undefined],
  ["no keys", [keySource("k", { standing: signedOut("user") })], "No key is there.", undefined],
])("of %s Home says first what counts", (_what, sources, title, detail) => {
  expect(homeLinesOf(viewWith(...sources), english)).toEqual({ title, detail });
});

test("what a program wants comes before all else, as it is called", () => {
  const view = { ...viewWith(source("a", { standing: out })), questions: [question("1")] };
  expect(homeLinesOf(view, english).title).toBe("claude wants aws:dev");
});

test("a sentence stays one in every language", () => {
  const view = viewWith(source("corp", { standing: signedOut("elsewhere") }));
  const { detail: german } = homeLinesOf(view, wordsFor("de", "de-DE"));
  expect(german).toMatch(/^\p{Lu}.*\.$/u);
  expect(homeLinesOf(view, wordsFor("ja", "ja-JP")).detail).toMatch(/。$/);
});
