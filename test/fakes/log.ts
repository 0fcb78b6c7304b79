import type { Log, LogField } from "../../electron/core/log.ts";

/** One line, as a test looks at it. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: Readonly<Record<string, LogField>>;
}

/** A log that keeps its lines. */
export class MemoryLog implements Log {
  readonly lines: LogLine[] = [];

  debug(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.lines.push({ level: "debug", event, fields });
  }

  info(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.lines.push({ level: "info", event, fields });
  }

  warn(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.lines.push({ level: "warn", event, fields });
  }

  error(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.lines.push({ level: "error", event, fields });
  }
}
