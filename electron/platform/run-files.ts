import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { reasonOf } from "./atomic-file.ts";

export interface RunFilesOptions {
  /** Holds a folder for each run. */
  readonly folder: string;
  readonly log: Log;
}

/** How long a run whose end we have not seen keeps its files, in milliseconds. */
const orphanMs = 24 * 60 * 60_000;

/** Files for programs that run: for us only, and gone after the run. */
export class RunFiles {
  readonly #options: RunFilesOptions;
  readonly #live = new Set<string>();
  #closed = false;

  constructor(options: RunFilesOptions) {
    this.#options = options;
  }

  /**
   * Writes files (0600) into a new folder (0700) and resolves to it; a name may have folders before it, with slashes.
   * They are removed when `until` is aborted, but not
   * by the end of this daemon: the run outlives it. Rejects with `internal` where they cannot be written.
   */
  async filesFor(files: Readonly<Record<string, string>>, until: AbortSignal): Promise<string> {
    until.throwIfAborted();
    const folder = join(this.#options.folder, randomBytes(12).toString("hex"));
    try {
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
      await mkdir(folder, { mode: 0o700 });
      for (const [name, text] of Object.entries(files)) {
        const path = pathIn(folder, name);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, text, { mode: 0o600, flag: "wx" });
      }
    } catch (cause) {
      await this.#remove(folder);
      throw new EvercredError("internal", "The files for the program cannot be written.", {
        remedy: `Make sure that ${this.#options.folder} is yours, and that the disk has room.`,
        cause,
      });
    }
    this.#live.add(folder);
    const end = (): void => {
      if (this.#closed) return;
      this.#live.delete(folder);
      void this.#remove(folder);
    };
    until.addEventListener("abort", end, { once: true });
    if (until.aborted) end();
    return folder;
  }

  /** Removes what runs of daemons before this one have left: that of which a day has passed. Never rejects. */
  async clean(): Promise<void> {
    const { folder } = this.#options;
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats !== undefined && Date.now() - stats.mtimeMs >= orphanMs) await this.#remove(path);
    }
  }

  /** Leaves the files of what still runs: their day begins now. To be called before runs are cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    const now = new Date();
    await Promise.allSettled([...this.#live].map((folder) => utimes(folder, now, now)));
  }

  async #remove(folder: string): Promise<void> {
    try {
      await rm(folder, { recursive: true, force: true });
    } catch (thrown) {
      this.#options.log.warn("runs: files not removed", { reason: reasonOf(thrown) });
    }
  }
}

/** Where this file goes. Throws for a name that leads out of the folder. */
const pathIn = (folder: string, name: string): string => {
  const isWithin = name.split("/").every((part) => /^\.*[^./\\:\0][^/\\:\0]*$/.test(part));
  if (!isWithin) throw new Error("a name that leads elsewhere");
  return join(folder, name);
};
