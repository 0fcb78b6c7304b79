/** How a file that sets variables is written. */
export type Grammar = "sh" | "fish" | "powershell" | "plain" | "aws";

/** A variable that a line sets. */
export interface Assignment {
  readonly name: string;
  /** Where in the line its value stands, without quotes; undefined where it is not simply written there. */
  readonly value: { readonly text: string; readonly from: number; readonly to: number } | undefined;
  /** Whether its value is worked out when the line is read, and stands nowhere here. */
  readonly isComputed: boolean;
}

/** A value that stands for itself, as each grammar has it: in quotes, or a bare word. */
const literal: Readonly<Record<Grammar, string>> = {
  sh: String.raw`'[^']*'|"[^"$\x60\\!]*"|[^\s'"$\x60\\;&|<>()~#][^\s'"$\x60\\;&|<>()]*`,
  fish: String.raw`'[^'\\]*'|"[^"$\\]*"|[^\s'"$\\;&|<>()~#*?{][^\s'"$\\;&|<>()*?{]*`,
  powershell: String.raw`'[^']*'|"[^"$\x60]*"`,
  plain: String.raw`'[^']*'|"[^"$\\]*"|[^\s'"$\\#@][^\s'"$\\@]*`,
  aws: String.raw`[^\s#;'"]\S*`,
};

/** The options of fish's `set`; with some of them it sets nothing. */
const fishOptions = String.raw`(?!(?:-\S+\s+)*-(?:-(?:erase|query|show|names)|\w*[eqSn]\w*)(?:\s|$))(?:-{1,2}[\w-]+\s+)*`;

/** What may follow a value: each blank is looked at once, so that a long line costs no more than its length. */
const comment = String.raw`(?:\s*;)?\s*(?:(?<=\s)#.*)?`;

/** A line that does nothing but set one variable: what stands before its value, the name as a group, and after it. */
const forms: Readonly<Record<Grammar, readonly [before: string, after: string]>> = {
  sh: [String.raw`\s*(?:(?:export|declare|typeset)\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)=`, comment],
  fish: [String.raw`\s*(?:set\s+${fishOptions}|export\s+(?=\w+=))([A-Za-z_]\w*)(?:\s+|=)`, comment],
  powershell: [String.raw`\s*\$env:([A-Za-z_]\w*)\s*=\s*`, comment],
  // `NAME DEFAULT=value` is of ~/.pam_environment.
  plain: [
    String.raw`\s*(?:export\s+)?([A-Za-z_]\w*)(?:\s+(?:DEFAULT|OVERRIDE))?=`,
    String.raw`\s*`,
  ],
  aws: [String.raw`([a-z_]+)\s*=\s*`, String.raw`\s*`],
};

const wholes = new Map(
  Object.entries(forms).map(([grammar, [before, after]]) => [
    grammar,
    new RegExp(`^(${before})(${literal[grammar as Grammar]})${after}$`, "i"),
  ]),
);

/** A line that sets a variable among other things, or to what is worked out there. */
const elsewhere: Readonly<Record<Grammar, RegExp>> = {
  sh: /(?:^|[\s;&|({])([A-Za-z_]\w*)=/g,
  fish: new RegExp(
    String.raw`(?:^|[\s;&|({])(?:set\s+${fishOptions}|export\s+(?=\w+=))([A-Za-z_]\w*)(?:\s|=)`,
    "g",
  ),
  powershell: /\$env:([A-Za-z_]\w*)\s*=/gi,
  plain: /^\s*(?:export\s+)?([A-Za-z_]\w*)(?:\s+(?:DEFAULT|OVERRIDE))?=/g,
  aws: /^([a-z_]+)\s*=/g,
};

/** The variables that a line sets; what is not simply written there has no value. */
export const assignmentsIn = (line: string, grammar: Grammar): readonly Assignment[] => {
  if (/^\s*[#;]/.test(line)) return [];
  const whole = wholes.get(grammar)?.exec(line);
  const [, before = "", name = "", written = ""] = whole ?? [];
  if (name !== "") {
    const isQuoted = /^['"]/.test(written) && grammar !== "aws";
    const [from, length] = [before.length, written.length];
    const value = isQuoted
      ? { text: written.slice(1, -1), from: from + 1, to: from + length - 1 }
      : { text: written, from, to: from + length };
    return [{ name, value, isComputed: false }];
  }
  return [...line.matchAll(elsewhere[grammar])].flatMap((match) => {
    const rest = line.slice(match.index + match[0].length);
    const written = grammar === "sh" ? rest : rest.trimStart();
    if (match[1] === undefined || isNothing.test(written)) return [];
    return [{ name: match[1], value: undefined, isComputed: isComputed(written, grammar) }];
  });
};

const isNothing = /^(?:''|""|\$null\b)?(?:[\s;&|)]|$)/;

const isComputed = (written: string, grammar: Grammar): boolean =>
  /^"?[$`(~]/.test(written) || (grammar === "powershell" && !/^@?["']/.test(written));

/** A line of the grammar that does nothing: also where a block would be empty without it. */
export const noteLine = (indent: string, note: string, grammar: Grammar): string =>
  grammar === "sh" ? `${indent}: # ${note}` : `${indent}# ${note}`;
