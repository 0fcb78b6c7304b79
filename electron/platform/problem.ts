/** Something that a person has to mend in a file or in the environment: a sentence and one remedy. */
export interface Problem {
  /** `error`: what it stands in is not used. `warning`: everything else works. */
  readonly severity: "error" | "warning";
  /** The file it stands in, or the name of the environment variable. */
  readonly file: string;
  /** Counted from 1; undefined where it is about the whole. */
  readonly line: number | undefined;
  readonly sentence: string;
  readonly remedy: string;
}
