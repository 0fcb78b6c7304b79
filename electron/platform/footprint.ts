import { statSync, type Stats } from "node:fs";
import { tried } from "./process-file.ts";

/** What was replaced a moment ago may be one file of several, in milliseconds. */
const settledMs = 2_000;

/**
 * The files that this process was started from, and whether others stand in their places now, as after an upgrade. By
 * `stat` alone.
 */
export class Footprint {
  readonly #files: readonly { readonly path: string; readonly stats: Stats | undefined }[];

  /** A path into an archive of Electron's stands for the archive. */
  constructor(paths: readonly string[]) {
    this.#files = paths.map((given) => {
      const path = given.replace(/(\.asar)[/\\].*$/u, "$1");
      return { path, stats: statOf(path) };
    });
  }

  /** Whether another installation stands there, whole. One of which a file is missing, or has just come, is not yet. */
  isReplaced(): boolean {
    const now = Date.now();
    let isOther = false;
    for (const { path, stats: before } of this.#files) {
      const stats = statOf(path);
      if (stats === undefined) return false;
      if (before !== undefined && isSame(before, stats)) continue;
      isOther = true;
      // The time of a change of the entry itself: it is set by the rename that puts a file in its place.
      if (Math.abs(now - stats.ctimeMs) < settledMs) return false;
    }
    return isOther;
  }
}

/**
 * A file system over a network or of FUSE may number a file anew each time, and a new mount has a new device. A file that
 * was put in another's place has a time of change of its own, which nobody can set.
 */
const isSame = (a: Stats, b: Stats): boolean =>
  a.size === b.size &&
  a.mtimeMs === b.mtimeMs &&
  ((a.dev === b.dev && a.ino === b.ino) || a.ctimeMs === b.ctimeMs);

/** Electron shows an archive as a folder, unless it is told not to. */
const statOf = (path: string): Stats | undefined => {
  const before = process.noAsar;
  process.noAsar = true;
  try {
    return tried(() => statSync(path));
  } finally {
    process.noAsar = before;
  }
};
