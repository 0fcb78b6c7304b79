import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { claudeBackupOf } from "./claude-backup.ts";
import { type ClaudeWishes, envIn, isBare, withoutOurs, withWishes } from "./claude-edit.ts";
import {
  checkClaudeText,
  type ClaudeFile,
  readClaudeFile,
  unwritable,
  writeClaudeFile,
} from "./claude-file.ts";
import { type ClaudeNote, readNotes, writeNotes } from "./claude-note.ts";

export interface ClaudeSettingsOptions {
  readonly home: string;
  /** `CLAUDE_CONFIG_DIR` of the daemon: where Claude Code has its own files; undefined or empty: `~/.claude`. */
  readonly configDir: string | undefined;
  /** `setup.json`: what we wrote, and what stood there before. */
  readonly noteFile: string;
}

/** Whose settings: those of all projects, or those of one, shared or for its user only. */
type Scope = "user" | "project" | "local";

/** A change that is worked out, and not made yet. */
export interface ClaudeChange {
  readonly file: string;
  /** The text of the file; undefined: there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The variables that stand under `env` after it. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes it, whole or not at all. Throws `config-invalid` where the file cannot be written, or is another one by now. */
  make(): void;
}

/** Claude Code's settings files. What is not ours in them stays as it is, and can be had back. */
export interface ClaudeSettings {
  /** Has this stand in a file, and nothing else of ours. Throws `config-invalid` where it cannot be edited. */
  set(scope: Scope, cwd: string, wishes: ClaudeWishes): ClaudeChange;
  /** Takes out what is ours. Undefined where nothing is. Throws as `set` does. */
  undo(scope: Scope, cwd: string): ClaudeChange | undefined;
}

export const openClaudeSettings = (options: ClaudeSettingsOptions): ClaudeSettings => {
  const { noteFile } = options;
  return {
    set: (scope, cwd, wishes) => {
      const file = readClaudeFile(fileOf(scope, cwd, options));
      return changeOf(planSet(file, noteOf(file, noteFile), wishes), noteFile);
    },
    undo: (scope, cwd) => {
      const file = readClaudeFile(fileOf(scope, cwd, options));
      const note = noteOf(file, noteFile);
      return note && changeOf(planUndo(file, note), noteFile);
    },
  };
};

const fileOf = (scope: Scope, cwd: string, { home, configDir }: ClaudeSettingsOptions): string => {
  const own = configDir === undefined || configDir === "" ? ".claude" : configDir;
  switch (scope) {
    case "user":
      return join(resolve(home, own), "settings.json");
    case "project":
      return join(cwd, ".claude", "settings.json");
    case "local":
      return join(cwd, ".claude", "settings.local.json");
  }
};

/** What a file and what is noted of it are now, and are to be. */
interface Plan {
  readonly file: ClaudeFile;
  readonly note: ClaudeNote | undefined;
  /** Undefined: no file. */
  readonly nextText: string | undefined;
  readonly nextNote: ClaudeNote | undefined;
}

const planSet = (file: ClaudeFile, note: ClaudeNote | undefined, wishes: ClaudeWishes): Plan => {
  const { mark, body } = checked(file);
  const { text, ...ours } = withWishes(body, wishes, note ?? { entries: [], madeEnv: false });
  const nextText = mark + text;
  const original = note === undefined ? hashOf(file.text) : note.original;
  const nextNote = {
    file: file.place,
    left: hashOf(nextText),
    ...(original === undefined ? {} : { original }),
    untouched: note === undefined || (note.untouched && isAsLeft(file, note)),
    ...ours,
  };
  return { file, note, nextText, nextNote: ours.entries.length === 0 ? undefined : nextNote };
};

const planUndo = (file: ClaudeFile, note: ClaudeNote): Plan => ({
  file,
  note,
  nextText: undone(file, note),
  nextNote: undefined,
});

/** The first bytes where nobody else has changed the file since, else what is there without ours. */
const undone = (file: ClaudeFile, note: ClaudeNote): string | undefined => {
  if (file.text === undefined) return undefined;
  const wasMade = note.original === undefined;
  if (note.untouched && isAsLeft(file, note)) {
    if (wasMade) return undefined;
    const backup = claudeBackupOf(file).text();
    if (hashOf(backup) === note.original) return backup;
  }
  const { mark, body } = checked(file);
  const rest = withoutOurs(body, note);
  return wasMade && isBare(rest) ? undefined : mark + rest;
};

/** A text that can be edited, without its byte order mark. */
const checked = ({
  file,
  text = "",
}: ClaudeFile): { readonly mark: string; readonly body: string } => {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  checkClaudeText(file, body);
  return { mark, body };
};

const isAsLeft = ({ text }: ClaudeFile, { left }: ClaudeNote): boolean => hashOf(text) === left;

const hashOf = <Text extends string | undefined>(text: Text): Text =>
  (text === undefined ? undefined : createHash("sha256").update(text).digest("hex")) as Text;

const changeOf = (plan: Plan, noteFile: string): ClaudeChange => ({
  file: plan.file.file,
  before: plan.file.text,
  after: plan.nextText,
  env: envIn(plan.nextText ?? ""),
  make: () => {
    checkStill(plan, noteFile);
    make(plan, noteFile);
  },
});

/** Somebody may have taken a long time to say yes. */
const checkStill = ({ file, note }: Plan, noteFile: string): void => {
  const now = readClaudeFile(file.file);
  const noted = noteOf(now, noteFile);
  if (now.text === file.text && JSON.stringify(noted) === JSON.stringify(note)) return;
  throw new EvercredError("config-invalid", `Another program has just changed ${file.file}.`, {
    remedy: "Run it again: nothing has been changed.",
  });
};

/** A note without its edit does no harm, an edit without its note would count as somebody else's: so the note is first. */
const make = ({ file, note, nextText, nextNote }: Plan, noteFile: string): void => {
  const backup = claudeBackupOf(file);
  const isKept = note === undefined && nextNote !== undefined && backup.keep();
  try {
    keepNote(file, nextNote, noteFile);
    writeOrElse(file, nextText, () => keepNote(file, note, noteFile));
  } catch (thrown) {
    if (isKept) backup.drop();
    throw thrown;
  }
  const isOurs = note?.original !== undefined && hashOf(backup.text()) === note.original;
  if (nextNote === undefined && isOurs) backup.drop();
};

const writeOrElse = (file: ClaudeFile, text: string | undefined, restore: () => void): void => {
  if (text === file.text) return;
  try {
    writeClaudeFile(file, text);
  } catch (thrown) {
    restore();
    throw thrown;
  }
};

const noteOf = ({ place }: ClaudeFile, noteFile: string): ClaudeNote | undefined =>
  readNotes(noteFile).find(({ file }) => file === place);

const keepNote = ({ place }: ClaudeFile, note: ClaudeNote | undefined, noteFile: string): void => {
  const all = readNotes(noteFile);
  const others = all.filter(({ file }) => file !== place);
  if (note === undefined && others.length === all.length) return;
  try {
    writeNotes(noteFile, note === undefined ? others : [...others, note]);
  } catch (thrown) {
    throw unwritable(noteFile, thrown);
  }
};
