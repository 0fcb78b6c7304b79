import { describe, expect, test } from "vitest";
import type { Mark, MarkKind } from "../../electron/core/day-book.ts";
import { instantOf } from "../../electron/core/time.ts";
import { type TimelineRow, timelineOf } from "../../electron/protocol/timeline-view.ts";
import type { SourceView } from "../../electron/protocol/view.ts";
import { at, failing, hour, minute, offer, signedOut, source } from "../shell/views.ts";

/** A mark so many hours ago. */
const mark = (kind: MarkKind, hoursAgo: number, until?: number): Mark => ({
  kind,
  at: instantOf(at - hoursAgo * hour),
  until: until === undefined ? undefined : instantOf(until),
});

const rowOf = (marks: readonly Mark[], of: SourceView = source("corp")): TimelineRow => {
  const [row] = timelineOf([of], () => marks, at).rows;
  if (row === undefined) throw new Error("There is no row.");
  return row;
};

/** The spans by their hours from now on, as people would read them off. */
const spansOf = (...args: Parameters<typeof rowOf>): readonly string[] =>
  rowOf(...args).spans.map(({ kind, from, to }) => {
    const hours = [from, to].map((end) => String(Math.round(((end - at) / hour) * 100) / 100));
    return `${kind} ${hours.join(" to ")}`;
  });

describe("the day", () => {
  test("is the one around now: twelve hours of each side", () => {
    const { from, now, to, rows } = timelineOf([], () => [], at);
    expect([from - at, now - at, to - at]).toEqual([-12 * hour, 0, 12 * hour]);
    expect(rows).toEqual([]);
  });

  test("shows first who needs somebody, then what is in use, the latest use first", () => {
    const used = (id: string, agoMs: number): SourceView =>
      source(id, { offers: [offer("old", 5 * hour), offer(id, agoMs)] });
    const out = source("out", { standing: signedOut("ended") });
    const { rows } = timelineOf(
      [source("idle"), used("a", hour), used("b", minute), out],
      () => [],
      at,
    );
    expect(rows.map((row) => row.source)).toEqual(["out", "b", "a", "idle"]);
  });

  test("asks for the marks of each source by its id, and names it by its title", () => {
    const asked: string[] = [];
    const { rows } = timelineOf(
      [source("corp", { title: "Example Corp" }), source("other")],
      (id) => {
        asked.push(id);
        return [];
      },
      at,
    );
    expect(asked).toEqual(["corp", "other"]);
    expect(rows.map(({ title }) => title)).toEqual(["Example Corp", "other"]);
  });
});

describe("behind", () => {
  test("stands what happened, but for what is longer ago, or has not come yet", () => {
    const { marks } = rowOf([
      mark("signed-in", 13),
      mark("renewed", 12),
      mark("sign-in-failed", 1),
      mark("renewed", -1),
    ]);
    expect(marks).toEqual([
      { kind: "renewed", at: at - 12 * hour },
      { kind: "sign-in-failed", at: at - hour },
    ]);
  });

  test.each<readonly [string, readonly Mark[], readonly string[]]>([
    ["a sign-in", [mark("signed-in", 4)], ["signed-in -4 to 3"]],
    ["a sign-in before this day", [mark("signed-in", 20)], ["signed-in -12 to 3"]],
    ["renewals", [mark("renewed", 5), mark("renewed", 4)], ["signed-in -12 to 3"]],
    [
      "an end and a new sign-in",
      [mark("session-ended", 5), mark("sign-in-failed", 4.5), mark("signed-in", 4)],
      ["signed-in -12 to -5", "out -5 to -4", "signed-in -4 to 3"],
    ],
    [
      "a sign-out",
      [mark("signed-in", 8), mark("signed-out", 6), mark("signed-in", 2)],
      ["signed-in -8 to -6", "out -6 to -2", "signed-in -2 to 3"],
    ],
    [
      "a failed renewal that came right in time",
      [mark("renewal-failed", 5, at - 4 * hour), mark("renewed", 4.5)],
      ["signed-in -12 to -5", "serving -5 to -4.5", "signed-in -4.5 to 3"],
    ],
    [
      "a failed renewal that came right too late",
      [mark("renewal-failed", 5, at - 4 * hour), mark("renewed", 3)],
      ["signed-in -12 to -5", "serving -5 to -4", "out -4 to -3", "signed-in -3 to 3"],
    ],
    [
      "a failed renewal of what had ended",
      [mark("renewal-failed", 5, at - 6 * hour), mark("renewed", 4)],
      ["signed-in -12 to -5", "out -5 to -4", "signed-in -4 to 3"],
    ],
    [
      "a failed renewal of which nobody knows more",
      [mark("renewal-failed", 5), mark("renewed", 4)],
      ["signed-in -12 to -5", "serving -5 to -4", "signed-in -4 to 3"],
    ],
    ["a sign-in that came to nothing", [mark("sign-in-failed", 4)], ["signed-in -12 to 3"]],
    ["nothing: as it is, so it was", [], ["signed-in -12 to 3"]],
  ])("%s", (_name, marks, spans) => {
    expect(spansOf(marks).filter((span) => span !== "out 3 to 12")).toEqual(spans);
  });
});

