/** A value that may stand in a log line. Secrets do not fit, and would print as `[secret]`. */
export type LogField = string | number | boolean | undefined;

/** Structured lines. The event is a constant in the form `area: what happened`. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, LogField>>): void;
  info(event: string, fields?: Readonly<Record<string, LogField>>): void;
  warn(event: string, fields?: Readonly<Record<string, LogField>>): void;
  error(event: string, fields?: Readonly<Record<string, LogField>>): void;
}
