import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { SignInRequest } from "../../core/source.ts";
import { type Clock, plus } from "../../core/time.ts";
import type { AwsKeys } from "./aws-keys.ts";
import { shown } from "../shown.ts";
import { withDeadline } from "../deadline.ts";
import { firstEntered } from "../entered.ts";
import { keysRefused } from "./session-token.ts";
import type { Sts } from "./sts.ts";

/** How long a code is waited for, in milliseconds. */
const waitMs = 5 * 60_000;

/** How the flow works: `clock` is the provider's. */
export interface MfaContext {
  readonly sts: Sts;
  readonly clock: Clock;
  /** Whose keys, for the sentences: `the keys of dev`. */
  readonly whose: string;
  readonly keys: AwsKeys;
  /** The device's serial number or ARN. */
  readonly serial: string;
  readonly region: string;
  readonly show: (request: SignInRequest) => void;
}

/** Asks for a code of a device and opens a session of the user with it. */
export const signInWithCodeOf = async (
  { sts, clock, whose, keys, serial, region, show }: MfaContext,
  signal: AbortSignal,
): Promise<AwsCredential> => {
  const endsAt = plus(clock.now(), waitMs);
  const late = new EvercredError("timed-out", `Nobody entered a code of ${shown(serial)} in time.`);
  const typed = await withDeadline(clock, endsAt, late, signal, (inner) =>
    firstEntered((submit) => {
      show({ flow: "mfa", device: serial, endsAt, submit });
    }, inner),
  );
  const code = new Secret(typed.reveal().replace(/\s/g, ""));
  if (!/^\d{6}$/.test(code.reveal())) {
    throw new EvercredError("sign-in-denied", `A code of ${shown(serial)} has six digits.`, {
      remedy: "Start it again and enter the code that the device shows.",
    });
  }
  return sts.userSession(
    keys,
    region,
    { serial, code },
    {
      refused: () =>
        new EvercredError("sign-in-denied", `The code of ${shown(serial)} was not accepted.`, {
          remedy: "Wait for the device's next code, or correct mfa_serial: a code counts once.",
        }),
      invalid: () =>
        new EvercredError("config-invalid", `AWS knows no device ${shown(serial)}.`, {
          remedy: "Correct mfa_serial in ~/.aws/config.",
        }),
      keys: () => keysRefused(whose),
    },
    signal,
  );
};