describe("ahead", () => {
  test("nobody is needed before the end that is known or expected", () => {
    expect(spansOf([mark("signed-in", 1)])).toEqual(["signed-in -1 to 3", "out 3 to 12"]);
    const long = source("corp", { neededAt: { at: at + 30 * hour, exact: true } });
    expect(spansOf([mark("signed-in", 1)], long)).toEqual(["signed-in -1 to 12"]);
  });

  test("an end that has passed without a word is over", () => {
    const late = source("corp", { neededAt: { at: at - minute, exact: true } });
    expect(spansOf([mark("signed-in", 1)], late)).toEqual(["signed-in -1 to 0", "out 0 to 12"]);
  });

  test("where nobody knows the end, that is said from the end of the token on", () => {
    const unknown = source("corp", { neededAt: undefined });
    expect(spansOf([], unknown)).toEqual(["signed-in -12 to 0.75", "open 0.75 to 12"]);
    const stale = source("corp", {
      neededAt: undefined,
      standing: { kind: "active", expiresAt: at - minute, renewAt: at - hour },
    });
    expect(spansOf([], stale)).toEqual(["signed-in -12 to 0", "open 0 to 12"]);
  });

  test("what needs nobody, or has no end, goes on", () => {
    const parts = { neededAt: undefined };
    expect(spansOf([], source("build", { ...parts, unattended: true }))).toEqual([
      "signed-in -12 to 12",
    ]);
    const key = { kind: "active", expiresAt: undefined, renewAt: undefined } as const;
    expect(spansOf([], source("key", { ...parts, standing: key }))).toEqual([
      "signed-in -12 to 12",
    ]);
  });

  test("what cannot be renewed is served to its end", () => {
    const corp = source("corp", { standing: failing("offline", at + hour / 2) });
    expect(spansOf([mark("renewal-failed", 1, at + hour / 2)], corp)).toEqual([
      "signed-in -12 to -1",
      "serving -1 to 0.5",
      "out 0.5 to 12",
    ]);
    const over = source("corp", { standing: failing("offline", at - hour / 2) });
    expect(spansOf([mark("renewal-failed", 1, at - hour / 2)], over)).toEqual([
      "signed-in -12 to -1",
      "serving -1 to -0.5",
      "out -0.5 to 12",
    ]);
  });

  test("since when something fails nobody knows where nothing is recorded", () => {
    const corp = source("corp", { standing: failing("offline") });
    expect(spansOf([], corp)).toEqual(["serving 0 to 1", "out 1 to 12"]);
  });

  test("who is signed out stays so", () => {
    const out = source("corp", { standing: signedOut("ended"), neededAt: undefined });
    expect(spansOf([mark("session-ended", 2)], out)).toEqual([
      "signed-in -12 to -2",
      "out -2 to 12",
    ]);
    expect(spansOf([], out)).toEqual(["out -12 to 12"]);
  });
});

describe("what is next", () => {
  test("is the renewal, the question, and the end", () => {
    const corp = source("corp", {
      askAt: at + 2 * hour,
      neededAt: { at: at + 3 * hour, exact: true },
    });
    expect(rowOf([], corp).next).toEqual({
      renewAt: at + 25 * minute,
      askAt: at + 2 * hour,
      neededAt: at + 3 * hour,
      exact: true,
    });
  });

  test("is another try where the last one has failed", () => {
    const { next } = rowOf([], source("corp", { standing: failing("offline") }));
    expect(next.renewAt).toBe(at + minute);
  });

  test("is no renewal of what cannot be renewed, has no end, or is not there", () => {
    const renewals = [
      { kind: "active", expiresAt: at + hour, renewAt: at + hour },
      { kind: "active", expiresAt: at + hour, renewAt: undefined },
      { kind: "active", expiresAt: undefined, renewAt: undefined },
      signedOut("ended"),
    ].map((standing) => {
      const of = source("corp", { standing: standing as SourceView["standing"] });
      return rowOf([], { ...of, neededAt: undefined }).next;
    });
    for (const next of renewals) {
      expect(next).toMatchObject({ renewAt: undefined, neededAt: undefined, exact: false });
    }
  });
});
