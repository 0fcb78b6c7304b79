import type { AuditLine, StoredLine } from "../core/audit.ts";

/** Lines of the record as the file that a person wants of them: a table where its name ends in `.csv`, else JSON lines. */
export const activityText = (lines: readonly StoredLine[], file: string): string =>
  file.toLowerCase().endsWith(".csv")
    ? [Object.keys(columns), ...lines.map(({ line }) => cellsOf(line))]
        .map((cells) => `${cells.map(quoted).join(",")}\r\n`)
        .join("")
    : lines.map(({ text }) => `${text}\n`).join("");

type Cell = string | number | undefined;

/** As the record calls them. */
const columns: Readonly<Record<string, (line: AuditLine) => Cell>> = {
  at: ({ at }) => dateOf(at),
  event: ({ event }) => event,
  program: ({ program }) => program,
  path: ({ path }) => path,
  bridge: ({ bridge }) => bridge,
  target: ({ target }) => target,
  source: ({ source }) => source,
  verb: ({ verb }) => verb,
  exit: ({ exit }) => exit,
  code: ({ code }) => code,
  answer: ({ answer }) => answer,
  of: ({ of }) => of,
  count: ({ count }) => count,
  since: ({ since }) => since && dateOf(since),
  expiresAt: ({ expiresAt }) => expiresAt && dateOf(expiresAt),
};

const cellsOf = (line: AuditLine): readonly string[] =>
  Object.values(columns).map((cell) => String(cell(line) ?? ""));

const dateOf = (epochMs: number): string => new Date(epochMs).toISOString();

/** What a spreadsheet would take for a formula: a program may call itself anything. */
const formula = /^[=+\-@＝＋－＠\t\r\n]/;

const quoted = (cell: string): string => {
  const plain = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};
