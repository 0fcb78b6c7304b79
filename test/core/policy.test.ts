import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Credential, Grant } from "../../electron/core/credential.ts";
import {
  askAt,
  isStale,
  isTheirFault,
  leaveAloneMs,
  prefetchAt,
  putOffTo,
  renewAt,
  retryAt,
} from "../../electron/core/policy.ts";
import { type ErrorCode, EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import { instantOf, plus } from "../../electron/core/time.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const issuedAt = instantOf(1_000 * hour);

const grantOf = (lifeMs: number): Grant => ({
  saved: new Secret(""),
  boundTo: "",
  signedInAt: issuedAt,
  issuedAt,
  expiresAt: plus(issuedAt, lifeMs),
  renewable: true,
});

const credentialOf = (lifeMs: number): Credential => ({
  kind: "aws",
  accountId: "111122223333",
  accessKeyId: "ASIA",
  secretAccessKey: new Secret(""),
  sessionToken: new Secret(""),
  issuedAt,
  expiresAt: plus(issuedAt, lifeMs),
});

const chance = fc.integer({ min: 0, max: 999_999 }).map((n) => n / 1_000_000);
const life = fc.integer({ min: 1, max: 24 * hour });

test("a person is asked as long ahead as they wish, and of a short session at a third of its life", () => {
  const end = (lifeMs: number) => plus(issuedAt, lifeMs);
  expect(askAt(issuedAt, end(8 * hour), 20 * minute)).toBe(end(8 * hour - 20 * minute));
  expect(askAt(issuedAt, end(9 * second), 20 * minute)).toBe(end(6 * second));
  expect(askAt(issuedAt, end(-second), 20 * minute)).toBe(end(-second));
});

describe("an access token", () => {
  test("of an hour is renewed from 20 to 40 minutes before its end", () => {
    expect(renewAt(grantOf(hour), () => 0)).toBe(plus(issuedAt, 40 * minute));
    expect(renewAt(grantOf(hour), () => 0.9999999)).toBe(plus(issuedAt, 20 * minute));
  });

  test("of eight hours is renewed no sooner than 40 minutes before its end", () => {
    expect(renewAt(grantOf(8 * hour), () => 0.5)).toBe(plus(issuedAt, 8 * hour - 30 * minute));
  });

  test("of any life is renewed before its last third, and not in its first", () => {
    fc.assert(
      fc.property(life, chance, (lifeMs, random) => {
        const at = renewAt(grantOf(lifeMs), () => random);
        const left = plus(issuedAt, lifeMs) - at;
        const third = Math.min(20 * minute, lifeMs / 3);
        expect(left).toBeGreaterThanOrEqual(Math.floor(third));
        expect(left).toBeLessThanOrEqual(Math.ceil(third * 2));
      }),
    );
  });

  test("without a life is due at its end", () => {
    expect(renewAt(grantOf(0), () => 0.5)).toBe(issuedAt);
    expect(renewAt(grantOf(-hour), () => 0.5)).toBe(plus(issuedAt, -hour));
  });
});

describe("a retry", () => {
  const far = plus(issuedAt, 100 * hour);

  const waitsOf = (code: ErrorCode | undefined, ...attempts: readonly number[]) =>
    attempts.map((attempt) => {
      const error = code && new EvercredError(code);
      return (retryAt(issuedAt, attempt, far, error, () => 0) - issuedAt) / second;
    });

  test.each(["unreachable", "proxy-refused", "keychain-locked", undefined] as const)(
    "of what %s has kept comes within 5 seconds, then twice that, up to 5 minutes",
    (code) => {
      const waits = waitsOf(code, 1, 2, 3, 4, 5, 6, 7, 8, 40, 4_000);
      expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
    },
  );

  test.each(["provider-unavailable", "reply-invalid"] as const)(
    "of what the provider itself could not do (%s) leaves it two minutes, then ten, then twenty",
    (code) => {
      expect(isTheirFault(new EvercredError(code))).toBe(true);
      expect(waitsOf(code, 1, 2, 3, 4, 4_000)).toEqual([120, 600, 1_200, 1_200, 1_200]);
    },
  );

  test("of what a captive portal has answered comes within 5 seconds, then twice that, up to a minute", () => {
    for (const code of ["reply-invalid", "tls-failed"] as const) {
      const waits = [1, 2, 3, 4, 5, 6, 40].map((attempt) => {
        const error = new EvercredError(code, undefined, { captive: true });
        return (retryAt(issuedAt, attempt, far, error, () => 0) - issuedAt) / second;
      });
      expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60]);
      expect(isTheirFault(new EvercredError(code, undefined, { captive: true }))).toBe(false);
    }
  });

  test("of a provider that asks for patience comes so long after the callers' next one", () => {
    expect(isTheirFault(new EvercredError("throttled"))).toBe(true);
    const alone = [1, 2, 3, 4, 40].map((attempt) => {
      const error = new EvercredError("throttled");
      return leaveAloneMs(attempt, error) / second;
    });
    expect(alone).toEqual([5, 10, 20, 40, 300]);
    expect(waitsOf("throttled", 1, 2, 3, 4, 40)).toEqual([125, 610, 1_220, 1_240, 1_500]);
    expect(leaveAloneMs(3, new EvercredError("provider-unavailable"))).toBe(0);
  });

  test("is spread over the whole of its wait, from when the provider allows it", () => {
    const patience = new EvercredError("throttled", undefined, { retryAfterMs: 3 * minute });
    const wait = (random: number) => retryAt(issuedAt, 2, far, patience, () => random) - issuedAt;
    expect([0, 0.5, 0.75].map(wait)).toEqual([13 * minute, 8 * minute, 5.5 * minute]);
  });

  test("is spread over the whole of its wait", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), chance, (attempt, random) => {
        const wait = retryAt(issuedAt, attempt, far, undefined, () => random) - issuedAt;
        const longest = retryAt(issuedAt, attempt, far, undefined, () => 0) - issuedAt;
        expect(wait).toBeLessThanOrEqual(longest);
        expect(wait).toBe(Math.max(second, Math.round(longest * (1 - random))));
      }),
    );
  });

  test("is made once more half a minute before the end", () => {
    const end = plus(issuedAt, 4 * minute);
    expect(retryAt(issuedAt, 9, end, undefined, () => 0)).toBe(plus(end, -30 * second));
  });

  test("goes on after the end", () => {
    expect(retryAt(issuedAt, 9, plus(issuedAt, -hour), undefined, () => 0)).toBe(
      plus(issuedAt, 5 * minute),
    );
  });

  test("is never sooner than a second from now, nor than the provider allows, nor later than need be", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: -hour, max: 12 * hour }),
        fc.constantFrom<ErrorCode>("throttled", "unreachable"),
        fc.integer({ min: 0, max: 2 * hour }),
        chance,
        (attempt, leftMs, code, retryAfterMs, random) => {
          const error = new EvercredError(code, undefined, { retryAfterMs });
          const at = retryAt(issuedAt, attempt, plus(issuedAt, leftMs), error, () => random);
          expect(at - issuedAt).toBeGreaterThanOrEqual(Math.max(second, retryAfterMs));
          expect(at - issuedAt).toBeLessThanOrEqual(retryAfterMs + 20 * minute);
        },
      ),
    );
  });

  test("before the end is always possible where the provider allows it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 32 * second, max: 12 * hour }),
        chance,
        (attempt, leftMs, random) => {
          const end = plus(issuedAt, leftMs);
          expect(retryAt(issuedAt, attempt, end, undefined, () => random)).toBeLessThan(end);
        },
      ),
    );
  });
});

