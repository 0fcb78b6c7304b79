import { EvercredError } from "../../core/errors.ts";
import type { SecretRequest } from "../../core/source.ts";
import { type Clock, plus } from "../../core/time.ts";
import { withDeadline } from "../deadline.ts";
import { firstEntered } from "../entered.ts";

/** How long a secret is waited for, in milliseconds: somebody may have to make it first. */
const waitMs = 15 * 60_000;

/** What is asked for, as the request has it. */
export type Asked = Pick<SecretRequest, "what" | "hasLines">;

/**
 * What somebody enters. Rejects with `timed-out` where nobody does, with `usage` where it is empty, or with the
 * signal's reason.
 */
export const secretEntered = async (
  asked: Asked,
  show: (request: SecretRequest) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> => {
  const endsAt = plus(clock.now(), waitMs);
  const late = new EvercredError("timed-out", `Nobody entered ${asked.what} in time.`);
  const entered = await withDeadline(clock, endsAt, late, signal, (inner) =>
    firstEntered((submit) => show({ flow: "secret", ...asked, endsAt, submit }), inner),
  );
  const secret = entered.reveal();
  if (secret.trim() === "") {
    throw new EvercredError("usage", `Nothing was entered as ${asked.what}.`, {
      remedy: "Enter it again; where it comes from a file or a program, see whether that is empty.",
    });
  }
  return secret;
};
