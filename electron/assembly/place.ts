import { isDeepStrictEqual } from "node:util";
import type { Reply, Request } from "../commands/verb.ts";
import { ask } from "../server/ask.ts";
import type { Handover } from "./handover.ts";

/**
 * Who is worth more to a person than a daemon that a client has started: an app, which has a face, and the main process of
 * a service manager's unit, which is kept alive.
 */
export type Claimant = "app" | "unit";

/** What they say to the daemon that owns the state. No verb: it is between daemons. */
const words: Readonly<Record<Claimant, readonly string[]>> = {
  app: ["--give-way"],
  unit: ["--give-way", "unit"],
};

const claimants: readonly Claimant[] = ["app", "unit"];

/** So long an answer to that is waited for, in milliseconds. */
const answerMs = 5_000;

/**
 * Which daemon wishes for the place of this one; undefined: a request is no such wish. The door lets in nobody but the
 * same user.
 */
export const asksForPlace = ({
  args,
  bridge,
}: Pick<Request, "args" | "bridge">): Claimant | undefined =>
  bridge === undefined ? claimants.find((each) => isDeepStrictEqual(args, words[each])) : undefined;

/** What counts of a daemon where another one wishes for its place. */
export interface Holder {
  readonly hasFace: boolean;
  /** Started by a client, in need of one. */
  readonly background: boolean;
}

/** Whether it goes: an app for nobody, and what a person or a service manager has started for an app alone. */
export const givesWay = ({ hasFace, background }: Holder, claimant: Claimant): boolean =>
  !hasFace && (claimant === "app" || background);

/**
 * Answers it. `handover` is undefined where the place is not to be had: see `givesWay`. Returns 0 where it goes once
 * nothing is under way, else 1.
 */
export const answerForPlace = (
  handover: Pick<Handover, "giveWay"> | undefined,
  reply: Pick<Reply, "say">,
): number => {
  if (handover === undefined) {
    reply.say("evercred: It runs, and stays. Stop it with: evercred daemon stop");
    return 1;
  }
  if (handover.giveWay() === undefined) return 0;
  reply.say(
    "evercred: Its sign-ins are in memory only, and would be lost. To end it all the same: evercred daemon stop",
  );
  return 1;
};

/** Asks the daemon at a socket for its place. Resolves to whether it goes, now or soon. */
export const askForPlace = async (socket: string, claimant: Claimant): Promise<boolean> => {
  // The pipe of Windows hears nobody without its token, and there is no daemon without a face there.
  if (process.platform === "win32") return false;
  const { code } = await ask(socket, words[claimant], answerMs);
  return code === 0;
};
