import { homedir } from "node:os";
import type { ConfigFile } from "./config.ts";
import { readConfigFile } from "./config-file.ts";
import { jsonSchema } from "./config-names.ts";
import { type Setting, settingsOf } from "./config-settings.ts";
import { mend, readConfigText } from "./config-text.ts";
import type { Problem } from "./problem.ts";

/** Tells verbs of the configuration. */
export interface ConfigReader {
  /** All values in force, in the order of the schema, and those that could be in what they name. */
  settings(): readonly Setting[];
  /** What is wrong with a file as it is now. One that is not there says nothing, and that is fine. Never throws. */
  problemsOf(file: string): readonly Problem[];
  readonly schema: object;
}

/** `file` is the one that `config` reads. */
export const openConfigReader = (
  file: string,
  config: Pick<ConfigFile, "current" | "written">,
): ConfigReader => ({
  settings: () => settingsOf(config.current, config.written),
  problemsOf: (other) => {
    const problems = problemsIn(other);
    if (other === file) return problems;
    return problems.map((problem) =>
      problem.remedy === mend ? { ...problem, remedy: "Correct it." } : problem,
    );
  },
  schema: jsonSchema,
});

const problemsIn = (file: string): readonly Problem[] => {
  const read = readConfigFile(file);
  return read.kind === "text"
    ? readConfigText(read.text, file, homedir()).problems
    : [read.problem];
};
