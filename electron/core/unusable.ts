import { EvercredError } from "./errors.ts";
import type { Source } from "./source.ts";
import { type SessionState, type SignedOutReason, standingOf } from "./state.ts";

/** Why a session in this state cannot serve, and what a person can do. */
export const unusableOf = ({ id, unattended }: Source, state: SessionState): EvercredError => {
  const standing = standingOf(state);
  if (standing.kind === "failing") return new EvercredError(standing.error);
  const remedy = `Run: evercred login ${id}`;
  if (unattended && standing.kind === "signed-out") return wantingOf(id, standing.reason, remedy);
  const sentence =
    state.kind === "signing-in"
      ? `A sign-in to ${id} is open and waits for you.`
      : `You are not signed in to ${id}.`;
  return new EvercredError("sign-in-needed", sentence, { remedy });
};

/** What a source that needs nobody lacks: no sign-in brings it. */
const wantingOf = (id: string, reason: SignedOutReason, login: string): EvercredError => {
  switch (reason) {
    case "user":
      return new EvercredError("sign-in-needed", `You have signed out of ${id}.`, {
        remedy: login,
      });
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
