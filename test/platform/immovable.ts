import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { onTestFinished } from "vitest";

/**
 * Has nobody add anything to a folder or take anything away, until the returned function is called, at the latest at the end of the test. Permissions bind no root: for that
 * one the file system itself is told (`chattr`, of Debian's e2fsprogs; ext4, btrfs and xfs know it).
 */
export const makeImmovable = (folder: string): (() => void) => {
  const isRoot = process.getuid?.() === 0;
  const set = (wanted: boolean): void => {
    if (isRoot) execFileSync("chattr", [wanted ? "+i" : "-i", folder]);
    else chmodSync(folder, wanted ? 0o500 : 0o700);
  };
  let isFixed = true;
  const free = (): void => {
    if (isFixed) set(false);
    isFixed = false;
  };
  set(true);
  onTestFinished(free);
  return free;
};
