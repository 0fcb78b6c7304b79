import type { AwsCredential } from "../core/credential.ts";
import { EvercredError, hasCode } from "../core/errors.ts";
import { within } from "../core/time.ts";
import { durationOf } from "./arguments.ts";
import { noteServed } from "./on-bridge.ts";
import { profileOf } from "./profile.ts";
import { signInAndWait, untilGone, wishOf } from "./sign-in.ts";
import type { Context, Flag, Parsed, Reply, Request } from "./verb.ts";

/** Claude Code kills `awsAuthRefresh` after 180 s: we end first, and say why. */
export const authRefreshMs = 165_000;

/** A silent verb answers within this time, whatever the provider does. Claude Code sets no limit of its own. */
const silentMs = 30_000;

/** The flags of every verb that hands out what belongs to a profile, or makes something of it. */
export const silentFlags: Readonly<Record<string, Flag>> = {
  profile: { value: "PROFILE", summary: "the AWS profile; else AWS_PROFILE, else the only one" },
  fresh: { summary: "fetch a new credential first, at most once a minute" },
  "sign-in": { summary: "if nobody is signed in, ask and wait" },
};

/** What a silent verb works with. */
export interface Handed {
  readonly credential: AwsCredential;
  /** The profile's name. */
  readonly profile: string;
  /** Where its programs work, if the configuration says so. */
  readonly region: string | undefined;
}

/** The caller's profile and its keys. Never opens a browser, unless the caller says `--sign-in`. */
export const issue = async (
  verb: string,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Handed> => {
  const { session, offer, name } = profileOf(parsed.value("profile"), request, context);
  const limit = parsed.value("timeout");
  const limitMs = limit === undefined ? silentMs : durationOf(limit);
  const fetch = async (): Promise<Handed> => {
    const credential = await within(
      context.clock,
      limitMs,
      untilGone(session.issue(offer.key, parsed.has("fresh")), request.signal),
      undefined,
    );
    if (credential === undefined) {
      throw new EvercredError("timed-out", `There was no answer for profile ${name} in time.`);
    }
    noteServed(verb, name, credential.expiresAt, request, context);
    return { credential, profile: name, region: offer.region };
  };
  // Over a bridge there is nobody who could sign in.
  const maySignIn = parsed.has("sign-in") && request.bridge === undefined;
  try {
    return await fetch();
  } catch (thrown) {
    if (!maySignIn || !hasCode(thrown, "sign-in-needed")) throw thrown;
  }
  // What is said of the sign-in must not mix with the payload.
  const aside: Reply = {
    ...reply,
    print: (line) => {
      reply.say(line);
    },
  };
  const wish = wishOf("terminal", parsed, request);
  const patienceMs = limit === undefined ? authRefreshMs : limitMs;
  await signInAndWait(session, wish, patienceMs, request, aside, context);
  return fetch();
};

/** RFC 3339 in whole seconds where the provider's value is whole. */
export const timestamp = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");
