import type { ClaudeFacts, ClaudeSettingsFile } from "../doctor-ports.ts";
import type { Finding, Patient } from "./check.ts";
import { isOurs } from "./claude-helpers.ts";
import type { SetUp } from "./claude-setup.ts";
import {
  isOn,
  placeOf,
  type Said,
  takeOut,
  topOf,
  variableOf,
  variablesIn,
} from "./claude-said.ts";

/** Where Claude Code asks for its models, by its settings. `others`: elsewhere than by Evercred's means, or nowhere yet. */
export type ClaudeProvider = "bedrock" | "vertex" | "gateway" | "others";

const switches = {
  CLAUDE_CODE_USE_BEDROCK: "bedrock",
  CLAUDE_CODE_USE_VERTEX: "vertex",
} as const;

/** What the settings lead to; of two that are switched on the one that Evercred helps. */
export const providerOf = ({ files }: Pick<ClaudeFacts, "files">): ClaudeProvider => {
  const name = switchOn(files)?.path[1];
  if (name !== undefined) {
    return name in switches ? switches[name as keyof typeof switches] : "others";
  }
  return variableOf(files, "ANTHROPIC_BASE_URL").length > 0 ? "gateway" : "others";
};

type Files = ClaudeFacts["files"];

/** What switches the provider on that counts. */
const switchOn = (files: Files, on = switchesOn(files)): Said | undefined =>
  on.find((each) => isHelped(each, files)) ?? on[0];

/** The file that says which provider it is. */
const homeOf = (files: Files): ClaudeSettingsFile | undefined =>
  (switchOn(files) ?? variableOf(files, "ANTHROPIC_BASE_URL")[0])?.file;

const switchesOn = (files: Files): readonly Said[] =>
  variablesIn(files)
    .filter((name) => name.startsWith("CLAUDE_CODE_USE_"))
    .flatMap((name) => variableOf(files, name).slice(0, 1))
    .filter(({ value }) => isOn(value));

/** The helpers that give a provider what it wants. */
const helpersOf: Readonly<Record<string, readonly string[]>> = {
  CLAUDE_CODE_USE_BEDROCK: ["awsCredentialExport", "awsAuthRefresh"],
  CLAUDE_CODE_USE_VERTEX: ["gcpAuthRefresh"],
};

const isHelped = ({ path }: Said, files: Files): boolean =>
  (helpersOf[path[1] ?? ""] ?? []).some((name) => topOf(files, name).some(isOurs));

/** What of the provider's settings leads elsewhere, or nowhere. `setUp` says how they are written anew. */
export const providerFindings = (
  facts: ClaudeFacts,
  { variables }: Patient,
  setUp: SetUp,
): readonly Finding[] => {
  const { files } = facts;
  const provider = providerOf(facts);
  const value = (name: string): string | undefined =>
    variableOf(files, name)[0]?.value ?? variables?.[name];
  return [
    ...rivalFindings(files),
    ...managedFindings(files),
    ...helpFindings(provider, files, value, setUp),
    ...regionFindings(provider, files, value, setUp),
    ...secretFindings(provider, files, value),
  ];
};

/** What of the caller's environment is looked at here. */
export const providerVariables: readonly string[] = [
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "ANTHROPIC_VERTEX_PROJECT_ID",
  "GOOGLE_CLOUD_PROJECT",
  "GCLOUD_PROJECT",
  "CLOUD_ML_REGION",
];

const rivalFindings = (files: Files): readonly Finding[] => {
  const on = switchesOn(files);
  if (on.length < 2) return [];
  const own = switchOn(files, on);
  const [rival] = on.filter((each) => each !== own);
  if (rival === undefined) return [];
  return [
    {
      id: "claude.two-providers",
      verdict: "failure",
      sentence: `Claude Code is told of ${on.length} providers: ${on.map(({ path }) => path[1] ?? "").join(", ")}.`,
      evidence: on.map(placeOf),
      remedy: takeOut(rival),
    },
  ];
};

