import type { ConfigProblem, ConfigReader, Setting } from "../../electron/commands/ports.ts";

/** A configuration as a test has it, and files with what is wrong in them. */
export class FakeConfigReader implements ConfigReader {
  /** Told anew at each question. */
  has: () => readonly Setting[] = () => [];
  readonly problems = new Map<string, readonly ConfigProblem[]>();
  /** The names of what a policy has set. */
  readonly locked = new Set<string>();
  readonly schema = { type: "object", properties: { log: { type: "string" } } };

  settings(): readonly Setting[] {
    return this.has();
  }

  isLocked(path: readonly string[]): boolean {
    return this.locked.has(path.join("."));
  }

  problemsOf(file: string): readonly ConfigProblem[] {
    return this.problems.get(file) ?? [];
  }
}
