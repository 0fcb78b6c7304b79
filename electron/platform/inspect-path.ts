import { constants, type Stats } from "node:fs";
import { access, lstat, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { reasonOf } from "./atomic-file.ts";

/** What there is at a path. */
export interface PathFacts {
  readonly path: string;
  /**
   * `dangling`: a link that leads nowhere, or to itself. `hidden`: nobody may look there, or what is above it is no folder.
   * Links are followed for all else.
   */
  readonly kind: "missing" | "dangling" | "hidden" | "file" | "directory" | "socket" | "other";
  /** Permissions; undefined where there is nothing, and on Windows. */
  readonly mode: number | undefined;
  readonly isOurs: boolean;
  /** Whether it is a link itself. */
  readonly isLink: boolean;
  /** Whether we may run it. */
  readonly isExecutable: boolean;
  /** What the links lead to; undefined where there is nothing. */
  readonly real: string | undefined;
}

/** Looks at a path. Never rejects. */
export const inspectPath = async (path: string): Promise<PathFacts> => {
  const nothing = { mode: undefined, isOurs: false, isExecutable: false, real: undefined };
  const own = await found(lstat(path));
  if (typeof own === "string") return { path, kind: own, isLink: false, ...nothing };
  const isLink = own.isSymbolicLink();
  const stats = isLink ? await found(stat(path)) : own;
  if (typeof stats === "string") {
    const kind = stats === "missing" ? "dangling" : stats;
    return { path, kind, isLink, ...nothing };
  }
  return {
    path,
    kind: kindOf(stats),
    mode: process.platform === "win32" ? undefined : stats.mode & 0o7777,
    isOurs: process.platform === "win32" || stats.uid === userInfo().uid,
    isLink,
    isExecutable: stats.isFile() && (await isExecutable(path)),
    real: await realpath(path).catch(() => undefined),
  };
};

const found = (looked: Promise<Stats>): Promise<Stats | "missing" | "hidden"> =>
  looked.catch((thrown: unknown) =>
    ["ENOENT", "ELOOP"].includes(reasonOf(thrown)) ? "missing" : "hidden",
  );

const kindOf = (stats: Stats): PathFacts["kind"] => {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSocket() ? "socket" : "other";
};

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
