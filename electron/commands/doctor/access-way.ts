import type { ClaudeFacts } from "../doctor-ports.ts";
import type { Finding } from "./check.ts";
import { isOurs } from "./claude-helpers.ts";
import { type ClaudeProvider, providerOf } from "./claude-provider.ts";
import { isOn, placeOf, type Said, topOf, variableOf, variablesIn } from "./claude-said.ts";

/** A value that leads somewhere; `said` is undefined where it is of the caller's own environment. */
interface Lead {
  readonly value: string;
  readonly said: Said | undefined;
}

/** Where Claude Code asks for models, and as whom. */
export interface Way {
  readonly provider: Exclude<ClaudeProvider, "others">;
  /** What hands out the credential. */
  readonly helper: Said | undefined;
  readonly baseUrl: Lead | undefined;
  readonly region: Lead | undefined;
  readonly project: string | undefined;
  readonly models: readonly string[];
  /** Whether the gateway signs in by itself. */
  readonly skips: boolean;
  /** All of it that stands in the project's own files, which anybody may have written. */
  readonly ofProject: readonly Said[];
}

const modelVariables = [
  "ANTHROPIC_MODEL",
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
];

/** By provider, the variables that it goes by; of regions the first one that is set. */
const namesOf = {
  bedrock: {
    baseUrl: "ANTHROPIC_BEDROCK_BASE_URL",
    skip: "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    regions: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    project: undefined,
    helper: "awsCredentialExport",
  },
  vertex: {
    baseUrl: "ANTHROPIC_VERTEX_BASE_URL",
    skip: "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    regions: ["CLOUD_ML_REGION"],
    project: "ANTHROPIC_VERTEX_PROJECT_ID",
    helper: "gcpAuthRefresh",
  },
  gateway: {
    baseUrl: "ANTHROPIC_BASE_URL",
    skip: undefined,
    regions: [],
    project: undefined,
    helper: "apiKeyHelper",
  },
} as const;

/** What of the caller's environment is looked at here. */
export const accessVariables: readonly string[] = [
  ...modelVariables,
  "ANTHROPIC_BEDROCK_BASE_URL",
  "ANTHROPIC_VERTEX_BASE_URL",
  "ANTHROPIC_BASE_URL",
  "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
  "CLAUDE_CODE_SKIP_VERTEX_AUTH",
];

/** Undefined where the settings lead to no provider that we help with. */
export const wayOf = (
  facts: ClaudeFacts,
  variables: Readonly<Record<string, string>> | undefined,
): Way | undefined => {
  const { files } = facts;
  const provider = providerOf(facts);
  if (provider === "others") return undefined;
  const names = namesOf[provider];
  const lead = (name: string | undefined): Lead | undefined => {
    if (name === undefined) return undefined;
    const [said] = variableOf(files, name);
    const value = said?.value ?? variables?.[name];
    return value === undefined ? undefined : { value, said };
  };
  const skip = lead(names.skip);
  const skips = isOn(skip?.value);
  const [helper] = topOf(files, skips ? "apiKeyHelper" : names.helper);
  const baseUrl = lead(names.baseUrl);
  const region = names.regions.map(lead).find((each) => each !== undefined);
  const project = lead(names.project);
  const models = modelVariables.flatMap((name) => lead(name) ?? []);
  const switches = variablesIn(files)
    .filter((name) => name.startsWith("CLAUDE_CODE_USE_"))
    .map(lead);
  const all = [
    helper,
    ...[baseUrl, region, project, skip, ...models, ...switches].map((each) => each?.said),
  ];
  return {
    ...{ provider, helper, baseUrl, region, skips },
    project: project?.value,
    models: models.map(({ value }) => value),
    ofProject: all.filter((said) => said !== undefined).filter(isOfProject),
  };
};

const isOfProject = ({ file }: Said): boolean => file.scope === "project" || file.scope === "local";

/**
 * Why nothing is sent there: whoever wrote a project's settings could have the user's credential go to a place of their
 * own. Undefined where the way is the user's or the administrator's, or all of it is of a project that the user trusts.
 */
export const doubtOf = (
  { helper, baseUrl, ofProject }: Way,
  isTrusted: boolean | undefined,
): Finding | undefined => {
  if (ofProject.length > 0 && isTrusted !== true) {
    return {
      id: "access.not-trusted",
      verdict: "not-checked",
      sentence: "What the project's settings say is not followed before the folder is trusted.",
      evidence: ofProject.map(placeOf),
      remedy: "Where you trust its author, start claude in that folder, and say so.",
    };
  }
  if (helper === undefined) return undefined;
  if (!isOurs(helper)) {
    return {
      id: "access.not-ours",
      verdict: "not-checked",
      sentence: `${helper.path[0] ?? ""} is not Evercred's: what it gives is not known.`,
      evidence: [placeOf(helper)],
    };
  }
  const isMixed = baseUrl !== undefined && baseUrl.said?.file.scope !== helper.file.scope;
  if (isMixed && [helper, baseUrl.said].some((said) => said !== undefined && isOfProject(said))) {
    return {
      id: "access.two-scopes",
      verdict: "not-checked",
      sentence:
        "The address and the helper are not of the same settings: no credential is sent there.",
      evidence: [helper, ...(baseUrl.said === undefined ? [] : [baseUrl.said])].map(placeOf),
    };
  }
  return undefined;
};
