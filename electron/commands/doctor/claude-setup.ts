import type { ClaudeFacts, ClaudeSettingsFile } from "../doctor-ports.ts";
import { redacted } from "../setup-redacted.ts";
import { secretVariables } from "../setup-rivals.ts";
import type { Context } from "../verb.ts";
import type { Patient } from "./check.ts";
import { isOurs } from "./claude-helpers.ts";
import { type ClaudeProvider, providerOf } from "./claude-provider.ts";
import { isOn, topOf, variableOf } from "./claude-said.ts";
import { run, shellWords } from "./words.ts";

/** The step that writes anew what a set-up has written into a file; `more` is added to its command line. */
export type SetUp = (file: ClaudeSettingsFile, ...more: readonly string[]) => string;

/** What a set-up is told again, and the setting from which that is known. */
interface Kept {
  readonly setting: string;
  /** The flag, and its value; undefined: it cannot be said with one. */
  readonly words: readonly string[] | undefined;
}

/**
 * The command that sets Claude Code up anew in a file. It repeats all that stands there and that a set-up without it
 * would take out, and nothing of another file: a project's address never comes into the user's own settings.
 */
export const setUpCommand =
  (facts: ClaudeFacts, { running }: Patient): SetUp =>
  (file, ...more) => {
    const { scope, path } = file;
    const own = providerOf({ files: [file] });
    const provider = own === "others" ? providerOf(facts) : own;
    if (provider === "others") return run("evercred", "setup", "claude");
    if (scope === "managed") {
      return `Ask your administrator for what this prints: evercred setup claude --provider ${provider} --print`;
    }
    if (scope !== "user" && facts.isTrusted !== true) {
      return `Where you trust the author of ${path.path}, start claude in that folder and say so; then run: evercred doctor`;
    }
    const kept = keptIn(file, provider, facts, running);
    const untold = kept.filter(isUntold).map(({ setting }) => setting);
    if (untold.length > 0) {
      return `Run evercred setup claude with the flags that you gave it before: what ${path.path} has of ${untold.join(", ")} is not repeated here.`;
    }
    return run(
      ...["evercred", "setup", "claude", "--provider", provider, "--yes"],
      ...kept.flatMap(({ words = [] }) => words),
      ...(scope === "user" ? [] : ["--scope", scope]),
      ...more,
    );
  };

/** Whether it cannot be told on a command line, which other programs can read, and shells keep. */
const isUntold = ({ setting, words }: Kept): boolean => {
  if (words === undefined || secretVariables.has(setting)) return true;
  const [flag, value = ""] = words;
  const text = JSON.stringify({ [setting]: value });
  return redacted(text) !== text || (flag === "--base-url" && /[?#]/.test(value));
};

const keptIn = (
  file: ClaudeSettingsFile,
  provider: Exclude<ClaudeProvider, "others">,
  facts: ClaudeFacts,
  running: Context | undefined,
): readonly Kept[] => {
  const value = (name: string): string | undefined => variableOf([file], name)[0]?.value;
  const variable = (flag: string, setting: string): readonly Kept[] => {
    const said = value(setting);
    return said === undefined ? [] : [{ setting, words: [flag, said] }];
  };
  const names = namesOf[provider];
  const skips = names.skip !== undefined && isOn(value(names.skip));
  const route =
    provider === "gateway" || skips
      ? keyIn(file, running)
      : identityIn([file, ...usersIn(facts)], provider, running);
  return [
    ...route,
    ...names.variables.flatMap(([flag, name]) => variable(flag, name)),
    ...(skips ? [{ setting: names.skip, words: ["--skip-auth"] }] : []),
    ...variable("--model", "ANTHROPIC_MODEL"),
    ...variable("--small-model", "ANTHROPIC_DEFAULT_HAIKU_MODEL"),
    ...headersIn(file),
    ...(topOf([file], "proxyAuthHelper").some(isOurs)
      ? [{ setting: "proxyAuthHelper", words: ["--proxy-auth"] }]
      : []),
    ...writtenIn(file, facts)
      .filter((name) => !isImplied(name, provider, value))
      .map((name) => ({ setting: name, words: ["--env", `${name}=${value(name) ?? ""}`] })),
  ];
};

/** By provider, the variables that flags stand for. */
const namesOf = {
  bedrock: {
    skip: "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    variables: [
      ["--region", "AWS_REGION"],
      ["--base-url", "ANTHROPIC_BEDROCK_BASE_URL"],
    ],
  },
  vertex: {
    skip: "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    variables: [
      ["--region", "CLOUD_ML_REGION"],
      ["--project", "ANTHROPIC_VERTEX_PROJECT_ID"],
      ["--base-url", "ANTHROPIC_VERTEX_BASE_URL"],
    ],
  },
  gateway: { skip: undefined, variables: [["--base-url", "ANTHROPIC_BASE_URL"]] },
} as const;

