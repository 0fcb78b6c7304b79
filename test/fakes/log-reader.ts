import type { LogLevel, LogReader } from "../../electron/commands/ports.ts";

const levels: readonly string[] = ["error", "warn", "info", "debug"];

const isSoGrave = (line: string, least: LogLevel): boolean =>
  levels.indexOf((JSON.parse(line) as { level: string }).level) <= levels.indexOf(least);

/** A log in memory. */
export class FakeLogReader implements LogReader {
  readonly file = "/home/ann/.local/state/evercred/evercred.log";
  readonly lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  /** Something happens. */
  add(line: string): void {
    this.lines.push(line);
    for (const listener of this.#listeners) listener(line);
  }

  /** How many follow it just now. */
  get followers(): number {
    return this.#listeners.size;
  }

  last(count: number, level: LogLevel): readonly string[] {
    const fitting = this.lines.filter((line) => isSoGrave(line, level));
    return fitting.slice(Math.max(0, fitting.length - count));
  }

  follow(level: LogLevel, listener: (line: string) => void): () => void {
    const fitting = (line: string): void => {
      if (isSoGrave(line, level)) listener(line);
    };
    this.#listeners.add(fitting);
    return () => this.#listeners.delete(fitting);
  }
}
