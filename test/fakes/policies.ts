import type { Policies, PolicyProblem } from "../../electron/commands/policy-ports.ts";
import type { ConfigProblem } from "../../electron/commands/ports.ts";
import { noRule, type Rule } from "../../electron/core/limits.ts";

/** A policy as a test has it. */
export class FakePolicies implements Policies {
  state: Policies["state"] = "none";
  file: string | undefined;
  rule: Rule = noRule;
  problems: readonly ConfigProblem[] = [];
  /** The settings that it forces, with dots. */
  readonly forced = new Set<string>();
  /** What is wrong with files that are to be one. */
  readonly files = new Map<string, readonly PolicyProblem[]>();
  readonly schema = { type: "object", properties: { organization: { type: "string" } } };

  problemsOf(file: string): readonly PolicyProblem[] {
    return this.files.get(file) ?? [];
  }

  isForced(path: readonly string[]): boolean {
    return this.forced.has(path.join("."));
  }
}
