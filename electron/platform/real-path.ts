import { realpathSync } from "node:fs";

/** The path of a file with all links resolved; undefined where there is no such file. */
export const realPath = (path: string): string | undefined => {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
};
