import type { Credential } from "../../core/credential.ts";
import type { Target } from "../../core/source.ts";
import type { Clock } from "../../core/time.ts";
import type { Inspector } from "../doctor-ports.ts";
import type { ConfigReader } from "../ports.ts";
import type { Context } from "../verb.ts";

/** From the worst to the best. `not-checked` never means that it is fine. */
export const verdicts = ["failure", "warning", "not-checked", "note", "ok"] as const;

export type Verdict = (typeof verdicts)[number];

/** One thing that was found. */
export interface Finding {
  /** What it is, for programs: it stays the same. */
  readonly id: string;
  readonly verdict: Verdict;
  readonly sentence: string;
  /** Facts that show it; never a secret. */
  readonly evidence?: readonly string[];
  /** The check whose findings may be what causes this: they come before it. */
  readonly because?: string;
  /** One step that mends it; left out where nothing is wrong, or nothing can be done. */
  readonly remedy?: string;
}

/** What is looked at. */
export interface Patient {
  readonly inspector: Inspector;
  readonly clock: Clock;
  readonly configFile: string;
  readonly configReader: Pick<ConfigReader, "problemsOf">;
  /** The client's absolute path. */
  readonly shim: string;
  /** The version of the client that asks; left out where it does not say. */
  readonly client?: string | undefined;
  /** The folder and the environment of whoever asks; undefined: that environment cannot be had. */
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>> | undefined;
  /** The one source that is asked about; undefined: all. */
  readonly only: string | undefined;
  /** Hands a credential out as every verb does: where the caller may have it, and on record. */
  credentialOf(target: Target, signal: AbortSignal): Promise<Credential>;
  /** The daemon that runs; undefined: there is none. */
  readonly running: Context | undefined;
}

/** One part of the examination. What it throws says why nobody can tell. */
export interface Check {
  readonly id: string;
  readonly title: string;
  run(patient: Patient, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** The same, of what only a daemon that runs can tell. */
export const ofDaemon = (
  check: Omit<Check, "run"> & {
    run(running: Context, patient: Patient, signal: AbortSignal): Promise<readonly Finding[]>;
  },
): Check => ({
  ...check,
  run: (patient, signal) =>
    patient.running === undefined
      ? Promise.resolve([
          {
            id: `${check.id}.no-daemon`,
            verdict: "not-checked" as const,
            sentence: "Only a daemon that runs can tell.",
          },
        ])
      : check.run(patient.running, patient, signal),
});
