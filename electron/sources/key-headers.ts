import { keyFaultOf } from "../core/api-key.ts";
import { EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

/**
 * The headers in which Claude Code shows a key: both, as it does not know which of them a gateway reads (2.1.331). Throws
 * `usage` where no header can carry the key.
 */
export const keyHeaders = (key: Secret | undefined): Readonly<Record<string, string>> => {
  if (key === undefined) return {};
  const text = key.reveal();
  // The error that a header would make of it quotes it.
  const fault = keyFaultOf(text);
  if (fault !== undefined) {
    const remedy = "Enter it, or make it, anew: Claude Code would not take it either.";
    throw new EvercredError("usage", `The key ${fault}.`, { remedy });
  }
  return { authorization: `Bearer ${text}`, "x-api-key": text };
};
