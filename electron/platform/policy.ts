import { homedir } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { EvercredError } from "../core/errors.ts";
import { helpOf, makerOf, noRule, type Rule } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { reasonOf } from "./atomic-file.ts";
import type { FoundPolicy } from "./policy-file.ts";
import { noLayers, type PolicyLayers } from "./policy-layers.ts";
import type { PolicyPlace } from "./policy-places.ts";
import { type PolicyReading, readPolicyText } from "./policy-text.ts";
import type { Problem } from "./problem.ts";
import { type Watch, watchPaths } from "./watch.ts";

export interface PolicyOptions {
  /** Where it stands: `systemPolicy`. */
  readonly place: PolicyPlace;
  readonly log: Log;
}

/** Whether there is a policy, and whether it counts. */
export type PolicyState = "none" | "in-force" | "ignored" | "closed";

/** The policy of this machine, as it is now. */
export interface PolicyFile {
  readonly state: PolicyState;
  /** Where it stands, where there is one. */
  readonly file: string | undefined;
  /** What it allows; closed where nobody can tell. */
  readonly rule: Rule;
  /** What it says of the configuration. */
  readonly layers: PolicyLayers;
  /** What is wrong with it, apart from why it is closed. */
  readonly problems: readonly Problem[];
  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
  /** Looks again where the system may have told nothing of a change. */
  check(): void;
  close(): void;
}

/** Reads the policy of this machine, and follows its changes. Never rejects. */
export const openPolicy = async ({ place, log }: PolicyOptions): Promise<PolicyFile> =>
  new WatchedPolicy(place, log, await place.find());

/** What counts of what is found. */
type Standing = Pick<PolicyFile, "state" | "file" | "rule" | "layers" | "problems">;

class WatchedPolicy implements PolicyFile {
  readonly #place: PolicyPlace;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  readonly #watch: Watch;
  #found: FoundPolicy;
  #standing: Standing;
  #looked = Promise.resolve();

  constructor(place: PolicyPlace, log: Log, found: FoundPolicy) {
    this.#place = place;
    this.#log = log;
    this.#found = found;
    this.#standing = standingOf(found);
    this.#watch = watchPaths(place.watched, () => this.check());
    this.#note();
    // It may have changed before it was watched.
    this.check();
  }

  get state(): PolicyState {
    return this.#standing.state;
  }

  get file(): string | undefined {
    return this.#standing.file;
  }

  get rule(): Rule {
    return this.#standing.rule;
  }

  get layers(): PolicyLayers {
    return this.#standing.layers;
  }

  get problems(): readonly Problem[] {
    return this.#standing.problems;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  check(): void {
    this.#looked = this.#looked
      .then(() => this.#look())
      // The next look must not be lost with this one.
      .catch((thrown: unknown) => {
        this.#log.error("policy: not followed", { reason: reasonOf(thrown) });
      });
  }

  close(): void {
    this.#watch.close();
    this.#listeners.clear();
  }

  async #look(): Promise<void> {
    const found = await this.#place.find();
    if (isDeepStrictEqual(found, this.#found)) return;
    this.#found = found;
    this.#standing = standingOf(found);
    this.#note();
    for (const listener of this.#listeners) listener();
  }

  #note(): void {
    const { state, file, rule, problems } = this.#standing;
    if (state === "none") return;
    const { closed } = rule;
    this.#log.info("policy: read", { state, file, problems: problems.length });
    if (closed !== undefined) this.#log.error("policy: closed", { sentence: closed.message });
    for (const { line, sentence } of problems) {
      this.#log.warn("policy: problem", { line, sentence });
    }
  }
}

/** What nobody has foreseen must not leave a rule in force that the administrator has taken back. */
const standingOf = (found: FoundPolicy): Standing => {
  try {
    return standingBy(found);
  } catch (thrown) {
    const file = found.kind === "none" ? "" : found.file;
    return closedBy(file, noRule, file, `It cannot be understood (${reasonOf(thrown)}).`);
  }
};

const standingBy = (found: FoundPolicy): Standing => {
  const nothing = { rule: noRule, layers: noLayers, problems: [] };
  switch (found.kind) {
    case "none":
      return { ...nothing, state: "none", file: undefined };
    case "planted":
      return { ...nothing, state: "ignored", file: found.file, problems: [plantedProblem(found)] };
    case "unusable":
      return closedBy(found.file, noRule, found.file, found.why);
    case "policy":
      return inForceBy(found, readPolicyText(found.text, found.file, homedir()));
  }
};

const inForceBy = (
  { file, isWritten }: Extract<FoundPolicy, { kind: "policy" }>,
  { policy, organization, contact, problems }: PolicyReading,
): Standing => {
  const named = { ...noRule, organization, contact };
  if (policy === undefined) {
    const error = problems.find(({ severity }) => severity === "error");
    const place = isWritten && error?.line !== undefined ? `${file} line ${error.line}` : file;
    return closedBy(file, named, place, error?.sentence ?? "");
  }
  const { limits, ...settings } = policy;
  const rule = { ...named, limits };
  return {
    state: "in-force",
    file,
    rule,
    layers: {
      ...settings,
      file,
      maker: makerOf(rule),
      limitsPrograms: limits.commands !== undefined,
    },
    problems: problems.map((each) => (isWritten ? each : { ...each, line: undefined })),
  };
};

const closedBy = (file: string, rule: Rule, place: string, why: string): Standing => {
  const sentence = `${makerOf(rule)}'s policy cannot be used, so nothing is handed out. ${place}: ${why}`;
  const closed = new EvercredError("policy-refused", sentence, { remedy: helpOf(rule) });
  return { state: "closed", file, rule: { ...rule, closed }, layers: noLayers, problems: [] };
};

const plantedProblem = ({ file, why }: Extract<FoundPolicy, { kind: "planted" }>): Problem => ({
  severity: "warning",
  file,
  line: undefined,
  sentence: `This policy does not count. ${why}`,
  remedy: "Remove it, or have your administrator write it.",
});
