/** Something in a configuration that cannot be used. Everything else goes on working. */
export interface Problem {
  /** Undefined where it stands in Evercred's own configuration. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly sentence: string;
  readonly remedy: string;
}

/** A line of a file. */
export interface Spot {
  readonly file: string;
  readonly line: number;
}

/** Says what cannot be used; without a spot it stands in Evercred's own configuration. */
export type Report = (at: Spot | undefined, sentence: string, remedy: string) => void;

/** What is reported, in order. What several profiles suffer from is one problem. */
export class Problems {
  readonly #found = new Map<string, Problem>();

  get list(): readonly Problem[] {
    return [...this.#found.values()];
  }

  readonly report: Report = (at, sentence, remedy) => {
    const problem = { file: at?.file, line: at?.line, sentence, remedy };
    const key = JSON.stringify([problem.file, problem.line, sentence]);
    if (!this.#found.has(key)) this.#found.set(key, problem);
  };
}
