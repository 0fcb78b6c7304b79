import { expect, test } from "vitest";
import { instantOf, plus } from "../../electron/core/time.ts";
import { ProviderTime } from "../../electron/sources/provider-time.ts";
import { retryAfterOf } from "../../electron/sources/retry-after.ts";

const sentAt = instantOf(Date.UTC(2027, 0, 4, 9));
const receivedAt = plus(sentAt, 1_000);
const host = "oidc.us-east-1.amazonaws.com";
const date = (aheadMs: number): string => new Date(sentAt + aheadMs).toUTCString();

test("before any reply the provider's clock is taken to be ours", () => {
  expect(new ProviderTime().offsetMs("us-east-1")).toBe(0);
});

test("a Date header is compared with the middle of the request, half a second added for its cut", () => {
  const time = new ProviderTime();
  time.note(host, date(60_000), sentAt, receivedAt);
  expect(time.offsetMs("us-east-1")).toBe(60_000);
  time.note(host, date(-60_000), sentAt, receivedAt);
  expect(time.offsetMs("us-east-1")).toBe(-60_000);
});

test.each([-1_000, 0, 1_000])("less than two seconds are no offset: %d ms", (aheadMs) => {
  const time = new ProviderTime();
  time.note(host, date(aheadMs), sentAt, receivedAt);
  expect(time.offsetMs("us-east-1")).toBe(0);
});

test("what was learnt of one region says nothing of another", () => {
  const time = new ProviderTime();
  time.note(host, date(60_000), sentAt, receivedAt);
  expect(time.offsetMs("us-east-2")).toBe(0);
});

test("of a region's hosts the one heard last counts", () => {
  const time = new ProviderTime();
  const portal = "portal.sso.us-east-1.amazonaws.com";
  time.note(portal, date(60_000), sentAt, receivedAt);
  time.note(host, date(30_000), sentAt, receivedAt);
  expect(time.offsetMs("us-east-1")).toBe(30_000);
  time.note(portal, date(0), sentAt, receivedAt);
  expect(time.offsetMs("us-east-1")).toBe(0);
});

test.each([undefined, "", "soon"])("a header that is no date changes nothing: %j", (header) => {
  const time = new ProviderTime();
  time.note(host, date(60_000), sentAt, receivedAt);
  time.note(host, header, sentAt, receivedAt);
  expect(time.offsetMs("us-east-1")).toBe(60_000);
});

test.each([
  [{ "retry-after": "7" }, 7_000],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": " 90 " }, 90_000],
  [{ "retry-after": "999999999" }, 3_600_000],
  [{ "retry-after": date(20_000), date: date(5_000) }, 15_000],
  [{ "retry-after": date(0), date: date(5_000) }, 0],
  [{ "retry-after": date(20_000) }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-5" }, undefined],
  [{}, undefined],
])("Retry-After is seconds or a date, an hour at most: %j is %s ms", (headers, ms) => {
  expect(retryAfterOf(headers)).toBe(ms);
});
