import { errorTable, EvercredError } from "../core/errors.ts";
import { isForbidden } from "../protocol/headline.ts";
import { clockTime, whenLine } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import type { SourceView, Trouble } from "../protocol/view.ts";

/**
 * Why a source does not serve from `now` until `until` without anybody's help, as far as is known; undefined where it
 * does. `sign-in-needed`: somebody has to act. `policy-refused`: an organisation does not allow it. `unreachable`: its provider does not answer, and what is here has ended.
 * `not-known`: nobody can tell.
 */
export const verdictOf = (
  source: SourceView,
  now: number,
  until: number,
): EvercredError | undefined => {
  const { id, standing, neededAt, isEntered, signInCommand } = source;
  if (standing.kind === "signed-out") return goneOf(source);
  if (standing.kind === "failing" && standing.icon === "attention") {
    const { sentence, remedy } = standing.trouble;
    return new EvercredError("sign-in-needed", `${id}: ${sentence}`, { remedy });
  }
  if (standing.kind === "failing" && standing.expiresAt <= now) {
    return new EvercredError("unreachable", `${id} cannot be reached.`);
  }
  if (neededAt !== undefined && neededAt.at < until) {
    const what = isEntered ? "the key ends" : "a sign-in is needed";
    const sentence = `${id}: ${what} ${whenLine(neededAt, now, english)}.`;
    return new EvercredError("sign-in-needed", sentence, { remedy: `Run: ${signInCommand}` });
  }
  // As long as the provider's word is good nothing has to be renewed, so there is nothing to be guessed.
  if ((standing.expiresAt ?? until) >= until) return undefined;
  if (standing.kind === "failing") {
    const sentence = `${id} cannot be reached just now, and serves until ${clockTime(standing.expiresAt, now, english)}.`;
    return new EvercredError("not-known", sentence, {
      remedy: "Ask again once the network is there.",
    });
  }
  if (neededAt !== undefined) return undefined;
  return new EvercredError("not-known", `Nobody knows yet when ${id} ends its sessions.`, {
    remedy: `To begin a new one now, run: ${signInCommand}`,
  });
};

/** What helps after the provider's word that ended a sign-in: mostly another one, of this source. */
export const remedyOf = ({ remedy }: Trouble, { signInCommand }: SourceView): string =>
  remedy === errorTable["sign-in-needed"].remedy ? `Run: ${signInCommand}` : remedy;

const goneOf = (source: SourceView): EvercredError => {
  const { id, unattended, isEntered, standing, signInCommand } = source;
  const isUsers = standing.kind === "signed-out" && standing.reason === "user";
  const trouble = standing.kind === "signed-out" ? standing.trouble : undefined;
  if (isForbidden(source)) {
    const { sentence, remedy } = trouble ?? errorTable["policy-refused"];
    return new EvercredError("policy-refused", `${id}: ${sentence}`, { remedy });
  }
  if (trouble !== undefined) {
    return new EvercredError("sign-in-needed", `${id}: ${trouble.sentence}`, {
      remedy: remedyOf(trouble, source),
    });
  }
  if (!unattended || isUsers) {
    const what = isEntered ? "its key is not there, or has ended" : "a sign-in is needed";
    return new EvercredError("sign-in-needed", `${id}: ${what}.`, {
      remedy: `Run: ${signInCommand}`,
    });
  }
  return new EvercredError("sign-in-needed", `${id}: its keys are missing or have ended.`, {
    remedy: "Renew them where they stand.",
  });
};

/** The exit codes of what can be wrong, the gravest first: a certain no outweighs what is not known. */
const gravity: readonly number[] = [3, 5, 7, 1];

/** The gravest of several, of equal ones the first. */
export const gravestOf = (errors: readonly EvercredError[]): EvercredError | undefined =>
  gravity.flatMap((exit) => errors.filter((error) => error.exit === exit))[0];
