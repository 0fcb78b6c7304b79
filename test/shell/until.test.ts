import { expect, test } from "vitest";
import { endOf, nextHours } from "../../electron/shell/until.ts";

const hour = 60 * 60_000;

/** Twenty to three in the afternoon, by this computer's clock. */
const now = new Date(2027, 0, 4, 14, 40).getTime();

test("an hour is counted from the click", () => {
  expect(endOf("hour", now)).toBe(now + hour);
});

test("tomorrow begins at eight, also at the end of a month", () => {
  expect(new Date(endOf("tomorrow", now))).toEqual(new Date(2027, 0, 5, 8));
  const late = new Date(2027, 0, 31, 23, 59).getTime();
  expect(new Date(endOf("tomorrow", late))).toEqual(new Date(2027, 1, 1, 8));
});

test("an instant is itself", () => {
  expect(endOf(now + 5, now)).toBe(now + 5);
});

test("the next full hours are all to come, and an hour apart", () => {
  const hours = [15, 16, 17].map((each) => new Date(2027, 0, 4, each).getTime());
  expect(nextHours(now, 3)).toEqual(hours);
  expect(nextHours(new Date(2027, 0, 4, 14).getTime(), 1)).toEqual(hours.slice(0, 1));
});

test("full hours are those of the wall clock, also where it is not whole hours from UTC", () => {
  const before = process.env["TZ"];
  try {
    process.env["TZ"] = "Asia/Kathmandu";
    const [next = 0] = nextHours(Date.UTC(2027, 0, 4, 14), 1);
    expect(new Date(next).getMinutes()).toBe(0);
  } finally {
    process.env["TZ"] = before;
  }
});
