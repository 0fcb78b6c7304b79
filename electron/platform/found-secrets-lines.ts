import { readFileSync, statSync } from "node:fs";
import { EvercredError } from "../core/errors.ts";
import { type FoundSecret, movable } from "./found-secret.ts";
import { isProxyVariable, passwordIn } from "./found-secrets-proxy.ts";
import { type Assignment, assignmentsIn, noteLine } from "./shell-assignment.ts";
import { standAlone } from "./shell-lines.ts";
import type { ProfileFile } from "./shell-profiles.ts";
import { backupOf } from "./tool-backup.ts";
import { limitBytes, readToolFile, writeToolFile } from "./tool-file.ts";

/** A text that could be read, and whether it is ours to edit. */
export interface FoundText {
  readonly text: string;
  readonly isOurs: boolean;
}

/** What stands in a file; undefined where there is none, or it cannot be read. */
export const foundText = (file: string): FoundText | undefined => {
  try {
    const { text } = readToolFile(file);
    return text === undefined ? undefined : { text, isOurs: true };
  } catch {
    return notOurs(file);
  }
};

const notOurs = (file: string): FoundText | undefined => {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > limitBytes) return undefined;
    return { text: readFileSync(file, "utf8"), isOurs: false };
  } catch {
    return undefined;
  }
};

/** The secrets that a shell's file sets: variables of these names, and proxies with a password. */
export const secretsInProfile = (
  { file, grammar }: ProfileFile,
  secretNames: ReadonlySet<string>,
): readonly FoundSecret[] => {
  const found = foundText(file);
  if (found === undefined) return [];
  const lines = linesOf(found.text);
  const alone = standAlone(lines, grammar);
  return lines.flatMap((line, index) =>
    assignmentsIn(line, grammar).flatMap((assignment) => {
      const isMovable = found.isOurs && alone[index] === true;
      const place: Place = { file, grammar, index, line, isMovable, profile: undefined };
      return secretOf(assignment, place, secretNames) ?? [];
    }),
  );
};

/** The names under which the AWS tools keep keys in their own files. */
const awsNames = new Set(["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]);

/** The keys that stand in a file of the AWS tools for these profiles. */
export const secretsForProfiles = (
  file: string,
  profiles: readonly string[],
): readonly FoundSecret[] => {
  const found = foundText(file);
  if (found === undefined) return [];
  const lines = linesOf(found.text);
  return profilesOf(lines).flatMap((profile, index) => {
    if (profile === undefined || !profiles.includes(profile)) return [];
    const line = lines[index] ?? "";
    const place: Place = { file, grammar: "aws", index, line, isMovable: found.isOurs, profile };
    const [assignment] = assignmentsIn(line, "aws");
    return (assignment && secretOf(assignment, place, awsNames)) ?? [];
  });
};

/** In whose section each line of a file of the AWS tools stands. */
const profilesOf = (lines: readonly string[]): readonly (string | undefined)[] => {
  let profile: string | undefined;
  return lines.map((line) => {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim();
    profile = header?.replace(/^profile\s+/, "") ?? profile;
    return profile;
  });
};

interface Place extends ProfileFile {
  /** Of the line, from 0. */
  readonly index: number;
  readonly line: string;
  readonly isMovable: boolean;
  /** The section of the AWS tools' own files in which it stands. */
  readonly profile: string | undefined;
}

const secretOf = (
  { name, value, isComputed }: Assignment,
  place: Place,
  secretNames: ReadonlySet<string>,
): FoundSecret | undefined => {
  const { file, profile } = place;
  const base = { file, line: place.index + 1, name, profile, isComputed };
  const isMovable = place.isMovable && value !== undefined;
  if (secretNames.has(name)) {
    if (value?.text === "") return undefined;
    if (!isMovable) return { ...base, movable: undefined };
    const take = (key: string): void => {
      const indent = /^\s*/.exec(place.line)?.[0] ?? "";
      const note = `${name} is in the keychain now: evercred api-key ${key}`;
      replaceLine(place, name, noteLine(indent, note, place.grammar));
    };
    return { ...base, movable: movable(value.text, undefined, take) };
  }
  if (!isProxyVariable(name)) return undefined;
  // What stands among other things may hold a password in clear all the same.
  if (!isMovable) {
    const isClear = /:\/\/[^/@:\s]+:(?!\$)[^/@\s]+@/.test(place.line);
    return isClear ? { ...base, isComputed: false, movable: undefined } : undefined;
  }
  const proxy = passwordIn(value.text);
  if (proxy === undefined) return undefined;
  const { from, to } = value;
  const bare = place.line.slice(0, from) + proxy.url + place.line.slice(to);
  return {
    ...base,
    movable: movable(proxy.password, { url: proxy.url, user: proxy.user }, () => {
      replaceLine(place, name, bare);
    }),
  };
};

/** Lines without their ends. */
const linesOf = (text: string): readonly string[] =>
  text.split("\n").map((line) => line.replace(/\r$/, ""));

/** Also in the copy that a set-up keeps, as the same variable stands there: so no undo brings the secret back. */
const replaceLine = (place: Place, name: string, next: string): void => {
  const { file, index, line } = place;
  const now = readToolFile(file);
  const lines = (now.text ?? "").split("\n");
  const end = lines[index]?.endsWith("\r") === true ? "\r" : "";
  if (lines[index] !== line + end) {
    throw new EvercredError("config-invalid", `Another program has just changed ${file}.`, {
      remedy: "Run it again: nothing has been changed.",
    });
  }
  lines[index] = next + end;
  const backup = backupOf(now);
  const kept = backup.text();
  if (kept !== undefined) backup.replace(replacedIn(kept, place, name, next));
  writeToolFile(now, lines.join("\n"));
};

const replacedIn = (text: string, place: Place, name: string, next: string): string => {
  const { line, grammar, profile } = place;
  const lines = linesOf(text);
  const profiles = grammar === "aws" ? profilesOf(lines) : [];
  const isIt = (each: string, index: number): boolean =>
    each === line ||
    (profiles[index] === profile && assignmentsIn(each, grammar).some((one) => one.name === name));
  const ends = text.split("\n").map((each) => (each.endsWith("\r") ? "\r" : ""));
  return lines
    .map((each, index) => (isIt(each, index) ? next : each) + (ends[index] ?? ""))
    .join("\n");
};
