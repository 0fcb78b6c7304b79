import type { ClaudeSettingsFile, PathFacts } from "../doctor-ports.ts";
import type { Finding } from "./check.ts";
import { isHidden, leadsNowhere, pathLine, run } from "./words.ts";

/** The settings that are commands. */
export const helperNames = [
  "awsAuthRefresh",
  "awsCredentialExport",
  "gcpAuthRefresh",
  "apiKeyHelper",
  "otelHeadersHelper",
  "proxyAuthHelper",
] as const;

export type HelperName = (typeof helperNames)[number];

/** What keeps Claude Code from using a file, or a part of it. */
export const fileFindings = (file: ClaudeSettingsFile): readonly Finding[] => {
  const { path, state, fault } = file;
  switch (state) {
    case "missing":
      return [];
    case "unreadable":
      return [
        {
          id: "claude.unreadable",
          verdict: "failure",
          ...unreadable(path),
          evidence: [pathLine(path)],
        },
      ];
    case "invalid":
      return [
        {
          id: "claude.invalid",
          verdict: "failure",
          sentence: `Claude Code does not use ${path.path}: ${fault?.sentence ?? ""}.`,
          evidence: [`${path.path} line ${fault?.line ?? 1}`],
          remedy: `Correct line ${fault?.line ?? 1} of ${path.path}: nothing but plain JSON may stand there.`,
        },
      ];
    case "read":
      return shapeFindings(file);
  }
};

/** Why nothing can be read at a path, and what to do. */
const unreadable = (path: PathFacts): { readonly sentence: string; readonly remedy: string } => {
  switch (path.kind) {
    case "dangling":
      return leadsNowhere(path);
    case "hidden":
      return isHidden(path);
    case "file":
      return {
        sentence: `${path.path} cannot be read.`,
        remedy: run("chmod", "u+r", path.path),
      };
    default:
      return {
        sentence: `${path.path} is no file.`,
        remedy: run("mv", path.path, `${path.path}.old`),
      };
  }
};

const shapeFindings = (file: ClaudeSettingsFile): readonly Finding[] => {
  const { settings } = file;
  const { env } = settings;
  const wrong = helperNames
    .filter((name) => settings[name] !== undefined && typeof settings[name] !== "string")
    .map((name) => shape(file, [name], "a text"));
  if (env === undefined) return wrong;
  if (typeof env !== "object" || env === null || Array.isArray(env)) {
    return [...wrong, shape(file, ["env"], 'an object: {"NAME": "VALUE"}')];
  }
  return [
    ...wrong,
    ...Object.entries(env)
      .filter(([, value]) => typeof value !== "string")
      .map(([name]) => shape(file, ["env", name], 'a text: "1", not 1')),
  ];
};

const shape = (file: ClaudeSettingsFile, names: readonly string[], what: string): Finding => {
  const line = file.lineOf(...names) ?? 1;
  return {
    id: "claude.shape",
    verdict: "failure",
    sentence: `${names.join(".")} in Claude Code's settings has to be ${what}.`,
    evidence: [`${file.path.path} line ${line}`],
    remedy: `Correct line ${line} of ${file.path.path}.`,
  };
};
