import type { EditorFacts } from "../doctor-ports.ts";
import { secretVariables } from "../setup-rivals.ts";
import type { Check, Finding } from "./check.ts";

const setting = "claudeCode.environmentVariables";

/** VS Code and its kin: the variables that they give to Claude Code. */
export const editorsCheck: Check = {
  id: "editors",
  title: "Editors",
  async run({ inspector }) {
    const editors = await inspector.editors();
    const findings = editors.flatMap(findingsOf);
    if (findings.length > 0) return findings;
    const sentence =
      editors.length === 0
        ? "None has settings here."
        : `Nothing is wrong in the settings of ${editors.map(({ editor }) => editor).join(", ")}.`;
    return [{ id: "editors.fine", verdict: "ok", sentence }];
  },
};

const findingsOf = (facts: EditorFacts): readonly Finding[] => {
  const { editor, path, state, fault, settings } = facts;
  if (state === "invalid") {
    return [
      {
        id: "editors.invalid",
        verdict: "warning",
        sentence: `${editor} cannot read its settings: ${fault?.sentence ?? ""}.`,
        evidence: [`${path.path} line ${fault?.line ?? 1}`],
        remedy: `Correct line ${fault?.line ?? 1} of ${path.path}.`,
      },
    ];
  }
  const value = settings[setting];
  if (value === undefined) return [];
  const line = facts.lineOf(setting) ?? 1;
  const evidence = [`${path.path} line ${line}`];
  if (!Array.isArray(value) || !value.every(isVariable)) {
    return [
      {
        id: "editors.shape",
        verdict: "warning",
        sentence: `${editor}: ${setting} is no list of {"name", "value"}, so Claude Code there gets none of them.`,
        evidence,
        remedy: `Write it as [{"name": "NAME", "value": "VALUE"}] (line ${line} of ${path.path}).`,
      },
    ];
  }
  const secrets = value.map(({ name }) => name).filter((name) => secretVariables.has(name));
  return secrets.map((name) => ({
    id: "editors.secret",
    verdict: "warning" as const,
    sentence: `${editor} gives Claude Code ${name}, which outranks Evercred, and stands there in clear.`,
    evidence,
    remedy: `Take ${name} out of ${setting} (line ${line} of ${path.path}).`,
  }));
};

const isVariable = (value: unknown): value is { readonly name: string; readonly value: string } =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  "value" in value &&
  typeof value.value === "string";
