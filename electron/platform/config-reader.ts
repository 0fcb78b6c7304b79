import { homedir } from "node:os";
import type { ConfigFile } from "./config.ts";
import { readConfigFile } from "./config-file.ts";
import { jsonSchema } from "./config-names.ts";
import { type Setting, settingsOf } from "./config-settings.ts";
import { mend, readConfigText } from "./config-text.ts";
import type { PolicyFile } from "./policy.ts";
import { isForced, type PolicyLayers } from "./policy-layers.ts";
import type { Problem } from "./problem.ts";

/** Tells verbs of the configuration. */
export interface ConfigReader {
  /** All values in force, in the order of the schema, and those that could be in what they name. */
  settings(): readonly Setting[];
  /** Whether the policy keeps people from setting what stands at a path. */
  isLocked(path: readonly string[]): boolean;
  /** What is wrong with a file as it is now. One that is not there says nothing, and that is fine. Never throws. */
  problemsOf(file: string): readonly Problem[];
  readonly schema: object;
}

/** `file` is the one that `config` reads, under that policy. */
export const openConfigReader = (
  file: string,
  config: Pick<ConfigFile, "current" | "tree" | "setterOf">,
  policy: Pick<PolicyFile, "layers">,
): ConfigReader => ({
  settings: () => settingsOf(config),
  isLocked: (path) => isForced(policy.layers, path),
  problemsOf: (other) => {
    const problems = problemsIn(other, policy.layers);
    if (other === file) return problems;
    return problems.map((problem) =>
      problem.remedy === mend ? { ...problem, remedy: "Correct it." } : problem,
    );
  },
  get schema() {
    return jsonSchema();
  },
});

const problemsIn = (file: string, policy: PolicyLayers): readonly Problem[] => {
  const read = readConfigFile(file);
  return read.kind === "text"
    ? readConfigText(read.text, { file, home: homedir(), policy }).problems
    : [read.problem];
};
