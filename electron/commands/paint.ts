import type { Parsed, Request } from "./verb.ts";

/** How words stand out on a terminal. Where it shows no colours, or none are wanted, they are given back as they are. */
export interface Paint {
  /** Whether somebody looks at a terminal, with or without colours. */
  readonly isSeen: boolean;
  /** What empties the terminal, so that what follows stands in its first line; empty where it cannot. */
  readonly clear: string;
  good(text: string): string;
  bad(text: string): string;
  waiting(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

/** ECMA-48, 8.3.117: Select Graphic Rendition. */
const painted =
  (from: number, to: number) =>
  (text: string): string =>
    `\u001b[${from}m${text}\u001b[${to}m`;

const plainly = (text: string): string => text;

/** ECMA-48, 8.3.21 and 8.3.39: Cursor Position, Erase in Page. */
const emptied = "\u001b[H\u001b[2J";

/** For stdout of a request. NO_COLOR counts where it is not empty (no-color.org). */
export const paintFor = (parsed: Parsed, { terminal, env }: Request): Paint => {
  const isSeen = terminal.stdout;
  const isPlain =
    !isSeen || parsed.has("no-color") || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const paint = isPlain ? () => plainly : painted;
  return {
    isSeen,
    clear: isSeen && env["TERM"] !== "dumb" ? emptied : "",
    good: paint(32, 39),
    bad: paint(31, 39),
    waiting: paint(33, 39),
    strong: paint(1, 22),
    faint: paint(2, 22),
  };
};
