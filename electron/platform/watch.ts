import {
  type FSWatcher,
  lstatSync,
  readdirSync,
  type Stats,
  realpathSync,
  statSync,
  watch,
} from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf } from "./atomic-file.ts";

export interface WatchOptions {
  /** How long nothing may happen before a change is told, in milliseconds; undefined: 100. At most ten times that. */
  readonly debounceMs?: number;
}

/** Files and folders that are being watched. */
export interface Watch {
  /** Looks for itself, where the system may have told nothing: network folders, after sleep. */
  check(): void;
  close(): void;
}

/**
 * Calls `onChange` after each change of one of these files or folders (not of what lies in folders of those).
 * They need not exist, nor need their folders. Does not keep the process alive.
 */
export const watchPaths = (
  paths: readonly string[],
  onChange: () => void,
  { debounceMs = 100 }: WatchOptions = {},
): Watch => new PathWatch(paths, onChange, debounceMs);

/** Watches files whose names change over time. */
export class Watches implements Watch {
  readonly #onChange: () => void;
  #paths: readonly string[] = [];
  #watch: Watch | undefined;

  /** `onChange` as for `watchPaths`. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** From now on these are watched, and no others. */
  use(paths: readonly string[]): void {
    const isSame =
      paths.length === this.#paths.length && paths.every((p) => this.#paths.includes(p));
    if (isSame) return;
    this.#watch?.close();
    this.#paths = paths;
    this.#watch = watchPaths(paths, this.#onChange);
  }

  check(): void {
    this.#watch?.check();
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }
}

interface Watched {
  readonly inode: number;
  readonly watcher: FSWatcher;
}

class PathWatch implements Watch {
  readonly #paths: readonly string[];
  readonly #onChange: () => void;
  readonly #debounceMs: number;
  readonly #folders = new Map<string, Watched>();
  #print: string;
  #timer: NodeJS.Timeout | undefined;
  #firstAt = 0;
  #closed = false;

  constructor(paths: readonly string[], onChange: () => void, debounceMs: number) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#debounceMs = debounceMs;
    this.#settle();
    this.#print = this.#fingerprint();
  }

  check(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle();
    const print = this.#fingerprint();
    if (print === this.#print) return;
    this.#print = print;
    this.#onChange();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const folder of [...this.#folders.keys()]) this.#drop(folder);
  }

  #soon(): void {
    if (this.#closed) return;
    const now = performance.now();
    if (this.#timer === undefined) this.#firstAt = now;
    else clearTimeout(this.#timer);
    const leftMs = this.#firstAt + 10 * this.#debounceMs - now;
    const waitMs = Math.max(0, Math.min(this.#debounceMs, leftMs));
    this.#timer = setTimeout(() => this.check(), waitMs).unref();
  }

  /** Watches the folders that count now. One may appear meanwhile: again, until nothing is new. */
  #settle(): void {
    for (let changed = true; changed;) {
      changed = false;
      const wanted = new Map(this.#paths.flatMap(foldersFor));
      for (const [folder, { inode }] of this.#folders) {
        if (wanted.get(folder) !== inode) this.#drop(folder);
      }
      for (const [folder, inode] of wanted) {
        if (!this.#folders.has(folder)) changed = this.#add(folder, inode) || changed;
      }
    }
  }

  #add(folder: string, inode: number): boolean {
    try {
      const watcher = watch(folder, { persistent: false });
      watcher.on("change", () => this.#soon());
      watcher.on("error", () => {
        this.#drop(folder);
        this.#soon();
      });
      this.#folders.set(folder, { inode, watcher });
      return true;
    } catch {
      // It is gone again, or the system has no watch left: `check` still finds the change.
      return false;
    }
  }

  #drop(folder: string): void {
    this.#folders.get(folder)?.watcher.close();
    this.#folders.delete(folder);
  }

  #fingerprint(): string {
    return JSON.stringify(this.#paths.map(printOf));
  }
}

/** The folders, with their inodes, in which something happens when this path changes. */
const foldersFor = (path: string): readonly (readonly [string, number])[] => {
  const folders = [existingAbove(path)];
  const stat = statOf(path);
  if (stat?.isDirectory() === true) folders.push(path);
  if (stat !== undefined) {
    try {
      // Where the path is a link, its target changes elsewhere.
      folders.push(dirname(realpathSync(path)));
    } catch {
      // It is gone again.
    }
  }
  return folders.flatMap((folder) => {
    const inode = statOf(folder)?.ino;
    return inode === undefined ? [] : [[folder, inode] as const];
  });
};

const existingAbove = (path: string): string => {
  const folder = dirname(path);
  return folder === path || statOf(folder)?.isDirectory() === true ? folder : existingAbove(folder);
};

/** Undefined for what cannot be looked at, for whatever reason: one day it can. */
const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};

const printOf = (path: string): unknown => {
  const stat = statOf(path);
  if (stat === undefined) return whyAbsent(path);
  if (!stat.isDirectory()) return partsOf(stat);
  try {
    return readdirSync(path)
      .sort()
      .map((name) => [name, partsOf(statOf(join(path, name)))]);
  } catch {
    return "unreadable";
  }
};

/** A folder above that nobody may enter, or that is a file, hides what is there: its reader says so. */
const whyAbsent = (path: string): string => {
  try {
    return lstatSync(path).isSymbolicLink() ? "leads nowhere" : "unreadable";
  } catch (thrown) {
    return reasonOf(thrown);
  }
};

const partsOf = (stat: Stats | undefined): unknown =>
  stat === undefined ? "absent" : [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs, stat.mode];
