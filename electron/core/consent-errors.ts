import { type Caller, callerName } from "./caller.ts";
import { EvercredError } from "./errors.ts";
import type { Target } from "./source.ts";

/** They said so once, of all such requests. */
export const refusedBefore = (caller: Caller, target: Target): EvercredError => {
  const name = callerName(caller);
  return new EvercredError("consent-refused", `You never let ${name} have ${target}.`, {
    remedy: `To be asked again: evercred consent forget ${JSON.stringify(name)}`,
  });
};

/** They have just said so, or a little ago. */
export const refusedNow = (caller: Caller, target: Target): EvercredError =>
  new EvercredError("consent-refused", `You did not let ${callerName(caller)} have ${target}.`, {
    remedy: "Wait a little and try again, if it is to be asked for again.",
  });

/** Nobody has answered in time. */
export const unanswered = (caller: Caller, target: Target): EvercredError =>
  new EvercredError(
    "consent-pending",
    `The tray has asked whether ${callerName(caller)} may have ${target}, and nobody has answered.`,
  );

/** There is nothing that could ask. */
export const faceless = (caller: Caller, target: Target): EvercredError =>
  new EvercredError(
    "consent-refused",
    `Nobody can be asked here whether ${callerName(caller)} may have ${target}: consent needs the desktop app.`,
    { remedy: "Run the app, or set consent to off." },
  );

/** Nobody is asked any more, and nobody has answered. */
export const turnedOff = (caller: Caller, target: Target): EvercredError =>
  new EvercredError(
    "consent-pending",
    `Consent was turned off while it was asked whether ${callerName(caller)} may have ${target}.`,
    { remedy: "Ask for it again." },
  );

/** There is no room for another question. */
export const flooded = (caller: Caller, target: Target): EvercredError =>
  new EvercredError(
    "consent-refused",
    `Too much is being asked already for asking whether ${callerName(caller)} may have ${target}.`,
    { remedy: "Answer that first, in the tray or the window, then try again." },
  );
