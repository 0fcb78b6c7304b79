import { homedir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { errorOf } from "../../core/errors.ts";
import { targetOf } from "../../core/source.ts";
import type { ClaudeFacts, PathFacts } from "../doctor-ports.ts";
import { parse } from "../arguments.ts";
import { apiKey } from "../api-key.ts";
import { awsBedrockKey } from "../aws-bedrock-key.ts";
import { awsExport, awsProcess } from "../aws-keys.ts";
import { awsLogin } from "../aws-login.ts";
import { gcpLogin } from "../gcp-login.ts";
import { gcpIdToken, gcpToken } from "../gcp-token.ts";
import { headers } from "../headers.ts";
import { proxyAuth } from "../proxy-auth.ts";
import type { Context, Verb } from "../verb.ts";
import type { Finding, Patient } from "./check.ts";
import { type HelperName, helperNames } from "./claude-files.ts";
import type { SetUp } from "./claude-setup.ts";
import { placeOf, type Said, takeOut, topOf } from "./claude-said.ts";
import { pathLine, run, shellWords } from "./words.ts";

/** Whether a command line runs Evercred's client. */
export const isOurs = ({ value }: Pick<Said, "value">): boolean =>
  /^evercred(?:\.exe)?$/i.test(basename(programOf(value) ?? ""));

const programOf = (line: string): string | undefined => {
  const [first] = shellWords(line) ?? [];
  return first?.replaceAll("\\", "/");
};

/** What keeps Claude Code's helpers from doing what they are there for. `setUp` says how they are written anew. */
export const helperFindings = async (
  { files, isTrusted }: ClaudeFacts,
  patient: Patient,
  setUp: SetUp,
): Promise<readonly Finding[]> => {
  const all = helperNames.map(async (name): Promise<readonly Finding[]> => {
    const said = topOf(files, name);
    const [winner] = said;
    if (winner === undefined) return [];
    const mended = setUp(winner.file);
    return [
      ...overriddenFindings(name, said),
      ...(await programFindings(name, winner, patient, mended)),
      ...(isOurs(winner) ? wordFindings(name, winner, patient.running, mended) : []),
      ...trustFindings(name, winner, isTrusted, patient.cwd),
    ];
  });
  return [...(await Promise.all(all)).flat(), ...profileFindings(files, setUp)];
};

/** Claude Code signs in by the one, and then works with the keys of the other. */
const profileFindings = (files: ClaudeFacts["files"], setUp: SetUp): readonly Finding[] => {
  const [refresh] = topOf(files, "awsAuthRefresh");
  const [keys] = topOf(files, "awsCredentialExport");
  if (refresh === undefined || keys === undefined || !isOurs(refresh) || !isOurs(keys)) return [];
  const [first, second] = [refresh, keys].map(({ value }) =>
    flagIn(shellWords(value) ?? [], "--profile"),
  );
  if (first === undefined || second === undefined || first === second) return [];
  return [
    {
      id: "claude.two-profiles",
      verdict: "warning",
      sentence: `awsAuthRefresh signs in for ${first}, and awsCredentialExport prints the keys of ${second}.`,
      evidence: [refresh, keys].map(placeOf),
      remedy: setUp(keys.file),
    },
  ];
};

const flagIn = (words: readonly string[], flag: string): string | undefined =>
  words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;

const overriddenFindings = (name: string, [winner, ...others]: readonly Said[]): Finding[] => {
  const ours = others.find(isOurs);
  if (winner === undefined || ours === undefined || isOurs(winner)) return [];
  return [
    {
      id: "claude.helper-overridden",
      verdict: "warning",
      sentence: `Another ${name} wins over Evercred's: that of the ${winner.file.scope} settings.`,
      evidence: [`wins: ${placeOf(winner)}`, `loses: ${placeOf(ours)}`],
      remedy: takeOut(winner),
    },
  ];
};

const programFindings = async (
  name: string,
  winner: Said,
  { inspector, shim }: Patient,
  mended: string,
): Promise<readonly Finding[]> => {
  const program = programOf(winner.value);
  const path = program?.startsWith("~/") === true ? join(homedir(), program.slice(2)) : program;
  const evidence = [placeOf(winner)];
  if (path === undefined || !isAbsolute(path)) {
    if (!isOurs(winner)) return [];
    return [
      {
        id: "claude.helper-by-path",
        verdict: "note",
        sentence: `${name} finds evercred by the PATH of whatever starts Claude Code.`,
        evidence,
        remedy: mended,
      },
    ];
  }
  const facts = await inspector.path(path);
  const finding = programFault(name, facts, isOurs(winner) ? mended : takeOut(winner));
  if (finding !== undefined) {
    return [{ ...finding, evidence: [...evidence, pathLine(facts)] }];
  }
  if (!isOurs(winner)) return [];
  if (await inspector.isClient(path)) return [];
  return [
    {
      id: "claude.helper-other",
      verdict: "warning",
      sentence: `${name} calls the client of another installation: ${path}.`,
      evidence: [...evidence, `this one: ${shim}`],
      remedy: mended,
    },
  ];
};

const programFault = (
  name: string,
  { path, kind, isExecutable }: PathFacts,
  mended: string,
): Finding | undefined => {
  if (kind === "file" && isExecutable) return undefined;
  if (kind === "file") {
    return {
      id: "claude.helper-not-executable",
      verdict: "failure",
      sentence: `${name} calls ${path}, which may not be run.`,
      remedy: run("chmod", "+x", path),
    };
  }
  return {
    id: "claude.helper-missing",
    verdict: "failure",
    sentence: `${name} calls ${path}, which is not there.`,
    remedy: mended,
  };
};

/** By helper, the verbs that print what it is for. */
const verbsFor: Readonly<Record<HelperName, readonly [Verb, ...Verb[]]>> = {
  awsAuthRefresh: [awsLogin],
  awsCredentialExport: [awsExport, awsProcess],
  gcpAuthRefresh: [gcpLogin],
  apiKeyHelper: [apiKey, gcpToken, gcpIdToken, awsBedrockKey],
  otelHeadersHelper: [headers],
  proxyAuthHelper: [proxyAuth],
};

const wordFindings = (
  name: HelperName,
  winner: Said,
  running: Context | undefined,
  mended: string,
): readonly Finding[] => {
  const [, ...words] = shellWords(winner.value) ?? [];
  const evidence = [placeOf(winner)];
  const verb = verbsFor[name].find((each) => `${words.join(" ")} `.startsWith(`${each.name} `));
  if (verb === undefined) {
    return [
      {
        id: "claude.helper-verb",
        verdict: "failure",
        sentence: `${name} has to call: evercred ${verbsFor[name][0].name}.`,
        evidence,
        remedy: mended,
      },
    ];
  }
  try {
    parse(verb, words.slice(verb.name.split(" ").length));
  } catch (thrown) {
    const { message, remedy } = errorOf(thrown);
    return [
      {
        id: "claude.helper-words",
        verdict: "failure",
        sentence: `${name}: ${message}`,
        evidence: [...evidence, remedy],
        remedy: mended,
      },
    ];
  }
  try {
    nameIn(words, running);
    return [];
  } catch (thrown) {
    const { message, remedy } = errorOf(thrown);
    return [
      {
        id: "claude.helper-unknown-name",
        verdict: "failure",
        because: "problems",
        sentence: `${name}: ${message}`,
        evidence: [...evidence, remedy],
        remedy: mended,
      },
    ];
  }
};

/** Throws where the words name a profile or a key that there is none of. */
const nameIn = (words: readonly string[], running: Context | undefined): void => {
  if (running === undefined) return;
  const profile = flagIn(words, "--profile");
  if (profile !== undefined) running.broker.route(targetOf("aws", profile));
  const [verb, key] = words;
  if (verb === "api-key" && key !== undefined) running.broker.route(targetOf("api-key", key));
};

const trustFindings = (
  name: string,
  winner: Said,
  isTrusted: boolean | undefined,
  cwd: string,
): readonly Finding[] => {
  const { scope } = winner.file;
  if (scope === "user" || scope === "managed" || isTrusted === true) return [];
  return [
    {
      id: "claude.not-trusted",
      verdict: "warning",
      sentence: `Claude Code does not run ${name} of the ${scope} settings before the folder is trusted.`,
      evidence: [placeOf(winner), `folder ${cwd}`],
      remedy: "Start claude in that folder, and say that you trust it.",
    },
  ];
};
