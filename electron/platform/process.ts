/** A process as it was at one moment. */
export interface Process {
  readonly pid: number;
  /** The number of what started it, or has adopted it; 0: none that we see. */
  readonly parent: number;
  /** When it started, by a clock of the system's own: none starts before its parent. */
  readonly startedAt: number;
  /** Differs from the one of whatever else ever has this number, or is run in its place. */
  readonly stamp: string;
  /** The path of the file that it runs. What stands there now may be another one, or nothing. */
  readonly path: string;
  /** By what name that very file can be opened. */
  readonly file: string;
  /** Its command line, which it can rewrite; empty where it is not told. */
  words(): readonly string[];
  /** Whether its standard input is a device, as a terminal and `/dev/null` are; a pipe, a socket and a file are none. */
  isTyped(): boolean;
  /**
   * The real path of what a word of its command line names: a file or a folder. Undefined where there is none, where it
   * sees another one there than we do, and for a relative word: it may be in another folder by now than it was.
   */
  resolve(word: string): string | undefined;
}

/** The processes of this machine. */
export interface Processes {
  /** Undefined where there is none of this number, and where the system keeps it from us: another user's. */
  look(pid: number): Process | undefined;
}
