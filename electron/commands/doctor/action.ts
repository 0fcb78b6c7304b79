import type { RemedyView } from "../../protocol/help-view.ts";
import { shellWords } from "./words.ts";

/** What a window has to know of a finding, to offer one click for it. */
export interface Remediable {
  readonly check: string;
  readonly remedy?: string | undefined;
}

/** Verbs that change what their words say, and nothing that another program could have put there. */
const mending: readonly string[] = ["setup claude", "config set", "config unset"];

/** What one click can do about a finding; undefined where only a person can do it. `isSource` knows the ids of sources. */
export const actionOf = (
  { check, remedy }: Remediable,
  isSource: (id: string) => boolean,
): RemedyView | undefined => {
  if (remedy === undefined) return undefined;
  const command = commandIn(remedy);
  if (command === undefined) {
    const file = fileIn(remedy);
    if (file !== undefined) return { kind: "open", file };
    return check === "network" || check === "policy"
      ? { kind: "page", page: "settings" }
      : undefined;
  }
  const words = ownWords(command);
  if (words === undefined) return { kind: "copy", command };
  const verb = words.slice(0, 2).join(" ");
  if (verb === "setup claude" && !words.some(isIdentity)) return { kind: "connect" };
  const source = words[0] === "login" ? words[1] : verb === "api-key set" ? words[2] : undefined;
  if (source !== undefined && isSource(source)) return { kind: "sign-in", source };
  return mending.includes(verb) ? { kind: "mend", command } : { kind: "copy", command };
};

/** Whether it says whose credentials Claude Code is to get: else a person has to choose. */
const isIdentity = (word: string): boolean =>
  ["--profile", "--account", "--key", "--skip-auth"].includes(word);

/** The words of a command line after `evercred`; undefined where it runs something else, or more than that. */
export const ownWords = (command: string): readonly string[] | undefined => {
  const [program, ...words] = shellWords(command) ?? [];
  return program === "evercred" && words.length > 0 ? words : undefined;
};

const commandIn = (remedy: string): string | undefined =>
  /^(?:Run|To have Evercred work so): (\S.*)$/.exec(remedy)?.[1];

/** The file in which a person has to change a line: `Correct line 4 of FILE.`, `Take NAME out of FILE (line 4).` */
const fileIn = (remedy: string): string | undefined =>
  /^(?:Correct line \d+ of|Take \S+ out of) ((?:\/|[A-Za-z]:\\).+?)(?: \(line \d+\))?(?::.*|\.)$/.exec(
    remedy,
  )?.[1];
