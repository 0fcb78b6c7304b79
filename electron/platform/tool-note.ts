import * as z from "zod";
import { EvercredError, hasCode } from "../core/errors.ts";
import { unwritable } from "./tool-file.ts";
import { VersionedFile } from "./versioned-file.ts";

const entrySchema = z.strictObject({
  /** `["apiKeyHelper"]`, `["env", "AWS_REGION"]`. */
  path: z.array(z.string()).min(1).max(2),
  value: z.union([z.string(), z.boolean()]),
  /** What stood there before, as JSON; left out where nothing did. */
  before: z.string().exactOptional(),
});

const noteSchema = z.strictObject({
  /** Where the file is in truth, links followed. */
  file: z.string(),
  /** SHA-256 of the bytes that we left there last. */
  left: z.string(),
  /** SHA-256 of the bytes before our first edit; left out where there was no file. */
  original: z.string().exactOptional(),
  /** Whether nobody else had changed the file between two edits of ours. */
  untouched: z.boolean(),
  /** The settings that hold others of ours, and were not there before: `env`. */
  made: z.array(z.string()),
  entries: z.array(entrySchema),
});

const fileSchema = z.strictObject({ version: z.literal(1), files: z.array(noteSchema) });

/** A value that we wrote into a tool's settings. */
export type ToolEntry = Readonly<z.output<typeof entrySchema>>;

/** What we wrote into one file of a tool's settings. */
export type ToolNote = Readonly<z.output<typeof noteSchema>>;

/**
 * What is noted of a file, by its true place, in `setup.json`. Throws `config-invalid` where that cannot be read,
 * `saved-by-newer` where a newer Evercred has saved it.
 */
export const noteOf = (place: string, noteFile: string): ToolNote | undefined =>
  readNotes(noteFile).find(({ file }) => file === place);

/** Notes this of a file, or nothing any more. Throws as `noteOf` does, and `config-invalid` where it cannot be written. */
export const keepNote = (place: string, note: ToolNote | undefined, noteFile: string): void => {
  const all = readNotes(noteFile);
  const others = all.filter(({ file }) => file !== place);
  if (note === undefined && others.length === all.length) return;
  try {
    writeNotes(noteFile, note === undefined ? others : [...others, note]);
  } catch (thrown) {
    throw unwritable(noteFile, thrown);
  }
};

/** The notes of all files. Throws as `noteOf` does. */
export const readNotes = (file: string): readonly ToolNote[] => {
  try {
    const document = new VersionedFile(file).read();
    return document === undefined ? [] : fileSchema.parse(document).files;
  } catch (thrown) {
    throw hasCode(thrown, "saved-by-newer") ? thrown : unreadable(file, thrown);
  }
};

const unreadable = (file: string, cause: unknown): EvercredError =>
  new EvercredError("config-invalid", `The notes of earlier set-ups in ${file} cannot be read.`, {
    remedy: "Move that file away: what was set up before then counts as your own.",
    cause,
  });

/** For their owner only. */
const writeNotes = (file: string, notes: readonly ToolNote[]): void => {
  new VersionedFile(file).write({ files: notes });
};