const managedFindings = (files: Files): readonly Finding[] => {
  const [profile] = variableOf(files, "AWS_PROFILE").filter(({ file }) => file.scope === "managed");
  const [helper] = topOf(files, "awsCredentialExport");
  if (profile === undefined || helper === undefined || helper.file.scope === "managed") return [];
  return [
    {
      id: "claude.export-disabled",
      verdict: "failure",
      sentence:
        "Managed settings set AWS_PROFILE: then Claude Code does not use your awsCredentialExport.",
      evidence: [placeOf(profile), placeOf(helper)],
      remedy: `Ask your administrator to take AWS_PROFILE out of ${profile.file.path.path}, or to put there what this prints: evercred setup claude --provider bedrock --print`,
    },
  ];
};

type Value = (name: string) => string | undefined;

const helpFindings = (
  provider: ClaudeProvider,
  files: Files,
  value: Value,
  setUp: SetUp,
): readonly Finding[] => {
  const wanted: Readonly<Record<ClaudeProvider, string | undefined>> = {
    bedrock: isOn(value("CLAUDE_CODE_SKIP_BEDROCK_AUTH")) ? undefined : "awsCredentialExport",
    vertex: isOn(value("CLAUDE_CODE_SKIP_VERTEX_AUTH")) ? undefined : "gcpAuthRefresh",
    gateway: "apiKeyHelper",
    others: undefined,
  };
  const helper = wanted[provider];
  const home = homeOf(files);
  if (home !== undefined && helper !== undefined && topOf(files, helper).length === 0) {
    return [
      {
        id: "claude.no-helper",
        verdict: "warning",
        sentence: `Claude Code uses ${nameOf[provider]}, and has no ${helper}: it does not ask Evercred.`,
        remedy: setUp(home),
      },
    ];
  }
  const proxyHelper = topOf(files, "proxyAuthHelper").find(isOurs);
  if (proxyHelper !== undefined && !isOn(value("CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER"))) {
    return [
      {
        id: "claude.proxy-helper-off",
        verdict: "warning",
        sentence: "Claude Code does not run proxyAuthHelper: it is not switched on.",
        remedy: setUp(proxyHelper.file),
      },
    ];
  }
  return [];
};

const nameOf: Readonly<Record<ClaudeProvider, string>> = {
  bedrock: "Bedrock",
  vertex: "Vertex AI",
  gateway: "a gateway",
  others: "another provider",
};

const regionFindings = (
  provider: ClaudeProvider,
  files: Files,
  value: Value,
  setUp: SetUp,
): readonly Finding[] => {
  const home = homeOf(files);
  if (home === undefined) return [];
  if (provider === "bedrock" && !(value("AWS_REGION") ?? value("AWS_DEFAULT_REGION"))) {
    return [
      {
        id: "claude.no-region",
        verdict: "warning",
        sentence: "Claude Code is told no AWS_REGION: it then asks us-east-1.",
        remedy: setUp(home),
      },
    ];
  }
  const projects = ["ANTHROPIC_VERTEX_PROJECT_ID", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"];
  if (provider === "vertex" && !projects.some(value)) {
    return [
      {
        id: "claude.no-project",
        verdict: "warning",
        sentence: "Claude Code is told no ANTHROPIC_VERTEX_PROJECT_ID.",
        remedy: setUp(home, "--project", "PROJECT"),
      },
    ];
  }
  return [];
};

/** What outranks a helper, by provider (Claude Code 2.1.331). */
const secrets: Readonly<Record<ClaudeProvider, readonly string[]>> = {
  bedrock: ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  vertex: [],
  gateway: ["ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY"],
  others: [],
};

const secretFindings = (
  provider: ClaudeProvider,
  files: Files,
  value: Value,
): readonly Finding[] => {
  const skips =
    isOn(value("CLAUDE_CODE_SKIP_BEDROCK_AUTH")) || isOn(value("CLAUDE_CODE_SKIP_VERTEX_AUTH"));
  const names = secrets[skips ? "gateway" : provider];
  return names.flatMap((name) =>
    variableOf(files, name).map((said) => ({
      id: "claude.secret-outranks",
      verdict: "warning" as const,
      sentence: `${name} in Claude Code's settings outranks Evercred, and stands there in clear.`,
      evidence: [placeOf(said)],
      remedy: takeOut(said),
    })),
  );
};
