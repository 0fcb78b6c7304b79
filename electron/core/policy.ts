import type { Credential, Grant } from "./credential.ts";
import { earlier, type Instant, later, plus } from "./time.ts";

const second = 1_000;
const minute = 60 * second;

/** Chance as an argument: a number from 0 up to, but not including, 1. */
export type Random = () => number;

/** How long a keychain, a shared place or a farewell to a provider may take, in milliseconds. */
export const patienceMs = 5 * second;

/** How long a caller waits for something fresher while what we hold is still good. */
export const fresherWithinMs = 2 * second;

/** The shortest time between two renewals, however short-lived what they give. */
export const renewGapMs = second;

/** A clock that goes back by more than this has been set: what was planned by it is no longer to be waited for. */
export const setBackMs = minute;

/** The shortest time between two attempts to renew that waiting callers cause. */
export const callerRetryMs = 5 * second;

/** A target that nobody asked for in this time is no longer kept warm. */
export const keepWarmMs = 8 * 60 * minute;

/** The shortest time between two fetches of one credential that somebody insists on. */
export const insistMs = minute;

/** How long a provider's list of accounts or roles is taken as still true. */
export const listMs = 10 * minute;

/** How long a refusal by the provider is taken as still true. */
export const refusalMs = minute;

const lifeOf = (token: { readonly issuedAt: Instant; readonly expiresAt: Instant }): number =>
  Math.max(0, token.expiresAt - token.issuedAt);

/**
 * When to renew an access token: 20 minutes before its end, at a third of its life where that is
 * shorter, and earlier by up to half of that again, so that many machines do not come at once.
 * botocore tries from 15 minutes on, the JavaScript SDK from 5: neither ever races us for the refresh token.
 */
export const renewAt = (grant: Grant, random: Random): Instant => {
  const margin = Math.min(20 * minute, lifeOf(grant) / 3);
  return plus(grant.expiresAt, -Math.round(margin * (1 + random() / 2)));
};

/**
 * When to try again after `attempt` failures: 5 s, doubling up to 5 minutes, less up to a half by
 * chance; never before the provider allows it, and up to a tenth later than that by chance; once more shortly before `expiresAt`; never in the past.
 */
export const retryAt = (
  now: Instant,
  attempt: number,
  expiresAt: Instant,
  retryAfterMs: number | undefined,
  random: Random,
): Instant => {
  const ceiling = Math.min(5 * minute, 5 * second * 2 ** Math.min(attempt - 1, 10));
  const chance = random();
  const allowed = (retryAfterMs ?? 0) * (1 + chance / 10);
  const wait = Math.max(allowed, ceiling * (1 - chance / 2), second);
  const next = plus(now, Math.round(wait));
  const lastCall = plus(expiresAt, -30 * second);
  return lastCall > plus(now, Math.max(second, retryAfterMs ?? 0)) ? earlier(next, lastCall) : next;
};

/** When to ask a person ahead of a session's end: `beforeMs`, or a third of its life where that is shorter. */
export const askAt = (signedInAt: Instant, endsAt: Instant, beforeMs: number): Instant =>
  plus(endsAt, -Math.min(beforeMs, Math.max(0, endsAt - signedInAt) / 3));

/** With this much of its life or less left, a credential is handed out only for want of a fresher one. */
export const isStale = (credential: Credential, now: Instant): boolean =>
  credential.expiresAt - now <= Math.min(15 * minute, lifeOf(credential) / 3);

/**
 * When to fetch the successor of a credential that is in use: before a third of its life is left, by
 * up to a tenth of its life earlier; not sooner than a twentieth of its life from now, at least 1 s.
 */
export const prefetchAt = (credential: Credential, now: Instant, random: Random): Instant => {
  const life = lifeOf(credential);
  const ahead = plus(credential.expiresAt, -Math.round(life / 3 + (life / 10) * random()));
  return later(ahead, plus(now, Math.max(second, Math.round(life / 20))));
};
