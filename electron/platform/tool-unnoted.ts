import { readFileSync } from "node:fs";
import { parse } from "jsonc-parser";
import { claudeForm } from "./claude-settings.ts";
import { checkToolText, readToolFile, type ToolFile, writeToolFile } from "./tool-file.ts";
import { withoutToolValues } from "./tool-form.ts";
import type { NotedSetup } from "./tool-undo.ts";

/** A line that runs the client for Claude Code: `evercred aws export`, `'/opt/a b/evercred' api-key NAME`. */
const helper =
  /^(?:['"][^'"]*[/\\]|['"]|[^\s'"]*[/\\])?evercred(?:\.exe)?['"]? (?:aws|gcp|api-key|headers|proxy-auth)\b/;

/**
 * Where the notes of set-ups cannot be read: the helpers of ours in the settings of Claude Code, in `claudeFile` and in all
 * files that those notes name, as far as they can be made out. Of a variable nobody can tell whose it is: it stays. Never
 * throws; a file that cannot be edited is left out.
 */
export const unnotedSetups = (noteFile: string, claudeFile: string): readonly NotedSetup[] =>
  [...new Set([claudeFile, ...filesIn(noteFile)])]
    .filter((file) => helpersIn(file).length > 0)
    .map((file) => ({
      file,
      undo: () => {
        takeHelpers(file);
      },
    }));

/** A parser that goes on after what it does not understand finds what there is. */
const filesIn = (noteFile: string): readonly string[] => {
  try {
    const files = fieldOf(parse(readFileSync(noteFile, "utf8")), "files");
    return (Array.isArray(files) ? files : [])
      .map((note) => fieldOf(note, "file"))
      .filter((file) => typeof file === "string");
  } catch {
    return [];
  }
};

const helpersIn = (file: string): readonly string[] => {
  try {
    return namesOf(bodyOf(readToolFile(file)));
  } catch {
    return [];
  }
};

const takeHelpers = (file: string): void => {
  const now = readToolFile(file);
  const body = bodyOf(now);
  const mark = (now.text ?? "").slice(0, (now.text ?? "").length - body.length);
  const rest = namesOf(body).reduce((text, name) => withoutToolValues(text, [name], {}), body);
  writeToolFile(now, mark + rest);
};

/** Its text without a byte order mark, where it can be edited. */
const bodyOf = ({ file, text = "" }: ToolFile): string => {
  const body = text.replace(/^\ufeff/, "");
  checkToolText(file, body, claudeForm);
  return body;
};

/** The settings at the top that run the client. */
const namesOf = (body: string): readonly string[] =>
  Object.entries((parse(body) ?? {}) as Readonly<Record<string, unknown>>)
    .filter(([, value]) => typeof value === "string" && helper.test(value))
    .map(([name]) => name);

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
