import {
  type ActivityFound,
  type ActivityQuery,
  type ActivityRow,
  isLookedFor,
  mostRows,
} from "../../electron/protocol/activity.ts";
import type { Words } from "../../electron/protocol/words.ts";

/** What was found, with what has been recorded since, the newest of it last; what is known already is there once. */
export const withAdded = (
  found: ActivityFound,
  added: readonly ActivityRow[],
  query: ActivityQuery,
  words: Words,
): ActivityFound => {
  if (added.length === 0) return found;
  const programs = new Set(found.programs);
  for (const { program } of added) if (program !== undefined) programs.add(program);
  const known = new Set(found.rows.map(keyOf));
  const fresh = added.filter((row) => isLookedFor(row, query, words) && !known.has(keyOf(row)));
  if (fresh.length === 0 && programs.size === found.programs.length) return found;
  const rows = [...fresh.reverse(), ...found.rows].sort((a, b) => b.at - a.at);
  return {
    rows: rows.slice(0, mostRows),
    hasMore: found.hasMore || rows.length > mostRows,
    programs: [...programs],
  };
};

/** What a line of the record is told from others by. */
const keyOf = ({ at, event, program, subject, path, verb, count }: ActivityRow): string =>
  [at, event, program, subject, path, verb, count].join("\n");
