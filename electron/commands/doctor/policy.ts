import type { Policies } from "../policy-ports.ts";
import { type Finding, ofDaemon } from "./check.ts";

/** What an organisation has set on this machine. */
export const policyCheck = ofDaemon({
  id: "policy",
  title: "Policy",
  run: ({ policy }) =>
    Promise.resolve([stateOf(policy), ...policy.problems.map(problemOf(policy))]),
});

const problemOf =
  ({ file = "the policy", state }: Policies) =>
  ({ line, sentence, remedy }: Policies["problems"][number]): Finding => ({
    id: state === "ignored" ? "policy.planted" : "policy.doubtful",
    verdict: "warning",
    sentence,
    evidence: [line === undefined ? file : `${file} line ${line}`],
    remedy,
  });

const stateOf = ({ state, file = "", rule }: Policies): Finding => {
  switch (state) {
    case "none":
      return { id: "policy.none", verdict: "ok", sentence: "No organisation has set one." };
    case "in-force": {
      const { organization = "An organisation", contact } = rule;
      const evidence = [file, ...(contact === undefined ? [] : [`help: ${contact}`])];
      const sentence = `${organization} has set one: evercred policy show`;
      return { id: "policy.in-force", verdict: "ok", sentence, evidence };
    }
    case "ignored":
      return {
        id: "policy.ignored",
        verdict: "note",
        sentence: `${file} does not count.`,
        remedy: "Run: evercred policy show",
      };
    case "closed": {
      const { closed } = rule;
      return {
        id: "policy.closed",
        verdict: "failure",
        sentence: closed?.message ?? "The policy cannot be read.",
        evidence: [file],
        remedy: closed?.remedy ?? "Ask your administrator.",
      };
    }
  }
};
