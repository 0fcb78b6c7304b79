import type { Grammar } from "./shell-assignment.ts";

/** What is open where a line begins. */
interface Open {
  /** A text or a comment: the rest of it, up to its end. */
  readonly part: RegExp | undefined;
  /** Lines that are no commands: which one ends them, one after the other. */
  readonly until: readonly ((line: string) => boolean)[];
}

const escaped = /(?:[^"\\]|\\.)*"/y;
const escapedSingle = /(?:[^'\\]|\\.)*'/y;
const single = /[^']*'/y;

/** What begins something, or stands for itself, outside of texts. */
const marks = {
  sh: /\\.|\$?'|"|(?<![^\s;&|()])#.*|<<<|<<(-?)\s*\\?["']?([A-Za-z_][^\s"'<>;&|()]*)["']?/g,
  fish: /\\.|'|"|(?<![^\s;&|()])#.*/g,
  powershell: /`.|@["']\s*$|<#|'|"|(?<![^\s;|(){}])#.*/g,
} as const;

/** What a mark opens, up to its end. */
const parts: Readonly<Record<keyof typeof marks, Readonly<Record<string, RegExp>>>> = {
  sh: { "'": single, "$'": escapedSingle, '"': escaped },
  fish: { "'": escapedSingle, '"': escaped },
  powershell: { "'": single, '"': /(?:[^"`]|`.)*"/y, "<#": /.*?#>/y },
};

/**
 * Which of these lines are read as commands each on its own: not what stands in a text, a comment or a here-document of
 * several lines, and not what goes on from the line before or onto the next one.
 */
export const standAlone = (lines: readonly string[], grammar: Grammar): readonly boolean[] => {
  if (grammar === "plain" || grammar === "aws") return lines.map(() => true);
  const goesOn = grammar === "powershell" ? /`$/ : /(?:^|[^\\])(?:\\\\)*\\$/;
  let open: Open = { part: undefined, until: [] };
  return lines.map((line, index) => {
    const before = open;
    open = after(line, before, grammar);
    const isInside = [before, open].some(
      ({ part, until }) => part !== undefined || until.length > 0,
    );
    return !isInside && !goesOn.test(lines[index - 1] ?? "") && !goesOn.test(line);
  });
};

/** What is open after a line. */
const after = (line: string, { part, until }: Open, grammar: keyof typeof marks): Open => {
  const [ends, ...others] = until;
  if (ends !== undefined) return { part, until: ends(line) ? others : until };
  const begun: ((line: string) => boolean)[] = [];
  let [open, at] = [part, 0];
  for (;;) {
    if (open !== undefined) {
      open.lastIndex = at;
      if (!open.test(line)) return { part: open, until: begun };
      at = open.lastIndex;
    }
    const mark = markFrom(at, line, grammar);
    if (mark === undefined) return { part: undefined, until: begun };
    const [text, dash, word] = mark;
    at = mark.index + text.length;
    open = parts[grammar][text];
    if (word !== undefined) {
      begun.push((each) => (dash === "-" ? each.replace(/^\t+/, "") : each) === word);
    } else if (text.startsWith("@")) {
      const end = `${text.charAt(1)}@`;
      begun.push((each) => each.startsWith(end));
    }
  }
};

const markFrom = (
  at: number,
  line: string,
  grammar: keyof typeof marks,
): RegExpExecArray | undefined => {
  const mark = marks[grammar];
  mark.lastIndex = at;
  return mark.exec(line) ?? undefined;
};
