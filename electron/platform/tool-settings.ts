import { isDeepStrictEqual } from "node:util";
import { EvercredError } from "../core/errors.ts";
import { backupOf } from "./tool-backup.ts";
import { isBare, type Wish, withoutOurs, withWishes } from "./tool-edit.ts";
import { checkToolText, readToolFile, type ToolFile, writeToolFile } from "./tool-file.ts";
import {
  isRepeated,
  type ToolForm,
  type ToolPath,
  toolValueAt,
  withoutToolValues,
  withToolValue,
} from "./tool-form.ts";
import { keepNote, noteOf, type ToolNote } from "./tool-note.ts";
import { textHash } from "./tool-text.ts";

/** A file of a tool's settings: which one, in which form, and where it is noted what we wrote. */
export interface ToolSettingsOptions {
  readonly file: string;
  readonly form: ToolForm;
  /** `setup.json`: what we wrote, and what stood there before. */
  readonly noteFile: string;
}

/** A change that is worked out, and not made yet. */
export interface ToolChange {
  readonly file: string;
  /** The text of the file; undefined: there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** How it is written. */
  readonly form: "json" | "ini";
  /** The values that we write there, or take out. All others are their owner's, and are not shown. */
  readonly ours: readonly string[];
  /** Makes it, whole or not at all. Throws `config-invalid` where the file cannot be written, or is another one by now. */
  make(): void;
}

/** Has this stand in the file, and nothing else of ours. Throws `config-invalid` where it cannot be edited. */
export const setInTool = (
  { file, form, noteFile }: ToolSettingsOptions,
  wished: readonly Wish[],
): ToolChange => {
  const now = readToolFile(file);
  return changeOf(planSet(now, noteOf(now.place, noteFile), wished, form), wished, noteFile);
};

/** Takes out what is ours. Undefined where nothing is. Throws as `setInTool` does. */
export const undoInTool = ({
  file,
  form,
  noteFile,
}: ToolSettingsOptions): ToolChange | undefined => {
  const now = readToolFile(file);
  const note = noteOf(now.place, noteFile);
  return note && changeOf(planUndo(now, note, form), [], noteFile);
};

/**
 * Has another value stand at a path for ever, or none: also in the copy that is kept, so that no undo brings the old one
 * back. Throws as `setInTool` does.
 */
export const replaceInTool = (
  { file, form, noteFile }: ToolSettingsOptions,
  path: ToolPath,
  value: string | undefined,
): void => {
  const now = readToolFile(file);
  const replaced = (text: string): string => {
    const { mark, body } = checked({ ...now, text }, form);
    if (toolValueAt(body, path, form) === undefined) return text;
    const isSet = value !== undefined && !isRepeated(body, path, form);
    if (isSet) return mark + withToolValue(body, path, value, form);
    const bare = withoutToolValues(body, path, form);
    return mark + (value === undefined ? bare : withToolValue(bare, path, value, form));
  };
  const text = replaced(now.text ?? "");
  const backup = backupOf(now);
  const [kept, note] = [backup.text(), noteOf(now.place, noteFile)];
  if (kept !== undefined) backup.replace(replaced(kept));
  if (note !== undefined) {
    const isOriginal = kept !== undefined && textHash(kept) === note.original;
    const left = isAsLeft(now, note) ? textHash(text) : note.left;
    const original = isOriginal ? { original: textHash(replaced(kept)) } : {};
    const entries = note.entries.filter((entry) => !isDeepStrictEqual(entry.path, path));
    keepNote(now.place, { ...note, left, ...original, entries }, noteFile);
  }
  if (text !== (now.text ?? "")) writeToolFile(now, text);
};

/** What a file and what is noted of it are now, and are to be. */
interface Plan {
  readonly file: ToolFile;
  readonly note: ToolNote | undefined;
  /** Whether nothing of ours stands there so far. */
  readonly isFirst: boolean;
  /** Undefined: no file. */
  readonly nextText: string | undefined;
  readonly nextNote: ToolNote | undefined;
}

