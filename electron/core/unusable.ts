import { errorTable, EvercredError } from "./errors.ts";
import { signInCommandOf, type Source } from "./source.ts";
import { type SessionState, type SignedOut, type SignedOutReason, standingOf } from "./state.ts";

/**
 * Why a session in this state cannot serve, and what a person can do; `retryAfterMs`: for how long the provider does not
 * want to be asked again.
 */
export const unusableOf = (
  source: Source,
  state: SessionState,
  retryAfterMs: number,
): EvercredError => {
  const standing = standingOf(state);
  if (standing.kind === "failing") {
    return new EvercredError(standing.error, undefined, retryAfterMs > 0 ? { retryAfterMs } : {});
  }
  if (state.kind === "signed-out") return endOf(source, state);
  const sentence = state.kind === "signing-in" ? openOf(source) : goneOf(source, undefined);
  return new EvercredError("sign-in-needed", sentence, { remedy: loginTo(source) });
};

const openOf = ({ id, enteredBy }: Source): string =>
  enteredBy === undefined
    ? `A sign-in to ${id} is open and waits for you.`
    : `The secret of ${id} is asked for, and waits for you.`;

const goneOf = ({ id, enteredBy }: Source, reason: SignedOutReason | undefined): string => {
  if (reason === "lost") return `You are not signed in to ${id}: the last renewal was cut off.`;
  if (enteredBy === undefined) return `You are not signed in to ${id}.`;
  return reason === "ended" ? `The key of ${id} has ended.` : `There is no key of ${id} yet.`;
};

const loginTo = (source: Source): string => `Run: ${signInCommandOf(source)}`;

const endOf = (source: Source, { reason, because }: SignedOut): EvercredError => {
  const { unattended } = source;
  const needed = errorTable["sign-in-needed"];
  // The provider's word leaves a sign-in to a person, or what the word itself says.
  if (because !== undefined && because.exit !== needed.exit) return because;
  if (unattended) return wantingOf(source, reason);
  const sentence = goneOf(source, reason);
  if (because === undefined) {
    return new EvercredError("sign-in-needed", sentence, { remedy: loginTo(source) });
  }
  const { code, message, remedy } = because;
  return new EvercredError("sign-in-needed", `${sentence} ${message}`, {
    remedy: remedy === errorTable[code].remedy ? loginTo(source) : remedy,
  });
};

/** What a source that needs nobody lacks: no sign-in brings it. */
const wantingOf = (source: Source, reason: SignedOutReason): EvercredError => {
  const { id } = source;
  switch (reason) {
    case "user":
      return new EvercredError("sign-in-needed", `You have signed out of ${id}.`, {
        remedy: loginTo(source),
      });
    case "reauth":
    case "ended":
      return new EvercredError("access-denied", `What ${id} has is no longer accepted.`, {
        remedy: "Renew it where it is kept.",
      });
    default:
      return new EvercredError("config-invalid", `There is nothing there to get into ${id} with.`, {
        remedy: "Check the profile's settings.",
      });
  }
};
