import { dirname } from "node:path";
import { commandLineFor } from "../setup-command.ts";
import type { PathFacts } from "../doctor-ports.ts";

/** A command as a remedy: whoever types it as it stands has done what is to be done. */
export const run = (...words: readonly string[]): string =>
  `Run: ${commandLineFor(process.platform)(words)}`;

/** Permissions as people write them: `0755`. */
export const modeWord = (mode: number): string => `0${mode.toString(8).padStart(3, "0")}`;

/** A path with what there is at it, as evidence. */
export const pathLine = ({ path, kind, mode, isOurs }: PathFacts): string => {
  const parts: string[] = [kind];
  if (mode !== undefined) parts.push(`mode ${modeWord(mode)}`, isOurs ? "yours" : "another user's");
  return `${path}: ${parts.join(", ")}`;
};

/** What is said of a link to nothing, or to itself. */
export const leadsNowhere = ({ path }: PathFacts): { sentence: string; remedy: string } => ({
  sentence: `${path} is a link that leads nowhere.`,
  remedy: "Put there what it leads to, or remove the link.",
});

/** What is said of a path at which nobody may look. */
export const isHidden = ({ path }: PathFacts): { sentence: string; remedy: string } => ({
  sentence: `Nobody may look at ${path}: what is above it is closed, or no folder.`,
  remedy: `Make ${dirname(path)} a folder that you may enter.`,
});

/** A size in a unit that people use. */
export const sizeWord = (bytes: number): string => {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
};

/**
 * The words of a command line for /bin/sh, quotes taken off; undefined where the shell would do more with it than run
 * one program.
 */
export const shellWords = (line: string): readonly string[] | undefined => {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== "") {
    const match = /^(?:[^\s'"\\$`|&;<>()*?[\]#!]|'[^']*'|"[^"\\$`]*"|\\[^\n])+/.exec(rest);
    if (match === null) return undefined;
    words.push(unquoted(match[0]));
    const after = rest.slice(match[0].length);
    rest = after.trimStart();
    if (rest === after && rest !== "") return undefined;
  }
  return words;
};

const unquoted = (word: string): string =>
  word.replaceAll(
    /'([^']*)'|"([^"]*)"|\\(.)/g,
    (_all, single?: string, double?: string, escaped?: string) => single ?? double ?? escaped ?? "",
  );
