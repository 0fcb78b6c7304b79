import type { Near } from "./texts/en.ts";
import type { Words } from "./words.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** From so far away on the name of a weekday could be that of today, in milliseconds. */
const weekMs = 6 * 24 * hourMs;

/** How an instant is named beside the present one. */
const nearOf = (at: number, now: number): Near => {
  if (Math.abs(at - now) >= weekMs) return "date";
  return new Date(at).toDateString() === new Date(now).toDateString() ? "today" : "week";
};

/**
 * The hour and minute of an instant; with the day where it is not today. Where that is a week away or more, the date
 * alone; with the year where that is another one.
 */
export const clockTime = (at: number, now: number, words: Words): string => {
  const near = nearOf(at, now);
  if (near === "date") return dateLine(at, now, words);
  return near === "today"
    ? hourLine(at, words)
    : `${weekdayLine(at, words)} ${hourLine(at, words)}`;
};

/** The hour and minute of an instant: of 24 hours in the terminal, else as the locale has it. */
export const hourLine = (at: number, { locale }: Words): string =>
  locale === undefined
    ? written(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, at)
    : written(locale, { timeStyle: "short" }, at);

/** A full hour, as short as the locale has it: `18`, `6 PM`, `18 Uhr`. */
export const fullHourLine = (at: number, { locale }: Words): string =>
  written(locale, { hour: "numeric" }, at);

/** The short name of an instant's weekday. */
export const weekdayLine = (at: number, { locale }: Words): string =>
  written(locale, { weekday: "short" }, at);

/** The date of an instant; with the year where that is another one. */
export const dateLine = (at: number, now: number, { locale }: Words): string => {
  // What is good to the end of a day may end with the first moment of the next.
  const last = at - 1;
  const isThisYear = new Date(last).getFullYear() === new Date(now).getFullYear();
  const year = isThisYear ? undefined : "numeric";
  return written(locale, { day: "numeric", month: "long", year }, last);
};

/** The day of an instant by its weekday and date; with the year where that is another one. */
export const dayLine = (at: number, now: number, { locale }: Words): string => {
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const year = isThisYear ? undefined : "numeric";
  return written(locale, { weekday: "long", day: "numeric", month: "long", year }, at);
};

/** To make one costs more than to use it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

const written = (
  locale: string | undefined,
  options: Intl.DateTimeFormatOptions,
  at: number,
): string => {
  const key = JSON.stringify([locale, options]);
  // A format that is kept does not notice that this computer has moved to another time zone: it gets local time.
  const format =
    formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  formats.set(key, format);
  return format.format(at - new Date(at).getTimezoneOffset() * minuteMs);
};

/** When something is expected, as a part of a sentence: `about 17:05`, `at 17:05`, `on 31 March`. */
export const whenLine = (
  { at, exact }: { readonly at: number; readonly exact: boolean },
  now: number,
  words: Words,
): string => {
  const { times } = words.texts;
  const say = exact ? times.at : times.about;
  return say({ time: clockTime(at, now, words), near: nearOf(at, now) });
};

/** How long ago something was, as people say it; after half a day the time itself. */
export const agoLine = (at: number, now: number, words: Words): string => {
  const { times } = words.texts;
  const pastMs = now - at;
  if (pastMs < minuteMs) return times.justNow;
  if (pastMs < hourMs) return times.minutesAgo({ count: Math.floor(pastMs / minuteMs) });
  if (pastMs < 12 * hourMs) return times.hoursAgo({ count: Math.floor(pastMs / hourMs) });
  return clockTime(at, now, words);
};

/** What is left until an instant, as minutes and seconds: `9:40`. Never below zero. */
export const leftLine = (at: number, now: number): string => {
  const seconds = Math.max(0, Math.ceil((at - now) / 1000));
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
};

/** How often something comes that comes after this length of time, in the unit that people would use. */
export const everyLine = (ms: number, words: Words): string => {
  const { times } = words.texts;
  const minutes = Math.max(1, Math.round(ms / minuteMs));
  // A session is seen to end up to some minutes late.
  return minutes >= 115
    ? times.everyHours({ count: Math.round(minutes / 60) })
    : times.everyMinutes({ count: minutes });
};
