import type { BundleFile, ClaudeSettingsFile, EditorFacts } from "../doctor-ports.ts";
import type { Policies } from "../policy-ports.ts";
import { redacted } from "../setup-redacted.ts";
import { statusJson } from "../status-json.ts";
import type { Context, Json } from "../verb.ts";
import type { Patient } from "./check.ts";
import { helperNames } from "./claude-files.ts";
import { isOurs } from "./claude-helpers.ts";
import type { Found } from "./examine.ts";
import { reportJson, reportLines } from "./report.ts";

/** So many lines of the log, and of the record, are worth a look. */
const tailLines = 2_000;

/** The files of a support archive: what was found, where things stand, and what of the settings is about us. */
export const bundleFiles = async (
  found: readonly Found[],
  patient: Patient,
  logTail: (lines: number) => readonly string[],
): Promise<readonly BundleFile[]> => {
  const { inspector, running, cwd, clock } = patient;
  const { files } = await inspector.claude(cwd);
  const editors = await inspector.editors();
  const all: BundleFile[] = [
    { name: "README.txt", text: readme },
    { name: "doctor.txt", text: `${reportLines(found).join("\n")}\n` },
    json("doctor.json", reportJson(found, clock.now())),
    ...(running === undefined ? [] : runningFiles(running)),
    json("claude.json", files.map(claudeExtract)),
    json("editors.json", editors.map(editorExtract)),
    { name: "evercred.log", text: linesOf(logTail(tailLines)) },
    { name: "audit.jsonl", text: linesOf(await inspector.auditTail(tailLines)) },
  ];
  return all.map(({ name, text }) => ({ name, text: redacted(withoutQueries(text)) }));
};

/** Of addresses what follows the path goes: keys are written there, under any name. */
const withoutQueries = (text: string): string =>
  text.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'\\<>?#]*)[?#][^\s"'\\<>]*/gi, "$1");

const runningFiles = (running: Context): readonly BundleFile[] => [
  json("status.json", statusJson(running.view(), running)),
  json("policy.json", policyExtract(running.policy)),
  json(
    "config.json",
    running.configReader
      .settings()
      .filter(({ setBy }) => setBy !== "built-in")
      .map(({ path, value }) => ({
        path: path.join("."),
        value: holdsVariables(path) ? "…" : value,
      })),
  ),
];

const policyExtract = ({ state, file, rule }: Policies): Json => {
  const { organization, contact, limits } = rule;
  return { state, file, organization, contact, limits: { ...limits } };
};

/** Variables for programs may hold anything. */
const holdsVariables = (path: readonly string[]): boolean =>
  path[0] === "headers" || (path[0] === "keys" && path.slice(2).includes("env"));

const json = (name: string, document: Json): BundleFile => ({
  name,
  text: `${JSON.stringify(document, undefined, 2)}\n`,
});

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Of settings files only what is known to be about us is taken: all else may be anything. */
const claudeExtract = (file: ClaudeSettingsFile): Json => ({
  scope: file.scope,
  file: file.path.path,
  state: file.state,
  fault: file.fault && { line: file.fault.line, message: file.fault.sentence },
  helpers: Object.fromEntries(helperNames.map((name) => [name, helperOf(file.settings[name])])),
  env: shownVariables(file.settings["env"]),
  otherNames: Object.keys(file.settings).filter((name) => !isHelper(name) && name !== "env"),
});

/** A helper of others may be any command, with a password in it. */
const helperOf = (value: unknown): string | undefined => {
  const line = textOf(value);
  return line === undefined || isOurs({ value: line }) ? line : "a helper of yours";
};

const isHelper = (name: string): boolean => helperNames.some((helper) => helper === name);

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const editorExtract = (facts: EditorFacts): Json => {
  const variables = facts.settings["claudeCode.environmentVariables"];
  const entries = Array.isArray(variables) ? (variables as readonly unknown[]) : [];
  return {
    editor: facts.editor,
    file: facts.path.path,
    state: facts.state,
    env: shownVariables(Object.fromEntries(entries.flatMap(entryOf))),
    isList: Array.isArray(variables),
  };
};

const entryOf = (entry: unknown): readonly [string, unknown][] =>
  typeof entry === "object" && entry !== null && "name" in entry && typeof entry.name === "string"
    ? [[entry.name, "value" in entry ? entry.value : undefined]]
    : [];

/** Variables whose values say where and how, and nothing that is secret. */
const harmless =
  /^(?:AWS_(?:DEFAULT_)?REGION|AWS_PROFILE|CLOUD_ML_REGION|VERTEX_REGION_\w+|CLAUDE_CODE_(?:USE|SKIP|ENABLE|DISABLE)_\w+|CLAUDE_CODE_\w+_(?:MS|TOKENS)|MAX_THINKING_TOKENS|ANTHROPIC_(?:\w+_)?MODEL|ANTHROPIC_(?:\w+_)?BASE_URL|ANTHROPIC_VERTEX_PROJECT_ID|ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION)$/;

const shownVariables = (env: unknown): Json =>
  typeof env !== "object" || env === null
    ? undefined
    : Object.fromEntries(
        Object.entries(env).map(([name, value]: [string, unknown]) => [
          name,
          harmless.test(name) ? textOf(value) : "…",
        ]),
      );

const readme = `What Evercred's doctor has found on a computer, for whoever helps with it.

doctor.txt, doctor.json  all checks
status.json              the sign-ins: their states, not what they give
policy.json              whose policy is in force, and what it allows
config.json              the settings that are written in Evercred's own configuration
claude.json              of Claude Code's settings: helpers, variables; of other settings the names
editors.json             the same of VS Code and its kin
evercred.log             the end of the log
audit.jsonl              the end of the record of what was served to which program

No secrets are in it: no tokens, keys, passwords, and no values of variables that are not known to hold none.
What is in it: names of users, folders, computers, organisations and programs, e-mail addresses of those who
signed in, numbers of AWS accounts, names of roles, profiles and projects, and addresses of gateways and proxies.
Look through it before you send it on.
`;
