import type { EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { Trouble } from "./view.ts";

/** Something that a person has to mend in a file, or in the environment. */
export interface FileProblem {
  /** Undefined where the sentence says it all. */
  readonly file: string | undefined;
  /** Counted from 1; undefined where it is about the whole. */
  readonly line: number | undefined;
  readonly sentence: string;
  readonly remedy: string;
}

/** What was asked for and an organisation does not allow, and what is done instead: a sentence. */
export const overruledTrouble = (
  { code, message, remedy }: EvercredError,
  instead: string,
): Trouble => ({ code, sentence: `${message} ${instead}`, remedy });

/** What is said where another Evercred than this one is installed, and this one does not go by itself. */
export const outlivedTroubles = (outlived: string | undefined): readonly Trouble[] => {
  if (outlived !== "memory" && outlived !== "by-hand") return [];
  const sentence =
    outlived === "memory"
      ? "Another version of Evercred is installed. This one goes on: a restart would cost the sign-ins that are only in memory."
      : "Another version of Evercred is installed. This one goes on until somebody restarts it.";
  return [{ code: "replaced", sentence, remedy: "Run: evercred daemon restart" }];
};

/** A clock that is wrong by more than this breaks other tools' signatures, in milliseconds. */
const clockLimitMs = 5 * 60_000;

/** A file's problem, with the place where it stands. */
export const fileTrouble = ({ file, line, sentence, remedy }: FileProblem): Trouble => {
  const place = line === undefined ? file : `${file ?? ""} line ${String(line)}`.trim();
  return {
    code: "config-invalid",
    sentence: place === undefined ? sentence : `${place}: ${sentence}`,
    remedy,
  };
};

/** What is said where a restart would cost sign-ins. */
export const memoryTroubles = (
  keychain: "os" | "memory",
  sessions: readonly Pick<Session, "durable">[],
): readonly Trouble[] => {
  if (keychain === "os" && sessions.every(({ durable }) => durable)) return [];
  return [
    {
      code: "keychain-memory",
      sentence: "Sign-ins and keys are kept in memory only: a restart asks for them again.",
      remedy:
        keychain === "memory"
          ? "Unset EVERCRED_KEYCHAIN to use the keychain."
          : "Unlock or start a keyring; Evercred saves them there by itself.",
    },
  ];
};

/** What is said where this computer's clock is far from the providers'. */
export const clockTroubles = (sources: readonly { offsetMs(): number }[]): readonly Trouble[] => {
  const offsets = sources.map((source) => source.offsetMs());
  const worst = offsets.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  if (Math.abs(worst) <= clockLimitMs) return [];
  const minutes = String(Math.round(Math.abs(worst) / 60_000));
  const way = worst > 0 ? "behind" : "ahead of";
  return [
    {
      code: "clock-wrong",
      sentence: `This computer's clock is ${minutes} minutes ${way} the provider's.`,
      remedy: "Set it right: other tools' requests are refused.",
    },
  ];
};
