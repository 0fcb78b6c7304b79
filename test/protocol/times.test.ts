import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agoLine,
  clockTime,
  everyLine,
  hourLine,
  leftLine,
  whenLine,
} from "../../electron/protocol/times.ts";
import { english, wordsFor, type Words } from "../../electron/protocol/words.ts";

/** A Monday, five past nine in the morning of this machine. */
const now = new Date(2027, 0, 4, 9, 5).getTime();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const words: Readonly<Record<string, Words>> = {
  "de-AT": wordsFor("de", "de-AT"),
  "en-US": wordsFor("en", "en-US"),
  "en-GB": wordsFor("en", "en-GB"),
  "ja-JP": wordsFor("ja", "ja-JP"),
  "German on an American desktop": wordsFor("de", "en-US"),
  "Japanese on a British desktop": wordsFor("ja", "en-GB"),
  "English on an Austrian desktop": wordsFor("en", "de-AT"),
};

/** The spaces of newer versions of the tables are narrow ones that do not break. */
const plain = (text: string): string => text.replaceAll(/[\u202F\u00A0]/g, " ");

describe.each([
  [
    "de-AT",
    ["09:05", "um 17:05", "gegen 17:05", "am Mi 09:05", "etwa am Mi 09:05", "am 13. Jänner"],
  ],
  [
    "en-US",
    [
      "9:05 AM",
      "at 5:05 PM",
      "about 5:05 PM",
      "on Wed 9:05 AM",
      "about Wed 9:05 AM",
      "on January 13",
    ],
  ],
  [
    "en-GB",
    ["09:05", "at 17:05", "about 17:05", "on Wed 09:05", "about Wed 09:05", "on 13 January"],
  ],
  ["ja-JP", ["9:05", "17:05", "17:05ごろ", "水 9:05", "水 9:05ごろ", "1月13日"]],
  [
    "German on an American desktop",
    [
      "9:05 AM",
      "um 5:05 PM",
      "gegen 5:05 PM",
      "am Mi 9:05 AM",
      "etwa am Mi 9:05 AM",
      "am 13. Januar",
    ],
  ],
  [
    "Japanese on a British desktop",
    ["9:05", "17:05", "17:05ごろ", "水 9:05", "水 9:05ごろ", "1月13日"],
  ],
  [
    "English on an Austrian desktop",
    ["09:05", "at 17:05", "about 17:05", "on Wed 09:05", "about Wed 09:05", "on January 13"],
  ],
])("times in %s", (name, expected) => {
  test("are written as people there write them", () => {
    const spoken = words[name] ?? english;
    const when = (at: number, exact: boolean): string => whenLine({ at, exact }, now, spoken);
    expect(
      [
        hourLine(now, spoken),
        when(now + 8 * hour, true),
        when(now + 8 * hour, false),
        when(now + 2 * day, true),
        when(now + 2 * day, false),
        when(now + 9 * day, true),
      ].map(plain),
    ).toEqual(expected);
  });
});

test.each([
  ["de-AT", ["gerade eben", "vor 2 Min.", "vor 3 Std.", "Fr 09:05", "31. Dezember 2025"]],
  ["en-US", ["just now", "2 min ago", "3 h ago", "Fri 9:05 AM", "December 31, 2025"]],
  ["ja-JP", ["たった今", "2 分前", "3 時間前", "金 9:05", "2025年12月31日"]],
])("what is past, in %s", (name, expected) => {
  const spoken = words[name] ?? english;
  const past = [0, 2 * minute, 3 * hour, 3 * day, 369 * day];
  expect(past.map((ms) => plain(agoLine(now - ms, now, spoken)))).toEqual(expected);
});

test("the terminal has 24 hours wherever it is", () => {
  expect(hourLine(new Date(2027, 0, 4, 17, 5).getTime(), english)).toBe("17:05");
  expect(hourLine(new Date(2027, 0, 4, 0, 5).getTime(), english)).toBe("00:05");
});

test.each([
  ["de-AT", ["jede Minute", "alle 30 Minuten", "alle 16 Stunden"]],
  ["en-GB", ["every minute", "every 30 minutes", "every 16 hours"]],
  ["ja-JP", ["1 分ごと", "30 分ごと", "16 時間ごと"]],
])("how often something comes, in %s", (name, expected) => {
  const spoken = words[name] ?? english;
  expect([minute, 30 * minute, 16 * hour].map((ms) => everyLine(ms, spoken))).toEqual(expected);
});

test("what is left counts down to nothing and no further", () => {
  expect([now + 580_000, now + 1, now - 1].map((at) => leftLine(at, now))).toEqual([
    "9:40",
    "0:01",
    "0:00",
  ]);
});

describe("a computer that moves to another time zone", () => {
  const home = process.env["TZ"];
  const at = Date.UTC(2027, 0, 4, 9, 5);
  // No other test has made anything for it yet.
  const swiss = wordsFor("de", "de-CH");
  let before = "";

  beforeAll(() => {
    process.env["TZ"] = "Europe/Vienna";
    before = clockTime(at, at, swiss);
    process.env["TZ"] = "Asia/Tokyo";
  });
  afterAll(() => {
    if (home === undefined) delete process.env["TZ"];
    else process.env["TZ"] = home;
  });

  test("has the times of that zone at once", () => {
    expect([before, clockTime(at, at, swiss)]).toEqual(["10:05", "18:05"]);
  });
});
