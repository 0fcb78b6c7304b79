import { errorTable, EvercredError } from "./errors.ts";
import type { Source } from "./source.ts";
import { type SessionState, type SignedOut, type SignedOutReason, standingOf } from "./state.ts";

/** Why a session in this state cannot serve, and what a person can do. */
export const unusableOf = (source: Source, state: SessionState): EvercredError => {
  const standing = standingOf(state);
  if (standing.kind === "failing") return new EvercredError(standing.error);
  if (state.kind === "signed-out") return endOf(source, state);
  const sentence =
    state.kind === "signing-in"
      ? `A sign-in to ${source.id} is open and waits for you.`
      : `You are not signed in to ${source.id}.`;
  return new EvercredError("sign-in-needed", sentence, { remedy: loginTo(source.id) });
};

const loginTo = (id: string): string => `Run: evercred login ${id}`;

const endOf = ({ id, unattended }: Source, { reason, because }: SignedOut): EvercredError => {
  const needed = errorTable["sign-in-needed"];
  // The provider's word leaves a sign-in to a person, or what the word itself says.
  if (because !== undefined && because.exit !== needed.exit) return because;
  if (unattended) return wantingOf(id, reason);
  const sentence = `You are not signed in to ${id}.`;
  if (because === undefined) {
    return new EvercredError("sign-in-needed", sentence, { remedy: loginTo(id) });
  }
  const { code, message, remedy } = because;
  return new EvercredError("sign-in-needed", `${sentence} ${message}`, {
    remedy: remedy === errorTable[code].remedy ? loginTo(id) : remedy,
  });
};

/** What a source that needs nobody lacks: no sign-in brings it. */
const wantingOf = (id: string, reason: SignedOutReason): EvercredError => {
  switch (reason) {
    case "user":
      return new EvercredError("sign-in-needed", `You have signed out of ${id}.`, {
        remedy: loginTo(id),
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
