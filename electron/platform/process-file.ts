import { realpathSync, statSync, type Stats } from "node:fs";

/** What the attempt gives; undefined where it throws. */
export const tried = <T>(attempt: () => T): T | undefined => {
  try {
    return attempt();
  } catch {
    return undefined;
  }
};

/** What stands at a path; undefined where nothing does, or nobody tells. */
export const fileAt = (path: string): Stats | undefined => tried(() => statSync(path));

/** Whether two paths lead to one file. */
export const sameFile = (path: string, other: string): boolean => {
  const [one, two] = [fileAt(path), fileAt(other)];
  return one !== undefined && one.dev === two?.dev && one.ino === two.ino;
};

/** The real path of a file or a folder. Undefined for others, and where it leads is each process's own: `/dev/fd/3`. */
export const realPlace = (path: string): string | undefined => {
  const real = /^\/(?:dev|proc)\//u.test(path) ? undefined : tried(() => realpathSync(path));
  if (real === undefined) return undefined;
  const stats = fileAt(real);
  return stats?.isFile() === true || stats?.isDirectory() === true ? real : undefined;
};

/** Whether a file is the system's: root's, which no other user and no group may write or replace. */
export const isSystemFile = (file: string, folder: string): boolean => {
  const isRoots = (stats: Stats | undefined): boolean =>
    stats?.uid === 0 && (stats.mode & 0o022) === 0;
  return isRoots(fileAt(file)) && isRoots(fileAt(folder));
};
