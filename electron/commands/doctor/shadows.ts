import { targetOf } from "../../core/source.ts";
import type { Context } from "../verb.ts";
import type { Check, Finding } from "./check.ts";
import { run } from "./words.ts";

/** Variables that programs take instead of what is handed out here, and what they mean. */
const groups: readonly {
  readonly id: string;
  readonly names: readonly string[];
  readonly says: string;
}[] = [
  {
    id: "aws-keys",
    names: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
    says: "AWS tools take the keys in them, whatever the profile says",
  },
  {
    id: "bedrock-key",
    names: ["AWS_BEARER_TOKEN_BEDROCK"],
    says: "Claude Code takes it instead of keys for Bedrock",
  },
  {
    id: "anthropic",
    names: ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY"],
    says: "Claude Code takes it instead of what apiKeyHelper prints",
  },
  {
    id: "google-token",
    names: ["GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"],
    says: "Google's tools take the token in it until it has ended",
  },
];

/** What of the caller's environment is looked at here. */
export const shadowVariables: readonly string[] = [
  ...groups.flatMap(({ names }) => names),
  "AWS_PROFILE",
];

/** Variables of the caller's that outrank Evercred. */
export const shadowsCheck: Check = {
  id: "shadows",
  title: "Variables",
  run: ({ variables, running }) => Promise.resolve(findingsOf(variables, running)),
};

const findingsOf = (
  variables: Readonly<Record<string, string>> | undefined,
  running: Context | undefined,
): readonly Finding[] => {
  if (variables === undefined) {
    return [
      {
        id: "shadows.not-told",
        verdict: "not-checked",
        sentence: "This client does not tell of its environment.",
        remedy: "Run: evercred daemon restart",
      },
    ];
  }
  const findings = groups.flatMap(({ id, names, says }): Finding[] => {
    const set = names.filter((name) => (variables[name] ?? "") !== "");
    if (set.length === 0) return [];
    return [
      {
        id: `shadows.${id}`,
        verdict: "warning",
        sentence: `${set.join(", ")} ${set.length === 1 ? "is" : "are"} set here: ${says}.`,
        remedy: run("unset", ...set),
      },
    ];
  });
  const { AWS_PROFILE: profile = "" } = variables;
  if (profile !== "" && running !== undefined && !isKnown(profile, running)) {
    findings.push({
      id: "shadows.unknown-profile",
      verdict: "warning",
      sentence: "AWS_PROFILE is set here to a profile that is not in ~/.aws.",
      remedy: run("unset", "AWS_PROFILE"),
    });
  }
  return findings.length > 0
    ? findings
    : [{ id: "shadows.none", verdict: "ok", sentence: "None here outranks Evercred." }];
};

const isKnown = (profile: string, { broker }: Context): boolean =>
  broker.targets.includes(targetOf("aws", profile));
