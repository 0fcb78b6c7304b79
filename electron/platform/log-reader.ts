import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { printable } from "./line-file.ts";
import { jsonOf, type LogFile, type LogLevel, logLevels } from "./log.ts";

/** Reads the log, also where it has been put aside. */
export interface LogReader {
  readonly file: string;
  /** The newest lines that are at least so grave, the newest one last. What cannot be read is left out. */
  last(count: number, level: LogLevel): readonly string[];
  /** Calls `listener` with each further line that is, until the returned function is called. */
  follow(level: LogLevel, listener: (line: string) => void): () => void;
}

/** `file` is the one that `log` writes: nothing is put aside while it is being read, since both are done at once. */
export const openLogReader = (file: string, log: Pick<LogFile, "tap">): LogReader => ({
  file,
  last: (count, level) => {
    const found: string[] = [];
    for (const line of newestFirst(file)) {
      if (found.length >= count) break;
      if (isSoGrave(levelOf(line), level) && isWhole(line)) found.push(line);
    }
    return found.reverse();
  },
  follow: (level, listener) =>
    log.tap((line) => {
      if (isSoGrave(line.level, level)) listener(printable(jsonOf(line)));
    }),
});

const isSoGrave = (level: LogLevel | undefined, least: LogLevel): boolean =>
  level !== undefined && logLevels.indexOf(level) <= logLevels.indexOf(least);

/** A line begins with its time and its level. */
const levelOf = (line: string): LogLevel | undefined => {
  const level = /^\{"at":"[^"]*","level":"(\w+)"/u.exec(line)?.[1];
  return logLevels.find((each) => each === level);
};

/** A full disk may have cut it. */
const isWhole = (line: string): boolean => {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};

/** The lines of a file and of those before it, FILE.1 and so on, as they are when the first line is taken. */
export function* newestFirst(file: string): Generator<string> {
  const fds: number[] = [];
  try {
    // Whoever reads in turns with others would find what is put aside meanwhile a second time.
    for (let fd = opened(file); fd !== undefined; fd = opened(`${file}.${fds.length}`)) {
      fds.push(fd);
    }
    for (const fd of fds) yield* linesOf(fd);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

const opened = (file: string): number | undefined => {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
};

const chunkBytes = 64 * 1024;

const lineEnd = 0x0a;

/** Most callers want the end of a long file: so it is read from there. */
function* linesOf(fd: number): Generator<string> {
  let rest = Buffer.alloc(0);
  for (let end = fstatSync(fd).size; end > 0;) {
    const from = Math.max(0, end - chunkBytes);
    const chunk = Buffer.alloc(end - from);
    readSync(fd, chunk, 0, chunk.length, from);
    const part = Buffer.concat([chunk, rest]);
    // What stands before the first line end may go on in the chunk before.
    const first = part.indexOf(lineEnd);
    rest = first < 0 ? part : part.subarray(0, first);
    const whole =
      first < 0
        ? []
        : part
            .subarray(first + 1)
            .toString()
            .split("\n");
    yield* whole.reverse();
    end = from;
  }
  yield rest.toString();
}
