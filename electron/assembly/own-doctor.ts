import { actionOf, ownWords } from "../commands/doctor/action.ts";
import type { Found } from "../commands/doctor/examine.ts";
import { reportLines } from "../commands/doctor/report.ts";
import type { Broker } from "../core/broker.ts";
import { EvercredError } from "../core/errors.ts";
import type { Clock } from "../core/time.ts";
import type { DiagnosisView, FindingView } from "../protocol/help-view.ts";
import type { OwnVerbs } from "./own-verbs.ts";

/** The doctor, for the person at the window. */
export interface OwnDoctor {
  /** Examines everything, or only these parts. Rejects where it is cut off. */
  examine(checks: readonly string[], signal: AbortSignal): Promise<DiagnosisView>;
  /** Runs a command line of ours that a finding names as its remedy. Rejects with why it did not work. */
  mend(command: string): Promise<void>;
  /** Writes an archive for support, without secrets. */
  bundle(file: string): Promise<void>;
  /** What it says in a terminal of the last examination, without secrets: lines. */
  report(): readonly string[];
}

export const openOwnDoctor = (
  verbs: OwnVerbs,
  broker: Pick<Broker, "session">,
  clock: Pick<Clock, "now">,
): OwnDoctor => {
  let last: readonly Found[] = [];
  return {
    examine: async (checks, signal) => {
      const only = checks.flatMap((check) => ["--check", check]);
      const { lines } = await verbs.run(["doctor", "--json", ...only], { signal, inShell: true });
      const found = foundIn(lines);
      if (checks.length === 0) last = found;
      const isSource = (id: string): boolean => broker.session(id) !== undefined;
      return { at: clock.now(), findings: found.map((each) => findingOf(each, isSource)) };
    },
    mend: async (command) => {
      const words = ownWords(command);
      if (words === undefined) throw new EvercredError("usage");
      const { code } = await verbs.run(words);
      if (code !== 0) throw new EvercredError("program-failed", `${command} has not worked.`);
    },
    bundle: async (file) => {
      await verbs.run(["doctor", "--bundle", file], { inShell: true });
    },
    report: () => reportLines(last),
  };
};

/** The findings of `doctor --json`. */
const foundIn = ([document = "{}"]: readonly string[]): readonly Found[] => {
  const { findings = [] } = JSON.parse(document) as { readonly findings?: readonly Reported[] };
  return findings.map(({ message, ...found }) => ({ ...found, sentence: inTerminal(message) }));
};

/** It has looked as from a terminal of the user's; the window itself is none. */
const inTerminal = (text: string): string => text.replace(/^This shell\b/, "Your terminal");

type Reported = Omit<Found, "sentence"> & { readonly message: string };

const findingOf = (found: Found, isSource: (id: string) => boolean): FindingView => {
  const { id, title, verdict, sentence, evidence = [], remedy } = found;
  const facts = evidence.map(inTerminal);
  return {
    id,
    title,
    verdict,
    sentence,
    evidence: facts,
    remedy,
    action: actionOf(found, isSource),
  };
};
