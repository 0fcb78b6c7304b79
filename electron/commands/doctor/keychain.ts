import { errorOf } from "../../core/errors.ts";
import type { Check, Finding, Patient } from "./check.ts";

/** Whether the keychain takes and keeps secrets. */
export const keychainCheck: Check = {
  id: "keychain",
  title: "Keychain",
  run: async (patient) => [await findingOf(patient)],
};

/** What of the caller's environment is looked at here. */
export const keychainVariables: readonly string[] = ["EVERCRED_KEYCHAIN"];

const findingOf = async ({ inspector, running, variables }: Patient): Promise<Finding> => {
  let durability: "persisted" | "memory";
  try {
    durability = await inspector.keychain();
  } catch (thrown) {
    const { code, message, remedy } = errorOf(thrown);
    return { id: `keychain.${code}`, verdict: "failure", sentence: message, remedy };
  }
  if (durability === "memory") {
    const isSetHere = (variables?.["EVERCRED_KEYCHAIN"] ?? "") !== "";
    return {
      id: "keychain.memory",
      verdict: "warning",
      sentence: "Sign-ins and keys are kept in memory only: a restart asks for them again.",
      evidence: [
        "EVERCRED_KEYCHAIN=memory in the daemon's environment",
        isSetHere ? "it is set in this shell as well" : "it is not set in this shell",
      ],
      // A daemon has the environment of the shell that starts it.
      remedy: isSetHere
        ? "Run: unset EVERCRED_KEYCHAIN; evercred daemon restart"
        : "Run: evercred daemon restart",
    };
  }
  const unsaved = running?.view().sources.filter(({ durable }) => !durable) ?? [];
  if (unsaved.length > 0) {
    return {
      id: "keychain.not-saved",
      verdict: "warning",
      sentence: `Not in the keychain yet: ${unsaved.map(({ id }) => id).join(", ")}.`,
      remedy: "Wait a minute: it is saved again by itself.",
    };
  }
  return {
    id: "keychain.fine",
    verdict: "ok",
    sentence: "An entry was written, read and taken away again.",
  };
};