test("what is put off comes within a quarter of an hour, and ten minutes before its end at the latest", () => {
  const until = plus(issuedAt, 5 * minute);
  const end = plus(issuedAt, hour);
  expect(putOffTo(until, end, () => 0)).toBe(plus(until, 15 * minute));
  expect(putOffTo(until, end, () => 0.8)).toBe(plus(until, 3 * minute));
  expect(putOffTo(until, plus(issuedAt, 22 * minute), () => 0)).toBe(plus(issuedAt, 12 * minute));
});

describe("a credential", () => {
  test.each([
    ["twelve hours", 12 * hour, 15 * minute],
    ["an hour", hour, 15 * minute],
    ["fifteen minutes", 15 * minute, 5 * minute],
    ["three seconds", 3 * second, second],
  ])("of %s is stale with a quarter of an hour or a third of it left", (_, lifeMs, marginMs) => {
    const credential = credentialOf(lifeMs);
    expect(isStale(credential, plus(credential.expiresAt, -marginMs - 1))).toBe(false);
    expect(isStale(credential, plus(credential.expiresAt, -marginMs))).toBe(true);
  });

  test("is fetched anew before a third of its life is left, and never at once", () => {
    fc.assert(
      fc.property(
        life,
        fc.integer({ min: -hour, max: 24 * hour }),
        chance,
        (lifeMs, ageMs, random) => {
          const now = plus(issuedAt, ageMs);
          const at = prefetchAt(credentialOf(lifeMs), now, () => random);
          const soonest = Math.max(second, Math.round(lifeMs / 20));
          const third = Math.floor(lifeMs / 3);
          expect(at - now).toBeGreaterThanOrEqual(soonest);
          if (at - now > soonest) {
            expect(at).toBeLessThanOrEqual(plus(issuedAt, Math.ceil((lifeMs * 2) / 3)));
            expect(at).toBeGreaterThanOrEqual(plus(issuedAt, third));
          }
        },
      ),
    );
  });
});
