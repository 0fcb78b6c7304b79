import { hasCode } from "../core/errors.ts";
import { fresherWithinMs } from "../core/policy.ts";
import type { Session } from "../core/session.ts";
import { within } from "../core/time.ts";
import { check, refresh, type Refreshed } from "./auth-refresh.ts";
import { refuseFlagOnBridge } from "./on-bridge.ts";
import { awsSessionOf, profileOf } from "./profile.ts";
import { untilGone } from "./sign-in.ts";
import type { Context, Request, Verb } from "./verb.ts";

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
    const named = parsed.value("sso-session");
    if (named !== undefined) {
      refuseFlagOnBridge("sso-session", request);
      const all = { session: awsSessionOf(named, context), offer: undefined };
      const isGood = (): Promise<boolean> => works(all, request, context);
      await refresh(all, isGood, parsed, request, reply, context);
      return 0;
    }
    const route = profileOf(parsed.value("profile"), request, context);
    const isGood = (): Promise<boolean> => works(route, request, context);
    if (request.bridge === undefined) await refresh(route, isGood, parsed, request, reply, context);
    else await check("aws login", route, isGood, request, reply, context);
    return 0;
  },
};

/**
 * Whether the session serves this profile. A credential that is there but that the caller seems to doubt is fetched
 * anew at its next use.
 */
const works = async (
  { session, offer }: Refreshed,
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