/** What a set-up writes by itself, and as it would again. */
const usual: Readonly<Record<string, string>> = {
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
  MAX_THINKING_TOKENS: "1024",
  CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "300000",
  CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER: "1",
};

/** Whether the other flags have it written as it stands. */
const isImplied = (
  name: string,
  provider: Exclude<ClaudeProvider, "others">,
  value: (name: string) => string | undefined,
): boolean => {
  const { skip, variables } = namesOf[provider];
  if (name === "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION") {
    const isPaired = value("ANTHROPIC_DEFAULT_HAIKU_MODEL") !== undefined;
    return provider === "bedrock" && isPaired && value(name) === value("AWS_REGION");
  }
  return (
    name.startsWith("CLAUDE_CODE_USE_") ||
    name === skip ||
    ["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"].includes(name) ||
    variables.some(([, each]) => each === name) ||
    (value(name) !== undefined && value(name) === usual[name])
  );
};

/** The variables that a set-up has written into a file: all others stay as they are. */
const writtenIn = (file: ClaudeSettingsFile, { notes }: ClaudeFacts): readonly string[] =>
  (notes.variables[file.path.real ?? file.path.path] ?? []).filter(
    (name) => variableOf([file], name).length > 0,
  );

/** The words of a helper of ours behind its program; undefined where there is none in the file. */
const wordsOf = (file: ClaudeSettingsFile, helper: string): readonly string[] | undefined => {
  const [said] = topOf([file], helper).filter(isOurs);
  return said && shellWords(said.value)?.slice(1);
};

const keyIn = (file: ClaudeSettingsFile, running: Context | undefined): readonly Kept[] => {
  const setting = "apiKeyHelper";
  const words = wordsOf(file, setting);
  if (words === undefined) return [];
  const [verb, name] = words;
  if (verb !== "api-key") return [{ setting, words: undefined }];
  return name !== undefined && isKnown(`api-key:${name}`, running)
    ? [{ setting, words: ["--key", name] }]
    : [];
};

/** The user's own settings say whose credentials a project works with that does not. */
const usersIn = ({ files }: ClaudeFacts): readonly ClaudeSettingsFile[] =>
  files.filter(({ scope }) => scope === "user");

/** The profile or the account that the first helper names, where there is one of that name; else the only one. */
const identityIn = (
  files: readonly ClaudeSettingsFile[],
  provider: "bedrock" | "vertex",
  running: Context | undefined,
): readonly Kept[] => {
  const [flag, kind, helpers] =
    provider === "bedrock"
      ? (["--profile", "aws", ["awsCredentialExport", "awsAuthRefresh"]] as const)
      : (["--account", "gcp", ["gcpAuthRefresh"]] as const);
  const named = files.flatMap((file) =>
    helpers.flatMap((helper) => {
      const words = wordsOf(file, helper) ?? [];
      return words.includes(flag) ? (words[words.indexOf(flag) + 1] ?? []) : [];
    }),
  );
  const all = running?.broker.targets.filter((target) => target.startsWith(`${kind}:`)) ?? [];
  const only = all.length === 1 ? all[0]?.slice(`${kind}:`.length) : undefined;
  const name = named.find((each) => isKnown(`${kind}:${each}`, running)) ?? only;
  return name === undefined ? [] : [{ setting: helpers[0], words: [flag, name] }];
};

/** Where no daemon runs, what is named is taken for known. */
const isKnown = (target: string, running: Context | undefined): boolean =>
  running === undefined || running.broker.targets.some((each) => each === target);

const headersIn = (file: ClaudeSettingsFile): readonly Kept[] => {
  const setting = "otelHeadersHelper";
  const [verb, name] = wordsOf(file, setting) ?? [];
  return verb === "headers" && name !== undefined ? [{ setting, words: ["--headers", name] }] : [];
};
