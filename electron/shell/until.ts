/** How long nobody is asked, as it is chosen: for an hour, until tomorrow morning, or until an instant. */
export type Until = "hour" | "tomorrow" | number;

const hourMs = 60 * 60_000;
const minuteMs = 60_000;

/** When tomorrow begins for who wants to be left alone until then, in hours of local time. */
const morning = 8;

/** The instant that is meant by somebody who chooses now. */
export const endOf = (until: Until, now: number): number => {
  switch (until) {
    case "hour":
      return now + hourMs;
    case "tomorrow": {
      const day = new Date(now);
      day.setDate(day.getDate() + 1);
      return day.setHours(morning, 0, 0, 0);
    }
    default:
      return until;
  }
};

/** The next full hours of local time, so many. */
export const nextHours = (now: number, count: number): readonly number[] => {
  // Some time zones are half an hour away from UTC, or a quarter.
  const offset = new Date(now).getTimezoneOffset() * minuteMs;
  const first = (Math.floor((now - offset) / hourMs) + 1) * hourMs + offset;
  return Array.from({ length: count }, (_, index) => first + index * hourMs);
};
