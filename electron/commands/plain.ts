import { misleadingRun } from "../core/misleading.ts";

/** Words from elsewhere as they may stand on a terminal: what would move, hide or turn around text is a space. */
export const plain = (text: string): string => text.replace(misleadingRun, " ").trim();

/** Rows as lines whose columns stand under each other, cleaned for a terminal. */
export const columns = (rows: readonly (readonly string[])[]): readonly string[] => {
  const cleaned = rows.map((row) => row.map(plain));
  const widths: number[] = [];
  for (const row of cleaned) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, lengthOf(cell));
    });
  }
  return cleaned.map((row) =>
    row
      .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - lengthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
};

/** In characters, not in UTF-16 units. */
const lengthOf = (text: string): number => Array.from(text).length;
