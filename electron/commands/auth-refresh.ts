import { recordOf } from "../core/caller.ts";
import type { Session } from "../core/session.ts";
import type { Offer } from "../core/source.ts";
import { durationOf } from "./arguments.ts";
import type { NamedRoute } from "./on-bridge.ts";
import { askerBehind, signedInLine, signInAndWait, untilGone, wishOf } from "./sign-in.ts";
import { authRefreshMs } from "./silent.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/** What is to be signed in to: all of a session, or what one target has of it. */
export interface Refreshed {
  readonly session: Session;
  readonly offer: Offer | undefined;
}

/** Whether that works now. Throws what no sign-in would mend: a refusal, a provider that cannot be reached. */
type Works = () => Promise<boolean>;

/** What Claude Code expects of a command that refreshes a sign-in: a line at once where it works, else a sign-in first. */
export const refresh = async (
  { session, offer }: Refreshed,
  works: Works,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<void> => {
  if (!(await works())) {
    const limit = parsed.value("timeout");
    const patienceMs = limit === undefined ? authRefreshMs : durationOf(limit);
    const wish = wishOf(askerBehind(request), parsed, request);
    await signInAndWait(session, wish, patienceMs, request, reply, context);
    const isMended = await works();
    // What is lacking still is said by whoever lacks it.
    if (!isMended && offer !== undefined) {
      await untilGone(session.issue(offer.key), request.signal);
    }
  }
  reply.print(signedInLine(session, context));
};

/** Over a bridge nobody can sign in: it is seen whether somebody has to, and then the tray asks. */
export const check = async (
  verb: string,
  { session, offer, target }: NamedRoute,
  works: Works,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<void> => {
  // What nobody is signed in for is asked for all the same: that is what the tray goes by.
  if (!(await works())) await untilGone(session.issue(offer.key), request.signal);
  context.audit.note({ event: "served", ...recordOf(request.caller), target, verb, exit: 0 });
  reply.print(signedInLine(session, context));
};
