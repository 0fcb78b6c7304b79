import { EvercredError } from "../core/errors.ts";

/** A program and its arguments as one line for the shell that Claude Code runs helpers with. */
export type CommandLine = (words: readonly string[]) => string;

/** For /bin/sh: every word arrives as it is. */
const sh: CommandLine = (words) =>
  words
    .map((word) =>
      /^[\w@+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
    )
    .join(" ");

/**
 * For cmd.exe. Within quotes ^ & | < > stand for themselves there; what is expanded even so, what would end the quotes
 * and a backslash before their end are refused with `usage`.
 */
const cmd: CommandLine = (words) =>
  words
    .map((word) => {
      if (/^[\w@+:./\\-]+$/.test(word)) return word;
      if (!/["%!\r\n]|\\$/.test(word)) return `"${word}"`;
      throw new EvercredError("usage", `No helper on Windows can be given "${word}".`, {
        remedy: "Give it another name, of letters, digits, dots and dashes.",
      });
    })
    .join(" ");

/** How helpers are written on a system. */
export const commandLineFor = (platform: NodeJS.Platform): CommandLine =>
  platform === "win32" ? cmd : sh;
