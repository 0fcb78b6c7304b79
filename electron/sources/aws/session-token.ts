import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { AwsKeys } from "./aws-keys.ts";
import type { Sts } from "./sts.ts";

/** Where somebody's long-lived keys are, for the sentences. */
export interface KeysPlace {
  /** What they are called: `the keys of dev`. */
  readonly keys: string;
  readonly region: string;
}

/**
 * A session of the user who has long-lived keys: those never leave, since what asks us needs a session token.
 * Rejects with `access-denied` where AWS makes none, or does not know the keys.
 */
export const sessionOf = (
  sts: Sts,
  keys: AwsKeys,
  place: KeysPlace,
  signal: AbortSignal,
): Promise<AwsCredential> =>
  sts.userSession(
    keys,
    place.region,
    undefined,
    {
      refused: () =>
        new EvercredError(
          "access-denied",
          `Claude Code and other tools here need a session token, and AWS refuses one for ${place.keys}.`,
          { remedy: "Have sts:GetSessionToken allowed, or assume a role with them." },
        ),
      keys: () => keysRefused(place.keys),
    },
    signal,
  );

/** Keys that AWS does not know, or no longer. */
export const keysRefused = (keys: string, cause?: unknown): EvercredError =>
  new EvercredError("access-denied", `AWS does not accept ${keys}.`, {
    cause,
    remedy: "Put new ones where they come from.",
  });
