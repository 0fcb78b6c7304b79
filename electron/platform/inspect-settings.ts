import { readFile } from "node:fs/promises";
import { parse, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { lineAt, lineOf, nodeAt, tooDeepAt } from "./config-tree.ts";
import { inspectPath, type PathFacts } from "./inspect-path.ts";

/** What a program takes for JSON: `plain` knows neither comments nor commas before an end. */
export type JsonForm = "plain" | "with-comments";

/** A file of settings in JSON, as it is now. */
export interface SettingsFile {
  readonly path: PathFacts;
  /** `missing` and `unreadable` have no settings; `invalid` neither: `fault` says why, without quoting. */
  readonly state: "read" | "missing" | "unreadable" | "invalid";
  readonly fault: { readonly line: number; readonly sentence: string } | undefined;
  /** What it says at the top, by name; empty where nothing could be read. Holds secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The line, counted from 1, on which a value's name stands; undefined where it does not. */
  lineOf(...path: readonly string[]): number | undefined;
}

/** Longer than settings that people write, in bytes. */
const limitBytes = 8_000_000;

/** Reads a file of settings as the program does that it belongs to. Never rejects. */
export const inspectSettings = async (file: string, form: JsonForm): Promise<SettingsFile> => {
  const nothing = { fault: undefined, settings: {}, lineOf: () => undefined };
  const path = await inspectPath(file);
  if (path.kind === "missing") return { ...nothing, path, state: "missing" };
  const text = path.kind === "file" ? await textOf(file) : undefined;
  if (text === undefined) return { ...nothing, path, state: "unreadable" };
  const fault = faultOf(text, form);
  if (fault !== undefined) return { ...nothing, path, state: "invalid", fault };
  const root = parseTree(text, [], lenient);
  return {
    path,
    state: "read",
    fault: undefined,
    settings: (parse(text, [], lenient) ?? {}) as Readonly<Record<string, unknown>>,
    lineOf: (...names) =>
      nodeAt(root, names) === undefined ? undefined : lineAt(text, root, names),
  };
};

const lenient = { allowTrailingComma: true, allowEmptyContent: true };

const textOf = async (file: string): Promise<string | undefined> => {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined || bytes.length > limitBytes) return undefined;
  return bytes.toString().replace(/^\ufeff/, "");
};

const faultOf = (text: string, form: JsonForm): SettingsFile["fault"] => {
  const deepAt = tooDeepAt(text);
  if (deepAt !== undefined) {
    return { line: lineOf(text, deepAt), sentence: "it is nested too deeply" };
  }
  const errors: ParseError[] = [];
  const isPlain = form === "plain";
  const options = isPlain
    ? { disallowComments: true, allowTrailingComma: false, allowEmptyContent: true }
    : lenient;
  const root = parseTree(text, errors, options);
  const [error] = errors;
  if (error !== undefined) {
    const what = printParseErrorCode(error.error);
    const sentence =
      what === "InvalidCommentToken" ? "comments are not taken there" : "it is not valid JSON";
    return { line: lineOf(text, error.offset), sentence };
  }
  return root === undefined || root.type === "object"
    ? undefined
    : { line: 1, sentence: "it holds no JSON object" };
};
