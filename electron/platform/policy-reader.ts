import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { reasonOf } from "./atomic-file.ts";
import type { ConfigFile } from "./config.ts";
import type { PolicyFile } from "./policy.ts";
import { policyJsonSchema } from "./policy-schema.ts";
import { type PolicyProblem, readPolicyText } from "./policy-text.ts";

const limitBytes = 1_000_000;

/** Tells verbs of the policy. */
export interface PolicyReader
  extends Pick<PolicyFile, "state" | "file" | "rule" | "problems">, Pick<ConfigFile, "isForced"> {
  /** What is wrong with a file that is to be a policy, wherever it is and whoever owns it. Never throws. */
  problemsOf(file: string): readonly PolicyProblem[];
  readonly schema: object;
}

/** `policy` is the one that `config` obeys. */
export const openPolicyReader = (
  policy: PolicyFile,
  config: Pick<ConfigFile, "isForced">,
): PolicyReader => ({
  get state() {
    return policy.state;
  },
  get file() {
    return policy.file;
  },
  get rule() {
    return policy.rule;
  },
  get problems() {
    return policy.problems;
  },
  problemsOf,
  isForced: (path) => config.isForced(path),
  get schema() {
    return policyJsonSchema();
  },
});

const problemsOf = (file: string): readonly PolicyProblem[] => {
  const unusable = (what: string): readonly PolicyProblem[] => [
    {
      severity: "error",
      file,
      line: undefined,
      column: undefined,
      sentence: `The policy ${what}.`,
      remedy: "Name another file.",
    },
  ];
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return unusable("is no file");
    if (stats.size > limitBytes) return unusable("is longer than a megabyte");
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
    return readPolicyText(text, file, homedir()).problems;
  } catch (thrown) {
    if (thrown instanceof TypeError) return unusable("is not UTF-8 text");
    return unusable(`cannot be read (${reasonOf(thrown)})`);
  }
};
