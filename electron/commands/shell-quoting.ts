import { EvercredError } from "../core/errors.ts";

/** Variables to be set, in clear. */
type Clear = Readonly<Record<string, string>>;

/**
 * Variables as text that a shell or a program reads: every value arrives as it is, and none can run. Throws
 * `usage` for a value that the form cannot hold. Names are ours, and need no quotes.
 */
export type Form = (set: Clear, unset: readonly string[]) => string;

/** A text as bash and zsh read it, whatever is in it. */
export const posixQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A text as fish reads it. */
export const fishQuoted = (text: string): string =>
  `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

/** Every line ends with a semicolon, so that `eval $(evercred aws env)` without quotes does the same. */
const posix: Form = (set, unset) =>
  lines([
    ...assigned(set, (name, value) => `export ${name}=${posixQuoted(value)};`),
    ...unset.map((name) => `unset ${name};`),
  ]);

/** `-g`: a universal variable is the user's setting in all shells, which is not ours to erase. */
const fish: Form = (set, unset) =>
  lines([
    ...assigned(set, (name, value) => `set -gx ${name} ${fishQuoted(value)};`),
    ...unset.map((name) => `set -eg ${name};`),
  ]);

/**
 * Pure ASCII on one line a variable: PowerShell decodes a program's output by the console's code page, takes
 * typographic quotes for quotes, and Invoke-Expression gets the lines one by one.
 */
const powershell: Form = (set, unset) =>
  lines([
    ...assigned(set, (name, value) => `$env:${name} = ${powershellValue(value)}`),
    ...unset.map((name) => `$env:${name} = $null`),
  ]);

/** An expression that is this text to PowerShell. */
export const powershellValue = (value: string): string => {
  const parts = value.match(/[ -~]+|[^ -~]/g) ?? [];
  const written = parts.map((part) =>
    /^[ -~]/.test(part) ? `'${part.replaceAll("'", "''")}'` : `[char]${String(part.charCodeAt(0))}`,
  );
  // A string on the left makes the whole a string.
  return [...(written[0]?.startsWith("'") === true ? [] : ["''"]), ...written].join(" + ");
};

/**
 * The same in a batch file and after `for /f … do`: what one of the two would expand (% and !), or what would end
 * the quotes, is refused. Within them ^ & | < > stand for themselves.
 */
const cmd: Form = (set, unset) =>
  lines([
    ...assigned(set, (name, value) => {
      if (/[^ -~]|["%!]/.test(value)) throw unfit(name, "cmd");
      return `set "${name}=${value}"`;
    }),
    ...unset.map((name) => `set "${name}="`),
  ]);

/** Without quotes where that will do, because Docker takes quotes for part of the value. A file cannot unset. */
const dotenv: Form = (set) =>
  lines(
    assigned(set, (name, value) => {
      if (/^[\w./+=:@,-]*$/.test(value)) return `${name}=${value}`;
      if (/['\\]|[^\P{Cc}]|\$\{/u.test(value)) throw unfit(name, "a dotenv file");
      return `${name}='${value}'`;
    }),
  );

/** What is to be set, and nothing of what has to go. */
const json: Form = (set) => lines([JSON.stringify(set)]);

/** The forms by the names that `--format` knows. */
export const forms: Readonly<Record<string, Form>> = {
  bash: posix,
  zsh: posix,
  fish,
  powershell,
  cmd,
  dotenv,
  json,
};

const assigned = (set: Clear, write: (name: string, value: string) => string): readonly string[] =>
  Object.entries(set).map(([name, value]) => {
    if (value.includes("\0")) throw unfit(name, "an environment");
    return write(name, value);
  });

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

const unfit = (name: string, where: string): EvercredError =>
  new EvercredError("usage", `The value of ${name} has characters that ${where} cannot hold.`, {
    remedy: "Take another --format.",
  });
