import type { ClaudeFacts } from "../doctor-ports.ts";
import type { Check, Finding } from "./check.ts";
import { fileFindings, helperNames } from "./claude-files.ts";
import { helperFindings, isOurs } from "./claude-helpers.ts";
import { providerFindings } from "./claude-provider.ts";
import { setUpCommand } from "./claude-setup.ts";
import { placeOf, topOf } from "./claude-said.ts";

/** Claude Code's settings in all their files: which one wins, and whether what wins leads to Evercred. */
export const claudeCheck: Check = {
  id: "claude",
  title: "Claude Code",
  async run(patient) {
    const facts = await patient.inspector.claude(patient.cwd);
    const setUp = setUpCommand(facts, patient);
    const findings = [
      ...facts.files.flatMap(fileFindings),
      ...noteFindings(facts),
      ...(await helperFindings(facts, patient, setUp)),
      ...providerFindings(facts, patient, setUp),
    ];
    if (findings.length > 0) return findings;
    return [asksUs(facts) ? fine(facts) : notSetUp];
  },
};

const asksUs = ({ files }: ClaudeFacts): boolean =>
  helperNames.some((name) => topOf(files, name).some(isOurs));

const noteFindings = ({ notes: { fault } }: ClaudeFacts): readonly Finding[] =>
  fault === undefined ? [] : [{ id: "claude.notes-broken", verdict: "warning", ...fault }];

const notSetUp: Finding = {
  id: "claude.not-set-up",
  verdict: "note",
  sentence: "Claude Code is not set up to ask Evercred.",
  remedy: "Run: evercred setup claude",
};

const fine = ({ files }: ClaudeFacts): Finding => ({
  id: "claude.fine",
  verdict: "ok",
  sentence: "Its settings lead to Evercred.",
  evidence: helperNames.flatMap((name) =>
    topOf(files, name)
      .slice(0, 1)
      .map((said) => `${name}: ${placeOf(said)}`),
  ),
});