const planSet = (
  file: ToolFile,
  note: ToolNote | undefined,
  wished: readonly Wish[],
  form: ToolForm,
): Plan => {
  const { mark, body } = checked(file, form);
  // Where somebody has put another file in its place, that one is what an undo gives back.
  const known = note !== undefined && standsIn(body, note, form) ? note : undefined;
  const { text, ...ours } = withWishes(body, wished, known ?? { entries: [], made: [] }, form);
  const nextText = mark + text;
  const original = known === undefined ? textHash(file.text) : known.original;
  const nextNote = {
    file: file.place,
    left: textHash(nextText),
    ...(original === undefined ? {} : { original }),
    untouched: known === undefined || (known.untouched && isAsLeft(file, known)),
    ...ours,
  };
  const isFirst = known === undefined;
  const isNoted = ours.entries.length > 0;
  return { file, note, isFirst, nextText, nextNote: isNoted ? nextNote : undefined };
};

const standsIn = (text: string, { entries }: ToolNote, form: ToolForm): boolean =>
  entries.length === 0 ||
  entries.some(({ path, value }) => isDeepStrictEqual(toolValueAt(text, path, form), value));

const planUndo = (file: ToolFile, note: ToolNote, form: ToolForm): Plan => ({
  file,
  note,
  isFirst: false,
  nextText: undone(file, note, form),
  nextNote: undefined,
});

/** The first bytes where nobody else has changed the file since, else what is there without ours. */
const undone = (file: ToolFile, note: ToolNote, form: ToolForm): string | undefined => {
  if (file.text === undefined) return undefined;
  const wasMade = note.original === undefined;
  if (note.untouched && isAsLeft(file, note)) {
    if (wasMade) return undefined;
    const backup = backupOf(file).text();
    if (textHash(backup) === note.original) return backup;
  }
  const { mark, body } = checked(file, form);
  const rest = withoutOurs(body, note, form);
  return wasMade && isBare(rest) ? undefined : mark + rest;
};

/** A text that can be edited, without its byte order mark. */
const checked = (
  { file, text = "" }: ToolFile,
  form: ToolForm,
): { readonly mark: string; readonly body: string } => {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  checkToolText(file, body, form);
  return { mark, body };
};

const isAsLeft = ({ text }: ToolFile, { left }: ToolNote): boolean => textHash(text) === left;

const changeOf = (plan: Plan, wished: readonly Wish[], noteFile: string): ToolChange => ({
  file: plan.file.file,
  before: plan.file.text,
  after: plan.nextText,
  form: "json",
  ours: [...wished, ...(plan.note?.entries ?? [])].map(({ value }) => String(value)),
  make: () => {
    checkStill(plan, noteFile);
    make(plan, noteFile);
  },
});

/** Somebody may have taken a long time to say yes. */
const checkStill = ({ file, note }: Plan, noteFile: string): void => {
  const now = readToolFile(file.file);
  const noted = noteOf(now.place, noteFile);
  if (now.text === file.text && JSON.stringify(noted) === JSON.stringify(note)) return;
  throw new EvercredError("config-invalid", `Another program has just changed ${file.file}.`, {
    remedy: "Run it again: nothing has been changed.",
  });
};

/** A note without its edit does no harm, an edit without its note would count as somebody else's: so the note is first. */
const make = ({ file, note, isFirst, nextText, nextNote }: Plan, noteFile: string): void => {
  const backup = backupOf(file);
  const isKept = isFirst && nextNote !== undefined && backup.keep();
  try {
    keepNote(file.place, nextNote, noteFile);
    writeOrElse(file, nextText, () => keepNote(file.place, note, noteFile));
  } catch (thrown) {
    if (isKept) backup.drop();
    throw thrown;
  }
  const isOurs = note?.original !== undefined && textHash(backup.text()) === note.original;
  if (nextNote === undefined && isOurs) backup.drop();
};

const writeOrElse = (file: ToolFile, text: string | undefined, restore: () => void): void => {
  if (text === file.text) return;
  try {
    writeToolFile(file, text);
  } catch (thrown) {
    restore();
    throw thrown;
  }
};
