import { EvercredError } from "../core/errors.ts";
import type { Request, Verb } from "./verb.ts";

/** Verbs, or the first words of them, that hand out nothing, sign nobody in and write nothing. */
const harmless: ReadonlySet<string> = new Set([
  "audit",
  "completion",
  "config check",
  "config get",
  "config list",
  "config path",
  "config schema",
  "doctor",
  "logs",
  "policy check",
  "policy show",
  "source list",
  "status",
]);

/**
 * Throws `policy-refused` for a caller in a cloud sandbox of Claude Code (it sets CLAUDE_CODE_REMOTE), unless the verb
 * only tells something: what is handed out there is out of the user's hands.
 */
export const checkSandbox = ({ name }: Verb, { env }: Request): void => {
  const isSandbox = /^(?:true|1)$/i.test(env["CLAUDE_CODE_REMOTE"] ?? "");
  const [family = ""] = name.split(" ", 1);
  if (!isSandbox || harmless.has(name) || harmless.has(family)) return;
  throw new EvercredError(
    "policy-refused",
    "This is a cloud sandbox of Claude Code: no credentials are handed out there, and nothing was written.",
    { remedy: "Run it on your own computer." },
  );
};
