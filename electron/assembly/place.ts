import type { Reply, Request } from "../commands/verb.ts";
import { ask } from "../server/ask.ts";
import type { Handover } from "./handover.ts";

/** What an app says to a daemon without a face that owns the state. No verb: it is between daemons. */
const words = ["--give-way"];

/** So long an answer to that is waited for, in milliseconds. */
const answerMs = 5_000;

/** Whether a request is a daemon's wish for the place of this one. The door lets in nobody but the same user. */
export const asksForPlace = ({ args, bridge }: Pick<Request, "args" | "bridge">): boolean =>
  bridge === undefined && args.length === words.length && args[0] === words[0];

/**
 * Answers it. `handover` is undefined where the place is not to be had: an app gives way to nobody. Resolves to 0 where
 * it goes once nothing is under way, else to 1.
 */
export const answerForPlace = (
  handover: Pick<Handover, "giveWay"> | undefined,
  reply: Pick<Reply, "say">,
): number => {
  if (handover === undefined) {
    reply.say("evercred: The app runs, and stays. Stop it with: evercred daemon stop");
    return 1;
  }
  if (handover.giveWay() === undefined) return 0;
  reply.say(
    "evercred: Its sign-ins are in memory only, and would be lost. To end it all the same: evercred daemon stop",
  );
  return 1;
};

/** Asks the daemon at a socket for its place. Resolves to whether it goes, now or soon. */
export const askForPlace = async (socket: string): Promise<boolean> => {
  // The pipe of Windows hears nobody without its token, and there is no daemon without a face there.
  if (process.platform === "win32") return false;
  const { code } = await ask(socket, words, answerMs);
  return code === 0;
};
