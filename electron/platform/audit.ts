import { readFileSync, rmSync } from "node:fs";
import type { AuditLine, StoredLine } from "../core/audit.ts";
import type { AuditLines } from "../core/trail.ts";
import { replaceFile } from "./atomic-file.ts";
import { jsonOfLine, lineOfJson } from "./audit-line.ts";
import { LineFile, printable } from "./line-file.ts";
import { newestFirst } from "./log-reader.ts";

/** How much of the record is kept. */
export interface AuditLimits {
  /** Older lines go, in milliseconds. */
  readonly keep: number;
  /** All of it is no larger than this. */
  readonly maxSizeMb: number;
}

/** The current file, and the one that was put aside before it. */
const files = 2;

/** Lines are looked through for old ones so often, in milliseconds. */
const tidyMs = 60 * 60_000;

/** The record as JSON lines in a file (0600), and the ones before it as FILE.1. It never throws. */
export class AuditFile implements AuditLines {
  readonly file: string;
  readonly #listeners = new Set<(stored: StoredLine) => void>();
  #limits: AuditLimits;
  #lines: LineFile;
  #tidiedAt: number | undefined;

  constructor(file: string, limits: AuditLimits) {
    this.file = file;
    this.#limits = limits;
    this.#lines = openLines(file, limits);
  }

  write(lines: readonly AuditLine[]): void {
    for (const line of lines) {
      const text = jsonOfLine(line);
      this.#lines.add(text);
      for (const listener of this.#listeners) listener({ text: printable(text), line });
    }
  }

  /** All that there is, the newest first; only what `isWanted` by its text. What cannot be read is left out. */
  *newestFirst(isWanted: (text: string) => boolean = () => true): Generator<StoredLine> {
    for (const text of newestFirst(this.file)) {
      // To read a line takes a hundred times as long as to look at it.
      const line = isWanted(text) ? lineOfJson(text) : undefined;
      if (line !== undefined) yield { text, line };
    }
  }

  /** Calls `listener` with each further line that is written, until the returned function is called. */
  follow(listener: (stored: StoredLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps as much as this from now on. */
  apply(limits: AuditLimits): void {
    this.#limits = limits;
    this.#lines.close();
    this.#lines = openLines(this.file, limits);
    this.#tidiedAt = undefined;
  }

  /** Takes out what is too old now; where that was done within the hour, does nothing. */
  tidy(now: number): void {
    if (this.#tidiedAt !== undefined && Math.abs(now - this.#tidiedAt) < tidyMs) return;
    this.#tidiedAt = now;
    this.#lines.close();
    for (const file of [`${this.file}.1`, this.file]) dropOlder(file, now - this.#limits.keep);
  }

  close(): void {
    this.#lines.close();
  }
}

const openLines = (file: string, { maxSizeMb }: AuditLimits): LineFile =>
  new LineFile({ file, maxBytes: (maxSizeMb * 1_000_000) / files, keep: files });

/** Lines stand in the order of their times: the old ones are at the beginning. */
const dropOlder = (file: string, before: number): void => {
  try {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    const first = lines.findIndex((text) => {
      const at = lineOfJson(text)?.at;
      return at !== undefined && at >= before;
    });
    if (first === 0) return;
    if (first < 0) rmSync(file);
    else replaceFile(file, `${lines.slice(first).join("\n")}\n`);
  } catch {
    // There is none, or it cannot be changed now: it is looked at again.
  }
};
