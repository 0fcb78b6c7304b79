import type { Log, LogField } from "../core/log.ts";
import { LineFile, printable } from "./line-file.ts";

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

/** JSON lines in a file (0600) that is put aside by size: FILE.1 is the last one before it. */
export class LogFile implements Log {
  readonly #options: LogOptions;
  readonly #taps = new Set<(line: LogLine) => void>();
  readonly #lines: LineFile;
  #level: LogLevel;
  #closed = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#level = options.level;
    const { file, maxBytes = 5_000_000, keep = 3 } = options;
    this.#lines = new LineFile({ file, maxBytes, keep });
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
    this.#lines.close();
  }

  #add(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (this.#closed || logLevels.indexOf(level) > logLevels.indexOf(this.#level)) return;
    const at = new Date().toISOString();
    const head = { at, level, event };
    const line = { ...head, fields };
    this.#lines.add(jsonOf(line));
    if (this.#options.stderr === true) printOnStderr(humanLine(line));
    for (const tap of this.#taps) tap(line);
  }
}

/** A line as it stands in the file: time, level and event come first, and no field is in their place. */
export const jsonOf = ({ at, level, event, fields }: LogLine): string => {
  const head = { at, level, event };
  return JSON.stringify(Object.assign({}, head, fields, head));
};

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
