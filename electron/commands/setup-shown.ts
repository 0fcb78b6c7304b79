import type { FileChange } from "./setup-ports.ts";

/**
 * The lines of a file that is changed, as they may be seen: of values only those that a set-up itself writes. Whatever
 * else people have in such a file, also in its comments, may be a secret.
 */
export const shownLines = (
  text: string,
  { form, ours }: Pick<FileChange, "form" | "ours">,
): readonly string[] => {
  const isOurs = new Set(ours);
  return linesOf(form === "json" ? jsonShown(text, isOurs) : iniShown(text, isOurs));
};

/** Lines without their ends. */
export const linesOf = (text: string): readonly string[] => {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
};

/** A text, with the colon after it where it is a name, or a comment. What does not end does so with its line, or the text. */
const jsonParts = /("(?:[^"\\\n]|\\.)*"?)(\s*:)?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g;

const jsonShown = (text: string, ours: ReadonlySet<string>): string =>
  text.replace(jsonParts, (part: string, literal?: string, colon?: string) => {
    if (literal === undefined) {
      return part.startsWith("//") ? "// …" : `/* …${part.replace(/[^\n]/g, "")} */`;
    }
    if (colon !== undefined) return part;
    const value = textOf(literal);
    return value !== undefined && ours.has(value) ? part : '"…"';
  });

const textOf = (literal: string): string | undefined => {
  try {
    return String(JSON.parse(literal));
  } catch {
    return undefined;
  }
};

const iniShown = (text: string, ours: ReadonlySet<string>): string =>
  text
    .split("\n")
    .map((line) => {
      if (/^\s*(?:\[[^\]]*\]\s*)?$/.test(line)) return line;
      const [, name, between, value] = /^([^\s#;=:][^=:]*)([=:]\s*)(.*)$/.exec(line) ?? [];
      if (name === undefined || between === undefined || value === undefined) return "…";
      return ours.has(value.trim()) ? line : `${name}${between}…`;
    })
    .join("\n");
