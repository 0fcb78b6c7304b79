import { lstatSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseTree, type ParseError } from "jsonc-parser";
import { EvercredError } from "../core/errors.ts";
import { type Owner, reasonOf, replaceFile } from "./atomic-file.ts";
import { lineOf, tooDeepAt } from "./config-tree.ts";
import { realPath } from "./real-path.ts";
import type { ToolForm } from "./tool-form.ts";

/** A file of a tool's settings, as it is now. */
export interface ToolFile {
  /** The name by which people know it. */
  readonly file: string;
  /** Where it is in truth: links are followed. */
  readonly place: string;
  /** All of it, a byte order mark too; undefined: there is no such file. */
  readonly text: string | undefined;
  /** Its permissions; undefined: there is no such file. */
  readonly mode: number | undefined;
  /** Whose it is, and stays; undefined: there is no such file. */
  readonly owner: Owner | undefined;
}

/** Longer than settings that people write, in bytes: each edit reads all of it. */
export const limitBytes = 1_000_000;

/** Reads it. Throws `config-invalid` for what cannot be read as text, or must not be written. */
export const readToolFile = (file: string): ToolFile => {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) {
      // A link is somebody's own arrangement: what it leads to is not made for them.
      if (lstatSync(file, { throwIfNoEntry: false }) === undefined) {
        // As it will be found once it is there.
        const folder = dirname(file);
        const place = join(realPath(folder) ?? folder, basename(file));
        return { file, place, text: undefined, mode: undefined, owner: undefined };
      }
      throw unfit(
        file,
        "is a link to a file that is not there",
        "Make that file, or remove the link.",
      );
    }
    if (!stats.isFile()) throw unfit(file, "is no file", "Move it away.");
    if (stats.size > limitBytes) {
      throw unfit(file, "is longer than a megabyte", "Make it shorter, or edit it yourself.");
    }
    // Whoever may do everything may replace a file that is meant to stay as it is.
    if ((stats.mode & 0o222) === 0) {
      throw unfit(file, "is read-only", "Make it writable for yourself, or choose another file.");
    }
    const text = textOf(file, readFileSync(file));
    const { mode, uid, gid } = stats;
    return { file, place: realpathSync(file), text, mode: mode & 0o777, owner: { uid, gid } };
  } catch (thrown) {
    if (thrown instanceof EvercredError) throw thrown;
    throw unfit(
      file,
      `cannot be read (${reasonOf(thrown)})`,
      "Make it readable for yourself.",
      thrown,
    );
  }
};

const textOf = (file: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unfit(file, "is not UTF-8 text", "Save it as UTF-8.", cause);
  }
};

/** Throws `config-invalid` unless a text, without its byte order mark, can be edited and all of it kept. */
export const checkToolText = (file: string, text: string, form: ToolForm): void => {
  if (tooDeepAt(text) !== undefined) throw unfit(file, "is nested too deeply", "Correct it first.");
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: true, allowEmptyContent: true };
  const root = parseTree(text, errors, options);
  const [error] = errors;
  if (error !== undefined) {
    const line = String(lineOf(text, error.offset));
    throw unfit(file, `is not valid JSON (line ${line})`, "Correct it first.");
  }
  if (root === undefined) return;
  if (root.type !== "object") throw unfit(file, "holds no JSON object", "Correct it first.");
  for (const property of root.children ?? []) {
    const [name, value] = property.children ?? [];
    const top = String(name?.value);
    if (!Object.hasOwn(form, top)) continue;
    const [type, word] = form[top] === "object" ? ["object", "object"] : ["array", "list"];
    if (value?.type !== type) {
      const article = /^[aeiou]/.test(top) ? "an" : "a";
      throw unfit(file, `has ${article} "${top}" that is no ${word}`, "Correct it first.");
    }
  }
};

/** Puts a text, or no file, in its place. Throws `config-invalid` where that cannot be; nothing is changed then. */
export const writeToolFile = (
  { file, place, mode, owner }: ToolFile,
  text: string | undefined,
): void => {
  try {
    if (text === undefined) rmSync(place, { force: true });
    else replaceFile(place, text, mode, owner);
  } catch (thrown) {
    throw unwritable(file, thrown);
  }
};

/** What is said where something beside a file, or the file, cannot be written. */
export const unwritable = (file: string, cause: unknown): EvercredError =>
  new EvercredError("config-invalid", `${file} cannot be written (${reasonOf(cause)}).`, {
    remedy: "Make it and its folder writable for yourself: nothing has been changed.",
    cause,
  });

const unfit = (file: string, what: string, remedy: string, cause?: unknown): EvercredError =>
  new EvercredError("config-invalid", `${file} ${what}: nothing has been changed.`, {
    remedy,
    cause,
  });
