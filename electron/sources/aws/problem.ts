/** Something in a configuration that cannot be used. Everything else goes on working. */
export interface Problem {
  /** Undefined where it stands in Evercred's own configuration. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly sentence: string;
  readonly remedy: string;
}
