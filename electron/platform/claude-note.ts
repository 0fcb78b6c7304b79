import { readFileSync } from "node:fs";
import { z } from "zod";
import { EvercredError } from "../core/errors.ts";
import { reasonOf, replaceFile } from "./atomic-file.ts";

const entrySchema = z.strictObject({
  /** `["apiKeyHelper"]`, `["env", "AWS_REGION"]`. */
  path: z.array(z.string()).min(1).max(2),
  value: z.string(),
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
  /** Whether `env` was not there before. */
  madeEnv: z.boolean(),
  entries: z.array(entrySchema),
});

const fileSchema = z.strictObject({ version: z.literal(1), claude: z.array(noteSchema) });

/** A value that we wrote into Claude Code's settings. */
export type ClaudeEntry = Readonly<z.output<typeof entrySchema>>;

/** What we wrote into one file of Claude Code's settings. */
export type ClaudeNote = Readonly<z.output<typeof noteSchema>>;

/** The notes of all files, as they stand in `setup.json`. Throws `config-invalid` where they cannot be read. */
export const readNotes = (file: string): readonly ClaudeNote[] => {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    if (reasonOf(thrown) === "ENOENT") return [];
    throw unreadable(file, thrown);
  }
  try {
    return fileSchema.parse(JSON.parse(text)).claude;
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
};

const unreadable = (file: string, cause: unknown): EvercredError =>
  new EvercredError("config-invalid", `The notes of earlier set-ups in ${file} cannot be read.`, {
    remedy: "Move that file away: what was set up before then counts as your own.",
    cause,
  });

/** Writes the notes of all files, for their owner only. Throws what the system says. */
export const writeNotes = (file: string, notes: readonly ClaudeNote[]): void => {
  replaceFile(file, `${JSON.stringify({ version: 1, claude: notes }, undefined, 2)}\n`);
};
