import { fileTrouble } from "../../protocol/troubles.ts";
import type { Context } from "../verb.ts";
import { type Check, type Finding, ofDaemon, type Patient } from "./check.ts";

/** Evercred's own configuration. */
export const configCheck: Check = {
  id: "config",
  title: "Configuration",
  run: ({ configFile, configReader }) => {
    const problems = configReader.problemsOf(configFile);
    const findings = problems.map(({ severity, line, sentence, remedy }): Finding => ({
      id: severity === "error" ? "config.broken" : "config.doubtful",
      verdict: severity === "error" ? "failure" : "warning",
      sentence,
      evidence: [line === undefined ? configFile : `${configFile} line ${line}`],
      remedy,
    }));
    return Promise.resolve(
      findings.length > 0
        ? findings
        : [{ id: "config.fine", verdict: "ok", sentence: `${configFile} says nothing wrong.` }],
    );
  },
};

/** What has checks of its own, by code. */
const elsewhere = new Set(["keychain-memory", "clock-wrong"]);

/** What cannot be used in other files that are read, and of the doors. */
export const problemsCheck = ofDaemon({
  id: "problems",
  title: "Problems",
  run: (running, patient) => {
    const own = new Set([
      ...configSentences(patient),
      ...policySentences(running),
      ...networkSentences(patient),
    ]);
    const findings = running
      .view()
      .problems.flatMap(({ code, sentence, remedy }): Finding[] =>
        elsewhere.has(code) || own.has(sentence)
          ? []
          : [{ id: `problems.${code}`, verdict: "warning", sentence, remedy }],
      );
    return Promise.resolve(
      findings.length > 0
        ? findings
        : [
            {
              id: "problems.none",
              verdict: "ok",
              sentence: "All else that is read can be used as it stands.",
            },
          ],
    );
  },
});

const networkSentences = ({ inspector }: Patient): readonly string[] =>
  inspector.networkProblems().map(({ sentence }) => sentence);

/** How what the policy's check tells is told elsewhere. */
const policySentences = ({ policy }: Context): readonly string[] => [
  ...policy.problems.map((problem) => fileTrouble({ ...problem, file: policy.file }).sentence),
  ...(policy.rule.closed === undefined ? [] : [policy.rule.closed.message]),
];

/** How the configuration's own problems are told elsewhere. */
const configSentences = ({ configFile, configReader }: Patient): readonly string[] =>
  configReader
    .problemsOf(configFile)
    .map((problem) => fileTrouble({ ...problem, file: configFile }).sentence);
