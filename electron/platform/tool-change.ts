import { EvercredError } from "../core/errors.ts";
import { backupOf } from "./tool-backup.ts";
import { readToolFile, type ToolFile, writeToolFile } from "./tool-file.ts";
import type { ToolChange } from "./tool-settings.ts";

/**
 * The change of a file to another text, which is `added` to it or taken out of it; an empty one is no file. Of its values
 * `ours` may be shown. A copy of the text before the first addition is kept beside it, and goes once that text is back.
 */
export const textChange = (
  file: ToolFile,
  text: string,
  way: "added" | "taken-out",
  ours: readonly string[],
): ToolChange => {
  const backup = backupOf(file);
  const kept = backup.text();
  // What is added begins on a line of its own, and may have ended the one before it.
  const isBack = kept !== undefined && ["", "\n", "\r\n"].some((end) => text === kept + end);
  const after = isBack ? kept : text === "" ? undefined : text;
  return {
    file: file.file,
    before: file.text,
    after,
    form: "ini",
    ours,
    make: () => {
      if (readToolFile(file.file).text !== file.text) {
        const sentence = `Another program has just changed ${file.file}.`;
        throw new EvercredError("config-invalid", sentence, {
          remedy: "Run it again: nothing has been changed.",
        });
      }
      if (after === file.text) return;
      const isKept = way === "added" && !isBack && backup.keep();
      try {
        writeToolFile(file, after);
      } catch (thrown) {
        if (isKept) backup.drop();
        throw thrown;
      }
      if (isBack) backup.drop();
    },
  };
};
