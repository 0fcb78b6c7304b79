import { isAbsolute, join } from "node:path";
import type { AdcFacts } from "../doctor-ports.ts";
import type { Check, Finding } from "./check.ts";
import { modeWord, pathLine, run } from "./words.ts";

const variable = "GOOGLE_APPLICATION_CREDENTIALS";

/** What of the caller's environment is looked at here. */
export const adcVariables: readonly string[] = [variable];

/** Application Default Credentials: what Google's libraries find here. */
export const adcCheck: Check = {
  id: "adc",
  title: "Google ADC",
  async run({ inspector, variables, cwd }) {
    const named = variables?.[variable] ?? "";
    if (named === "") return findingsOf(await inspector.adc(), false);
    return findingsOf(await inspector.adc(isAbsolute(named) ? named : join(cwd, named)), true);
  },
};

const findingsOf = (facts: AdcFacts, isNamed: boolean): readonly Finding[] => {
  const { path, state, fault } = facts;
  if (state === "absent" && !isNamed) {
    return [{ id: "adc.none", verdict: "ok", sentence: `There is no ${path.path}.` }];
  }
  if (state === "absent") {
    return [
      {
        id: "adc.leads-nowhere",
        verdict: "failure",
        sentence: `${variable} is set here to ${path.path}, which is not there: Google's libraries then look nowhere else.`,
        remedy: run("unset", variable),
      },
    ];
  }
  if (fault !== undefined) {
    return [{ id: "adc.broken", verdict: "failure", ...fault, evidence: [pathLine(path)] }];
  }
  return [...looseFindings(facts), ...readFindings(facts, isNamed)];
};

const looseFindings = ({ path }: AdcFacts): readonly Finding[] =>
  path.mode === undefined || (path.mode & 0o077) === 0
    ? []
    : [
        {
          id: "adc.file-open",
          verdict: "warning",
          sentence: `Others may read ${path.path} (mode ${modeWord(path.mode)}).`,
          evidence: [pathLine(path)],
          remedy: run("chmod", "600", path.path),
        },
      ];

const readFindings = (
  { path, type = "", account, quotaProject }: AdcFacts,
  isNamed: boolean,
): readonly Finding[] => {
  const evidence = [
    `${path.path}: ${type}${isNamed ? `, as ${variable} says` : ""}`,
    ...(account === undefined ? [] : [`service account ${account}`]),
    quotaProject === undefined ? "no quota project" : `quota project ${quotaProject}`,
  ];
  if (type === "service_account") {
    const sentence = "A service account's key stands in clear there.";
    return [{ id: "adc.key-file", verdict: "note", sentence, evidence }];
  }
  if (type === "authorized_user" && quotaProject === undefined) {
    return [
      {
        id: "adc.no-quota-project",
        verdict: "note",
        sentence: "It names no quota project, which some of Google's APIs want of people.",
        evidence,
        remedy: "Run: gcloud auth application-default set-quota-project PROJECT",
      },
    ];
  }
  return [{ id: "adc.fine", verdict: "ok", sentence: "It can be read.", evidence }];
};
