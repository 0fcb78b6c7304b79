import * as z from "zod";
import { hasCode } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Memo } from "../core/store.ts";
import type { Trouble } from "../protocol/view.ts";
import { reasonOf } from "./atomic-file.ts";
import { newerTrouble, VersionedFile } from "./versioned-file.ts";

export interface MemoOptions {
  readonly file: string;
  readonly log: Log;
}

/** The facts stand beside the version: it is a number, and they are texts. */
const documentSchema = z
  .record(z.string(), z.unknown())
  .transform((document) =>
    Object.fromEntries(
      Object.entries(document).filter(([name, value]) => name !== "version" || value !== 1),
    ),
  )
  .pipe(z.record(z.string(), z.string()));

/** How soon after a change it is written, in milliseconds: changes come several at a time. */
const soonMs = 200;

/**
 * The small facts in a JSON file (0600). A file that cannot be read is an empty one, and is logged; one that a newer
 * Evercred has saved stays as it is.
 */
export class MemoFile implements Memo {
  readonly #log: Log;
  readonly #file: VersionedFile;
  #trouble: Trouble | undefined;
  readonly #facts: Map<string, string>;
  #timer: NodeJS.Timeout | undefined;

  constructor({ file, log }: MemoOptions) {
    this.#log = log;
    this.#file = new VersionedFile(file);
    this.#facts = this.#read();
  }

  /** What is wrong with the file, for people. */
  get troubles(): readonly Trouble[] {
    return this.#trouble === undefined ? [] : [this.#trouble];
  }

  get(name: string): string | undefined {
    return this.#facts.get(name);
  }

  set(name: string, fact: string | undefined): void {
    if (this.#facts.get(name) === fact) return;
    if (fact === undefined) this.#facts.delete(name);
    else this.#facts.set(name, fact);
    this.#timer ??= setTimeout(() => this.close(), soonMs).unref();
  }

  engrave(name: string, fact: string | undefined): void {
    this.set(name, fact);
    this.close();
  }

  /** Writes what is not written yet. */
  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#trouble !== undefined) return;
    try {
      this.#file.write(Object.fromEntries(this.#facts));
    } catch (thrown) {
      this.#log.warn("memo: not written", { reason: reasonOf(thrown) });
    }
  }

  #read(): Map<string, string> {
    try {
      const document = this.#file.read();
      if (document === undefined) return new Map();
      return new Map(Object.entries(documentSchema.parse(document)));
    } catch (thrown) {
      const isNewer = hasCode(thrown, "saved-by-newer");
      this.#log.warn("memo: not read", { reason: isNewer ? "saved-by-newer" : reasonOf(thrown) });
      if (isNewer) {
        this.#trouble = newerTrouble(thrown, "What it remembers is not known until then.");
      }
      return new Map();
    }
  }
}
