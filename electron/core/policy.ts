import type { Credential, Grant } from "./credential.ts";
import type { ErrorCode, EvercredError } from "./errors.ts";
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
 * When to renew an access token: 20 minutes before its end, at a third of its life where that is shorter, and earlier by
 * up to as much again by chance. Half as much left a morning on which all come at nine with a peak of 4.8 times the mean;
 * this leaves 2.4 (docs/fleet.md). botocore tries from 15 minutes on, the JavaScript SDK from 5: neither ever races us for
 * the refresh token.
 */
export const renewAt = (grant: Grant, random: Random): Instant => {
  const margin = Math.min(20 * minute, lifeOf(grant) / 3);
  return plus(grant.expiresAt, -Math.round(margin * (1 + random())));
};

/** What a policy asks of an error. */
type Failure = Pick<EvercredError, "code" | "retryAfterMs" | "captive">;

/** How a wait grows from one failure to the next, in milliseconds. */
interface Ladder {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

/**
 * What stands between us and the provider (no network, a proxy, a locked keychain) costs it nothing: we look often, so that
 * little is late once it is gone.
 */
const ours: Ladder = { firstMs: 5 * second, factor: 2, longestMs: 5 * minute };

/**
 * A provider that has a fault, or asks for patience, has all others at its door too. With the waits above an outage of 20
 * minutes was met by 13 times the mean; with 15 minutes at most the peak came after it, with 2.8. The longest is as long
 * as the shortest time that a renewal is ahead of the end.
 */
const theirs: Ladder = { firstMs: 2 * minute, factor: 5, longestMs: 20 * minute };

/** A captive portal is in the way until a person has passed it. Nothing tells of that: the network is the same one. */
const portals: Ladder = { firstMs: 5 * second, factor: 2, longestMs: minute };

const theirFaults: readonly ErrorCode[] = ["throttled", "provider-unavailable", "reply-invalid"];

/** Whether it is the provider itself that could not do what was asked, whoever had asked. */
export const isTheirFault = ({ code, captive: isCaptive }: Failure): boolean =>
  !isCaptive && theirFaults.includes(code);

const ladderFor = (error: Failure | undefined): Ladder => {
  if (error === undefined) return ours;
  if (error.captive) return portals;
  return isTheirFault(error) ? theirs : ours;
};

const waitOf = ({ firstMs, factor, longestMs }: Ladder, attempt: number): number =>
  Math.min(longestMs, firstMs * factor ** Math.min(attempt - 1, 10));

/**
 * For how long after having been asked for patience `times` in a row nobody asks again, not even a caller who waits: as long
 * as the provider says; where it does not say for how long, ever longer up to 5 minutes.
 */
export const leaveAloneMs = (times: number, error: Failure): number =>
  error.retryAfterMs ?? (error.code === "throttled" ? waitOf(ours, times) : 0);

/**
 * When to try again after `attempt` failures, the last one with `error`: anywhere, by chance, in a wait that grows from
 * one failure to the next, counted from when the provider allows it; once more shortly before `expiresAt`; at least 1 s
 * from now.
 */
export const retryAt = (
  now: Instant,
  attempt: number,
  expiresAt: Instant,
  error: Failure | undefined,
  random: Random,
): Instant => {
  const ceiling = waitOf(ladderFor(error), attempt);
  const allowed = error === undefined ? 0 : leaveAloneMs(attempt, error);
  const next = plus(now, Math.max(second, Math.round(allowed + ceiling * (1 - random()))));
  const lastCall = plus(expiresAt, -30 * second);
  return lastCall > plus(now, Math.max(second, allowed)) ? earlier(next, lastCall) : next;
};

/**
 * When to do what is due while another request finds out, at `until`, whether the provider's fault is over: within a
 * quarter of an hour after that, by chance, but no later than ten minutes before `expiresAt`. Where each tried for itself an
 * outage was met by 6 times the mean.
 */
export const putOffTo = (until: Instant, expiresAt: Instant, random: Random): Instant =>
  earlier(plus(until, Math.round(15 * minute * (1 - random()))), plus(expiresAt, -10 * minute));

/** When to ask a person ahead of a session's end: `beforeMs`, or a third of its life where that is shorter. */
export const askAt = (signedInAt: Instant, endsAt: Instant, beforeMs: number): Instant =>
  plus(endsAt, -Math.min(beforeMs, Math.max(0, endsAt - signedInAt) / 3));

/** With this much of its life or less left, a credential is handed out only for want of a fresher one. */
export const isStale = (credential: Credential, now: Instant): boolean =>
  credential.expiresAt - now <= Math.min(15 * minute, lifeOf(credential) / 3);

/**
 * When to fetch the successor of a credential that is in use: before a third of its life is left, by up to a third of its
 * life earlier, for the same reason as in `renewAt`; not sooner than a twentieth of its life from now, at least 1 s.
 */
export const prefetchAt = (credential: Credential, now: Instant, random: Random): Instant => {
  const life = lifeOf(credential);
  const ahead = plus(credential.expiresAt, -Math.round(life / 3 + (life / 3) * random()));
  return later(ahead, plus(now, Math.max(second, Math.round(life / 20))));
};
