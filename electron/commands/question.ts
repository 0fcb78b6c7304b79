import { EvercredError } from "../core/errors.ts";
import { columns } from "./plain.ts";
import type { Parsed, Reply, Request } from "./verb.ts";

/** So many rows fit on a small terminal, with a question under them. */
const mostRows = 20;

/** Whether the caller can read a question and answer it. */
export const canAsk = (parsed: Parsed, { terminal }: Request): boolean =>
  terminal.stdin && terminal.stderr && !parsed.has("quiet");

/** What the caller types after this question, without blanks around it. Throws `cancelled` at the end of input. */
export const answerTo = async (question: string, reply: Reply): Promise<string> => {
  reply.say(question);
  const line = await reply.ask(false);
  if (line === undefined) throw new EvercredError("cancelled", "There was no answer.");
  return line.trim();
};

/** Whether the caller says yes; an empty line is no. */
export const agrees = async (question: string, reply: Reply): Promise<boolean> =>
  /^y(?:es)?$/i.test(await answerTo(`${question} [y/N]`, reply));

/**
 * The one of `items` that the caller picks by its number, or by a part of its row that only it has. `question` names
 * what is asked for: `account`. Throws `cancelled` at the end of input.
 */
export const picked = async <Item>(
  question: string,
  items: readonly Item[],
  rowOf: (item: Item) => readonly string[],
  reply: Reply,
): Promise<Item> => {
  let shown = items;
  for (;;) {
    const rows = shown.slice(0, mostRows);
    const numbered = rows.map((item, index) => [String(index + 1), ...rowOf(item)]);
    for (const line of columns(numbered)) reply.say(line);
    const more = shown.length - rows.length;
    if (more > 0) reply.say(`… and ${String(more)} more`);
    const typed = await answerTo(`Which ${question}? Its number, or a part of its name:`, reply);
    const chosen = /^\d+$/.test(typed) ? rows[Number(typed) - 1] : undefined;
    if (chosen !== undefined) return chosen;
    const fitting = items.filter((item) => fits(rowOf(item), typed));
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return only;
    if (only === undefined) reply.say(`No ${question} fits.`);
    shown = only === undefined ? items : fitting;
  }
};

const fits = (row: readonly string[], part: string): boolean =>
  row.some((cell) => cell.toLowerCase().includes(part.toLowerCase()));
