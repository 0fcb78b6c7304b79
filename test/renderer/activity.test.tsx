import { describe, expect, test } from "vitest";
import {
  type ActivityFound,
  type ActivityQuery,
  type ActivityRow,
  activityRow,
} from "../../electron/protocol/activity.ts";
import type { AuditLine } from "../../electron/core/audit.ts";
import { instantOf } from "../../electron/core/time.ts";
import { english, wordsFor } from "../../electron/protocol/words.ts";
import { ActivityRows } from "../../renderer/pages/activity-rows.tsx";
import { ActivitySearch } from "../../renderer/pages/activity-search.tsx";
import { withAdded } from "../../renderer/pages/added-rows.ts";
import { at, hour } from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

const everything: ActivityQuery = { text: "", source: "", program: "" };

const row = (agoMs: number, parts: Partial<AuditLine> = {}): ActivityRow =>
  activityRow(
    {
      event: "served",
      at: instantOf(at - agoMs),
      program: "claude",
      target: "aws:dev",
      verb: "aws export",
      ...parts,
    },
    "corp",
  );

const found = (
  rows: readonly ActivityRow[],
  programs: readonly string[] = ["claude"],
): ActivityFound => ({
  rows,
  hasMore: false,
  programs,
});

const named = (elements: readonly Element[], name: string): readonly Element[] =>
  elements.filter((each) => each.name === name);

describe("the rows", () => {
  const rows = [
    row(hour, { count: 3, expiresAt: at + hour }),
    row(2 * hour, { event: "refused", code: "access-denied" }),
    row(20 * hour, { event: "renewed", source: "corp", program: "", verb: "" }),
    row(400 * 24 * hour),
  ];

  test("stand under their days, each with its time, what it was, and how", () => {
    const elements = draw(<ActivityRows rows={rows} now={at} />);
    expect(named(elements, "h2").map(({ text }) => text)).toEqual([
      "Today",
      "Sunday, January 3",
      "Sunday, November 30, 2025",
    ]);
    const [first, second] = named(elements, "li");
    expect(first?.text).toBe(
      "13:00claude was given aws:devaws export · 3 times · good until 15:00",
    );
    expect(second?.text).toBe("12:00claude was not given aws:dev (access denied)aws export");
    expect(named(elements, "time")[0]?.props["dateTime"]).toBe("2027-01-04T13:00:00.000Z");
  });

  test("of what did not come about are marked by a shape", () => {
    const marked = named(draw(<ActivityRows rows={rows} now={at} />), "li").map(
      ({ props }) => draw(props["children"] as []).filter(({ name }) => name === "svg").length,
    );
    expect(marked).toEqual([0, 1, 0, 0]);
  });

  test("are in the reader's language and hours", () => {
    const elements = draw(<ActivityRows rows={rows} now={at} />, wordsFor("de", "de-DE"));
    expect(named(elements, "h2")[0]?.text).toBe("Heute");
    expect(named(elements, "li")[0]?.text).toMatch(/^13:00claude .*3-mal · gültig bis 15:00$/u);
  });
});

describe("what has been recorded meanwhile", () => {
  const known = found([row(hour), row(2 * hour)]);

  test("comes on top, the newest first, with who is new", () => {
    const later = [row(30, { program: "cat" }), row(10)];
    const { rows, programs } = withAdded(known, later, everything, english);
    expect(rows.map((each) => at - each.at)).toEqual([10, 30, hour, 2 * hour]);
    expect(programs).toEqual(["claude", "cat"]);
  });

  test("stands where it belongs, though it was written late", () => {
    const { rows } = withAdded(known, [row(1.5 * hour)], everything, english);
    expect(rows.map((each) => (at - each.at) / hour)).toEqual([1, 1.5, 2]);
  });

  test("is there once, and only where it is looked for", () => {
    expect(withAdded(known, [row(hour)], everything, english)).toBe(known);
    expect(withAdded(known, [row(1)], { ...everything, text: "gcp" }, english)).toBe(known);
    expect(withAdded(known, [], everything, english)).toBe(known);
  });

  test("pushes the oldest out", () => {
    const full = found(Array.from({ length: 2_000 }, (_, index) => row(hour + index)));
    const { rows, hasMore } = withAdded(full, [row(1)], everything, english);
    expect([rows.length, rows[0]?.at, hasMore]).toEqual([2_000, at - 1, true]);
  });
});

describe("the search", () => {
  const search = (query: Partial<ActivityQuery> = {}) => {
    const looked: ActivityQuery[] = [];
    const done: string[] = [];
    const elements = draw(
      <ActivitySearch
        query={{ ...everything, ...query }}
        sources={[{ id: "corp", title: "Example Corp" }]}
        programs={["claude", "aws"]}
        onLook={(wanted) => looked.push(wanted)}
        isExporting={false}
        onExport={() => done.push("export")}
      />,
    );
    return { elements, looked, done };
  };

  /** Somebody enters a value into the field of this name. */
  const enter = (elements: readonly Element[], label: string, value: string): void => {
    const field = elements.find(({ props }) => props["aria-label"] === label);
    const hear = field?.props["onInput"] ?? field?.props["onChange"];
    (hear as (event: unknown) => void)({ currentTarget: { value } });
  };

  test("looks for what is typed and chosen, each beside the others", () => {
    const { elements, looked } = search({ text: "x", source: "corp", program: "aws" });
    expect(named(elements, "input")[0]?.props).toMatchObject({ type: "search", value: "x" });
    enter(elements, "Search", "claude");
    enter(elements, "Source", "");
    enter(elements, "Program", "claude");
    expect(looked).toEqual([
      { text: "claude", source: "corp", program: "aws" },
      { text: "x", source: "", program: "aws" },
      { text: "x", source: "corp", program: "claude" },
    ]);
  });

  test("offers the sources by their titles, the programs, and the one that is looked for", () => {
    const { elements } = search({ program: "gone" });
    expect(named(elements, "option").map(({ text }) => text)).toEqual([
      ...["All sources", "Example Corp", "All programs", "claude", "aws", "gone"],
    ]);
  });

  test("takes the record along", () => {
    const { elements, done } = search();
    expect(buttonsOf(elements)).toEqual(["Export…"]);
    press(elements, "Export…");
    expect(done).toEqual(["export"]);
  });
});
