import { rmSync } from "node:fs";
import { EvercredError } from "../core/errors.ts";
import { claudeForm } from "./claude-settings.ts";
import { devcontainerForm } from "./devcontainer-settings.ts";
import { backupOf, backupPathOf } from "./tool-backup.ts";
import { readToolFile } from "./tool-file.ts";
import type { ToolForm } from "./tool-form.ts";
import { keepNote, readNotes, type ToolNote } from "./tool-note.ts";
import { undoInTool } from "./tool-settings.ts";
import { textHash } from "./tool-text.ts";
import { vscodeForm } from "./vscode-settings.ts";

/** A file that a set-up has written into, whichever tool it is of. */
export interface NotedSetup {
  /** Where it is in truth. */
  readonly file: string;
  /**
   * Takes out what is ours, or the file where it is ours whole; nothing of others. Throws `config-invalid`: where it cannot
   * be edited it is as before; where a file of ours whole is another one by now it stays, and counts as its owner's.
   */
  undo(): void;
}

const forms: ToolForm = { ...claudeForm, ...vscodeForm, ...devcontainerForm };

/**
 * All set-ups that are noted in `setup.json`; files of ours whole come last, for others may name them. Throws
 * `config-invalid` where the notes cannot be read.
 */
export const notedSetups = (noteFile: string): readonly NotedSetup[] => {
  const notes = readNotes(noteFile);
  const [whole, edited] = [notes.filter(isWhole), notes.filter((note) => !isWhole(note))];
  return [
    ...edited.map((note) => ({
      file: note.file,
      undo: () => undoInTool({ file: note.file, form: formOf(note), noteFile })?.make(),
    })),
    ...whole.map((note) => ({
      file: note.file,
      undo: () => {
        undoWhole(note, noteFile);
      },
    })),
  ];
};

/** Whether we have made the file and written all of it. */
const isWhole = ({ entries, original }: ToolNote): boolean =>
  entries.length === 0 && original === undefined;

/** Only of the settings that we wrote into: all others may be whatever they are. */
const formOf = ({ entries, made }: ToolNote): ToolForm => {
  const tops = new Set([...made, ...entries.flatMap(({ path: [top] }) => top ?? [])]);
  return Object.fromEntries(Object.entries(forms).filter(([top]) => tops.has(top)));
};

const undoWhole = ({ file, left }: ToolNote, noteFile: string): void => {
  const { place, text } = readToolFile(file);
  if (text === undefined || textHash(text) === left) {
    rmSync(place, { force: true });
    keepNote(file, undefined, noteFile);
    return;
  }
  keepNote(file, undefined, noteFile);
  throw new EvercredError("config-invalid", `Somebody has changed ${file}: it stays.`, {
    remedy: "Delete it if nobody needs it.",
  });
};

/** The copy that is kept beside a file, where there is one. Never throws. */
export const keptCopyOf = (file: string): KeptCopy | undefined => {
  try {
    const now = readToolFile(file);
    const backup = backupOf(now);
    const text = backup.text();
    if (text === undefined) return undefined;
    return { path: backupPathOf(now), isSame: text === now.text, drop: () => backup.drop() };
  } catch {
    return undefined;
  }
};

/** The copy that an edit of ours has left beside a file. */
export interface KeptCopy {
  readonly path: string;
  /** Whether the file has the same text: then nothing is lost with the copy. */
  readonly isSame: boolean;
  drop(): void;
}
