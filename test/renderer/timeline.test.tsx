import { describe, expect, test, vi } from "vitest";
import type { Mark } from "../../electron/core/day-book.ts";
import { instantOf } from "../../electron/core/time.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import { type TimelineRow, timelineOf } from "../../electron/protocol/timeline-view.ts";
import type { SourceView } from "../../electron/protocol/view.ts";
import { english, wordsFor } from "../../electron/protocol/words.ts";
import { placeOf, ticksOf } from "../../renderer/pages/timeline-axis.ts";
import { Lane } from "../../renderer/pages/timeline-lane.tsx";
import { aheadLine, behindLine } from "../../renderer/pages/timeline-words.ts";
import { Timeline } from "../../renderer/pages/timeline.tsx";
import { at, failing, hour, minute, signedOut, source, viewWith } from "../shell/views.ts";
import { buttonsOf, draw, type Element, textOf } from "./tree.ts";

const mark = (kind: Mark["kind"], agoMs: number): Mark => ({
  kind,
  at: instantOf(at - agoMs),
  until: undefined,
});

/** The timeline of these sources, and no more of the picture. */
const pictureOf = (
  sources: readonly SourceView[],
  marksOf: (id: string) => readonly Mark[] = () => [],
): Picture => {
  const parts = { ...viewWith(...sources), timeline: timelineOf(sources, marksOf, at) };
  return parts as Picture;
};

const timeline = (...args: Parameters<typeof pictureOf>): readonly Element[] =>
  draw(<Timeline picture={pictureOf(...args)} />);

const rowOf = (of: SourceView, marks: readonly Mark[] = []): TimelineRow => {
  const [row] = timelineOf([of], () => marks, at).rows;
  if (row === undefined) throw new Error("There is no row.");
  return row;
};

const named = (elements: readonly Element[], name: string): readonly Element[] =>
  elements.filter((each) => each.name === name);

/** The classes of a lane's bars and shapes, as they come. */
const drawnOf = (row: TimelineRow): readonly unknown[] => {
  const day = timelineOf([], () => [], at);
  return draw(<Lane row={row} day={day} />)
    .map(({ props }) => props["class"])
    .filter((look) => /^(?:span|shape)/.test(String(look)));
};

describe("the hours", () => {
  const hoursOf = (from: number, to: number): readonly string[] =>
    ticksOf(from, to).map((tick) => {
      const date = new Date(tick.at);
      return `${String(date.getHours())}${tick.isNamed ? "!" : ""}`;
    });

  test("are those of the wall clock, and every second one has its name", () => {
    expect(hoursOf(at - 12 * hour + minute, at + 12 * hour)).toEqual([
      ...["3", "6!", "9", "12!", "15", "18!", "21", "0!"],
    ]);
  });

  test.each([
    ["of 23 hours", "Europe/Berlin", Date.UTC(2027, 2, 27, 23), 23],
    ["of 25 hours", "Europe/Berlin", Date.UTC(2027, 9, 30, 22), 25],
    ["of 24.5 hours", "Australia/Lord_Howe", Date.UTC(2027, 3, 3, 13), 24.5],
    ["beside whole hours", "Asia/Kolkata", Date.UTC(2027, 0, 3, 18, 30), 24],
  ])("of a day %s are on the clock, too", (_name, zone, midnight, hours) => {
    vi.stubEnv("TZ", zone);
    const all = ["0!", "3", "6!", "9", "12!", "15", "18!", "21", "0!"];
    expect(hoursOf(midnight, midnight + hours * hour)).toEqual(all);
    vi.unstubAllEnvs();
  });

  test("have their place between the edges, and nothing stands outside", () => {
    const day = { from: 100, to: 300 };
    expect([50, 100, 150, 300, 400].map((when) => placeOf(when, day))).toEqual([
      0, 0, 25, 100, 100,
    ]);
  });
});

