import type { Route } from "../core/broker.ts";
import { hasCode } from "../core/errors.ts";
import { fresherWithinMs } from "../core/policy.ts";
import type { Session } from "../core/session.ts";
import { within } from "../core/time.ts";
import { durationOf } from "./arguments.ts";
import { noteServed, refuseFlagOnBridge } from "./on-bridge.ts";
import { profileOf, sessionOf } from "./profile.ts";
import { signedInLine, signInAndWait, untilGone, wishOf } from "./sign-in.ts";
import { authRefreshMs } from "./silent.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** What is to be signed in to: all of a session, or what one profile has of it. */
interface Wanted {
  readonly session: Session;
  readonly offer: Route["offer"] | undefined;
}

/** `awsAuthRefresh` of Claude Code: instant and silent on a live session, else a sign-in. */
export const awsLogin: Verb = {
  name: "aws login",
  summary: "sign in if need be, for awsAuthRefresh",
  words: "",
  most: 0,
  flags: {
    profile: { value: "PROFILE", summary: "the AWS profile; else AWS_PROFILE, else the only one" },
    "sso-session": { value: "SESSION", summary: "an sso-session or source, instead of a profile" },
    "device-code": { summary: "sign in with a code, on any machine" },
    "no-browser": { summary: "open no page here" },
  },
  onBridge: true,
  about:
    "On a live session it answers at once and opens nothing. Else it prints the address (and the code), opens the page once where a person is there, waits, and gives up after 165 seconds; the sign-in then stays open in the tray. Over a bridge it only says whether a sign-in is needed.",
  async run(parsed, request, reply, context) {
    if (request.bridge !== undefined) return check(parsed, request, reply, context);
    const named = parsed.value("sso-session");
    const wanted: Wanted =
      named === undefined
        ? profileOf(parsed.value("profile"), request, context)
        : { session: sessionOf(named, context), offer: undefined };
    const { session, offer } = wanted;
    if (!(await works(wanted, request, context))) {
      const by = Object.values(request.terminal).includes(true) ? "terminal" : "program";
      const limit = parsed.value("timeout");
      const patienceMs = limit === undefined ? authRefreshMs : durationOf(limit);
      const wish = wishOf(by, parsed, request);
      await signInAndWait(session, wish, patienceMs, request, reply, context);
      const isMended = await works(wanted, request, context);
      // What is lacking still is said by whoever lacks it.
      if (!isMended && offer !== undefined) {
        await untilGone(session.issue(offer.key), request.signal);
      }
    }
    reply.print(signedInLine(session, context));
    return 0;
  },
};

/** Over a bridge nobody can sign in: it is seen whether somebody has to, and then the tray asks. */
const check = async (
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<number> => {
  if (parsed.value("sso-session") !== undefined) refuseFlagOnBridge("sso-session", request);
  const route = profileOf(parsed.value("profile"), request, context);
  const { name, session, offer } = route;
  // What nobody is signed in for is asked for all the same: that is what the tray goes by.
  if (!(await works(route, request, context))) {
    await untilGone(session.issue(offer.key), request.signal);
  }
  noteServed("aws login", name, undefined, request, context);
  reply.print(signedInLine(session, context));
  return 0;
};

/**
 * Whether the session serves this profile. Throws what no sign-in would mend: a refused role, a provider
 * that cannot be reached. A credential that is there but that the caller seems to doubt is fetched anew at its next use.
 */
const works = async (
  { session, offer }: Wanted,
  request: Request,
  context: Context,
): Promise<boolean> => {
  if (session.isSignedOut) return false;
  if (offer === undefined) return session.isLive || (await revived(session, request));
  const { issued } = session;
  const refusal = issued.refusalOf(offer.key);
  if (refusal !== undefined) throw refusal;
  if (session.isLive && issued.has(offer.key)) {
    issued.doubt(offer.key);
    return true;
  }
  try {
    const asked = untilGone(session.issue(offer.key), request.signal);
    await within(context.clock, fresherWithinMs, asked, undefined);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "sign-in-needed")) return false;
    throw thrown;
  }
};

const revived = async (session: Session, request: Request): Promise<boolean> => {
  try {
    await untilGone(session.revive(), request.signal);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "sign-in-needed")) return false;
    throw thrown;
  }
};
