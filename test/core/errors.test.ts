import { expect, test } from "vitest";
import {
  type ErrorCode,
  errorOf,
  errorTable,
  EvercredError,
  hasCode,
} from "../../electron/core/errors.ts";

test.each(Object.entries(errorTable))("%s has one sentence and one remedy", (_, entry) => {
  expect(entry.sentence).toMatch(/^[A-Z][^.]*\.$/);
  expect(entry.remedy.trim()).not.toBe("");
});

const exits: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  "unknown-name": 2,
  "ambiguous-name": 2,
  "config-invalid": 2,
  "sign-in-needed": 3,
  "grant-rejected": 3,
  "grant-revoked": 3,
  "reauth-needed": 3,
  "token-rejected": 3,
  "registration-rejected": 3,
  "client-rejected": 5,
  "account-disabled": 5,
  "access-denied": 5,
  "sign-in-denied": 5,
  "policy-refused": 5,
  "consent-refused": 5,
  "consent-pending": 5,
  "timed-out": 6,
  unreachable: 7,
  "proxy-refused": 7,
  "tls-failed": 7,
  throttled: 7,
  "provider-unavailable": 7,
  "reply-invalid": 7,
  "clock-wrong": 1,
  "keychain-locked": 1,
  "keychain-unavailable": 1,
  "saved-by-newer": 1,
  "browser-unavailable": 1,
  "no-window": 4,
  "program-missing": 1,
  "program-failed": 1,
  "not-known": 1,
  "key-unfit": 1,
  cancelled: 1,
  internal: 1,
};

test("every code exits as the command line documents", () => {
  const actual = Object.keys(errorTable).map((code) => [
    code,
    new EvercredError(code as ErrorCode).exit,
  ]);
  expect(Object.fromEntries(actual)).toEqual(exits);
});

test("what only time mends shows as offline, all else asks for a person", () => {
  const offline = Object.entries(errorTable).filter(([, { icon }]) => icon === "offline");
  const others = Object.values(errorTable).filter(({ icon }) => icon === "attention");
  expect(others).toHaveLength(Object.keys(exits).length - offline.length);
  expect(offline.map(([code]) => exits[code as ErrorCode])).toEqual(offline.map(() => 7));
  expect(offline).toHaveLength(Object.values(exits).filter((exit) => exit === 7).length);
});

test("an error speaks its table's sentence unless it has a better one", () => {
  expect(new EvercredError("throttled").message).toBe(errorTable.throttled.sentence);
  expect(new EvercredError("throttled").remedy).toBe(errorTable.throttled.remedy);
  const cause = new Error("429");
  const error = new EvercredError("throttled", "Corp asks for patience.", {
    remedy: "Wait a minute.",
    retryAfterMs: 60_000,
    cause,
  });
  expect(error).toMatchObject({
    name: "EvercredError",
    message: "Corp asks for patience.",
    remedy: "Wait a minute.",
    retryAfterMs: 60_000,
    cause,
  });
});

test("whatever is thrown becomes an EvercredError that keeps its cause", () => {
  const known = new EvercredError("unreachable");
  expect(errorOf(known)).toBe(known);
  expect(errorOf("oops")).toMatchObject({ code: "internal", cause: "oops" });
});

test("a code is recognised on EvercredErrors only", () => {
  expect(hasCode(new EvercredError("unreachable"), "throttled", "unreachable")).toBe(true);
  expect(hasCode(new EvercredError("unreachable"), "throttled")).toBe(false);
  expect(hasCode({ code: "unreachable" }, "unreachable")).toBe(false);
});