describe("a lane", () => {
  test("has what was, what is to come, and where it ends", () => {
    const corp = source("corp", { askAt: at + 2 * hour });
    const marks = [mark("signed-in", 4 * hour), mark("renewed", hour)];
    expect(drawnOf(rowOf(corp, marks))).toEqual([
      "span is-signed-in behind",
      "span is-signed-in ahead",
      "span is-out ahead",
      "shape is-signed-in",
      "shape is-renewed",
      "shape is-renewed",
      "shape is-ask",
      "shape is-end",
    ]);
  });

  test("draws nothing that comes after this day", () => {
    const far = { at: at + 20 * hour, exact: true };
    expect(drawnOf(rowOf(source("corp", { neededAt: far, askAt: at + 19 * hour })))).toEqual([
      "span is-signed-in behind",
      "span is-signed-in ahead",
      "shape is-renewed",
    ]);
  });

  test("tells every state by another form, not by colours alone", () => {
    const drawn = [
      source("a"),
      source("b", { neededAt: undefined }),
      source("c", { standing: failing("offline") }),
      source("d", { standing: signedOut("ended") }),
    ].map((each) => {
      const lane = draw(<Lane row={rowOf(each)} day={timelineOf([], () => [], at)} />);
      return lane
        .filter(({ props }) => /^span .* ahead/.test(String(props["class"])))
        .map(({ name, props }) => `${name} ${JSON.stringify(props["height"]) ?? ""}`);
    });
    expect(drawn).toEqual([
      ["rect 12", "line "],
      ["rect 12", "rect 12"],
      ["rect 6", "line "],
      ["line "],
    ]);
  });

  test("places by the time, and styles nothing in the element", () => {
    const elements = draw(
      <Lane
        row={rowOf(source("corp"), [mark("signed-out", 6 * hour)])}
        day={timelineOf([], () => [], at)}
      />,
    );
    expect(named(elements, "svg").map(({ props }) => props["x"])).toContain("25.00%");
    for (const { props } of elements) expect(props).not.toHaveProperty("style");
  });
});

describe("in words", () => {
  test("each kind of thing is told once, with its number and its last time", () => {
    const marks = [mark("signed-in", 5 * hour), mark("renewed", 2 * hour), mark("renewed", hour)];
    expect(behindLine(rowOf(source("corp"), marks), at, english)).toBe(
      "signed in 09:00, renewed 2 times, last 13:00",
    );
    expect(behindLine(rowOf(source("corp")), at, english)).toBe("nothing");
  });

  test("what is to come is told with its times, as far as it is ahead", () => {
    const corp = source("corp", { askAt: at + 2 * hour });
    expect(aheadLine(rowOf(corp), at, english)).toBe(
      "renewal 14:25, you are asked 16:00, sign-in needed about 17:00",
    );
    expect(aheadLine(rowOf(corp), at + 30 * minute, english)).not.toContain("renewal");
    const out = source("corp", { standing: signedOut("ended"), neededAt: undefined });
    expect(aheadLine(rowOf(out), at, english)).toBe("nothing");
  });

  test("and in the reader's language", () => {
    const german = wordsFor("de", "de-DE");
    const marks = [mark("renewal-failed", 2 * hour), mark("renewal-failed", hour)];
    expect(behindLine(rowOf(source("corp"), marks), at, german)).toBe(
      "Erneuerung gescheitert 2-mal, zuletzt 13:00",
    );
  });
});

describe("the picture", () => {
  test("says in one line what it shows, and everything in a table that is only heard", () => {
    const elements = timeline([source("corp")], () => [mark("signed-in", hour)]);
    const image = elements.find(({ props }) => props["role"] === "img");
    expect(image?.props["aria-label"]).toBe(
      "Timeline from 02:00 to Tue 02:00. All signed in · next sign-in about 17:00.",
    );
    const cells = named(elements, "tr").at(-1);
    expect(cells?.text).toBe(
      "corpuntil about 17:00signed in 13:00renewal 14:25, sign-in needed about 17:00",
    );
  });

  test("names the shapes that are in it, and no others", () => {
    const elements = timeline([source("corp", { neededAt: undefined })]);
    const key = elements.find(({ props }) => props["class"] === "timeline-key");
    expect(named(draw(key && <ul>{key.props["children"] as []}</ul>), "li")).toHaveLength(3);
    expect(key?.text).toBe("signed insigned in, end not knownrenewal");
  });

  test("has eight sources, those that need somebody first, and all of them where that is wanted", () => {
    const many = Array.from({ length: 200 }, (_, index) => source(`s${String(index)}`));
    const out = source("out", { standing: signedOut("ended") });
    const elements = timeline([...many, out]);
    const names = named(elements, "bdi").map(({ text }) => text);
    expect(names).toEqual(["out", "s0", "s1", "s2", "s3", "s4", "s5", "s6"]);
    expect(buttonsOf(elements)).toEqual(["All 201…"]);
    expect(buttonsOf(timeline(many.slice(0, 8)))).toEqual([]);
  });

  test("is none where there is nothing to sign in to", () => {
    expect(textOf(<Timeline picture={pictureOf([])} />)).toBe("");
  });

  test("shows a hostile name as it is", () => {
    const title = "<img src=x onerror=alert(1)>\u202e";
    const elements = timeline([source("corp", { title })]);
    expect(named(elements, "bdi").map(({ text }) => text)).toEqual([title]);
    expect(named(elements, "img")).toEqual([]);
  });
});
