import { targetOf } from "../../core/source.ts";
import type { Environment } from "../environment-ways.ts";
import { differencesOf, waysOf } from "../environment.ts";
import { secretVariables } from "../setup-rivals.ts";
import type { Context } from "../verb.ts";
import { type Finding, ofDaemon } from "./check.ts";

/** Where this shell, and the settings of Claude Code and of editors, would work otherwise than the daemon. */
export const environmentCheck = ofDaemon({
  id: "environment",
  title: "Environment",
  run: (running, { variables, cwd }) => {
    const ways = waysOf(running);
    const shell =
      variables === undefined ? [] : [{ where: "This shell", isProject: false, variables }];
    const all = [...shell, ...running.setupFiles.environments(cwd)];
    const findings = all.flatMap((environment) =>
      differencesOf(environment, ways)
        .filter(({ variable }) => isHere(variable, environment, running))
        .map(({ variable, sentence, remedy }): Finding => ({
          id: `environment.${variable}`,
          verdict: "warning",
          sentence,
          evidence: [`${environment.where}: ${variable}`],
          remedy,
        })),
    );
    return Promise.resolve(
      findings.length > 0
        ? findings
        : [
            {
              id: "environment.same",
              verdict: "ok",
              sentence: "The daemon works by the same proxies, certificates and files.",
              evidence: all.map(({ where }) => where),
            },
          ],
    );
  },
});

/** Secrets in variables, and a profile that there is not, have a check that says what to do about them. */
const isHere = (variable: string, { variables }: Environment, { broker }: Context): boolean => {
  if (secretVariables.has(variable)) return false;
  const { AWS_PROFILE: profile = "" } = variables;
  return variable !== "AWS_PROFILE" || broker.targets.includes(targetOf("aws", profile));
};
