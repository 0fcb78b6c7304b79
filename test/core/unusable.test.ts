import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { pageOf } from "../../electron/core/source.ts";
import type { SessionState, Standing } from "../../electron/core/state.ts";
import { plus } from "../../electron/core/time.ts";
import { unusableOf } from "../../electron/core/unusable.ts";
import { hour, minute, World } from "./world.ts";

const { source, clock } = new World();
const now = clock.now();
const active: Standing = { kind: "active", expiresAt: now, renewAt: plus(now, minute) };
const signingIn: SessionState = {
  kind: "signing-in",
  endsAt: plus(now, hour),
  request: undefined,
  other: undefined,
  standing: active,
};

test.each([
  ["A sign-in to corp is open and waits for you.", signingIn],
  ["You are not signed in to corp.", active],
])("%s", (message, state) => {
  expect(unusableOf(source, state, 0)).toMatchObject({
    message,
    remedy: "Run: evercred login corp",
  });
});

test("a wait is named where the provider wants one, and no other", () => {
  const failing: Standing = {
    kind: "failing",
    expiresAt: now,
    retryAt: plus(now, minute),
    since: now,
    attempt: 1,
    error: "throttled",
  };
  const waits = [minute, 0, -minute].map((ms) => unusableOf(source, failing, ms));
  expect(waits.map(({ retryAfterMs }) => retryAfterMs)).toEqual([minute, undefined, undefined]);
  expect(waits.every((error) => error instanceof EvercredError)).toBe(true);
});

test("without a request there is no page", () => {
  expect(pageOf(undefined)).toBeUndefined();
});
