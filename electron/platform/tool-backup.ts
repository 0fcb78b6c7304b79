import { existsSync, readFileSync, rmSync } from "node:fs";
import { replaceFile } from "./atomic-file.ts";
import { type ToolFile, unwritable } from "./tool-file.ts";

/** The copy of a settings file that is kept beside it: its bytes before our first edit. */
export interface ToolBackup {
  /** What stands in it; undefined where it is not there, or cannot be read. */
  text(): string | undefined;
  /**
   * Makes it, for its owner only. False where there is nothing to keep, or a copy of an earlier time that nobody knows
   * of: that one stays. Throws `config-invalid` where it cannot be written.
   */
  keep(): boolean;
  /** Has it hold another text. Throws `config-invalid` where it cannot be written. */
  replace(text: string): void;
  drop(): void;
}

/** Where the copy of a file is. */
export const backupPathOf = ({ place }: Pick<ToolFile, "place">): string =>
  `${place}.evercred-backup`;

export const backupOf = ({ place, text, owner }: ToolFile): ToolBackup => {
  const backup = backupPathOf({ place });
  const replace = (next: string): void => {
    try {
      replaceFile(backup, next, 0o600, owner);
    } catch (thrown) {
      throw unwritable(backup, thrown);
    }
  };
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
      replace(text);
      return true;
    },
    replace,
    drop: () => {
      rmSync(backup, { force: true });
    },
  };
};
