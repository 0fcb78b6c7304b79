import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

export interface LineFileOptions {
  readonly file: string;
  /** It is put aside before it grows beyond this. */
  readonly maxBytes: number;
  /** How many files there are at most, the current one among them. */
  readonly keep: number;
}

const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Lines in a file (0600) that is put aside by size: FILE.1 is the last one before it. It never throws: a line that
 * cannot be written is not written.
 */
export class LineFile {
  readonly #options: LineFileOptions;
  #fd: number | undefined;

  constructor(options: LineFileOptions) {
    this.#options = options;
  }

  /** Adds a line of JSON, in a form that cannot steer a terminal. */
  add(json: string): void {
    const { file, maxBytes, keep } = this.#options;
    const line = `${printable(json)}\n`;
    try {
      if (this.#size() + Buffer.byteLength(line) > maxBytes) {
        this.close();
        putAside(file, keep);
        this.#size();
      }
      if (this.#fd !== undefined) writeSync(this.#fd, line);
    } catch {
      this.close();
    }
  }

  /** Lets go of the file, until the next line. */
  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      closeSync(fd);
    } catch {
      // What could not be flushed is lost; the rest goes on.
    }
  }

  /** The size of the file that is open; one that somebody has taken away is made anew. */
  #size(): number {
    const { file } = this.#options;
    if (this.#fd !== undefined && fstatSync(this.#fd).nlink === 0) this.close();
    if (this.#fd === undefined) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      this.#fd = openSync(file, flags, 0o600);
    }
    return fstatSync(this.#fd).size;
  }
}

const putAside = (file: string, keep: number): void => {
  const name = (age: number): string => (age === 0 ? file : `${file}.${age}`);
  rmSync(name(keep - 1), { force: true });
  for (let age = keep - 2; age >= 0; age--) {
    try {
      renameSync(name(age), name(age + 1));
    } catch {
      // There is none of this age yet.
    }
  }
};

/** Control characters, line separators and what turns the direction of text, which JSON leaves as they are. */
const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text in which such characters stand as JSON escapes. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return String.raw`\u${code}`;
  });
