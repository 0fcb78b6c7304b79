import type { AuditLine } from "../core/audit.ts";
import { activityView } from "./gate-view.ts";
import { activityLine } from "./gate-words.ts";
import { shownPath } from "./shown.ts";
import type { ActivityView } from "./view.ts";
import type { Words } from "./words.ts";

/** A line of the record, as people look for it. */
export interface ActivityRow extends ActivityView {
  /** The source that it is about, or that its target leads to now. */
  readonly source: string | undefined;
  /** The program's file. */
  readonly path: string | undefined;
  /** By which verb or door it was asked for. */
  readonly verb: string | undefined;
  /** When what was served ends. */
  readonly expiresAt: number | undefined;
}

/** As many rows as a person scrolls through; who looks for more than that searches. */
export const mostRows = 2_000;

/** What is looked for. An empty text stands for all. */
export interface ActivityQuery {
  /** Words that have all to be in a row, as it is shown or as it is recorded. */
  readonly text: string;
  /** A source, by its id. */
  readonly source: string;
  /** A program or bridge, as people call it. */
  readonly program: string;
}

/** What is looked for, and how many rows of it are wanted: `mostRows` at the most. */
export interface ActivityWish extends ActivityQuery {
  readonly most: number;
}

/** What was found of it. */
export interface ActivityFound {
  /** The newest first. */
  readonly rows: readonly ActivityRow[];
  /** Whether there is more of it, older than these. */
  readonly hasMore: boolean;
  /** Who stands in the part of the record that was looked through, whatever was looked for; the last one first. */
  readonly programs: readonly string[];
}

/** What was written into a file. */
export interface ExportedView {
  readonly file: string;
  readonly count: number;
}

/** A line of the record for people. `source` is what its target leads to now, where it names none itself. */
export const activityRow = (line: AuditLine, source: string | undefined): ActivityRow => ({
  ...activityView(line),
  source,
  path: line.path && shownPath(line.path),
  verb: line.verb,
  expiresAt: line.event === "served" ? line.expiresAt : undefined,
});

/** Whether a row is looked for. */
export const isLookedFor = (
  row: ActivityRow,
  { text, source, program }: ActivityQuery,
  words: Words,
): boolean =>
  (source === "" || row.source === source) &&
  (program === "" || row.program === program) &&
  hasAll(row, text, words);

const hasAll = (row: ActivityRow, text: string, words: Words): boolean => {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return true;
  const { event, detail, path = "", verb = "", source = "" } = row;
  const said = activityLine(row, words);
  const all = [said, event, detail, path, verb, source].join("\n").toLowerCase();
  return wanted.every((word) => all.includes(word));
};
