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
import type { Log, LogField } from "../core/log.ts";

/** From the fewest lines to the most. */
export const logLevels = ["error", "warn", "info", "debug"] as const;

export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  readonly file: string;
  readonly level: LogLevel;
  /** A file is put aside before it grows beyond this; undefined: 5 MB. */
  readonly maxBytes?: number;
  /** How many files there are at most, the current one among them; undefined: 3. */
  readonly keep?: number;
  /** Whether the lines are also printed for people on stderr. */
  readonly stderr?: boolean;
}

export type LogFields = Readonly<Record<string, LogField>>;

/** One line of the log, as a listener gets it. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** Opens the log. Neither this nor a line ever throws: a log that cannot be written is not written. */
export const openLog = (options: LogOptions): LogFile => new LogFile(options);

const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** JSON lines in a file (0600) that is put aside by size: FILE.1 is the last one before it. */
export class LogFile implements Log {
  readonly #options: LogOptions;
  readonly #taps = new Set<(line: LogLine) => void>();
  #level: LogLevel;
  #fd: number | undefined;
  #closed = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#level = options.level;
  }

  setLevel(level: LogLevel): void {
    this.#level = level;
  }

  /** Gives each further line to `listener`, until the returned function is called. */
  tap(listener: (line: LogLine) => void): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  debug(event: string, fields?: LogFields): void {
    this.#add("debug", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#add("info", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#add("warn", event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#add("error", event, fields);
  }

  close(): void {
    this.#closed = true;
    this.#taps.clear();
    this.#release();
  }

  #add(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (this.#closed || logLevels.indexOf(level) > logLevels.indexOf(this.#level)) return;
    const at = new Date().toISOString();
    const head = { at, level, event };
    this.#write(`${printable(JSON.stringify(Object.assign({}, head, fields, head)))}\n`);
    if (this.#options.stderr === true) printOnStderr(humanLine({ ...head, fields }));
    for (const tap of this.#taps) tap({ ...head, fields });
  }

  #write(line: string): void {
    const { file, maxBytes = 5_000_000, keep = 3 } = this.#options;
    try {
      if (this.#size() + Buffer.byteLength(line) > maxBytes) {
        this.#release();
        putAside(file, keep);
        this.#size();
      }
      if (this.#fd !== undefined) writeSync(this.#fd, line);
    } catch {
      this.#release();
    }
  }

  /** The size of the file that is open; one that somebody has taken away is made anew. */
  #size(): number {
    const { file } = this.#options;
    if (this.#fd !== undefined && fstatSync(this.#fd).nlink === 0) this.#release();
    if (this.#fd === undefined) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      this.#fd = openSync(file, flags, 0o600);
    }
    return fstatSync(this.#fd).size;
  }

  #release(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      closeSync(fd);
    } catch {
      // What could not be flushed is lost; the log goes on.
    }
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

const printable = (text: string): string =>
  text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return String.raw`\u${code}`;
  });

/** `12:00:00 info session: state source=corp`. */
const humanLine = ({ at, level, event, fields }: LogLine): string => {
  const words = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${JSON.stringify(value)}`],
  );
  return printable([at.slice(11, 19), level, event, ...words].join(" "));
};

const printOnStderr = (line: string): void => {
  try {
    process.stderr.write(`${line}\n`);
  } catch {
    // Nobody reads it.
  }
};
