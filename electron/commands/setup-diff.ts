import { plain } from "./plain.ts";
import type { FileChange } from "./setup-ports.ts";
import { linesOf, shownLines } from "./setup-shown.ts";

/** So many lines stay around what changes. */
const contextLines = 2;

interface Line {
  readonly sign: " " | "-" | "+";
  /** Its place among those of its side, from 0: of a line of both, after the change. */
  readonly at: number;
}

/**
 * What changes in a file, as lines of a unified diff; none where nothing does. Only values that the set-up itself writes
 * are shown, and nothing that would move or hide text on a terminal.
 */
export const diffOf = (change: Omit<FileChange, "make">): readonly string[] => {
  const { file, before, after } = change;
  if (before === after) return [];
  const lines = compared(linesOf(before ?? ""), linesOf(after ?? ""));
  const name = (text: string | undefined): string =>
    text === undefined ? "/dev/null" : plain(file);
  const olds = shownLines(before ?? "", change);
  const news = shownLines(after ?? "", change);
  const textOf = ({ sign, at }: Line): string => (sign === "-" ? olds : news)[at] ?? "";
  return [`--- ${name(before)}`, `+++ ${name(after)}`, ...hunks(lines, textOf)];
};

/** The shortest way from one list of lines to the other (E. Myers, An O(ND) Difference Algorithm, 1986). */
const compared = (before: readonly string[], after: readonly string[]): readonly Line[] => {
  const trail: ReadonlyMap<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  const most = before.length + after.length;
  for (let edits = 0; edits <= most; edits++) {
    trail.push(furthest);
    furthest = new Map(furthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOf(furthest, diagonal, edits);
      while (
        x < before.length &&
        before[x] === after[x - diagonal] &&
        x - diagonal < after.length
      ) {
        x++;
      }
      furthest.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) {
        return walkedBack(trail, before, after);
      }
    }
  }
  return [];
};

/** Whether the way onto a diagonal is by an added line; else by one that is taken out. */
const isAddition = (
  furthest: ReadonlyMap<number, number>,
  diagonal: number,
  edits: number,
): boolean =>
  diagonal === -edits ||
  (diagonal !== edits && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1));

const startOf = (furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): number =>
  isAddition(furthest, diagonal, edits)
    ? (furthest.get(diagonal + 1) ?? 0)
    : (furthest.get(diagonal - 1) ?? -1) + 1;

const walkedBack = (
  trail: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly Line[] => {
  const lines: Line[] = [];
  let [x, y] = [before.length, after.length];
  for (let edits = trail.length - 1; edits >= 0; edits--) {
    const furthest = trail[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const isAdded = isAddition(furthest, diagonal, edits);
    const from = isAdded ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : (furthest.get(from) ?? 0);
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      x--;
      y--;
      lines.push({ sign: " ", at: y });
    }
    if (edits === 0) break;
    lines.push(isAdded ? { sign: "+", at: fromY } : { sign: "-", at: fromX });
    [x, y] = [fromX, fromY];
  }
  return lines.reverse();
};

/** The changed lines with those around them, in their places. */
const hunks = (lines: readonly Line[], textOf: (line: Line) => string): readonly string[] => {
  const isNear = lines.map((_, index) =>
    lines
      .slice(Math.max(0, index - contextLines), index + contextLines + 1)
      .some(({ sign }) => sign !== " "),
  );
  const out: string[] = [];
  let [old, now] = [1, 1];
  for (let index = 0; index < lines.length;) {
    const end = isNear.indexOf(!isNear[index], index);
    const run = lines.slice(index, end < 0 ? undefined : end);
    const olds = run.filter(({ sign }) => sign !== "+").length;
    const news = run.filter(({ sign }) => sign !== "-").length;
    if (isNear[index] === true) {
      out.push(`@@ -${placeOf(old, olds)} +${placeOf(now, news)} @@`);
      out.push(...run.map((line) => `${line.sign}${shown(textOf(line))}`.trimEnd()));
    }
    [old, now, index] = [old + olds, now + news, index + run.length];
  }
  return out;
};

/** Where nothing stands, the place is the line before it. */
const placeOf = (line: number, count: number): string =>
  `${String(count === 0 ? line - 1 : line)},${String(count)}`;

const shown = (text: string): string => `${/^[\t ]*/.exec(text)?.[0] ?? ""}${plain(text)}`;
