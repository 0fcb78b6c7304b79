import { existsSync, readFileSync, rmSync } from "node:fs";
import { replaceFile } from "./atomic-file.ts";
import { type ClaudeFile, unwritable } from "./claude-file.ts";

/** The copy of a settings file that is kept beside it: its bytes before our first edit. */
export interface ClaudeBackup {
  /** What stands in it; undefined where it is not there, or cannot be read. */
  text(): string | undefined;
  /**
   * Makes it, for its owner only. False where there is nothing to keep, or a copy of an earlier time that nobody knows
   * of: that one stays. Throws `config-invalid` where it cannot be written.
   */
  keep(): boolean;
  drop(): void;
}

export const claudeBackupOf = ({ place, text }: ClaudeFile): ClaudeBackup => {
  const backup = `${place}.evercred-backup`;
  return {
    text: () => {
      try {
        return readFileSync(backup, "utf8");
      } catch {
        return undefined;
      }
    },
    keep: () => {
      if (text === undefined || existsSync(backup)) return false;
      try {
        replaceFile(backup, text);
        return true;
      } catch (thrown) {
        throw unwritable(backup, thrown);
      }
    },
    drop: () => {
      rmSync(backup, { force: true });
    },
  };
};
