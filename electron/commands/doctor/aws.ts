import type { PathFacts } from "../doctor-ports.ts";
import type { Check, Finding } from "./check.ts";
import { isHidden, leadsNowhere, modeWord, pathLine, run } from "./words.ts";

/** The AWS tools' own files: who may read them, and what in them is weaker than it needs to be. */
export const awsCheck: Check = {
  id: "aws",
  title: "~/.aws",
  async run({ inspector }) {
    const { config, credentials, keys, legacy } = await inspector.aws();
    const findings: Finding[] = [
      ...looseFindings(credentials, 0o077, "read", "600"),
      ...looseFindings(config, 0o022, "write", "go-w"),
      ...[config, credentials].flatMap(unusableFindings),
    ];
    if (keys.length > 0) {
      findings.push({
        id: "aws.static-keys",
        verdict: "note",
        sentence: `Keys stand in clear for ${keys.map(({ profile }) => profile).join(", ")}.`,
        evidence: keys.map(({ profile, file, line }) => `${file} line ${line}: profile ${profile}`),
      });
    }
    if (legacy.length > 0) {
      findings.push({
        id: "aws.no-session",
        verdict: "note",
        sentence: `Without an sso-session a sign-in cannot be renewed: ${legacy.map(({ profile }) => profile).join(", ")}.`,
        evidence: legacy.map(
          ({ profile, file, line }) => `${file} line ${line}: profile ${profile}`,
        ),
        remedy: "Run: aws configure sso",
      });
    }
    return findings.length > 0
      ? findings
      : [
          {
            id: "aws.fine",
            verdict: "ok",
            sentence: "Its files are yours, and hold no keys.",
            evidence: [config, credentials].map(pathLine),
          },
        ];
  },
};

const looseFindings = (
  facts: PathFacts,
  others: number,
  may: string,
  mode: string,
): readonly Finding[] =>
  facts.mode === undefined || facts.kind !== "file" || (facts.mode & others) === 0
    ? []
    : [
        {
          id: "aws.file-open",
          verdict: "warning",
          sentence: `Others may ${may} ${facts.path} (mode ${modeWord(facts.mode)}).`,
          evidence: [pathLine(facts)],
          remedy: run("chmod", mode, facts.path),
        },
      ];

const unusableFindings = (facts: PathFacts): readonly Finding[] => {
  switch (facts.kind) {
    case "dangling":
      return [{ id: "aws.dangling", verdict: "failure", ...leadsNowhere(facts) }];
    case "hidden":
      return [{ id: "aws.hidden", verdict: "failure", ...isHidden(facts) }];
    case "directory":
      return [
        {
          id: "aws.no-file",
          verdict: "failure",
          sentence: `${facts.path} is a folder, and no file.`,
          remedy: run("mv", facts.path, `${facts.path}.old`),
        },
      ];
    default:
      return [];
  }
};
