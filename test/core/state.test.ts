import { expect, test } from "vitest";
import { type Standing, standingOf, wakeAt } from "../../electron/core/state.ts";
import { instantOf, never } from "../../electron/core/time.ts";

const signedOut: Standing = { kind: "signed-out", reason: "never" };
const active: Standing = { kind: "active", expiresAt: instantOf(300), renewAt: instantOf(200) };
const failing: Standing = {
  kind: "failing",
  expiresAt: instantOf(300),
  retryAt: instantOf(250),
  since: instantOf(200),
  attempt: 2,
  error: "unreachable",
};

const signingIn = (standing: Standing, endsAt: number) =>
  ({
    kind: "signing-in",
    endsAt: instantOf(endsAt),
    request: undefined,
    other: undefined,
    standing,
  }) as const;

const lasting: Standing = { kind: "active", expiresAt: never, renewAt: never };

test("a state that must be left says when", () => {
  expect(wakeAt(signedOut)).toBeUndefined();
  expect(wakeAt(active)).toBe(200);
  expect(wakeAt(failing)).toBe(250);
  expect(wakeAt(lasting)).toBeUndefined();
});

test("a sign-in is left at its end, or where the session beneath it has something to do", () => {
  expect(wakeAt(signingIn(signedOut, 220))).toBe(220);
  expect(wakeAt(signingIn(active, 220))).toBe(200);
  expect(wakeAt(signingIn(lasting, 220))).toBe(220);
  expect(wakeAt(signingIn(failing, 220))).toBe(220);
});

test("an open sign-in leaves the session beneath it what it is", () => {
  expect(standingOf(signingIn(failing, 220))).toBe(failing);
  expect(standingOf(active)).toBe(active);
});
