import type { Rule } from "../core/limits.ts";
import type { ConfigProblem } from "./ports.ts";

/** Who has set a setting: what an organisation forces, the file, what it gives as a default, Evercred itself. */
export type Setter = "policy" | "config" | "policy-default" | "built-in";

/** Something that is wrong with a policy. An `error` closes: nothing is handed out. */
export interface PolicyProblem extends ConfigProblem {
  /** Counted from 1; undefined where it is about the whole. */
  readonly column: number | undefined;
}

/** An organisation's policy, as verbs see it. */
export interface Policies {
  /** `ignored`: somebody has put it there who may not. `closed`: nobody can tell what it says. */
  readonly state: "none" | "in-force" | "ignored" | "closed";
  /** Where it stands, where there is one. */
  readonly file: string | undefined;
  readonly rule: Rule;
  /** What is wrong with it, apart from why it is closed. */
  readonly problems: readonly ConfigProblem[];
  /** What is wrong with a file that is to be one. */
  problemsOf(file: string): readonly PolicyProblem[];
  /** Whether it has set what stands at a path of the configuration, or around it, or something in it. */
  isForced(path: readonly string[]): boolean;
  /** The JSON Schema of a policy. */
  readonly schema: object;
}
