import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Credential, Grant } from "../../electron/core/credential.ts";
import { askAt, isStale, prefetchAt, renewAt, retryAt } from "../../electron/core/policy.ts";
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
  test("of an hour is renewed from 20 to 30 minutes before its end", () => {
    expect(renewAt(grantOf(hour), () => 0)).toBe(plus(issuedAt, 40 * minute));
    expect(renewAt(grantOf(hour), () => 0.9999999)).toBe(plus(issuedAt, 30 * minute));
  });

  test("of eight hours is renewed no sooner than 30 minutes before its end", () => {
    expect(renewAt(grantOf(8 * hour), () => 0.5)).toBe(plus(issuedAt, 8 * hour - 25 * minute));
  });

  test("of any life is renewed in its second half, before its last third", () => {
    fc.assert(
      fc.property(life, chance, (lifeMs, random) => {
        const at = renewAt(grantOf(lifeMs), () => random);
        const left = plus(issuedAt, lifeMs) - at;
        const third = Math.min(20 * minute, lifeMs / 3);
        expect(left).toBeGreaterThanOrEqual(Math.floor(third));
        expect(left).toBeLessThanOrEqual(Math.ceil(third * 1.5));
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

  test("comes after 5 seconds, then twice that, up to 5 minutes", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 40, 4_000].map(
      (attempt) => retryAt(issuedAt, attempt, far, undefined, () => 0) - issuedAt,
    );
    expect(waits.map((ms) => ms / second)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
  });

  test("is spread over the second half of its wait", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), chance, (attempt, random) => {
        const wait = retryAt(issuedAt, attempt, far, undefined, () => random) - issuedAt;
        const longest = retryAt(issuedAt, attempt, far, undefined, () => 0) - issuedAt;
        expect(wait).toBeLessThanOrEqual(longest);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(longest / 2));
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
        fc.option(fc.integer({ min: 0, max: 2 * hour }), { nil: undefined }),
        chance,
        (attempt, leftMs, retryAfterMs, random) => {
          const at = retryAt(issuedAt, attempt, plus(issuedAt, leftMs), retryAfterMs, () => random);
          expect(at - issuedAt).toBeGreaterThanOrEqual(Math.max(second, retryAfterMs ?? 0));
          const atMost = Math.max(5 * minute, Math.round(1.1 * (retryAfterMs ?? 0)));
          expect(at - issuedAt).toBeLessThanOrEqual(atMost);
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
          expect(at - now).toBeGreaterThanOrEqual(soonest);
          if (at - now > soonest) {
            expect(at).toBeLessThanOrEqual(plus(issuedAt, Math.ceil((lifeMs * 2) / 3)));
            expect(at).toBeGreaterThanOrEqual(plus(issuedAt, Math.floor((lifeMs * 17) / 30)));
          }
        },
      ),
    );
  });
});
